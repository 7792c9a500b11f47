package strategies

import (
	"context"
	"math/bits"
	"runtime"
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
func NewMPSCRing[T any](o Options) FanIn[T] {
	o = o.MustSuit(mpscRingDescriptor)
	lap := bits.Len(uint(o.Capacity - 1)) // the fewest bits that count to the capacity
	f := &mpscRing[T]{
		slots: make([]slot[T], 1<<lap), lap: lap, capacity: o.Capacity, policy: o.Policy, parker: newParker(),
	}
	if o.Policy == DropOldest {
		f.owners = make([]*atomic.Uint64, len(f.slots))
	}
	f.consumer = consumer[T]{source: f, life: &f.lifecycle, sleeper: &f.parker}
	return f
}

type mpscRing[T any] struct {
	// Read by everybody and not written, or not while items move.
	slots    []slot[T]        // as many as capacity, rounded up to a power of two
	owners   []*atomic.Uint64 // under DropOldest: whose drop the slot's item would be
	lap      int              // bits of a position that tell the slot; the rest tell the lap
	capacity int
	policy   Policy
	lifecycle

	_ [padding]byte
	// tail is the next position to be claimed. Written by every send.
	tail atomic.Uint64
	_    [padding]byte

	// head is the position of the oldest item, or of the next if there is none.
	// Whoever takes items stores it when their slots are free again, and the
	// load in claim of a producer that may then write there pairs with that.
	// The consumer alone takes items, but under DropOldest senders do, too.
	head atomic.Uint64
	// takers is held under DropOldest by who takes items. A mutex: reading an
	// item before its place is claimed would race with the next one written
	// there, and claiming it first would need a second mark to give it back.
	takers   sync.Mutex
	run      int // items left of the run that begins before head; the consumer's
	consumer consumer[T]
	_        [padding]byte

	parker parker // asleep is loaded by every send
	_      [padding]byte

	waiters waiters // count is loaded whenever room was made
}

// slot returns the index of a position's slot.
func (f *mpscRing[T]) slot(pos uint64) int { return int(pos & uint64(len(f.slots)-1)) }

// turn returns the stamp of a position's lap.
func (f *mpscRing[T]) turn(pos uint64) uint64 { return turnStamp(pos>>f.lap + 1) }

// room returns how many places are free with the tail and the head there.
func (f *mpscRing[T]) room(tail, head uint64) int64 { return int64(f.capacity) - int64(tail-head) }

func (f *mpscRing[T]) Producer() Producer[T] {
	p := &mpscRingProducer[T]{f: f, closed: !f.join()}
	p.withPolicy = withPolicy[T]{f.policy, p}
	return p
}

func (f *mpscRing[T]) Consumer() Consumer[T] { return &f.consumer }

// Backlog counts what is claimed, written or not yet.
func (f *mpscRing[T]) Backlog() int {
	for !f.left.Load() {
		head := f.head.Load()
		n := f.tail.Load() - head
		if f.head.Load() == head { // both are of one moment
			return int(n)
		}
	}
	return 0
}

// poll takes what is published, up to the first place that is claimed and not
// written yet. An item behind such a place counts as published when the place
// is: its own producer may have woken the consumer in vain, the producer of the
// place that the consumer waits for wakes it when it matters.
func (f *mpscRing[T]) poll(buf []T) int {
	if f.owners != nil {
		f.takers.Lock()
		defer f.takers.Unlock()
	}
	pos, n := f.head.Load(), 0
	for n < len(buf) {
		at := f.slot(pos)
		if f.run == 0 {
			if f.run = f.slots[at].run(f.turn(pos)); f.run == 0 {
				break
			}
		}
		m := min(f.run, len(buf)-n)
		drain(buf[n:n+m], f.slots[at:at+m])
		f.run -= m
		pos += uint64(m)
		n += m
	}
	if n > 0 {
		f.head.Store(pos)
		f.waiters.wake(n)
	}
	return n
}

// dropOldest throws the oldest items away until there is room for n, which is at
// most the capacity. It reports false if it came to one that is still to be
// written.
func (f *mpscRing[T]) dropOldest(n int) bool {
	f.takers.Lock()
	defer f.takers.Unlock()
	pos := f.head.Load()
	defer func() { f.head.Store(pos) }()
	for f.room(f.tail.Load(), pos) < int64(n) {
		at := f.slot(pos)
		if f.slots[at].run(f.turn(pos)) == 0 {
			return false
		}
		var none T
		f.slots[at].item = none
		f.owners[at].Add(1)
		pos++
	}
	return true
}

// The ring stays as it was allocated.
func (f *mpscRing[T]) oversized() bool { return false }
func (f *mpscRing[T]) trim()           {}

func (f *mpscRing[T]) finish() bool { return f.Backlog() == 0 }

// discard forgets the items and makes no room: a send that has not seen that
// the consumer left must not find any.
func (f *mpscRing[T]) discard() {
	if f.owners != nil {
		f.takers.Lock()
		defer f.takers.Unlock()
	}
	for pos, end := f.head.Load(), f.tail.Load(); pos != end; pos++ {
		if f.run == 0 {
			if f.run = f.slots[f.slot(pos)].run(f.turn(pos)); f.run == 0 {
				break // still to be written; it goes with the fan-in
			}
		}
		var none T
		f.slots[f.slot(pos)].item = none
		f.run--
	}
	f.waiters.wakeAll()
}

type mpscRingProducer[T any] struct {
	withPolicy[T]
	f       *mpscRing[T]
	closed  bool
	head    uint64 // a copy of f.head, not newer
	dropped atomic.Uint64
	waiter  waiter
	_       [padding]byte // head is written often, and the next producer may be a neighbour
}

func (p *mpscRingProducer[T]) Send(item T) error { return p.sendOne(noContext, item, p.policy) }

func (p *mpscRingProducer[T]) sendOne(ctx context.Context, item T, policy Policy) error {
	_, err := p.sendAll(ctx, []T{item}, policy)
	return err
}

func (p *mpscRingProducer[T]) sendAll(ctx context.Context, items []T, policy Policy) (int, error) {
	again := false // woken, and found the room taken
	for sent := 0; ; {
		if p.closed || p.f.left.Load() {
			return sent, ErrClosed
		}
		n := p.put(items[sent:])
		if sent += n; sent == len(items) {
			return sent, nil
		}
		switch policy {
		case Fail:
			return sent, ErrFull
		case DropNewest:
			p.dropped.Add(uint64(len(items) - sent))
			return len(items), nil
		case DropOldest:
			if !p.f.dropOldest(min(len(items)-sent, p.f.capacity)) {
				runtime.Gosched() // to who has claimed the oldest place and is about to write it
			}
		default:
			if err := p.wait(ctx, again && n == 0); err != nil {
				return sent, err
			}
			again = true
		}
	}
}

// put claims as many places as there are, up to one for each item, fills and
// publishes them and returns how many.
func (p *mpscRingProducer[T]) put(items []T) int {
	pos, n := p.claim(len(items))
	if n == 0 {
		return 0
	}
	f := p.f
	if f.owners != nil {
		p.publishOwned(pos, items[:n])
	} else {
		at := f.slot(pos)
		part := min(n, len(f.slots)-at)
		fill(f.slots[at:], f.turn(pos), items[:part])
		if part < n { // the rest is a run of the next lap
			fill(f.slots, f.turn(pos+uint64(part)), items[part:n])
		}
	}
	f.parker.wake()
	return n
}

// claim claims up to n places and returns their position and number.
func (p *mpscRingProducer[T]) claim(n int) (pos uint64, claimed int) {
	f := p.f
	for n > 0 {
		pos = f.tail.Load()
		// Signed: the copy of head may be any number of laps behind, and head ahead
		// of a tail loaded before it. The second claims nothing, as the swap fails.
		room := f.room(pos, p.head)
		if room < int64(n) {
			p.head = f.head.Load()
			if room = f.room(pos, p.head); room <= 0 {
				return pos, 0
			}
		}
		claimed = int(min(int64(n), room, maxRun))
		if f.tail.CompareAndSwap(pos, pos+uint64(claimed)) {
			return pos, claimed
		}
	}
	return pos, 0
}

// publishOwned publishes each item by itself, with who is to blame for its drop:
// any of them may be dropped alone.
func (p *mpscRingProducer[T]) publishOwned(pos uint64, items []T) {
	f := p.f
	for i := range items {
		at := f.slot(pos)
		f.owners[at] = &p.dropped
		fill(f.slots[at:], f.turn(pos), items[i:i+1])
		pos++
	}
}

// wait waits until there may be room, or the consumer has left.
func (p *mpscRingProducer[T]) wait(ctx context.Context, again bool) error {
	f := p.f
	return f.waiters.wait(ctx, &p.waiter, again, func() bool {
		return f.left.Load() || f.room(f.tail.Load(), f.head.Load()) > 0
	})
}

func (p *mpscRingProducer[T]) Dropped() uint64 { return p.dropped.Load() }

func (p *mpscRingProducer[T]) Close() {
	if !p.closed {
		p.closed = true
		if p.f.leave() {
			p.f.parker.wake()
		}
	}
}
