package harness

import (
	"fmt"
	"runtime"
	"time"

	"github.com/montanaflynn/stats"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// RunTrial executes a trial in this process: warm-up rounds, then the measured
// one. A failure is a violation of the contract that the checks found, or a spec
// that the strategy cannot honour.
func RunTrial(strategy strategies.Strategy, spec Spec) Reply {
	cell := spec.Cell
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cell.GOMAXPROCS))
	opts, err := options(cell)
	if err == nil {
		err = opts.Validate(strategy.Descriptor)
	}
	if err != nil {
		return failed(results.FailureError, "%v", err)
	}
	t := &trial{cell: cell, clock: NewClock()}
	if cell.Payload == MinPayload {
		t.round = func(quotas []uint64) (outcome, error) {
			d := &words{clock: t.clock, times: newSendTimes(quotas), sendBatch: cell.SendBatch}
			return runRound(t, strategy.Word(opts), d, quotas)
		}
	} else {
		d := newMessages(t.clock, cell, strategy.Floor)
		t.round = func(quotas []uint64) (outcome, error) {
			return runRound(t, strategy.Message(opts), d, quotas)
		}
	}
	measurement, err := t.measure(strategy.Floor)
	if err != nil {
		return failed(results.FailureDelivery, "%v", err)
	}
	return Reply{Measurement: measurement}
}

// trial is one execution of one cell.
type trial struct {
	cell  results.Cell
	clock *Clock
	// round runs one round with these quotas per producer.
	round func(quotas []uint64) (outcome, error)
}

func runRound[T any](t *trial, f strategies.FanIn[T], d driver[T], quotas []uint64) (outcome, error) {
	r := &round[T]{
		fanIn: f, driver: d, clock: t.clock, quotas: quotas,
		check: newChecker(len(quotas)), transit: results.NewHistogram(),
	}
	return r.run(t.cell.RecvBatch)
}

// measure warms up, measures and reports.
func (t *trial) measure(floor bool) (*results.Measurement, error) {
	t.clock.Calibrate()
	warm, rate, steady, err := t.warmUp()
	if err != nil {
		return nil, fmt.Errorf("warming up: %w", err)
	}
	messages := t.cell.Messages
	if messages == 0 {
		messages = int64(rate * float64(t.cell.DurationNs) / 1e9)
	}
	t.clock.Calibrate() // again, over a longer span
	out, err := t.round(share(max(messages, 1), t.cell.Producers))
	if err != nil {
		return nil, err
	}
	m := &results.Measurement{
		ElapsedNs: out.elapsedNs,
		Attempted: int64(out.attempted), Delivered: int64(out.delivered),
		Dropped: int64(out.dropped), Rejected: int64(out.rejected),
		Receives: out.receives, Mallocs: out.mallocs, GCs: out.gcs,
		WarmUp: warm, Steady: steady,
		Clock: t.clock.Name(), ClockNs: t.clock.Cost(),
	}
	if out.transit.TotalCount() > 0 && !floor { // the floor's items are made up, not carried
		m.Transit, m.SampleStep = out.transit, SampleStep
	}
	return m, nil
}

// The warm-up ends when the rates of steadyRounds rounds in a row vary by no
// more than steadyVariation (standard deviation over mean), or when it has taken
// as long as the measured part will. On an idle 2-core machine rounds of 30 ms
// vary by 2 to 8 %.
const (
	steadyRounds    = 3
	steadyVariation = 0.10
	firstRound      = 1 << 12 // messages, doubled until a round lasts long enough
	shortestWarmUp  = 50 * time.Millisecond
	warmUpShare     = 8  // a round lasts about an eighth of the measured part
	mostRounds      = 64 // for counts so small that a round is over before it is steady
)

// warmUp runs rounds of growing size until one lasts long enough to tell a rate,
// then more until their rates agree. It returns every round, the median rate of
// the last ones in messages per second, and whether they agreed.
func (t *trial) warmUp() (rounds []results.Window, rate float64, steady bool, err error) {
	budget := max(time.Duration(t.cell.DurationNs), shortestWarmUp)
	least := budget / warmUpShare
	messages := max(int64(firstRound), int64(t.cell.Producers))
	limit := t.cell.Messages // a count given is the most a round sends
	var rates []float64
	for spent := time.Duration(0); ; {
		if limit > 0 {
			messages = min(messages, limit)
		}
		out, err := t.round(share(messages, t.cell.Producers))
		if err != nil {
			return nil, 0, false, err
		}
		lasted := time.Duration(out.elapsedNs)
		spent += lasted
		rounds = append(rounds, results.Window{Messages: int64(out.attempted), ElapsedNs: out.elapsedNs})
		rates = append(rates, float64(out.attempted)/lasted.Seconds())
		if lasted < least && messages != limit {
			messages *= 2
			rates = rates[:0]
			continue
		}
		last := rates[max(0, len(rates)-steadyRounds):]
		steady := len(last) == steadyRounds && variation(last) <= steadyVariation
		if steady || spent >= budget || len(rounds) == mostRounds {
			rate, err := stats.Median(last)
			return rounds, rate, steady, err
		}
	}
}

// variation returns the coefficient of variation.
func variation(values []float64) float64 {
	mean, _ := stats.Mean(values) // both fail on no values only
	deviation, _ := stats.StandardDeviationSample(values)
	return deviation / mean
}
