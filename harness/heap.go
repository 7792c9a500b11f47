package harness

import (
	"runtime"
	"time"
)

// heapInUse returns the bytes of live heap objects.
func heapInUse() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// liveHeap collects until nothing more goes, and returns the bytes of what is left.
func liveHeap() int64 {
	least := heapInUse()
	for range 8 {
		now := heapInUse()
		if now+1<<10 > least {
			return min(now, least)
		}
		least = now
	}
	return least
}

// shrinkWithin is how long a fan-in may take to give memory back.
const shrinkWithin = time.Second

// shrunk weighs the heap until it is no more than so much, or for as long as
// memory may take to be given back.
func shrunk(allowed int64) int64 {
	now := liveHeap()
	for begun := time.Now(); now > allowed && time.Since(begun) < shrinkWithin; now = liveHeap() {
		time.Sleep(shrinkWithin / 20)
	}
	return now
}
