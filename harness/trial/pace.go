package trial

import (
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/results"
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

// computing is what a producer computes after each message, on its processor. The zero
// value is nothing.
type computing struct {
	clock *machine.Clock
	ticks int64 // for each message
}

func computingOf(clock *machine.Clock, c results.Cell) computing {
	if c.ProducerCostNs == 0 {
		return computing{}
	}
	return computing{clock, clock.Ticks(c.ProducerCostNs)}
}

// after computes what there is after so many messages.
func (c computing) after(messages uint64) {
	if c.ticks > 0 {
		c.clock.Spin(int64(messages) * c.ticks)
	}
}

// between has the messages of a send sent batch by batch with what there is to compute
// after each, so that no send that is timed includes it. It returns send where that is
// nothing.
func (c computing) between(batch int, send func(from, to uint64) error) func(from, to uint64) error {
	if c.ticks == 0 {
		return send
	}
	return func(from, to uint64) error {
		for from < to {
			next := min(from+uint64(batch), to)
			if err := send(from, next); err != nil {
				return err
			}
			c.after(next - from)
			from = next
		}
		return nil
	}
}
