package conformance

import (
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// little is what may be kept in any case: contexts, timers, records of the runtime.
const little = 32 << 10

// heap returns the bytes of live objects. It collects until nothing more goes:
// what pools hold, and what only finalizers hold, takes several collections,
// and if it went later it would hide what a fan-in keeps.
func heap() uint64 {
	least := uint64(math.MaxUint64)
	for i := range 10 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if i >= 3 && m.HeapAlloc+1<<12 >= least {
			break
		}
		least = min(least, m.HeapAlloc)
	}
	return least
}

// startMany has so many goroutines run at once, and end. The runtime keeps a few
// hundred bytes for the most goroutines there ever were, and a fan-in with one for each
// producer would seem to keep them.
func startMany(goroutines int) {
	// Each processor may hold that many of those that ended back from the others.
	goroutines += 64 * runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	end := make(chan struct{})
	for range goroutines {
		wg.Go(func() { <-end })
	}
	close(end)
	wg.Wait()
}

// keptTime is how long a fan-in may take to let go of what is gone: a second, and
// another one for a machine that is busy. A short watchdog shortens it.
const keptTime = 2 * time.Second

func (e *env) patience() time.Duration { return min(keptTime, e.watchdog/8) }

// grownSince weighs the heap.
func grownSince(before uint64) uint64 {
	now := heap()
	return now - min(now, before)
}

// kept weighs the heap until it is at most allowed above before, or the time is up,
// and returns by how much it is above.
func (e *env) kept(before, allowed uint64) uint64 {
	wait := 5 * time.Millisecond
	for deadline := time.Now().Add(e.patience()); ; wait = min(2*wait, 100*time.Millisecond) {
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
		before := heap()
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
