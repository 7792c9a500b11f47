package inspect

import (
	"runtime"
	"time"
)

// HeapInUse returns the bytes of live heap objects.
func HeapInUse() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// LiveHeap collects until nothing more goes, and returns the bytes of what is left.
func LiveHeap() int64 {
	least := HeapInUse()
	for range 8 {
		now := HeapInUse()
		if now+1<<10 > least {
			return min(now, least)
		}
		least = now
	}
	return least
}

// ShrinkWithin is how long a fan-in may take to give memory back.
const ShrinkWithin = time.Second

// Shrunk weighs the heap until it is no more than so much, or for as long as
// memory may take to be given back.
func Shrunk(allowed int64) int64 {
	now := LiveHeap()
	for begun := time.Now(); now > allowed && time.Since(begun) < ShrinkWithin; now = LiveHeap() {
		time.Sleep(ShrinkWithin / 20)
	}
	return now
}
