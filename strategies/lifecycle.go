package strategies

import "sync/atomic"

// lifecycle knows when a fan-in ends: how many producers are open, and whether
// the consumer has left.
//
// Ordering: a producer's sends come before its leave, an atomic read-modify-
// write on state. The consumer that loads the end from state therefore sees
// every item ever sent when it looks again, and only if it then finds nothing
// is it io.EOF. Looking first and asking for the end second would lose what is
// sent in between.
type lifecycle struct {
	// state is the number of open producers, or lifecycleEnded for good.
	state atomic.Int64
	// left is set once, by the consumer's Close. Every send loads it; it is
	// written once in a fan-in's life, so the line stays shared.
	left atomic.Bool
}

const lifecycleEnded = -1

// join counts a producer in. It reports false if the fan-in has ended.
func (l *lifecycle) join() bool {
	for {
		open := l.state.Load()
		if open == lifecycleEnded {
			return false
		}
		if l.state.CompareAndSwap(open, open+1) {
			return true
		}
	}
}

// leave counts a producer out and reports whether it was the last.
func (l *lifecycle) leave() bool {
	for {
		open := l.state.Load()
		next := open - 1
		if next == 0 {
			next = lifecycleEnded
		}
		if l.state.CompareAndSwap(open, next) {
			return next == lifecycleEnded
		}
	}
}

// ended reports whether the last producer has closed.
func (l *lifecycle) ended() bool { return l.state.Load() == lifecycleEnded }
