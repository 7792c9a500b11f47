package strategies

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
)

// MaxWeight is the largest capacity in weight that [Weight] accepts: 256 TiB, or what an int
// holds.
const MaxWeight = math.MaxInt & (1<<48 - 1)

// Weight configures a bound by weight: of bytes, or of any other unit that a function of
// the item counts. The zero value is not valid.
type Weight[T any] struct {
	// Of returns the weight of an item. It is called once for each item, by the
	// goroutine that sends it and before the item takes up room. A weight of 0 counts
	// as 1, so that the number of items is bounded, too; a negative one panics.
	Of func(item T) int

	// Capacity is the bound, in the unit of Of, from 1 to MaxWeight. An item that is
	// heavier counts as the capacity: it is accepted when nothing else is held, and
	// then alone.
	Capacity int

	// PerProducer gives each producer, and each Sender, a capacity of its own, so that
	// producers share no counter. Otherwise all of the fan-in share one.
	PerProducer bool
}

// Validate reports what a fan-in with this bound cannot honour: its own fields, or the
// options' policy.
func (w Weight[T]) Validate(o Options) error {
	switch {
	case w.Of == nil:
		return fmt.Errorf("bound by weight: no function that weighs an item")
	case w.Capacity < 1 || w.Capacity > MaxWeight:
		return fmt.Errorf("bound by weight: capacity %d is not in 1..%d", w.Capacity, MaxWeight)
	case o.Policy != Block && o.Policy != Fail && o.Policy != DropNewest:
		return fmt.Errorf("bound by weight: does not offer policy %q (one of %s, %s, %s)",
			o.Policy, Block, Fail, DropNewest)
	}
	return nil
}

// Weighed is an item together with its weight: what a [Weighted] fan-in sends through
// the fan-in below it. Only Weighted makes and opens it.
type Weighed[T any] struct {
	item    T
	credits *weightCredits // where the weight goes back to
	weight  int64
}

// Weighted is a fan-in with a bound by weight, over a fan-in of any strategy: what waits
// in it weighs no more than the capacity together, of all or of each producer. Memory so
// stays flat where a few bytes and a megabyte are mixed, and a bound in items allows
// for a capacity full of megabytes.
//
// A send takes the item's weight from a counter by one compare-and-swap before it goes on
// as the fan-in below does, and a receive gives the weight of all its items back by one
// addition, or one for each run of items of one producer. Senders that find no room wait in
// line, and nobody passes them: a light item does not go ahead of a heavy one for which
// there is no room yet, or the heavy one might wait for ever. A Try variant, and a send
// under [Fail] or [DropNewest], finds no room as long as somebody waits. There is no
// [DropOldest], since one heavy item might cost a thousand light ones, of other producers.
//
// Batches go in as far as they fit. Order, and how the consumer waits, are those of the
// fan-in below. If that has a bound in items, both hold, whichever is reached first.
//
// It loses to the fan-in below wherever items weigh about the same, by the counter that
// all producers share: PerProducer avoids that.
type Weighted[T any] struct {
	// Read by everybody and not written after construction.
	below    FanIn[Weighed[T]]
	weigh    func(T) int
	capacity int64
	policy   Policy
	separate bool // each producer has credits of its own
	consumer Consumer[T]
	spare    sync.Pool // of *[]Weighed[T], in which batches are weighed
	drops    drops[T]
	lifecycle

	_       [padding]byte
	credits weightCredits // of all producers, unless separate
	_       [padding]byte
	closed  atomic.Int64 // what closed producers still hold, if separate

	mu   sync.Mutex           // guards what follows
	open *weightedProducer[T] // the first of those that have not closed
}

// NewWeighted returns a fan-in with a bound by weight over one that construct makes, with
// the options o: o.Capacity bounds the items, too, if the strategy has a bound. What a send
// does when there is no room, by weight or in items, is o.Policy, one of Block, Fail and
// DropNewest.
//
//	strategies.NewWeighted(strategies.NewMPSCLinked[strategies.Weighed[Event]], strategies.Options{},
//		strategies.Weight[Event]{Of: Event.Size, Capacity: 64 << 20})
//
// NewWeighted panics with the error of [Weight.Validate], or that of [Options.Validate] for
// the strategy.
func NewWeighted[T any](construct Constructor[Weighed[T]], o Options, w Weight[T]) *Weighted[T] {
	if err := w.Validate(o); err != nil {
		panic(err)
	}
	f := &Weighted[T]{weigh: w.Of, capacity: int64(w.Capacity), policy: o.Policy, separate: w.PerProducer}
	o.Policy = Block // below, room is waited for, or asked for by a Try
	f.below = construct(o)
	f.credits.init(f.capacity, nil)
	f.spare.New = func() any { return new([]Weighed[T]) }
	c := &weightedConsumer[T]{f: f, below: f.below.Consumer()}
	f.consumer = c.with()
	return f
}

