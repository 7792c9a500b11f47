package trial

import (
	"fmt"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial/monitor"
	"github.com/fanin-bench/fanin-bench/harness/trial/neighbours"
	"github.com/fanin-bench/fanin-bench/harness/trial/schedule"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/warmup"
	"github.com/fanin-bench/fanin-bench/strategies"
)

const (
	// offerRound is how long a warm-up round of an open loop lasts, or a quarter of
	// the measured part if that is less.
	offerRound = 100 * time.Millisecond
	// offerRounds is how many of them there are at most, and how long they may take
	// in all: beyond what the consumer can take each takes several times as long.
	offerRounds = 8
)

// offerRoundOf returns how long a warm-up round of a cell is offered.
func offerRoundOf(c results.Cell) time.Duration {
	return min(offerRound, time.Duration(c.DurationNs)/4)
}

// offer measures an open loop: rounds at the rate until their goodput agrees,
// then the measured one.
func (t *trial) offer() (*results.Measurement, error) {
	var rounds []results.Window
	var goodput []float64
	steady := false
	length := offerRoundOf(t.cell)
	spent := time.Duration(0)
	for i := range uint64(offerRounds) {
		out, _, err := t.openRound(t.spec.rate(), length, t.spec.Seed+1+i)
		if err != nil {
			return nil, fmt.Errorf("warming up: %w", err)
		}
		rounds = append(rounds, results.Window{Messages: int64(out.delivered), ElapsedNs: out.lasted})
		// Relative to what this round's schedule offered: chance in it is not unrest.
		goodput = append(goodput, float64(length)/float64(out.lasted))
		spent += time.Duration(out.lasted)
		steady = warmup.Agree(goodput[max(0, len(goodput)-warmup.Rounds):])
		enough := len(rounds) >= warmup.Rounds || t.cell.Busy > 0 // where who falls behind may be a hundred times too slow
		if steady || enough && spent >= offerRounds*length {
			break
		}
	}
	t.clock.Calibrate()
	m, err := t.offered()
	if err != nil {
		return nil, err
	}
	m.WarmUp, m.Steady = rounds, steady
	return m, nil
}

// offered measures one round of the cell's length at its rate.
func (t *trial) offered() (*results.Measurement, error) {
	horizon := time.Duration(t.cell.DurationNs)
	out, d, err := t.openRound(t.spec.rate(), horizon, t.spec.Seed)
	if err != nil {
		return nil, err
	}
	m := t.report(out)
	m.SampleStep = 1
	m.Response, m.SendDelay = out.rec.Response.Histogram(), out.rec.SendDelay.Histogram()
	if t.strategy.Floor {
		m.Response = d.delays.merged()
		m.SendDelay = m.Response
	}
	out.sending -= int64(neighbours.WakeDelay(t.cell)) // a last send by who woke late is no sign of falling behind
	m.OfferedRate, m.AchievedRate = rates(out, horizon)
	if t.cell.Overload > 1 {
		t.recovery(m, out, horizon)
	}
	return m, nil
}

// rates returns what the schedule offered and what the producers achieved, in
// messages per second: they achieve less if their last send began after the end of
// the schedule.
func rates(out outcome, horizon time.Duration) (offered, achieved float64) {
	attempted := float64(out.Attempted)
	return attempted / horizon.Seconds(), attempted / max(horizon, time.Duration(out.sending)).Seconds()
}

// openRound runs one round in which messages are due at so many per second, for
// so long.
func (t *trial) openRound(rate float64, horizon time.Duration, seed uint64) (outcome, *paced, error) {
	d := newPaced(t.clock, t.cell, rate, horizon, seed, t.strategy.Floor)
	round, err := newRound(t, t.messages(), func(w *work) driver[strategies.Message] {
		d.work = w.ofItems()
		return d
	}, d.quotas(), nil)
	if err != nil {
		return outcome{}, d, err
	}
	out, err := round.run()
	return out, d, err
}

// settleTime is how long the backlog must stay low to count as worked off: a full
// channel that is empty for a moment is not.
const settleTime = 20 * time.Millisecond

// recovery finds out how long after the overload the backlog was again, and stayed,
// as it had been before.
func (t *trial) recovery(m *results.Measurement, out outcome, horizon time.Duration) {
	part := func(share float64) time.Duration { return time.Duration(share * float64(horizon)) }
	before := 0
	var samples []monitor.Sample
	if len(out.watched.Samples) > 0 {
		samples = out.watched.Samples[0]
	}
	for _, s := range samples {
		if s.At > part(schedule.OverloadFrom/4) && s.At < part(schedule.OverloadFrom) {
			before = max(before, s.Items)
		}
	}
	low := time.Duration(-1) // since when
	for _, s := range samples {
		switch {
		case s.At < part(schedule.OverloadTo):
		case s.Items > before:
			low = -1
		case low < 0:
			low = s.At
		case s.At-low >= settleTime:
			m.RecoveryNs = max(1, int64(low-part(schedule.OverloadTo)))
			return
		}
	}
	m.Warnings = append(m.Warnings, "the backlog of the overload was not worked off within the trial")
}
