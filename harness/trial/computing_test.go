package trial

import (
	"slices"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/results"
)

// A producer computes after each message, with every driver, and no send is timed longer
// for it.
func TestProducerCost(t *testing.T) {
	const each, messages = int64(200 * time.Microsecond), 100
	for name, change := range map[string]func(*results.Cell){
		"words":    func(*results.Cell) {},
		"batches":  func(c *results.Cell) { c.SendBatch = 7 },
		"messages": func(c *results.Cell) { c.Payload = 100 },
		"pauses":   func(c *results.Cell) { c.PauseNs, c.PauseEvery = 1, 10 },
		"open": func(c *results.Cell) {
			c.Messages, c.Arrival, c.Rate, c.DurationNs = 0, results.ArrivalConstant, 1e5, int64(time.Millisecond)
		},
	} {
		m := trialOf(t, "mutex-swap", func(c *results.Cell) {
			c.Producers, c.Messages, c.ProducerCostNs = 1, messages, each
			change(c)
		})
		if least := (m.Attempted - 8) * each; m.ElapsedNs < least {
			t.Errorf("%s: %d messages in %v; want at least %v", name, m.Attempted, time.Duration(m.ElapsedNs), time.Duration(least))
		}
	}
}

// Sends are whole batches, and what is computed after them is not theirs.
func TestComputingBetween(t *testing.T) {
	clock := machine.NewClock()
	clock.Calibrate()
	c := computingOf(clock, results.Cell{ProducerCostNs: 1000})
	var ends []uint64
	send := c.between(4, func(_, to uint64) error {
		ends = append(ends, to)
		return nil
	})
	begun := clock.Now()
	if err := send(2, 12); err != nil || !slices.Equal(ends, []uint64{6, 10, 12}) {
		t.Errorf("sends up to %v, error %v", ends, err)
	}
	if took := clock.Ns(clock.Now() - begun); took < 9000 {
		t.Errorf("ten messages took %d ns; want 10000", took)
	}
}
