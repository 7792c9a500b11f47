package conformance

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/inflight"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
)

// errGivenUp ends a check whose watchdog, or caller, gave up on it. The
// finding, if there is one, has been made by then.
var errGivenUp = errors.New("check abandoned")

// env is what a check works in. Its methods may be called by any goroutine of
// the check, except that rng belongs to the one the check was started in.
type env struct {
	strategy strategies.Strategy
	check    check
	seed     uint64
	rng      *rand.Rand
	short    bool
	watchdog time.Duration

	givenUp chan struct{} // closed when nobody waits for the check any more

	beats atomic.Uint64          // grows with every step the check gets ahead
	stage atomic.Pointer[string] // what the check is doing, for a hang's report
	last  atomic.Pointer[words]  // the scripted fan-in built last, to be probed when it hangs

	// probed is the hang for which a probe was sent: a receive that returns what it
	// waited for only then was not woken.
	probed atomic.Pointer[Finding]

	mu    sync.Mutex
	found *Finding // the first; what follows from it would only confuse
}

func newEnv(k *kit, c check) *env {
	h := fnv.New64a()
	h.Write([]byte(c.name))
	seed := k.opts.Seed ^ h.Sum64()
	e := &env{
		strategy: k.strategy,
		check:    c,
		seed:     seed,
		rng:      rand.New(rand.NewPCG(seed, 0)),
		short:    k.opts.Short,
		watchdog: k.opts.Watchdog,
		givenUp:  make(chan struct{}),
	}
	e.doing("starting")
	return e
}

// n scales an amount of work that is meant for a full run.
func (e *env) n(full int) int {
	if e.short {
		full /= 4
	}
	if process.RaceEnabled {
		full /= 4
	}
	return max(1, full)
}

// words builds a fan-in of words under Block, if that is offered, with the given
// capacity.
func (e *env) words(capacity int) strategies.FanIn[strategies.Word] {
	return e.under(e.strategy.DefaultPolicy(), capacity)
}

// underEach makes a check under each policy that the strategy offers.
func (e *env) underEach(check func(strategies.Policy) error) error {
	for _, policy := range strategies.Policies() {
		if !e.strategy.Offers(policy) {
			continue
		}
		if err := check(policy); err != nil {
			return err
		}
	}
	return nil
}

// under builds a fan-in of words with the given capacity under a policy.
func (e *env) under(p strategies.Policy, capacity int) strategies.FanIn[strategies.Word] {
	return e.scripted(strategies.Options{Capacity: capacity, Policy: p})
}

// scripted builds a fan-in of words for a check that says when there is room.
func (e *env) scripted(o strategies.Options) strategies.FanIn[strategies.Word] {
	fan := inflight.FreeAtOnce(e.strategy.Descriptor, e.strategy.Word)(o)
	e.last.Store(&fan)
	return fan
}

// alive tells the watchdog that the check gets ahead.
func (e *env) alive() { e.beats.Add(1) }

// doing is alive, and says what the check turns to.
func (e *env) doing(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	e.stage.Store(&s)
	e.alive()
}

// broke is the error of a broken promise. For one that the strategy does not
// make it is nil.
func (e *env) broke(p strategies.Promise, format string, args ...any) error {
	if !e.strategy.Keeps(p) {
		return nil
	}
	return Finding{Promise: p, Check: e.check.name, Detail: fmt.Sprintf(format, args...)}
}

// fail records an error. One that is no finding is held against the promise
// that the check tries.
func (e *env) fail(err error) {
	if err == nil || errors.Is(err, errGivenUp) {
		return
	}
	var f Finding
	if !errors.As(err, &f) {
		f = Finding{Promise: e.check.promise, Check: e.check.name, Detail: err.Error()}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.found == nil {
		e.found = &f
	}
}

func (e *env) finding() *Finding {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.found
}

// guard runs f and records its error, or its panic, and reports whether there
// was none.
func (e *env) guard(f func() error) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			e.fail(fmt.Errorf("panic: %v, at %s", r, panicSite(debug.Stack())))
		}
	}()
	err := f()
	e.fail(err)
	return err == nil
}

// panicSite returns the function that panicked, from the stack of a deferred
// function that recovered.
func panicSite(stack []byte) string {
	_, below, found := strings.Cut(string(stack), "\npanic(")
	if lines := strings.Split(below, "\n"); found && len(lines) > 2 {
		return lines[2]
	}
	return "an unknown place"
}

