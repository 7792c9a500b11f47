package doctor

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial/monitor"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Doctor finds out whether this machine can be trusted for measuring. Its fields
// are what to do it with; Diagnose does it.
type Doctor struct {
	// Command starts a child that speaks the trial protocol, as in Runner.
	Command []string
	Known   []strategies.Strategy

	Strategy  string        // the one to compare with itself
	Producers int           // 1 to MaxProducers
	Reps      int           // trials under each name, stat.MinReps to maxDoctorReps
	Tries     int           // how often to compare, 1 to maxDoctorTries
	Duration  time.Duration // of a trial's measured part; the other looks last up to lookTimes as long
	Seed      uint64        // of the order of trials

	// Step, if set, is called with what is looked at next.
	Step func(what string)
}

const (
	maxDoctorReps  = 1000
	maxDoctorTries = 1000

	// These say how long the machine is watched at rest and at full load. In two
	// seconds a goroutine that sleeps for a millisecond wakes over a thousand times,
	// so that a p99 has ten beyond it; at full load it may take 20 ms to run at all.
	lookTimes = 20
	lookLeast = 200 * time.Millisecond
	lookMost  = 2 * time.Second
)

// Diagnosis is what a Doctor found. What could not be read is absent.
type Diagnosis struct {
	Seed        uint64              `json:"seed"`
	Environment results.Environment `json:"environment"` // as it was before anything was measured
	Noise       Noise               `json:"noise"`
	// Floor is what the harness itself takes for a message, in ns; absent if there
	// is no floor strategy.
	Floor  *stat.Interval `json:"floor_ns_per_msg,omitempty"`
	Clock  ClockCheck     `json:"clock"`
	Sleeps []SleepCheck   `json:"sleeps"`
	Idle   *results.Host  `json:"idle,omitempty"` // while this program slept
	Busy   *results.Host  `json:"busy,omitempty"` // while it kept every processor busy
	System System         `json:"system"`

	Findings []Finding `json:"findings"` // the worst first; empty if there is nothing to say
}

// Diagnose examines the machine. The error is a FieldError if a field of the
// Doctor is wrong, ctx's if that ended it, or says why nothing can be measured
// here.
func (d *Doctor) Diagnose(ctx context.Context) (*Diagnosis, error) {
	cell, err := d.validate()
	if err != nil {
		return nil, err
	}
	d.step("the machine")
	diagnosis := &Diagnosis{Seed: d.Seed, Environment: machine.ReadEnvironment(ctx)}
	before := takeReading(ctx)
	for _, look := range []func(context.Context, *Diagnosis) error{d.atRest, d.timing} {
		if err := look(ctx, diagnosis); err != nil {
			return nil, err
		}
	}
	if diagnosis.Noise, err = d.noise(ctx, cell); err != nil {
		return nil, err
	}
	if diagnosis.Floor, err = d.floor(ctx); err != nil {
		return nil, err
	}
	if err := d.atWork(ctx, diagnosis); err != nil {
		return nil, err
	}
	diagnosis.System.note(before, takeReading(ctx))
	diagnosis.Findings = diagnosis.examine()
	return diagnosis, nil
}

// validate reports the first wrong field by the name of its flag, and returns
// the cell to compare with itself.
func (d *Doctor) validate() (results.Cell, error) {
	if _, err := pick.Find(d.Known, d.Strategy); err != nil {
		return results.Cell{}, &results.FieldError{Field: "strategy", Err: err}
	}
	switch {
	case d.Reps < stat.MinReps || d.Reps > maxDoctorReps:
		return results.Cell{}, results.FieldErrorf("reps", "%d is not in %d..%d: fewer give no interval", d.Reps, stat.MinReps, maxDoctorReps)
	case d.Tries < 1 || d.Tries > maxDoctorTries:
		return results.Cell{}, results.FieldErrorf("tries", "%d is not in 1..%d", d.Tries, maxDoctorTries)
	case d.Duration <= 0 || d.Duration > scenario.MaxDuration:
		return results.Cell{}, results.FieldErrorf("duration", "%v is not above 0 and at most %v", d.Duration, scenario.MaxDuration)
	}
	return d.cell(d.Strategy)
}

// cell returns the cell in which a strategy is measured.
func (d *Doctor) cell(strategy string) (results.Cell, error) {
	asked := scenario.Scenario{
		QueueSection: scenario.QueueSection{Strategies: scenario.Strings{strategy}},
		RunSection:   scenario.RunSection{Duration: scenario.Duration(d.Duration), Reps: d.Reps},
	}
	asked.Values.Give(results.Cell{Producers: d.Producers}, "producers")
	plan, err := scenario.NewPlan(asked.WithDefaults(), d.Known, d.Seed)
	if err != nil {
		return results.Cell{}, err
	}
	i := slices.IndexFunc(plan.Cells, func(c results.Cell) bool { return c.Strategy == strategy }) // the floor comes along
	if i < 0 {
		return results.Cell{}, fmt.Errorf("%q has no cell of its own", strategy)
	}
	return plan.Cells[i], nil
}

func (d *Doctor) step(what string) {
	if d.Step != nil {
		d.Step(what)
	}
}

// look returns how long to watch the machine.
func (d *Doctor) look() time.Duration { return min(max(lookTimes*d.Duration, lookLeast), lookMost) }

// atRest watches the machine while this program does next to nothing: what runs
// now are others.
func (d *Doctor) atRest(ctx context.Context, diagnosis *Diagnosis) (err error) {
	d.step("hiccups at rest")
	before := takeReading(ctx)
	diagnosis.Idle, err = watch(ctx, d.look())
	diagnosis.System.OtherCores = takeReading(ctx).otherCores(before)
	return err
}

// atWork watches the machine with a goroutine that spins on each processor.
func (d *Doctor) atWork(ctx context.Context, diagnosis *Diagnosis) (err error) {
	d.step("hiccups with every processor busy")
	var stop atomic.Bool
	defer stop.Store(true)
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for !stop.Load() { // each spins
			}
		}()
	}
	diagnosis.Busy, err = watch(ctx, d.look())
	return err
}

// timing examines the clock and the sleeps.
func (d *Doctor) timing(ctx context.Context, diagnosis *Diagnosis) error {
	d.step("the clock")
	diagnosis.Clock = checkClock()
	for _, asked := range sleepsChecked() {
		d.step("sleeps of " + asked.String())
		check, err := checkSleep(ctx, asked, d.look())
		if err != nil {
			return err
		}
		diagnosis.Sleeps = append(diagnosis.Sleeps, check)
	}
	return nil
}

// watch has a trial's monitor look at the machine for so long. It returns nil if
// the monitor never got to run.
func watch(ctx context.Context, span time.Duration) (*results.Host, error) {
	before := machine.ReadCounters()
	m := monitor.Start(nil)
	err := pause(ctx, span)
	hiccups := m.End().Hiccups
	if hiccups.TotalCount() == 0 {
		return nil, err
	}
	change := machine.ReadCounters().Since(before)
	return &results.Host{
		HiccupP99Ns: hiccups.ValueAtQuantile(99), HiccupMaxNs: hiccups.Max(),
		SchedP99Ns: change.SchedP99Ns(), GCPauseNs: change.GcPauseNs, MutexWaitNs: change.MutexWaitNs,
	}, err
}

// pause sleeps, or returns ctx's error as soon as there is one.
func pause(ctx context.Context, span time.Duration) error {
	select {
	case <-time.After(span):
	case <-ctx.Done():
	}
	return ctx.Err()
}
