package process

import (
	"math"
	"runtime"
	"sync"
)

// Heap returns the bytes of live objects. It collects until nothing more goes:
// what pools hold, and what only finalizers hold, takes several collections,
// and if it went later it would hide what a fan-in keeps.
func Heap() uint64 {
	least := uint64(math.MaxUint64)
	for i := range 10 {
		now := HeapAtMost()
		if i >= 3 && now+1<<12 >= least {
			break
		}
		least = min(least, now)
	}
	return least
}

// HeapAtMost is Heap after one collection, which leaves what takes several: cheap, and
// enough where it is little.
func HeapAtMost() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// StartMany has so many goroutines run at once, and end. The runtime keeps a few
// hundred bytes for the most goroutines there ever were, and a fan-in with one for each
// producer would seem to keep them.
func StartMany(goroutines int) {
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
