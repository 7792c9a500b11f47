package plots

import "github.com/fanin-bench/fanin-bench/results"

// sweep answers what a parameter changes: how much gets through in a closed loop, and
// how long it takes in an open one.
var sweep = Figure{
	Name:     "sweep",
	Question: "What does a parameter change?",
	About:    Swept,
	Read: "Where a line is level, more of the parameter changes nothing: choose the lowest value from there on. A strategy without " +
		"this parameter was measured once, and is level everywhere.",
	Draw: drawSweep,
}

func drawSweep(s *Scene) (*Drawing, error) {
	draw := drawThroughput
	switch {
	case s.first.IsOpen() && s.along(busyName):
		draw = transitAlong
	case s.first.IsOpen():
		draw = tailAlong
	}
	d, err := draw(s)
	if err != nil {
		return nil, err
	}
	d.Question = s.swept.question
	return d, nil
}

// tailAlong draws the response time that one of a hundred messages exceeds.
func tailAlong(s *Scene) (*Drawing, error) {
	b := byCount{series: s.ranked(), unit: 1, text: timeText, value: quantileOf(results.Response, results.P99)}
	d := &Drawing{subtitle: append(s.subtitle(), "99 % of messages took no longer from when they were due to the receive, "+
		"all repetitions together; lower is better")}
	if !b.add(d, s, results.ResponseP99.Title, func(y span) span { return y.widened(1.2, 4) }) {
		return nil, noData("no trial has a response time")
	}
	return d.finish(), nil
}

// transitAlong draws the transit times of an open loop beside neighbours: the response
// time of a producer that sleeps there is mostly how late it wakes.
func transitAlong(s *Scene) (*Drawing, error) {
	d := &Drawing{subtitle: append(s.subtitle(), "transit time, from the send call to the receive, all repetitions together; lower is better")}
	for _, quantile := range []struct{ name, title, label string }{
		{results.P50, "p50: half of the messages took no longer", results.TransitP50.Title},
		{results.P99, "p99: 99 % of the messages took no longer", results.TransitP99.Title},
	} {
		b := byCount{series: s.ranked(), unit: 1, text: timeText, value: quantileOf(results.Transit, quantile.name)}
		first, notes := len(d.panels), d.notes
		if b.add(d, s, quantile.label, func(y span) span { return y.widened(1.2, 4) }) {
			d.panels[first].section = quantile.title
		}
		if len(notes) > 0 { // they are the same again
			d.notes = notes
		}
	}
	if len(d.panels) == 0 {
		return nil, noData("no trial has a transit time")
	}
	return d.finish(), nil
}
