package trial

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/inspect"
	"github.com/fanin-bench/fanin-bench/harness/trial/mesh"
	"github.com/fanin-bench/fanin-bench/harness/trial/neighbours"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/harness/trial/schedule"
	"github.com/fanin-bench/fanin-bench/harness/trial/sink"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/warmup"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Run executes a trial in this process. A failure is a violation of the
// contract that the checks found, or a spec that the strategy cannot honour.
func Run(strategy strategies.Strategy, spec Spec) Reply { return run(strategy, spec, false, nil, nil) }

// run is Run under a guard, if there is one, and with a partner, if the spec asks for
// slices. alone says that the process does nothing else.
func run(strategy strategies.Strategy, spec Spec, alone bool, guard *guard, partner Partner) Reply {
	cell := spec.Cell
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cell.GOMAXPROCS))
	opts, err := Options(cell, strategy.Descriptor)
	if err == nil {
		err = opts.Validate(strategy.Descriptor)
	}
	if err == nil && spec.Slices != nil {
		err = checkSlicing(spec, partner)
	}
	if err == nil && cell.IsOpen() && spec.rate() <= 0 {
		err = fmt.Errorf("an open loop needs a rate")
	}
	if err == nil {
		err = cmp.Or(Carries(strategy, cell), Sharable(strategy, cell))
	}
	if err != nil {
		return Failed(results.FailureError, "%v", err)
	}
	clock := machine.NewClock()
	if spec.Slices != nil {
		clock.CalibrateFirst() // session does again
	} else {
		clock.Calibrate()
	}
	t := &trial{
		spec: spec, cell: cell, strategy: strategy, opts: opts, clock: clock, alone: alone, guard: guard,
		inspection: inspect.Inspection{Strategy: strategy, Options: opts, Clock: clock},
	}
	if alone && guard != nil {
		t.inspection.Hush = guard.hush
	}
	measurement, err := t.measure(partner)
	if setup := (*sink.SetupError)(nil); errors.As(err, &setup) {
		return Failed(results.FailureError, "%v", err)
	}
	if err != nil {
		return Failed(record.KindOf(err), "%v", t.explain(err))
	}
	measurement.Clock, measurement.ClockNs = t.clock.Name(), t.clock.Cost()
	if used := machine.ReadUsage(); used.Known {
		measurement.PeakBytes = used.PeakRSS
	}
	if spec.Inspect {
		if err := t.inspection.Run(); err != nil {
			return Failed(record.KindOf(err), "%v", err)
		}
	}
	return Reply{Measurement: measurement}
}

// trial is one execution of one cell.
type trial struct {
	spec     Spec
	cell     results.Cell
	strategy strategies.Strategy
	opts     strategies.Options
	clock    *machine.Clock
	beside   *neighbours.Group // nil if there are none
	alone    bool              // the process does nothing else
	guard    *guard            // that watches it; nil if nobody does

	inspection inspect.Inspection // of the strategy, for after the rounds
}

func (t *trial) measure(partner Partner) (*results.Measurement, error) {
	if t.spec.Slices != nil {
		return t.inTurns(partner)
	}
	t.beside = neighbours.Start(t.cell)
	defer t.beside.End()
	switch {
	case t.cell.Kind == results.KindSearch:
		return t.search()
	case t.cell.Kind == results.KindProbe:
		return t.probe()
	case t.cell.IsOpen():
		return t.offer()
	case hasCurfew(t.cell):
		return t.timed()
	default:
		return t.saturate()
	}
}

// load is a round of either item type.
type load interface {
	run() (outcome, error)
	// The same slice by slice: see standing.
	stand()
	forget()
	slice(quotas []uint64) (outcome, error)
	depart(failed error) (outcome, error)
}

