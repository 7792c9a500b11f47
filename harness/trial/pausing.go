package trial

import (
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// pausing is a closed loop of messages whose producers pause after every so many.
type pausing struct {
	*messages
	length time.Duration
	every  uint64
}

func (d pausing) sender(p strategies.Producer[strategies.Message], id int) sender {
	return pausingSender{d.writer(p, id), d}
}

type pausingSender struct {
	*writer
	pausing
}

func (s pausingSender) send(from, to uint64) (t record.Tally, err error) {
	send := s.pausing.lives.each(s.pausing.compute.between(s.pausing.sendBatch, func(from, to uint64) error { return s.sendRange(from, to, &t) }))
	for next := from; next < to && err == nil && !s.pausing.curfew.passed(); next += s.every {
		if next > from {
			time.Sleep(s.length)
		}
		err = send(next, min(next+s.every, to))
	}
	return t, err
}
