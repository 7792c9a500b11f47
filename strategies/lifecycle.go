package strategies

import (
	"math"
	"sync/atomic"
)

// lifecycle knows when a fan-in ends: how many producers are open, and whether
// the consumer has left.
//
// Ordering: a producer's sends come before its leave, an atomic read-modify-
// write on state. The consumer that loads the end from state therefore sees
// every item ever sent when it looks again, and only if it then finds nothing
// is it io.EOF. Looking first and asking for the end second would lose what is
// sent in between.
type lifecycle struct {
	// left is set once, by the consumer's Close. Every send loads it; it is
	// written once in a fan-in's life, so the line stays shared.
	left atomic.Bool
	// waitTimer lies beside left because a send that finds no room has that line, and in
	// what was padding, so that nothing else moved for it.
	waitTimer

	_ [padding - 8]byte
	// state is the number of open producers; below 0, for good, it tells the end.
	// Written by all that come and go, so it is kept apart from left.
	state atomic.Int64
}

// lifecycleEnded is so far below 0 that those who come too late do not get there.
const lifecycleEnded = math.MinInt64 / 2

// join counts a producer in. It reports false if the fan-in has ended.
func (l *lifecycle) join() bool {
	if l.state.Add(1) > 0 {
		return true
	}
	l.state.Add(-1)
	return false
}

// leave counts a producer out and reports whether it was the last. One that joins
// between the two steps came before the end, and leaves again.
func (l *lifecycle) leave() bool {
	return l.state.Add(-1) == 0 && l.state.CompareAndSwap(0, lifecycleEnded)
}

// stop ends the fan-in, whoever is open, and reports false if it has ended. Whoever calls
// it has seen to it that what is sent from now on is refused, or that finish finds it.
func (l *lifecycle) stop() bool {
	for n := l.state.Load(); n >= 0; n = l.state.Load() {
		if l.state.CompareAndSwap(n, lifecycleEnded+n) {
			return true
		}
	}
	return false
}

// ended reports whether the last producer has closed, or the consumer has stopped.
func (l *lifecycle) ended() bool { return l.state.Load() < 0 }
