package strategies

import "sync"

// DropObserver is what a FanIn may also be, so that what a policy drops is not lost to
// the program: a buffer goes back to its pool, who waits for a reply is told. All of this
// package are.
type DropObserver[T any] interface {
	// OnDrop has call be called with each item that a policy drops, once: under
	// DropNewest the one that is being sent, under DropOldest the oldest. It is called by
	// the goroutine whose send drops it, before that send returns, and so by several at
	// once, and without any lock of the fan-in: it may call what it likes, and keep the
	// item. A send into the same fan-in may drop again. What a send returned an error
	// for, and what the consumer's Close throws away, is not dropped.
	//
	// OnDrop is called before the first producer is opened. A nil call panics.
	OnDrop(call func(item T))
}

// OnDrop has call be called with each item that a policy of f drops, and returns f: see
// [DropObserver]. It panics if f is none.
func OnDrop[T any](f FanIn[T], call func(item T)) FanIn[T] {
	o, ok := f.(DropObserver[T])
	if !ok {
		panic("strategies: a fan-in that does not tell what it drops")
	}
	o.OnDrop(call)
	return f
}

// drops implements DropObserver, and knows how many items were dropped. It costs nothing but where an item is dropped.
type drops[T any] struct {
	call  func(T)   // nil, or set before there are producers
	spare sync.Pool // of *goneItems[T], empty
	overflowCounts
	highWater
}

// stats adds what was dropped, or rejected, to what is known of every fan-in.
func (d *drops[T]) stats(backlog int, policy Policy) Stats {
	s := d.highWater.stats(backlog)
	if policy.drops() {
		s.Dropped = d.sum()
	} else {
		s.Rejected = d.sum()
	}
	return s
}

// OnDrop implements DropObserver.
func (d *drops[T]) OnDrop(call func(item T)) {
	if call == nil {
		panic("strategies: a nil function to call with what is dropped")
	}
	d.call = call
}

// tell tells of an item that was dropped, no lock being held.
func (d *drops[T]) tell(item T) {
	if d.call != nil {
		d.call(item)
	}
}

// tellAll is tell for several.
func (d *drops[T]) tellAll(items []T) {
	if d.call != nil {
		for _, item := range items {
			d.call(item)
		}
	}
}

// goneItems is what was dropped while a lock was held.
type goneItems[T any] struct{ items []T }

// collect returns what goes from begin to end; nil if nobody wants to know.
func (d *drops[T]) collect() *goneItems[T] {
	if d.call == nil {
		return nil
	}
	if g, ok := d.spare.Get().(*goneItems[T]); ok {
		return g
	}
	return new(goneItems[T])
}

func (g *goneItems[T]) add(items ...T) {
	if g != nil {
		g.items = append(g.items, items...)
	}
}

// tellOf tells of what was collected, after the lock was given up.
func (d *drops[T]) tellOf(g *goneItems[T]) {
	if g == nil {
		return
	}
	d.tellAll(g.items)
	clear(g.items)
	if g.items = g.items[:0]; cap(g.items) <= keepItems[T]() {
		d.spare.Put(g)
	}
}

// dropsNothing implements DropObserver where no policy drops.
type dropsNothing[T any] struct{ highWater }

// OnDrop implements DropObserver.
func (*dropsNothing[T]) OnDrop(func(item T)) {}
