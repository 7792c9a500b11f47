package trial

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/results"
)

// An open loop shares its rate out likewise, whatever the arrival, and is as fast
// as a whole as without.
func TestSkewedSchedules(t *testing.T) {
	for _, arrival := range results.Arrivals()[1:] {
		cell := results.Cell{Producers: 5, Arrival: arrival, HotShare: 0.6, Payload: results.MinPayload, SendBatch: 1, RecvBatch: 1}
		quotas := newPaced(machine.NewClock(), cell, 100_000, time.Second, 1, false).quotas()
		for id, quota := range quotas {
			want := 10_000.0
			if id == 0 {
				want = 60_000
			}
			if math.Abs(float64(quota)-want) > 5*math.Sqrt(want) {
				t.Errorf("%s: producer %d is due to send %d; want about %v", arrival, id, quota, want)
			}
		}
	}
	// A share so small that nothing is ever due must not end in the past.
	cell := results.Cell{Producers: 10_000, Arrival: results.ArrivalPoisson, Zipf: 10, Payload: results.MinPayload, SendBatch: 1, RecvBatch: 1}
	if quotas := newPaced(machine.NewClock(), cell, 100, time.Second, 1, false).quotas(); quotas[9999] != 0 {
		t.Errorf("the last of 10000 producers is due to send %d", quotas[9999])
	}
}

// Bursts come as often as asked for, all of a burst at once.
func TestBurstPeriod(t *testing.T) {
	cell := results.Cell{
		Producers: 4, Arrival: results.ArrivalBurst, BurstPeriodNs: int64(500 * time.Millisecond), Payload: results.MinPayload, SendBatch: 1, RecvBatch: 1,
	}
	d := newPaced(machine.NewClock(), cell, 400, 1500*time.Millisecond, 1, false)
	at := map[int64]int{}
	for id, quota := range d.quotas() {
		schedule := d.schedule(id)
		for range quota {
			at[schedule.Next()]++
		}
	}
	for _, due := range []int64{0, 5e8, 10e8} {
		if at[due] != 200 {
			t.Errorf("%d messages are due at %v; want 200", at[due], time.Duration(due))
		}
	}
	if len(at) != 3 {
		t.Errorf("messages are due at %d times; want 3", len(at))
	}
}

// A pause comes after every so many messages of a producer, and after no others.
func TestPause(t *testing.T) {
	const pause = 3 * time.Millisecond
	m := trialOf(t, "chan", func(c *results.Cell) {
		c.Messages, c.PauseNs, c.PauseEvery, c.SendBatch, c.Capacity = 1000, int64(pause), 100, 7, 1000
	})
	// 500 of each of two producers: four pauses.
	if m.Delivered != 1000 || m.ElapsedNs < int64(4*pause) {
		t.Errorf("%d delivered in %v; want 1000 in at least %v", m.Delivered, time.Duration(m.ElapsedNs), 4*pause)
	}
	if m.SendCall.Mean >= float64(pause) || m.SendCall.Count != 2*5*15 {
		t.Errorf("%d sends took %v on average; want 150 of at most 7 messages, without the pauses",
			m.SendCall.Count, time.Duration(m.SendCall.Mean))
	}
}

// A fan-in that serves producers as they come is fair to them however the load is
// shared out.
func TestSkewedFairness(t *testing.T) {
	for range 20 { // a busy machine may leave no window to compare in
		m := trialOf(t, "mutex-cond", func(c *results.Cell) {
			c.Producers, c.Messages, c.Arrival, c.Rate, c.DurationNs, c.HotShare = 4, 0, results.ArrivalConstant, 20_000, int64(200*time.Millisecond), 0.7
		})
		if m.Fairness == nil {
			continue
		}
		if m.Fairness.Jain < 0.7 {
			t.Errorf("Jain's index %v of shares; want near 1 (equal counts would make it 0.5)", m.Fairness.Jain)
		}
		return
	}
	t.Error("no trial of 20 had a window to compare in")
}

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