// watch waits until the check is done and returns its finding and whether it
// ended. It gives up when ctx is done, when there was no progress for the
// watchdog's time, and when something was found but the check does not come to
// an end, which broken fan-ins seldom let it.
func (e *env) watch(ctx context.Context, done <-chan struct{}) (f *Finding, ended bool) {
	defer close(e.givenUp)
	// Ticks are counted rather than time measured, so that a machine that was
	// asleep does not look like a strategy that is.
	const ticks = 20
	tick := time.NewTicker(e.watchdog / ticks)
	defer tick.Stop()
	var beats uint64
	for still, failed := 0, 0; ; {
		select {
		case <-done:
			return e.finding(), true
		case <-ctx.Done():
			return nil, false
		case <-tick.C:
		}
		if now := e.beats.Load(); now != beats {
			beats, still = now, 0
		} else if still++; still == ticks {
			e.hangs(e.watchdog / ticks)
		}
		if e.finding() != nil {
			if failed++; failed > 1 {
				return e.finding(), false
			}
		}
	}
}

// ownHangs are the promises that say how a call returns: a check of one of them that
// hangs has found that one broken. Any other has met a wake-up that was lost.
var ownHangs = []strategies.Promise{
	strategies.PromiseDrain, strategies.PromiseConsumerClose, strategies.PromiseOverflow, strategies.PromisePark,
	strategies.PromiseTry, strategies.PromiseBatch, strategies.PromiseContext, strategies.PromiseClose, strategies.PromiseMisuse,
}

// probe is an item that no check sends.
var probe = strategies.NewWord(strategies.MaxProducers-1, strategies.MaxSeq)

// hangs records that the check hangs. Before, it sends the fan-in another item: a
// receive that returns this in place of the one waited for tells that it did not
// hang, but waited for what was lost.
func (e *env) hangs(patience time.Duration) {
	promise := strategies.PromiseWake
	if slices.Contains(ownHangs, e.check.promise) || !e.strategy.Keeps(promise) {
		promise = e.check.promise
	}
	finding := Finding{Promise: promise, Check: e.check.name, Detail: fmt.Sprintf("%s no progress for %v while %s", hung, e.watchdog, *e.stage.Load())}
	e.probed.Store(&finding)
	if fan := e.last.Load(); fan != nil {
		go func() {
			defer func() { _ = recover() }() // the hang is what is reported
			_ = (*fan).Producer().TrySend(probe)
		}()
		time.Sleep(patience)
	}
	e.fail(finding)
}

// until waits for a condition that no fan-in call of this goroutine can wait
// for. Waiting is not progress: the watchdog ends it.
func (e *env) until(what string, cond func() bool) error {
	e.doing("waiting until %s", what)
	for i := 0; !cond(); i++ {
		select {
		case <-e.givenUp:
			return errGivenUp
		default:
		}
		if i < 100 {
			runtime.Gosched()
		} else {
			time.Sleep(50 * time.Microsecond)
		}
	}
	e.alive()
	return nil
}

// crew is the goroutines that a check has started.
type crew struct {
	e    *env
	wg   sync.WaitGroup
	fail atomic.Bool
}

func (e *env) crew() *crew { return &crew{e: e} }

// run starts a goroutine.
func (c *crew) run(f func() error) {
	c.wg.Go(func() {
		if !c.e.guard(f) {
			c.fail.Store(true)
		}
	})
}

// wait waits for all of them. What they found is recorded; the error only ends
// the check.
func (c *crew) wait() error {
	c.wg.Wait()
	if c.fail.Load() {
		return errGivenUp
	}
	return nil
}

// partner is a second goroutine that does its part at the same moment as the
// check does its own, again and again. Starting a goroutine for each round
// would spread the two over microseconds and miss most races.
type partner struct {
	parts chan func()
	done  chan struct{}
	gate  atomic.Int64 // arrivals: both parts start when it is even
}

// together runs the rounds of fn, which returns the two parts of a round and
// what to verify after it.
func (e *env) together(rounds int, fn func(round int) (mine, theirs, after func() error)) error {
	p := &partner{parts: make(chan func()), done: make(chan struct{}, 1)}
	defer close(p.parts)
	go func() {
		for part := range p.parts {
			part()
			p.done <- struct{}{}
		}
	}()
	for i := range rounds {
		mine, theirs, after := fn(i)
		ok := true
		p.parts <- func() { p.meet(); ok = e.guard(theirs) }
		p.meet()
		err := mine()
		e.fail(err)
		<-p.done
		if !ok || err != nil {
			return errGivenUp
		}
		if after != nil {
			if err := after(); err != nil {
				return err
			}
		}
		e.alive()
	}
	return nil
}

// meet returns when both have called it.
func (p *partner) meet() {
	want := p.gate.Add(1)
	want += want % 2
	for i := 0; p.gate.Load() < want; i++ {
		if i%64 == 63 {
			runtime.Gosched()
		}
	}
}

// pause does nothing for about k times 10 ns: sweeping k moves what follows
// over every point of what another goroutine does meanwhile. It computes rather
// than reads memory, so that it takes no longer under the race detector.
func pause(k int) {
	x := uint32(k)
	for range k * 8 {
		x = x*1664525 + 1013904223
	}
	if x == 1 { // keeps the compiler from removing the loop; it hardly ends there
		runtime.Gosched()
	}
}
