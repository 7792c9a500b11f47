package trial

import (
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/results"
)

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
