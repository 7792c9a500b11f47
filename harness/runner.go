package harness

import (
	"context"
	"errors"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Isolation says where a trial runs.
const (
	IsolationProcess = "process" // a child of its own: the default
	IsolationNone    = "none"    // this process, for debuggers and profilers; a panic ends it
)

// Runner executes the trials of a plan, one at any time.
type Runner struct {
	// Command starts a child that speaks the trial protocol, usually this very
	// program with the argument "trial". Not used without isolation.
	Command []string
	// Build is that of the children which Command starts: a trial that another one
	// executed has failed. Empty if it is not known.
	Build string
	// Programs start the same for the strategies of other programs, by strategy,
	// whatever the isolation.
	Programs map[string]Program
	// Known are the strategies that trials without isolation may name.
	Known       []strategies.Strategy
	Isolation   string
	Timeout     time.Duration // for one trial; 0 means DefaultTimeout
	MemoryLimit int64         // bytes for one trial; 0 means none
	// Stop, if set, is when no further trial is begun.
	Stop time.Time
	// Saturation returns the rate, in messages per second, that the trials of a
	// search cell found; false if none did.
	Saturation func(search results.Cell) (float64, bool)

	// Renew, if set, is called before each sitting with the trials of another runner. What
	// it may renew is where the children's program lies in memory.
	Renew func() error

	// Begin, if set, is called before each trial, and Done after it with what
	// became of it; its error ends the run.
	Begin func(scenario.Slot)
	Done  func(results.Trial) error

	sound map[subject]bool // those whose inspection has found nothing
}

// subject is what decides how a strategy behaves that is inspected.
type subject struct {
	strategy, capacityOf, policy string
	capacity, lanes              int
}

func subjectOf(c results.Cell) subject {
	return subject{c.Strategy, c.CapacityOf, c.Policy, c.Capacity, c.Lanes}
}

// ErrStopped says that Runner.Stop came before the last trial.
var ErrStopped = errors.New("the time was up before all trials had run")

// Run executes the slots in order, those of a sitting side by side. It returns ctx's
// error if that ended it; the trials in flight are then killed and not reported.
func (r *Runner) Run(ctx context.Context, slots []scenario.Slot) error {
	return RunTogether(ctx, slots, r)
}

// RunTogether has each of some runners execute the slots, in turns: of each slot all
// trials are in the same sitting or, if they cannot take turns, follow each other in an
// order that is drawn. The first runner says when to stop.
func RunTogether(ctx context.Context, slots []scenario.Slot, runners ...*Runner) error {
	for len(slots) > 0 {
		if stop := runners[0].Stop; !stop.IsZero() && time.Now().After(stop) {
			return ErrStopped
		}
		together := 1
		for together < len(slots) && slots[together].SitsWith(slots[0]) {
			together++
		}
		if err := renew(runners); err != nil {
			return err
		}
		if err := sit(ctx, slots[:together], runners); err != nil {
			return err
		}
		slots = slots[together:]
	}
	return ctx.Err()
}

// renew renews the programs of runners that are compared.
func renew(runners []*Runner) error {
	if len(runners) == 1 {
		return nil
	}
	for _, r := range runners {
		if r.Renew != nil {
			if err := r.Renew(); err != nil {
				return err
			}
		}
	}
	return nil
}

// turnsBy returns the version by which trials of a cell take turns, 0 if they do not.
func (r *Runner) turnsBy(cell results.Cell) int {
	program, foreign := r.Programs[cell.Strategy]
	switch {
	case trial.TakesTurns(cell) != nil:
		return 0
	case foreign:
		return program.slices
	default:
		return trial.SlicesVersion
	}
}

// place makes ready to execute a trial at a sitting.
func (r *Runner) place(ctx context.Context, slot scenario.Slot, watcher *watcher) *place {
	p := &place{runner: r, slot: slot, started: time.Now(), spec: specFor(slot, r.timeout(), r.MemoryLimit, !r.sound[subjectOf(slot.Cell)])}
	fail := func(format string, args ...any) *place {
		p.seat = oldForm(func() trial.Reply { return trial.Failed(results.FailureError, format, args...) })
		return p
	}
	if slot.Cell.Load > 0 {
		saturation, found := r.Saturation(scenario.SearchFor(slot.Cell))
		if !found {
			return fail("no search found the saturation rate that the load is a share of")
		}
		p.spec.Rate = slot.Cell.Load * saturation
	}
	program, foreign := r.Programs[slot.Cell.Strategy]
	version := r.turnsBy(slot.Cell)
	slices := version > 0
	if slices {
		p.spec.Slices = &trial.Slicing{Version: version, LengthNs: int64(trial.SliceOf(slot.Cell))}
	}
	var strategy strategies.Strategy
	if foreign || r.Isolation == IsolationNone {
		var err error
		if strategy, err = pick.Find(r.Known, slot.Cell.Strategy); err != nil {
			return fail("%v", err)
		}
	}
	command := r.Command
	if foreign {
		if err := program.unchanged(); err != nil {
			return fail("%v", err)
		}
		command = program.Command()
		p.mend = func(reply trial.Reply) trial.Reply {
			return program.stillItself(reply).HeldAgainst(strategy.Descriptor, slot.Cell)
		}
	}
	switch {
	case !foreign && r.Isolation == IsolationNone && slices:
		p.seat = newInside(ctx, strategy, p.spec)
	case !foreign && r.Isolation == IsolationNone:
		p.seat = oldForm(func() trial.Reply { return trial.Guard(ctx, strategy, p.spec, false, nil) })
	case slices:
		p.seat = newProcess(ctx, command, p.spec, watcher)
	default:
		p.seat = oldForm(func() trial.Reply { return runChild(ctx, command, p.spec) })
	}
	switch {
	case foreign:
	case r.Isolation == IsolationNone:
		p.mend = func(reply trial.Reply) trial.Reply { reply.Build = r.Build; return reply }
	default:
		p.mend = func(reply trial.Reply) trial.Reply { return sameBuild(r.Build, reply) }
	}
	return p
}

// store takes note of a finished trial and hands it on.
func (r *Runner) store(slot scenario.Slot, t results.Trial) error {
	if t.Failure == nil {
		if r.sound == nil {
			r.sound = map[subject]bool{}
		}
		r.sound[subjectOf(slot.Cell)] = true
	}
	return r.Done(t)
}

// sameBuild fails the trial of a child of another build than the expected one, unless
// one of the two is not known.
func sameBuild(expected string, reply trial.Reply) trial.Reply {
	if expected != "" && reply.Build != "" && reply.Build != expected {
		reply.Measurement, reply.Failure = nil, trial.Failed(results.FailureError,
			"build %.64q executed it, the run is of %q: the program was replaced while it measured", reply.Build, expected).Failure
	}
	return reply
}

func (r *Runner) timeout() time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return trial.DefaultTimeout
}
