package harness

import (
	"fmt"
	"runtime"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// RunTrial executes a trial in this process. A failure is a violation of the
// contract that the checks found, or a spec that the strategy cannot honour.
func RunTrial(strategy strategies.Strategy, spec Spec) Reply {
	cell := spec.Cell
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cell.GOMAXPROCS))
	opts, err := Options(cell, strategy.Descriptor)
	if err == nil {
		err = opts.Validate(strategy.Descriptor)
	}
	if err == nil && open(cell) && spec.rate() <= 0 {
		err = fmt.Errorf("an open loop needs a rate")
	}
	if err != nil {
		return failed(results.FailureError, "%v", err)
	}
	t := &trial{spec: spec, cell: cell, strategy: strategy, opts: opts, clock: NewClock()}
	t.clock.Calibrate()
	measurement, err := t.measure()
	if err != nil {
		return failed(results.FailureDelivery, "%v", err)
	}
	measurement.Clock, measurement.ClockNs = t.clock.Name(), t.clock.Cost()
	if used := readUsage(); used.known {
		measurement.PeakBytes = used.peakRSS
	}
	return Reply{Measurement: measurement}
}

// trial is one execution of one cell.
type trial struct {
	spec     Spec
	cell     results.Cell
	strategy strategies.Strategy
	opts     strategies.Options
	clock    *Clock
}

// open reports whether a cell's messages arrive whether or not the fan-in keeps
// up.
func open(cell results.Cell) bool { return cell.Kind == "" && cell.Arrival != ArrivalClosed }

func (t *trial) measure() (*results.Measurement, error) {
	switch {
	case t.cell.Kind == results.KindSearch:
		return t.search()
	case t.cell.Kind == results.KindProbe:
		return t.probe()
	case open(t.cell):
		return t.offer()
	default:
		return t.saturate()
	}
}

// runRound runs one round of a driver over a fresh fan-in.
func runRound[T any](t *trial, construct strategies.Constructor[T], d driver[T], quotas []uint64) (outcome, error) {
	r := &round[T]{
		fanIn: construct(t.opts), strategy: t.strategy.Descriptor, driver: d, clock: t.clock, quotas: quotas,
		recvBatch: t.cell.RecvBatch, deadline: time.Duration(t.cell.BatchDeadlineNs), stall: stallOf(t.cell), check: newChecker(len(quotas)),
		rec: newRecorder(quotas, t.clock, open(t.cell)),
	}
	return r.run()
}

// report fills in what every kind of load measures.
func (t *trial) report(out outcome) *results.Measurement {
	m := &results.Measurement{
		ElapsedNs: out.lasted,
		Attempted: int64(out.attempted), Delivered: int64(out.delivered),
		Dropped: int64(out.dropped), Rejected: int64(out.rejected),
		Receives: out.receives, Parks: out.parks,
		Mallocs: out.runtime.mallocs, GCs: out.runtime.gcs,
		Backlog: out.watched.backlog,
		Host: &results.Host{
			HiccupP99Ns: out.watched.hiccups.ValueAtQuantile(99), HiccupMaxNs: out.watched.hiccups.Max(),
			SchedP99Ns: out.runtime.schedP99Ns, Evictions: out.used.evicted, GCPauseNs: out.runtime.gcPauseNs, MutexWaitNs: out.runtime.mutexWaitNs,
		},
	}
	if out.used.known {
		m.CPUNs = int64(out.used.cpu)
	}
	if out.timed > 0 {
		m.SendCall = &results.Mean{Mean: float64(t.clock.Ns(out.sendTicks)) / float64(out.timed), Count: out.timed}
	}
	if jain, ok := out.rec.windows.jain(); ok && t.cell.Producers > 1 {
		m.Fairness = &results.Fairness{WindowNs: windowNs, Jain: jain, P99Ratio: out.rec.p99Ratio()}
	}
	// The floor's items are made up, not carried: they have no transit.
	if !t.strategy.Floor && out.rec.transit.total > 0 {
		m.Transit, m.SampleStep = out.rec.transit.histogram(), SampleStep
	}
	return m
}

// saturate measures a closed loop: warm-up rounds, then the measured one.
func (t *trial) saturate() (*results.Measurement, error) {
	w := warmUp{budget: time.Duration(t.cell.DurationNs), limit: t.cell.Messages, least: leastMessages(t.cell.Producers)}
	if err := w.run(t.closedRound); err != nil {
		return nil, fmt.Errorf("warming up: %w", err)
	}
	messages := t.cell.Messages
	if messages == 0 {
		messages = max(w.least, int64(w.rate*float64(t.cell.DurationNs)/1e9))
	}
	t.clock.Calibrate() // again, over a longer span
	out, err := t.closedRound(messages)
	if err != nil {
		return nil, err
	}
	m := t.report(out)
	m.WarmUp, m.Steady = w.rounds, w.steady
	return m, nil
}

// closedRound runs one round in which the producers send so many messages
// together, as fast as they can.
func (t *trial) closedRound(messages int64) (outcome, error) {
	quotas := share(messages, t.cell.Producers)
	if t.cell.Payload == MinPayload {
		d := &words{
			clock: t.clock, times: newSendTimes(quotas), sendBatch: t.cell.SendBatch,
			costTicks: t.clock.Ticks(t.cell.ConsumerCostNs),
		}
		return runRound(t, t.strategy.Word, d, quotas)
	}
	d := newMessages(t.clock, t.cell, t.strategy.Floor)
	return runRound(t, t.strategy.Message, d, quotas)
}
