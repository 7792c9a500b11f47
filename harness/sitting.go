package harness

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

const (
	// mostTurns bounds how many there are.
	mostTurns = 10_000
	// mostIdle is the share of a processor that a trial may use while it waits for its
	// turns: one that is at rest uses a hundredth, one that spins uses all of it. Beside
	// that it may use answerTime for each answer, and for the end of a collection that
	// was under way when its slice ended.
	mostIdle   = 0.2
	answerTime = time.Millisecond
)

// sitting are the trials of a block whose cells differ in nothing but the strategy. They
// live side by side and take turns, so that whatever the machine does meanwhile it does
// to all of them.
type sitting struct {
	runners []*Runner
	random  *rand.Rand
	watcher *watcher
	places  []*place
	split   string // why not all that belong here are here; empty if they are
}

// place is a trial of a sitting.
type place struct {
	runner   *Runner
	slot     scenario.Slot
	spec     trial.Spec
	seat     seat
	mend     func(trial.Reply) trial.Reply // holds a reply against who gave it; nil: there is nothing to hold
	started  time.Time
	active   time.Duration // in its own turns
	answered time.Time     // when it last did
	ready    *trial.Ready
	reply    *trial.Reply // nil while it lives

	messages, elapsed []int64 // by turn

	idle, wait time.Duration // processor time that it used waiting for its turn, and how long it waited
}

// sit has each runner run the trials of some slots, all side by side, as many at a time as
// there is memory for, and hands them on.
func sit(ctx context.Context, slots []scenario.Slot, runners []*Runner) error {
	limit := runners[0].MemoryLimit
	parts := partition(slots, memoryFor(limit)/int64(len(runners)), limit)
	for _, part := range parts {
		s := &sitting{runners: runners, random: rand.New(rand.NewPCG(part[0].Seed, 0)), watcher: newWatcher()}
		if len(parts) > 1 {
			s.split = fmt.Sprintf("there was no memory for the trials of all %d cells side by side: it took turns with those of %d", len(slots), len(part)-1)
		}
		s.run(ctx, part)
		s.watcher.end()
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, p := range s.places {
			if err := p.runner.store(p.slot, p.trial()); err != nil {
				return err
			}
		}
	}
	return nil
}

// run runs the trials to their end, or until the context's.
func (s *sitting) run(ctx context.Context, slots []scenario.Slot) {
	if s.runners[0].Isolation == IsolationNone {
		// Each trial sets it and puts it back, but they begin and end in any order.
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(slots[0].Cell.GOMAXPROCS))
	}
	defer func() {
		for _, p := range s.places {
			p.seat.leave()
		}
	}()
	for _, slot := range slots {
		for _, i := range s.random.Perm(len(s.runners)) {
			if ctx.Err() != nil {
				return
			}
			s.admit(ctx, s.runners[i], slot)
		}
	}
	s.takeTurns(ctx)
	for _, p := range s.places {
		if p.reply == nil && ctx.Err() == nil {
			p.step(func() answer { return over(p.seat.end()) })
		}
	}
	if ctx.Err() == nil {
		s.record()
	}
}

// admit has a trial begin.
func (s *sitting) admit(ctx context.Context, r *Runner, slot scenario.Slot) {
	if r.Begin != nil {
		r.Begin(slot)
	}
	p := r.place(ctx, slot, s.watcher)
	s.places = append(s.places, p)
	p.step(p.seat.begin)
}

// takeTurns has the trials run their slices in turns.
func (s *sitting) takeTurns(ctx context.Context) {
	var living, led []*place
	longest, length := time.Duration(1), time.Duration(0)
	for _, p := range s.places {
		if p.reply != nil {
			continue
		}
		living = append(living, p)
		longest, length = max(longest, time.Duration(p.ready.SliceNs)), time.Duration(p.slot.Cell.DurationNs)
		if p.spec.Slices.Version > 1 {
			led = append(led, p)
		}
	}
	// Who waited for the others to warm up is slower at first, by 25 to 50 % where a queue has no
	// bound: that slice is not measured.
	s.turn(ctx, led)
	for _, p := range led {
		p.messages, p.elapsed = nil, nil
	}
	for range min(trial.Turns(length, longest), mostTurns) {
		s.turn(ctx, living)
	}
}