// Producer is as in [FanIn].
func (f *Weighted[T]) Producer() Producer[T] {
	below := f.below.Producer()
	return f.admit(below, below)
}

// Sender is as in [SenderOpener]. With PerProducer it has the capacity of one producer.
func (f *Weighted[T]) Sender() Sender[T] { return f.admit(NewSender(f.below), nil) }

// admit makes a producer over one of the fan-in below, or one that has closed if the fan-in
// has ended. That below ends only after this one: see weightedProducer.Close.
func (f *Weighted[T]) admit(below Sender[Weighed[T]], batches Producer[Weighed[T]]) *weightedProducer[T] {
	p := &weightedProducer[T]{f: f, below: below, batches: batches, credits: &f.credits}
	p.withPolicy = withPolicy[T]{f.policy, p}
	if f.separate {
		p.own.init(f.capacity, &f.closed)
		p.credits = &p.own
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.join() {
		p.closed.Store(true)
		below.Close()
		return p
	}
	if p.next = f.open; p.next != nil {
		p.next.prev = p
	}
	f.open = p
	return p
}

// dismiss takes a producer out of the open ones. What it holds counts on as that of closed
// ones.
func (f *Weighted[T]) dismiss(p *weightedProducer[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.separate {
		p.own.close()
	}
	if p.prev != nil {
		p.prev.next = p.next
	} else {
		f.open = p.next
	}
	if p.next != nil {
		p.next.prev = p.prev
	}
	p.prev, p.next = nil, nil
}

// Consumer is as in [FanIn].
func (f *Weighted[T]) Consumer() Consumer[T] { return f.consumer }

// Backlog is as in [FanIn]: it counts items. Each weighs something, so there are no more of
// them than Held, whatever the fan-in below says while they move.
func (f *Weighted[T]) Backlog() int { return min(f.below.Backlog(), f.Held()) }

// OnDrop is as in [DropObserver].
func (f *Weighted[T]) OnDrop(call func(item T)) { f.drops.OnDrop(call) }

// Stats is as in [StatsKeeper]: what the fan-in below knows, and what was dropped or rejected
// for want of room. How many sends wait is not known.
func (f *Weighted[T]) Stats() Stats {
	s := f.drops.stats(f.Backlog(), f.policy)
	below, ok := f.below.(StatsKeeper)
	if !ok {
		return s
	}
	known := below.Stats()
	if f.times.Load() != nil && known.BlockedKnown {
		s = f.withWaits(s)
		s.Blocked += known.Blocked
	}
	s.Counted, s.Delivered = known.Counted, known.Delivered
	if s.Counted {
		s.Accepted = known.Accepted + s.Dropped // below, nothing is dropped
	}
	return s
}

// TimeWaits is as in [WaitTimer], for room by weight and in the fan-in below.
func (f *Weighted[T]) TimeWaits() {
	f.waitTimer.TimeWaits()
	if below, ok := f.below.(WaitTimer); ok {
		below.TimeWaits()
	}
}

// Held returns the weight of the backlog, in which an item heavier than the capacity counts
// as that. While sends are under way it includes what they have taken and not used yet.
// After the consumer closed it is 0. Anyone may ask at any time; with PerProducer it
// takes the longer the more producers are open.
func (f *Weighted[T]) Held() int {
	if f.left.Load() {
		return 0
	}
	if !f.separate {
		return int(f.credits.held())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := f.closed.Load()
	for p := f.open; p != nil; p = p.next {
		sum += p.own.held()
	}
	return int(sum)
}

// stop closes every producer, and those below by that. It opens one below before: the end
// is to come even if none was ever opened.
func (f *Weighted[T]) stop() {
	last := f.below.Producer()
	f.mu.Lock()
	f.lifecycle.stop() // who comes later is not admitted
	var all []*weightedProducer[T]
	for p := f.open; p != nil; p = p.next {
		all = append(all, p)
	}
	f.mu.Unlock()
	for _, p := range all {
		p.Close()
	}
	last.Close()
}

// abandon ends the consumer's Close: it releases who waits for room.
func (f *Weighted[T]) abandon() {
	f.credits.release(nil)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.separate {
		for p := f.open; p != nil; p = p.next {
			p.own.release(nil)
		}
	}
}

// weightOf returns what an item counts.
func (f *Weighted[T]) weightOf(item T) int64 {
	w := int64(f.weigh(item))
	if w < 0 {
		panic(fmt.Sprintf("strategies: an item weighs %d", w))
	}
	return min(max(w, 1), f.capacity)
}
