package strategies

import (
	"context"
	"math/bits"
	"sync"
	"sync/atomic"
)

var mpscRingDescriptor = Descriptor{
	Name:     "mpsc-ring",
	Doc:      "a lock-free ring: producers claim places by compare-and-swap and stamp them when filled",
	Family:   FamilyLockFree,
	Source:   "D. Vyukov, bounded MPMC queue, https://www.1024cores.net/home/lock-free-algorithms/queues/bounded-mpmc-queue",
	Order:    OrderGlobal,
	Bound:    Total,
	Policies: []Policy{Fail, DropNewest, DropOldest},
	Wait:     "parks at once",
	Batch:    true,
}

var mpscRingStrategy = Strategy{
	Descriptor: mpscRingDescriptor,
	Word:       NewMPSCRing[Word],
	Message:    NewMPSCRing[Message],
	Blocks:     Blocks{NewMPSCRing[Block64], NewMPSCRing[Block1K], NewMPSCRing[Block16K], NewMPSCRing[Block64K]},
	Weighed:    NewMPSCRing[Weighed[Message]],
}

// NewMPSCRing returns a fan-in over a ring of o.Capacity items, allocated at
// once, to which producers send without a lock: a send claims the next place by
// a compare-and-swap on the tail, writes its item there and stamps the place,
// which the consumer waits for. It is Vyukov's bounded queue for one consumer,
// with one change: that there is room is told by the consumer's position, of
// which producers keep a copy, and not by the place itself. So any capacity will
// do, one included, the consumer writes one word for all that it received at
// once, and a batch is claimed by one compare-and-swap and published by one store
// as far as it fits. Senders that find no room park, first come first served.
//
// Places are taken in the order of the claims, which gives global order; the
// price is that an item is not received before those claimed before it are
// written. It loses when a producer is stopped between the two, as happens where
// there are more busy producers than processors: everybody's items then wait for
// the scheduler to let that one go on.
//
// NewMPSCRing panics with the error of [Options.Validate] if there is one.
func NewMPSCRing[T any](o Options) FanIn[T] {
	o = o.MustSuit(mpscRingDescriptor)
	lap := bits.Len(uint(o.Capacity - 1)) // the fewest bits that count to the capacity
	f := &mpscRing[T]{capacity: o.Capacity, policy: o.Policy, parker: newParker()}
	r := &slotRing[T]{slots: make([]slot[T], 1<<lap), lap: lap}
	if o.Policy == DropOldest {
		r.owners = make([]*overflowCount, len(r.slots))
	}
	f.ring.Store(r)
	f.consumer = consumer[T]{source: f, life: &f.lifecycle, sleeper: &f.parker}
	return f
}

// slotRing is the places of an mpscRing.
type slotRing[T any] struct {
	slots  []slot[T]        // as many as the capacity, rounded up to a power of two
	owners []*overflowCount // under DropOldest: whose drop the slot's item would be, or nil
	lap    int              // bits of a position that tell the slot; the rest tell the lap
}

// slot returns the index of a position's slot.
func (r *slotRing[T]) slot(pos uint64) int { return int(pos & uint64(len(r.slots)-1)) }

// turn returns the stamp of a position's lap.
func (r *slotRing[T]) turn(pos uint64) uint64 { return turnStamp(pos>>r.lap + 1) }

// run returns how many items were published from a position on, 0 if none yet.
func (r *slotRing[T]) run(pos uint64) int { return r.slots[r.slot(pos)].run(r.turn(pos)) }

type mpscRing[T any] struct {
	// Read by everybody and not written, or not while items move.

	// ring is nil once nothing is to be received any more. Whoever has loaded it
	// before that goes on with it: what is sent and received there goes with it.
	ring     atomic.Pointer[slotRing[T]]
	capacity int
	policy   Policy
	drops[T]
	lifecycle

	_ [padding]byte
	// tail is the next position to be claimed, and sealed when none is any more.
	// Written by every send.
	tail atomic.Uint64
	_    [padding]byte

	// seen is a copy of head, not newer, for all producers. A send that finds no room
	// by it brings it up to date, once in as many as there was room for.
	seen atomic.Uint64
	_    [padding]byte

	// head is the position of the oldest item, or of the next if there is none.
	// Whoever takes items stores it when their slots are free again, and the
	// load in claim of a producer that may then write there, or that of the other
	// producer whose copy it goes by, pairs with that.
	// The consumer alone takes items, but under DropOldest senders do, too.
	head atomic.Uint64
	// takers is held under DropOldest by who takes items. A mutex: reading an
	// item before its place is claimed would race with the next one written
	// there, and claiming it first would need a second mark to give it back.
	takers   sync.Mutex
	received atomic.Uint64 // by the consumer, under DropOldest; else that is head
	run      int           // items left of the run that begins before head; the consumer's
	consumer consumer[T]
	_        [padding]byte

	parker parker // state is loaded by every send
	_      [padding]byte

	// waiters is who waits for room or, under DropOldest, for the oldest place to be
	// written. count is loaded whenever that has come.
	waiters waiters
}