// newRound returns a round of a driver over a fresh fan-in, which has to be run. The
// consumer's work is made first, because the driver asks for what there is to do for each
// item.
func newRound[T any](t *trial, construct strategies.Constructor[T], drive func(*work) driver[T], quotas []uint64, limit *curfew) (*round[T], error) {
	w, err := newWork(t.clock, t.cell)
	if err != nil {
		return nil, err
	}
	d := drive(w)
	if w != nil {
		d = working[T]{d, w}
	}
	if t.cell.Window > 0 {
		d = newReplying(d, len(quotas), t.cell.Window)
	}
	if costs := t.cell.Stages.Costs(); len(costs) > 0 {
		construct = newPipeline(t, construct, costs)
	}
	if t.cell.Mesh > 0 {
		construct = mesh.New(construct, t.cell.Mesh, t.cell.RecvBatch)
	}
	return &round[T]{
		fanIn: construct(t.opts), strategy: t.strategy.Descriptor, driver: d, clock: t.clock, quotas: quotas,
		recvBatch: t.cell.RecvBatch, sendBatch: t.cell.SendBatch, capacity: cmp.Or(t.opts.Capacity, strategies.DefaultCapacity),
		deadline: time.Duration(t.cell.BatchDeadlineNs), pace: consumerPace(t.cell), stall: stallOf(t.cell), check: record.NewLedger(len(quotas)),
		curfew: limit, beside: t.beside, work: w, recvBy: t.cell.RecvBy,
		rec: record.NewRecorder(quotas, t.clock, t.cell.IsOpen()),
	}, nil
}

// report fills in what every kind of load measures.
func (t *trial) report(out outcome) *results.Measurement {
	m := &results.Measurement{
		ElapsedNs: out.lasted,
		Attempted: int64(out.Attempted), Delivered: int64(out.delivered),
		Dropped: int64(out.Dropped), Rejected: int64(out.Rejected),
		Receives: out.receives, Parks: out.parks,
		Mallocs: new(out.runtime.Mallocs), GCs: new(out.runtime.Gcs),
		Backlog: out.watched.Backlog(), Sink: out.sink, InFlight: out.inFlight,
		Host: &results.Host{
			HiccupP99Ns: out.watched.Hiccups.ValueAtQuantile(99), HiccupMaxNs: out.watched.Hiccups.Max(),
			SchedP99Ns: out.runtime.SchedP99Ns(), Evictions: out.used.Evicted, GCPauseNs: out.runtime.GcPauseNs, MutexWaitNs: out.runtime.MutexWaitNs,
		},
	}
	if out.used.Known {
		m.CPUNs = int64(out.used.Cpu)
	}
	if out.Timed > 0 {
		m.SendCall = &results.Mean{Mean: float64(t.clock.Ns(out.SendTicks)) / float64(out.Timed), Count: out.Timed}
	}
	t.beside.Report(m, t.cell, out.beside)
	if out.stages != nil {
		m.Stages = append([]results.Stage{t.ingest(out)}, out.stages...)
	}
	if jain, ok := out.rec.Windows.Jain(); ok && t.cell.Producers > 1 {
		m.Fairness = &results.Fairness{WindowNs: out.rec.WindowNs, Jain: jain, P99Ratio: out.rec.P99Ratio()}
	}
	// The floor's items are made up, not carried: they have no transit.
	if !t.strategy.Floor && out.rec.Transit.Total > 0 {
		m.Transit, m.SampleStep = out.rec.Transit.Histogram(), record.SampleStep
		if timesAll(t.cell) {
			m.SampleStep = 1
		}
	}
	return m
}

// ingest returns what the producers did as the first of a pipeline's stages. Every
// send of theirs was timed.
func (t *trial) ingest(out outcome) results.Stage {
	return results.Stage{
		Messages: int64(out.Attempted), ElapsedNs: out.sending, BlockedNs: new(t.clock.Ns(out.SendTicks)),
	}
}

// saturate measures a closed loop: warm-up rounds, then the measured one.
func (t *trial) saturate() (*results.Measurement, error) {
	w := t.warmUp()
	if err := w.Run(windows(t.closedRound)); err != nil {
		return nil, fmt.Errorf("warming up: %w", err)
	}
	messages := t.cell.Messages
	if messages == 0 {
		messages = w.MessagesIn(time.Duration(t.cell.DurationNs))
	}
	t.clock.Calibrate() // again, over a longer span
	out, err := t.closedRound(messages)
	if err != nil {
		return nil, err
	}
	m := t.report(out)
	m.WarmUp, m.Steady = w.Windows, w.Steady
	return m, nil
}

