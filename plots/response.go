package plots

import "github.com/fanin-bench/fanin-bench/results"

// response answers how long a message of an open loop takes, where one that could not
// be sent in time has waited too.
var response = Figure{
	Name:     "response",
	Question: "How long after it is due does a message arrive?",
	About:    Open | ByKind,
	Read: "Further right are rarer messages: at 99 %, one in a hundred took longer than the line shows, counted from " +
		"when it was due. A line in the grey shows the pacer, not the strategy.",
	Draw: drawResponse,
}

func drawResponse(s *Scene) (*Drawing, error) { return responseTimes.draw(s) }

var responseTimes = spectrumOf{
	"response time, from the due time of a message to its receive, all repetitions together; lower is better",
	results.Response,
}
