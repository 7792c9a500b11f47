package main

import (
	"sync"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// slowly makes a constructor's fan-ins take longer by a share of their time: their
// consumer takes a break whenever it owes one. A bounded fan-in is full a moment
// later, so that its producers stand still as well; an unbounded one would go on
// filling, and its run take longer by less. A slice of a trial ends with all that is
// owed, before the last items are handed over: by then nobody sends, so that every
// fan-in takes longer by the same share.
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
	received int // since the last look at the clock
	longest  int // of all buffers
}

func (c *slowConsumer[T]) Recv(buf []T) (int, error) {
	if c.last.IsZero() {
		c.last = time.Now()
	}
	n, err := c.Consumer.Recv(buf)
	c.received, c.longest = c.received+n, max(c.longest, len(buf))
	// A slice's buffer is never longer than what is left of the slice.
	ends := n == len(buf) && n < c.longest
	if ends || c.received >= lookEvery {
		c.received = 0
		c.look(ends)
	}
	return n, err
}

// look takes the break that is due. At the end of a slice that is all that is owed, and
// the time until the next slice does not count.
func (d *debt) look(ends bool) {
	wait := d.due(time.Now())
	if ends {
		wait = max(0, d.owed)
	}
	if wait > 0 {
		// Slow code uses its processor; a sleep would leave it to others, and on
		// a busy machine cost nothing.
		for time.Since(d.last) < wait { // spin
		}
		d.paid(time.Now())
	}
	if ends {
		d.last = time.Time{}
	}
}

// lookEvery is after how many items the clock is read, which takes as long as receiving
// thirty of them.
const lookEvery = 16 << 10

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
// is missing. Without a share there are no breaks.
func newDebt(share float64) debt {
	if share == 0 {
		return debt{}
	}
	return debt{share: share, owed: breakOf / 2}
}

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