// warmUp returns how a closed loop warms up.
func (t *trial) warmUp() *warmup.WarmUp {
	w := &warmup.WarmUp{
		Budget: time.Duration(t.cell.DurationNs), Limit: t.cell.Messages,
		Least: warmup.LeastMessages(t.cell.Producers), Pace: paceOf(t.cell),
	}
	if w.Pace > 0 { // its rate is no secret: as many as it takes to tell are too many
		w.Least = min(w.Least, max(int64(t.cell.Producers), int64(warmup.Shortest/w.Pace)))
	}
	return w
}

// windows makes rounds those of a warm-up.
func windows(round func(messages int64) (outcome, error)) func(int64) (results.Window, error) {
	return func(messages int64) (results.Window, error) {
		out, err := round(messages)
		return results.Window{Messages: int64(out.Attempted), ElapsedNs: out.lasted}, err
	}
}

// closedRound runs one round in which the producers send so many messages
// together, as fast as they can.
func (t *trial) closedRound(messages int64) (outcome, error) { return t.roundWithin(0, messages) }

// roundWithin is closedRound that ends when its time is up; 0 is no limit.
func (t *trial) roundWithin(length time.Duration, messages int64) (outcome, error) {
	r, err := t.newLoad(schedule.QuotasOf(t.cell, messages), newCurfew(length))
	if err != nil {
		return outcome{}, err
	}
	return r.run()
}

// newLoad returns a round of a closed loop.
func (t *trial) newLoad(quotas []uint64, limit *curfew) (load, error) {
	if t.cell.Payload > results.MinPayload || timesAll(t.cell) {
		return t.newMessageLoad(quotas, limit)
	}
	return newRound(t, sharedAs(t.strategy.Word, t.cell, t.strategy.Descriptor), func(w *work) driver[strategies.Word] {
		return &words{
			clock: t.clock, times: newSendTimes(quotas), sendBatch: callBatch(t.cell),
			compute: computingOf(t.clock, t.cell), lives: livesOf(t.cell), work: w.ofItems(), curfew: limit,
		}
	}, quotas, limit)
}

// messages returns what builds fan-ins of messages, which Run has seen that
// there is.
func (t *trial) messages() strategies.Constructor[strategies.Message] {
	construct, _ := messageConstructor(t.strategy, t.cell)
	return construct
}

// newMessageLoad returns a round of a closed loop of messages.
func (t *trial) newMessageLoad(quotas []uint64, limit *curfew) (load, error) {
	return newRound(t, t.messages(), func(w *work) driver[strategies.Message] {
		m := newMessages(t.clock, t.cell, w, t.strategy.Floor)
		m.curfew = limit
		if t.cell.PauseNs > 0 {
			return pausing{m, time.Duration(t.cell.PauseNs), uint64(t.cell.PauseEvery)}
		}
		return m
	}, quotas, limit)
}

// Spec is what a trial's child process is told on standard input.
type Spec struct {
	Schema int          `json:"schema"` // results.SchemaVersion
	Cell   results.Cell `json:"cell"`
	// Rate is what a cell that is given as a Load comes to, in messages per
	// second.
	Rate        float64 `json:"rate_msgs_per_s,omitempty"`
	Seed        uint64  `json:"seed"`
	TimeoutNs   int64   `json:"timeout_ns"`                   // for the whole process
	MemoryLimit int64   `json:"memory_limit_bytes,omitempty"` // 0: none
	Inspect     bool    `json:"inspect,omitempty"`            // look into the promises, too, once all is measured: see inspect
	// Slices, if set, has the trial take turns with others. Its timeout is then for what
	// it does in its own turns.
	Slices *Slicing `json:"slices,omitempty"`
}

// rate returns what an open loop offers, in messages per second.
func (s Spec) rate() float64 {
	if s.Cell.Rate > 0 {
		return s.Cell.Rate
	}
	return s.Rate
}

// Reply is what the child answers on standard output: exactly one of the two.
type Reply struct {
	Schema      int                  `json:"schema"`
	Build       string               `json:"build,omitempty"` // of the program that answers, the same for no other: see results.Build
	Measurement *results.Measurement `json:"measurement,omitempty"`
	Failure     *results.Failure     `json:"failure,omitempty"`

	// Memory is what the parent saw of the child's; nil if nothing.
	Memory *results.Memory `json:"-"`
}

// Failed is the reply of a trial that failed.
func Failed(kind results.FailureKind, format string, args ...any) Reply {
	return Reply{Failure: &results.Failure{Kind: kind, Detail: fmt.Sprintf(format, args...)}}
}
