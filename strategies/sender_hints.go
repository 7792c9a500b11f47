package strategies

import (
	"math/bits"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// laneHints tells goroutines which lane of a Sender to try first. The place of a
// goroutine follows from where its stack lies: it costs a nanosecond, where a
// sync.Pool, which would tell the processor, costs nine, and the lines of a lane move
// to another core no more often than a goroutine that uses it does. The stacks of
// goroutines that live for one item come from a list of their processor.
//
// A hint is only that: two goroutines may have the same, and a stack may move.
type laneHints[L any] struct {
	places []atomic.Pointer[L]
	shift  uint
}

// hintsPerProcessor is how many places there are for each processor, so that goroutines
// that run at the same time seldom have the same.
const hintsPerProcessor = 32

// newLaneHints begins with one lane for all.
func newLaneHints[L any](first *L) laneHints[L] {
	width := bits.Len(uint(hintsPerProcessor*runtime.GOMAXPROCS(0) - 1))
	h := laneHints[L]{places: make([]atomic.Pointer[L], 1<<width), shift: uint(64 - width)}
	for i := range h.places {
		h.places[i].Store(first)
	}
	return h
}

// place returns the hint of the goroutine.
func (h *laneHints[L]) place() *atomic.Pointer[L] {
	var here byte
	const leastStack = 11 // bits of the address within it
	stack := uint64(uintptr(unsafe.Pointer(&here))) >> leastStack
	return &h.places[stack*0x9e3779b97f4a7c15>>h.shift]
}