// room returns how many places are free with the tail and the head there.
func (f *mpscRing[T]) room(tail, head uint64) int64 { return int64(f.capacity) - int64(tail-head) }

func (f *mpscRing[T]) Producer() Producer[T] {
	p := &mpscRingProducer[T]{f: f}
	p.closed.Store(!f.join())
	p.withPolicy = withPolicy[T]{f.policy, p}
	return p
}

// Sender is as in [SenderOpener].
func (f *mpscRing[T]) Sender() Sender[T] { return f.Producer() }

func (f *mpscRing[T]) Consumer() Consumer[T] { return &f.consumer }

// Backlog counts what is claimed, written or not yet.
func (f *mpscRing[T]) Backlog() int {
	for !f.left.Load() {
		head := f.head.Load()
		n := f.tail.Load()&^sealed - head
		if f.head.Load() == head { // both are of one moment
			return int(n)
		}
	}
	return 0
}

// Stats implements StatsKeeper. What was delivered is loaded first: it never passes what
// was accepted.
func (f *mpscRing[T]) Stats() Stats {
	delivered := f.head.Load()
	if f.policy == DropOldest {
		delivered = f.received.Load()
	}
	s := f.withWaits(f.stats(f.Backlog(), f.policy))
	s.Counted, s.Delivered, s.Accepted = true, delivered, f.tail.Load()&^sealed
	if f.policy == DropNewest {
		s.Accepted += s.Dropped // which never had a place
	}
	s.Waiting, s.WaitingKnown = int(f.waiters.count.Load()), true
	return s
}

// poll takes what is published, up to the first place that is claimed and not
// written yet. An item behind such a place counts as published when the place
// is: its own producer may have woken the consumer in vain, the producer of the
// place that the consumer waits for wakes it when it matters.
func (f *mpscRing[T]) poll(buf []T) int {
	r := f.ring.Load()
	if r == nil {
		return 0
	}
	if r.owners != nil {
		f.takers.Lock()
		defer f.takers.Unlock()
	}
	pos, n := f.head.Load(), 0
	for n < len(buf) {
		if f.run == 0 {
			if f.run = r.run(pos); f.run == 0 {
				break
			}
		}
		at, m := r.slot(pos), min(f.run, len(buf)-n)
		drain(buf[n:n+m], r.slots[at:at+m])
		if r.owners != nil {
			clear(r.owners[at : at+m])
		}
		f.run -= m
		pos += uint64(m)
		n += m
	}
	if n > 0 {
		if r.owners != nil {
			f.received.Store(f.received.Load() + uint64(n))
		}
		f.head.Store(pos)
		f.waiters.wake(n)
	}
	return n
}

// finish seals the tail if there is nothing left: a claim that has come in between
// makes that fail, and a later one fails.
func (f *mpscRing[T]) finish() bool {
	tail := f.tail.Load()
	if tail&^sealed != f.head.Load() || tail&sealed == 0 && !f.tail.CompareAndSwap(tail, tail|sealed) {
		return false
	}
	f.ring.Store(nil)
	return true
}

// halt seals the tail: what is claimed by then is written, and received.
func (f *mpscRing[T]) halt() {
	f.stop()
	f.tail.Or(sealed)
	f.waiters.wakeAll()
}

// discard lets go of the items with their places and makes no room: a send that has
// not seen that the consumer left must not find any.
func (f *mpscRing[T]) discard() {
	f.ring.Store(nil)
	f.waiters.wakeAll()
}

// mpscRingProducer is small and nothing in it is written by a send, as there may be
// many that come and go.
type mpscRingProducer[T any] struct {
	withPolicy[T]
	f          *mpscRing[T]
	closed     atomic.Bool
	overflowed overflowCount
	waiting    waitOwner
}