// turn lets one trial after the other run a slice, in an order that is drawn anew.
func (s *sitting) turn(ctx context.Context, places []*place) {
	for _, i := range s.random.Perm(len(places)) {
		if p := places[i]; p.reply == nil && ctx.Err() == nil {
			p.step(p.seat.slice)
		}
	}
}

// record puts the turns on record, under a name that no other sitting has.
func (s *sitting) record() {
	name := ""
	if len(s.places) > 1 {
		name = strconv.FormatInt(s.places[0].started.UnixNano(), 36)
	}
	for _, p := range s.places {
		if p.mend != nil {
			*p.reply = p.mend(*p.reply)
		}
		m := p.reply.Measurement
		if m == nil || p.ready == nil {
			continue
		}
		m.Slices = results.NewSlices(name, p.messages, p.elapsed)
		if err := m.Validate(); err != nil {
			p.fail(results.FailureProtocol, "the child's slices: %v", err)
		} else if p.restless() {
			p.fail(results.FailurePromise, "%s: in the %v that it waited for its turns, when nobody sent or received, it used %v of processor time",
				strategies.PromisePark, p.wait.Round(time.Millisecond), p.idle.Round(time.Millisecond))
		}
		if s.split != "" {
			m.Warnings = append(m.Warnings, s.split)
		}
	}
}

// fail takes its measurement from a trial.
func (p *place) fail(kind results.FailureKind, format string, args ...any) {
	p.reply.Measurement, p.reply.Failure = nil, trial.Failed(kind, format, args...).Failure
}

// restless reports whether the trial used the processor while it was not its turn.
func (p *place) restless() bool {
	return p.idle > time.Duration(mostIdle*float64(p.wait))+answerTime*time.Duration(len(p.messages))
}

// step takes a step of a trial and notes what came of it.
func (p *place) step(take func() answer) {
	begun := time.Now()
	a := take()
	if p.ready != nil && a.slice != nil {
		p.idle += time.Duration(a.slice.IdleCPUNs)
		p.wait += begun.Sub(p.answered)
	}
	p.answered = time.Now()
	p.active += p.answered.Sub(begun)
	switch {
	case a.ready != nil && p.ready == nil && a.ready.SliceNs > 0:
		p.ready = a.ready
	case a.slice != nil && p.ready != nil:
		p.messages, p.elapsed = append(p.messages, a.slice.Messages), append(p.elapsed, a.slice.ElapsedNs)
	case a.reply != nil:
		p.reply = a.reply
	default:
		failed := trial.Failed(results.FailureProtocol, "the child answered what it was not asked for")
		p.reply = &failed
	}
}

// trial returns what goes into the record.
func (p *place) trial() results.Trial {
	reply := *p.reply
	return results.Trial{
		Schema: results.SchemaVersion,
		Cell:   p.slot.Cell, Block: p.slot.Block, Position: p.slot.Position, Seed: p.slot.Seed,
		Started: p.started.UTC(), WallNs: int64(p.active),
		Measurement: reply.Measurement, Failure: reply.Failure, Memory: reply.Memory, Build: reply.Build,
	}
}

// partition divides slots into as few sittings as there is memory for.
func partition(slots []scenario.Slot, room, limit int64) [][]scenario.Slot {
	var parts [][]scenario.Slot
	left := int64(0)
	for _, slot := range slots {
		takes := trial.Footprint(slot.Cell, limit)
		if len(parts) == 0 || left < takes {
			parts = append(parts, nil)
			left = room
		}
		left -= takes
		parts[len(parts)-1] = append(parts[len(parts)-1], slot)
	}
	return parts
}

// memoryFor returns how much memory trials may take that wait for their turns, where the
// one whose turn it is may take so much: what is left beside that, or half of what there
// is.
func memoryFor(limit int64) int64 {
	room := machine.FreeMemory()
	return max(room-limit, room/2)
}
