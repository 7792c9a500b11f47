package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/schedule"
)

// DefaultWatchdog is how long a check may go without any progress before it is
// reported as hung. A correct strategy makes progress within microseconds; the
// rest is for machines that are busy with something else.
const DefaultWatchdog = 30 * time.Second

// DefaultSchedule is how long to look for a schedule where nobody says.
const DefaultSchedule = 8 * time.Second

// Finding is one broken promise.
type Finding struct {
	// Promise is what was broken. It need not be the promise that the check is
	// listed under: traffic sent to test one may break another.
	Promise strategies.Promise
	// Check names the check that found it.
	Check string
	// Detail says in one line what happened. It starts with "hung:" if the
	// watchdog ended the check.
	Detail string
	// Schedule is the text of a short schedule that breaks a promise, too, as package
	// schedule describes it; empty if none was looked for, or found.
	Schedule string
}

// hung is how the detail of a check that the watchdog ended begins.
const hung = "hung:"

// Error returns the finding as one line.
func (f Finding) Error() string {
	return fmt.Sprintf("promise %s broken (check %s): %s", f.Promise, f.Check, f.Detail)
}

// Options configures [Check]. The zero value is ready to use.
type Options struct {
	// Short does about a quarter of the work, and leaves what the process takes unmeasured
	// under the race detector.
	Short bool
	// Seed decides what is random in the checks.
	Seed uint64
	// Watchdog is how long a check may go without progress; 0 means
	// DefaultWatchdog.
	Watchdog time.Duration
	// Schedule is how long to look for a schedule once a promise is found broken; 0: not
	// at all. See Finding.Schedule.
	Schedule time.Duration
	// Promises restricts the kit to the checks of these; nil means all.
	Promises []strategies.Promise
	// Progress, if set, is called when a check starts and when it ended, by
	// the goroutine that called Check.
	Progress func(Event)
}

// State says where a check stands.
type State uint8

// The states of a check.
const (
	Started State = iota
	Passed
	Broken
	Skipped
)

// String returns the state's name in a progress line.
func (s State) String() string {
	return [...]string{"started", "passed", "broken", "skipped"}[s]
}

// Event tells of a check that started or ended.
type Event struct {
	Check   string
	Promise strategies.Promise
	State   State
	// Detail says why the check was skipped, or what it found.
	Detail string
	// Took is how long the check ran; 0 when it started or was skipped.
	Took time.Duration
}

// Test runs every check as a subtest named after it, and skips those after one that
// hung. Under -short it does about a quarter of the work.
func Test(t *testing.T, s strategies.Strategy) {
	t.Helper()
	k := newKit(s, Options{Short: testing.Short(), Schedule: DefaultSchedule})
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			switch skip, finding := k.run(t.Context(), c); {
			case skip != "":
				t.Skip(skip)
			case finding != nil:
				t.Errorf("%v\n%s", finding, finding.Schedule)
			}
		})
	}
}

// Check runs every check against s and returns what it found, the first first:
// nothing, if all promises are kept. After a check that hung it makes no other. It
// ends early when ctx is done; ask ctx whether it did.
func Check(ctx context.Context, s strategies.Strategy, opts Options) []Finding {
	k := newKit(s, opts)
	var findings []Finding
	for _, c := range checks {
		if ctx.Err() != nil {
			break
		}
		if opts.Promises != nil && !slices.Contains(opts.Promises, c.promise) {
			continue
		}
		if f := k.report(ctx, c); f != nil {
			findings = append(findings, *f)
		}
	}
	return findings
}

// kit runs checks, one at a time, against one strategy.
type kit struct {
	strategy strategies.Strategy
	opts     Options
	// hung says that an earlier check hung: the rest would hang too, each for the
	// watchdog's time.
	hung bool
	// searched says that a schedule was looked for.
	searched bool
	// left says that an earlier check was given up, so its goroutines may still be
	// about: what measures the whole process would measure them.
	left bool
}

func newKit(s strategies.Strategy, opts Options) *kit {
	if opts.Watchdog == 0 {
		opts.Watchdog = DefaultWatchdog
	}
	return &kit{strategy: s, opts: opts}
}

// report runs one check and tells of it.
func (k *kit) report(ctx context.Context, c check) *Finding {
	tell := k.opts.Progress
	if tell == nil {
		tell = func(Event) {}
	}
	tell(Event{Check: c.name, Promise: c.promise, State: Started})
	start := time.Now()
	skip, finding := k.run(ctx, c)
	e := Event{Check: c.name, Promise: c.promise, State: Passed}
	switch {
	case skip != "":
		e.State, e.Detail = Skipped, skip
	case finding != nil:
		e.State, e.Detail, e.Took = Broken, finding.Detail, time.Since(start)
	case ctx.Err() != nil:
		e.State, e.Detail = Skipped, ctx.Err().Error()
	default:
		e.Took = time.Since(start)
	}
	tell(e)
	return finding
}

// run runs one check and returns why it was skipped, or what it found.
func (k *kit) run(ctx context.Context, c check) (skip string, finding *Finding) {
	if why := k.strategy.Unbuildable; why != "" {
		return "cannot be built: " + why, nil
	}
	if why, lacks := k.strategy.Lacks[strategies.PromiseIntact]; lacks && process.RaceEnabled {
		return "not for the race detector: " + why, nil
	}
	for _, p := range append([]strategies.Promise{c.promise}, c.needs...) {
		if why, lacks := k.strategy.Lacks[p]; lacks {
			return fmt.Sprintf("does not promise %s: %s", p, why), nil
		}
	}
	if c.unless != nil {
		if why := c.unless(k.strategy.Descriptor); why != "" {
			return why, nil
		}
	}
	if c.without != nil {
		if why := c.without(k.strategy); why != "" {
			return why, nil
		}
	}
	switch {
	case k.hung:
		return "an earlier check hung", nil
	case c.alone && k.opts.Short && process.RaceEnabled:
		return "the race detector changes what the process takes, which this measures", nil
	case c.alone && k.left:
		return "an earlier check was abandoned, and this one would measure its leftovers", nil
	}
	e := newEnv(k, c)
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.guard(func() error { return c.run(e) })
	}()
	finding, ended := e.watch(ctx, done)
	k.left = k.left || !ended
	k.hung = k.hung || finding != nil && strings.HasPrefix(finding.Detail, hung)
	if finding != nil && !k.searched && k.opts.Schedule > 0 {
		k.searched = true // the first finding is the one to begin from
		if s, found := schedule.Find(ctx, k.strategy, k.opts.Seed, k.opts.Schedule); found {
			finding.Schedule = s.String()
		}
	}
	return "", finding
}