// gone reports whether a send fails.
func (p *mpscRingProducer[T]) gone() bool { return p.closed.Load() || p.f.left.Load() }

func (p *mpscRingProducer[T]) Send(item T) error { return p.sendOne(noContext, item, p.policy) }

func (p *mpscRingProducer[T]) sendOne(ctx context.Context, item T, policy Policy) error {
	_, err := p.sendAll(ctx, []T{item}, policy)
	return err
}

func (p *mpscRingProducer[T]) sendAll(ctx context.Context, items []T, policy Policy) (int, error) {
	again := false // woken, and found the room taken
	for sent := 0; ; {
		if p.gone() || len(items) == 0 && p.f.ended() {
			if again {
				p.f.waiters.wake(1) // if room was the reason, another can have it
			}
			return sent, ErrClosed
		}
		n, open := p.put(items[sent:])
		if sent += n; sent == len(items) {
			return sent, nil
		}
		switch {
		case !open:
			return sent, ErrClosed
		case policy == Fail:
			return sent, p.overflowed.reject(len(items)-sent, ErrFull, &p.f.overflowCounts)
		case policy == DropNewest:
			p.overflowed.add(uint64(len(items)-sent), &p.f.overflowCounts)
			p.f.tellAll(items[sent:])
			return len(items), nil
		case policy == DropOldest && p.f.dropOldest(min(len(items)-sent, p.f.capacity)):
			continue
		}
		if err := p.wait(ctx, again && n == 0); err != nil {
			return sent, err
		}
		again = true
	}
}

// put claims as many places as there are, up to one for each item, fills and
// publishes them and returns how many. open is false if there will be none.
func (p *mpscRingProducer[T]) put(items []T) (n int, open bool) {
	f := p.f
	r := f.ring.Load() // before the claim: a load after a swap waits for that
	if r == nil {
		return 0, false
	}
	pos, n, open := f.claim(len(items))
	if n == 0 {
		return 0, open
	}
	if r.owners != nil {
		p.publishOwned(r, pos, items[:n])
	} else {
		at := r.slot(pos)
		part := min(n, len(r.slots)-at)
		fill(r.slots[at:], r.turn(pos), items[:part])
		if part < n { // the rest is a run of the next lap
			fill(r.slots, r.turn(pos+uint64(part)), items[part:n])
		}
	}
	f.parker.wake()
	return n, true
}

// claim claims up to n places and returns their position and number. open is false
// if the tail is sealed.
func (f *mpscRing[T]) claim(n int) (pos uint64, claimed int, open bool) {
	for n > 0 {
		pos = f.tail.Load()
		if pos&sealed != 0 {
			return pos, 0, false
		}
		// Signed: the copy of head may be any number of laps behind, and head ahead
		// of a tail loaded before it. The second claims nothing, as the swap fails.
		seen := f.seen.Load()
		room := f.room(pos, seen)
		if room < int64(n) {
			head := f.head.Load()
			if head != seen {
				f.seen.Store(head)
			}
			if room = f.room(pos, head); room <= 0 {
				return pos, 0, true
			}
		}
		claimed = int(min(int64(n), room, maxRun))
		if f.tail.CompareAndSwap(pos, pos+uint64(claimed)) {
			return pos, claimed, true
		}
	}
	return pos, 0, true
}

// wait waits until there may be room, or the oldest place was written under
// DropOldest, or one of the two ends has closed.
func (p *mpscRingProducer[T]) wait(ctx context.Context, again bool) error {
	f := p.f
	defer f.begin().end()
	return f.waiters.wait(ctx, &p.waiting, again, func() bool {
		head := f.head.Load()
		if p.gone() || f.room(f.tail.Load(), head) > 0 {
			return true
		}
		r := f.ring.Load()
		return r == nil || r.owners != nil && r.run(head) > 0
	})
}

func (p *mpscRingProducer[T]) Dropped() uint64 { return p.overflowed.dropped(p.policy) }

func (p *mpscRingProducer[T]) Close() {
	if p.closed.Swap(true) {
		return
	}
	p.overflowed.close(&p.f.overflowCounts)
	p.f.waiters.release(&p.waiting)
	if p.f.leave() {
		p.f.parker.wake()
	}
}
