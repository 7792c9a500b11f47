package trial

import (
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial/neighbours"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// trialOf runs a trial of a strategy by name and returns what it measured.
func trialOf(t *testing.T, name string, change func(*results.Cell)) *results.Measurement {
	t.Helper()
	s, err := pick.Find(strategies.All(), name)
	if err != nil {
		t.Fatal(err)
	}
	cell := harnesstest.Cell(s, 2)
	change(&cell)
	reply := Run(s, Spec{Cell: cell, Seed: 1})
	if reply.Failure != nil {
		t.Fatalf("%+v", reply.Failure)
	}
	if err := reply.Measurement.Validate(); err != nil {
		t.Error(err)
	}
	return reply.Measurement
}

// unwarmed is a trial without its warm-up, which would take ten times as long.
func unwarmed(t *testing.T, s strategies.Strategy, cell results.Cell) *results.Measurement {
	t.Helper()
	opts, err := Options(cell, s.Descriptor)
	if err == nil {
		err = opts.Validate(s.Descriptor)
	}
	if err == nil {
		err = Carries(s, cell)
	}
	if err != nil {
		t.Fatal(err)
	}
	one := &trial{spec: Spec{Cell: cell, Seed: 1}, cell: cell, strategy: s, opts: opts, clock: machine.NewClock(), beside: neighbours.Start(cell)}
	defer one.beside.End()
	one.clock.Calibrate()
	var m *results.Measurement
	if cell.IsOpen() {
		m, err = one.offered()
	} else {
		var out outcome
		if out, err = one.closedRound(cell.Messages); err == nil {
			m = one.report(out)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	m.Clock, m.ClockNs = one.clock.Name(), one.clock.Cost()
	if err := m.Validate(); err != nil {
		t.Error(err)
	}
	return m
}

// A consumer takes the time that it is given, for each message and for each
// receive, with every driver; and a slow one is not warmed up for long.
func TestConsumerCost(t *testing.T) {
	const each = int64(500 * time.Microsecond)
	for _, kind := range results.CostKinds() {
		for _, load := range []struct {
			name   string
			change func(*results.Cell)
		}{
			{"words", func(*results.Cell) {}},
			{"messages", func(c *results.Cell) { c.Payload = 100 }},
			{"open", func(c *results.Cell) {
				c.Messages, c.Arrival, c.Rate, c.DurationNs = 0, results.ArrivalConstant, 2000, int64(10*time.Millisecond)
			}},
		} {
			t.Run(kind+"/"+load.name, func(t *testing.T) {
				m := trialOf(t, "chan", func(c *results.Cell) {
					c.Messages, c.CostKind, c.ConsumerCostNs, c.BatchCostNs, c.RecvBatch = 20, kind, each, each, 5
					load.change(c)
				})
				if least := (m.Delivered + m.Receives) * each; m.ElapsedNs < least {
					t.Errorf("%d messages in %d receives took %v; at %v each that is %v at least",
						m.Delivered, m.Receives, time.Duration(m.ElapsedNs), time.Duration(each), time.Duration(least))
				}
				if m.Delivered != 20 {
					t.Errorf("%d delivered; want 20", m.Delivered)
				}
				for _, round := range m.WarmUp {
					if round.Messages > 200 { // 100 ms at a millisecond each, or what the schedule offers
						t.Errorf("a warm-up round of %d messages", round.Messages)
					}
				}
			})
		}
	}
}

// Sleeps that overshoot are made up for by the next one, but no more than one.
func TestSleptCost(t *testing.T) {
	clock := machine.NewClock()
	c := newCost(clock, int64(2*time.Millisecond), results.CostSleep)
	c.owed = -c.length // the one before took twice as long
	begun := time.Now()
	for range 11 {
		c.pay(clock)
	}
	if took := time.Since(begun); took < 20*time.Millisecond || c.owed > 0 || c.owed < -c.length {
		t.Errorf("11 times 2 ms, one made up for, took %v and left %v to be slept", took, c.owed)
	}
}
