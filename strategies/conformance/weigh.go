package conformance

import (
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
)

// little is what may be kept in any case: contexts, timers, records of the runtime.
const little = 32 << 10

// mostKeptTime is how long a fan-in may take to let go of what is gone: a second, and
// another one for a machine that is busy. A short watchdog shortens it.
const mostKeptTime = 2 * time.Second

func (e *env) keptTime() time.Duration { return min(mostKeptTime, e.watchdog/8) }

// grownSince weighs the heap.
func grownSince(before uint64) uint64 {
	now := process.Heap()
	return now - min(now, before)
}

// kept weighs the heap until it is at most allowed above before, or the time is up,
// and returns by how much it is above.
func (e *env) kept(before, allowed uint64) uint64 {
	wait := 5 * time.Millisecond
	for deadline := time.Now().Add(e.keptTime()); ; wait = min(2*wait, 100*time.Millisecond) {
		kept := grownSince(before)
		e.alive()
		if kept <= allowed || time.Now().After(deadline) {
			return kept
		}
		time.Sleep(wait)
	}
}

// slope runs a stretch of work, of so many units as it returns, again and again and
// weighs what is left after each. What grows by more than a little for each unit, over
// several stretches and whenever it is looked at, is a leak; what grows once is not.
func (e *env) slope(perUnit float64, unit string, stretch func() (units int, err error)) error {
	const stretches, tries = 3, 4
	if _, err := stretch(); err != nil { // warms up
		return err
	}
	grown, units := 0.0, 0
	for try := range tries {
		before := process.Heap()
		units = 0
		for range stretches {
			n, err := stretch()
			if err != nil {
				return err
			}
			units += n
		}
		allowed := perUnit * float64(units)
		if grown = float64(grownSince(before)); grown > allowed && try == tries-1 {
			grown = float64(e.kept(before, uint64(allowed)))
		}
		if grown <= allowed {
			return nil
		}
	}
	return e.broke(strategies.PromiseShrink, "%.2g bytes more on the heap for each %s of one fan-in, without end", grown/float64(units), unit)
}
