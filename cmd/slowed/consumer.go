package main

import (
	"sync"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// slowly makes a constructor's fan-ins take longer by a share of their time: their
// consumer takes a break whenever it owes one. A bounded fan-in is full a moment
// later, so that its producers stand still as well; an unbounded one would go on
// filling, and its run take longer by less.
func slowly[T any](make func(strategies.Options) strategies.FanIn[T], share float64) func(strategies.Options) strategies.FanIn[T] {
	return func(o strategies.Options) strategies.FanIn[T] {
		f := make(o)
		return &slowFanIn[T]{FanIn: f, consumer: sync.OnceValue(func() strategies.Consumer[T] {
			return &slowConsumer[T]{Consumer: f.Consumer(), debt: newDebt(share)}
		})}
	}
}

type slowFanIn[T any] struct {
	strategies.FanIn[T]
	consumer func() strategies.Consumer[T]
}

func (f *slowFanIn[T]) Consumer() strategies.Consumer[T] { return f.consumer() }

type slowConsumer[T any] struct {
	strategies.Consumer[T]
	debt
}

func (c *slowConsumer[T]) Recv(buf []T) (int, error) {
	if wait := c.due(time.Now()); wait > 0 {
		// Slow code uses its processor; a sleep would leave it to others, and on
		// a busy machine cost nothing.
		for time.Since(c.last) < wait { // spin
		}
		c.paid(time.Now())
	}
	return c.Consumer.Recv(buf)
}

// breakOf is how long a break is: long enough that a channel of default capacity,
// which fills in less than a tenth of it, does not make up for it.
const breakOf = 2 * time.Millisecond

// debt counts the time that is to be wasted. What a break took too long is
// credited.
type debt struct {
	share float64
	owed  time.Duration
	last  time.Time // when the last break ended, or the last look was
}

// newDebt owes half a break: as a trial ends with half a one unpaid on average, none
// is missing.
func newDebt(share float64) debt { return debt{share: share, owed: breakOf / 2} }

// due counts the time since the last look as worked, and returns the break to take
// now, 0 for none.
func (d *debt) due(now time.Time) time.Duration {
	if !d.last.IsZero() {
		d.owed += time.Duration(d.share * float64(now.Sub(d.last)))
	}
	d.last = now
	if d.owed < breakOf {
		return 0
	}
	return breakOf
}

// paid ends a break that began at the last look.
func (d *debt) paid(now time.Time) {
	d.owed -= now.Sub(d.last)
	d.last = now
}
