package trial

import (
	"fmt"
	"math"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial/neighbours"
	"github.com/fanin-bench/fanin-bench/harness/trial/schedule"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/warmup"
)

const (
	// searchRound is how long each rate is tried. A rate a tenth too high builds up
	// a lag of 15 ms in it, far beyond keptUpNs.
	searchRound = 150 * time.Millisecond
	// searchSteps halvings, in ratio, from a span of searchSpan leave an interval of
	// 3 %.
	searchSteps = 7
	searchSpan  = 64.0
	// keptUpNs is by how much the mean response may grow from the second quarter of
	// a round to the last, beside doubling, before the backlog counts as unbounded:
	// longer than hiccups here, shorter than what too high a rate leads to.
	keptUpNs = 3e6
	// searchShare of a rate must be achieved.
	searchShare = 0.95
)

// search looks for the saturation rate: the highest at which the backlog stays
// bounded. It begins from what a closed loop of the same messages reaches and
// closes in by bisection.
func (t *trial) search() (*results.Measurement, error) {
	t.cell.Kind = "" // its rounds are loads
	w := warmup.WarmUp{Limit: 1 << 16, Least: int64(t.cell.Producers)}
	err := w.Run(windows(func(n int64) (outcome, error) {
		round, err := t.newMessageLoad(schedule.QuotasOf(t.cell, n), nil)
		if err != nil {
			return outcome{}, err
		}
		return round.run()
	}))
	if err != nil {
		return nil, fmt.Errorf("warming up: %w", err)
	}
	t.clock.Calibrate()
	low, high := 2*w.Rate/searchSpan, 2*w.Rate
	m := &results.Measurement{WarmUp: w.Windows, Steady: w.Steady}
	for step := range uint64(searchSteps) {
		rate := math.Sqrt(low * high)
		kept, err := t.keepsUp(rate, t.spec.Seed+2*step, m)
		if err != nil {
			return nil, err
		}
		if kept {
			low = rate
		} else {
			high = rate
		}
	}
	m.Saturation = low
	return m, nil
}

// keepsUp reports whether the strategy keeps up with a rate. One round that it
// does not may be the machine's doing; two are its own.
func (t *trial) keepsUp(rate float64, seed uint64, m *results.Measurement) (bool, error) {
	for try := range uint64(2) {
		out, d, err := t.openRound(rate, searchRound, seed+try)
		if err != nil {
			return false, fmt.Errorf("offering %.0f messages per second: %w", rate, err)
		}
		m.ElapsedNs += out.lasted
		m.Attempted += int64(out.Attempted)
		m.Delivered += int64(out.delivered)
		m.Dropped += int64(out.Dropped)
		m.Rejected += int64(out.Rejected)
		m.Receives += out.receives
		early, late := out.rec.Quarters[1].Mean(), out.rec.Quarters[3].Mean()
		if t.strategy.Floor {
			early, late = 0, float64(d.delays.merged().ValueAtQuantile(50))
		}
		offered, achieved := rates(out, searchRound)
		if late <= 2*early+keptUpNs+float64(neighbours.WakeDelay(t.cell)) && achieved >= searchShare*offered {
			return true, nil
		}
	}
	return false, nil
}
