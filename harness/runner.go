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

// Runner executes the trials of a plan one after the other.
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

// Run executes the slots in order. It returns ctx's error if that ended it; the
// trial in flight is then killed and not reported.
func (r *Runner) Run(ctx context.Context, slots []scenario.Slot) error {
	for _, slot := range slots {
		if !r.Stop.IsZero() && time.Now().After(r.Stop) {
			return ErrStopped
		}
		if r.Begin != nil {
			r.Begin(slot)
		}
		trial := results.Trial{
			Schema: results.SchemaVersion,
			Cell:   slot.Cell, Block: slot.Block, Position: slot.Position, Seed: slot.Seed,
			Started: time.Now().UTC(),
		}
		reply := r.trial(ctx, slot)
		if err := ctx.Err(); err != nil {
			return err
		}
		if reply.Failure == nil {
			if r.sound == nil {
				r.sound = map[subject]bool{}
			}
			r.sound[subjectOf(slot.Cell)] = true
		}
		trial.WallNs = int64(time.Since(trial.Started))
		trial.Measurement, trial.Failure, trial.Memory = reply.Measurement, reply.Failure, reply.Memory
		trial.Build = reply.Build
		if err := r.Done(trial); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// trial executes one trial.
func (r *Runner) trial(ctx context.Context, slot scenario.Slot) trial.Reply {
	spec := specFor(slot, r.timeout(), r.MemoryLimit, !r.sound[subjectOf(slot.Cell)])
	if slot.Cell.Load > 0 {
		saturation, found := r.Saturation(scenario.SearchFor(slot.Cell))
		if !found {
			return trial.Failed(results.FailureError, "no search found the saturation rate that the load is a share of")
		}
		spec.Rate = slot.Cell.Load * saturation
	}
	program, foreign := r.Programs[slot.Cell.Strategy]
	if !foreign && r.Isolation != IsolationNone {
		return sameBuild(r.Build, runChild(ctx, r.Command, spec))
	}
	strategy, err := pick.Find(r.Known, slot.Cell.Strategy)
	if err != nil {
		return trial.Failed(results.FailureError, "%v", err)
	}
	if !foreign {
		reply := trial.Guard(ctx, strategy, spec, false)
		reply.Build = r.Build
		return reply
	}
	return program.trial(ctx, spec).HeldAgainst(strategy.Descriptor, slot.Cell)
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
