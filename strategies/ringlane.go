package strategies

import (
	"sync"
	"sync/atomic"
)

// ringLane is the path of one producer, and the producer itself: a queue with a
// single producer and a single consumer, made of a chain of rings, after
// FastFlow's uSPSC (Aldinucci et al., "An Efficient Unbounded Lock-Free Queue for
// Multi-core Systems", Euro-Par 2012). As long as the consumer keeps up, one ring
// is used over and over and stays in the cache. When it is full, the producer
// goes on in another, and the consumer follows when it has emptied the first. So
// an idle lane costs a small ring, and what a burst took goes as it is drained.
//
// Positions count the items of a lane and never wrap; an item lies in its ring at
// its position modulo the ring's length.
//
// Ordering: the producer stores tail after it wrote the items before it, and the
// consumer loads tail before it reads them. The consumer stores head after it
// read the items before it, and the producer loads head before it overwrites
// them. What is not atomic has one user at a time: rings are handed over by
// draining and next, their items by tail and head. Checked exhaustively, but for
// the chain: model/room.pml. How a lane ends is told in ringlane_close.go.
type ringLane[T any] struct {
	// The producer's own, written by every send. tail is not among them: a load
	// from the line of an atomic store just made has to wait for it, and the
	// consumer takes that line away at each look. Together with tail a send took
	// 32 ns instead of 22, one producer and the consumer on a core each.
	sent  uint64 // what tail will be
	limit uint64 // single sends may go up to here: these slots are fetched
	room  uint64 // sends may go up to here before they look at head again
	// Loaded by every send. filling, the last ring of the chain, is nil before the
	// first send and after trim or close; state changes when the lane comes and goes.
	filling    atomic.Pointer[laneRing[T]]
	state      atomic.Uint32
	rings      uint16 // how many it filled since it last yielded or backed off; see backOffInTurn
	burst      uint16 // how many it may, or 0: the least
	start      uint64 // where filling begins
	set        *ringLanes[T]
	token      token         // made when the producer first waits for room
	overflowed overflowCount // items that were dropped, or that a send rejected
	// mu is held by who takes the lane out of laneIdle, trims or closes it, and
	// under DropOldest by who takes items.
	mu            sync.Mutex
	own           *laneRing[T] // the ring that is part of the lane, if there is one
	mark          uint64       // tail, when trim looked last
	nextBackedOff *ringLane[T] // in the list of those that have backed off
	index         int32        // in its shard of the registry, whose lock guards it
	// The window in which it was opened, or 0: it is not counted in starting.
	opened    atomic.Uint32
	left      atomic.Bool // the producer has closed, and been counted out
	shard     uint8       // of the registry and of known
	trust     uint8       // for how many yields not to look; see whoWaits
	contended bool        // strangers waited when it looked last
	// capacity is how many items it may hold; with shared it changes, under the claim. It
	// ends the pair of lines.
	capacity uint64

	// Stored by every send; loaded by the consumer when it has taken what it
	// knows of. The rest of this pair of lines is the consumer's.
	tail atomic.Uint64
	// claim is tail while nobody sends, and otherwise not: see ringSender, which alone
	// uses it.
	claim atomic.Uint64
	_     [padding/2 - 2*8]byte

	// Written by the consumer; head is loaded by the producer at its limit.
	head     atomic.Uint64
	seen     uint64 // tail, when the consumer looked last
	draining atomic.Pointer[laneRing[T]]
	misses   int32 // how often in a row it found nothing
	// Written by others, seldom.
	done    atomic.Bool           // closed, by the producer or by the consumer
	final   atomic.Uint64         // what tail was then, plus 1
	waiting atomic.Pointer[token] // the producer's announcement to wait
	ready   *ringLane[T]          // the next in the list of ready lanes
	shared  *ringSender[T]        // whose lane it is, or nil if a producer's
}

// laneWithRing is a lane for small items and its first ring, in one piece: so
// opening a producer allocates once, and what is sent on one that hardly ever sends
// lies beside it.
type laneWithRing[T any] struct {
	ringLane[T]
	ring  laneRing[T]
	slots [firstSlots]T
	_     [padding - 5*8 - firstSlots*8]byte // with words: whole pairs of lines
}

// newLane returns a lane that is in no list.
func newLane[T any](set *ringLanes[T]) *ringLane[T] {
	if !set.rings.inline {
		return &ringLane[T]{set: set, index: unregistered, capacity: set.capacity}
	}
	l := new(laneWithRing[T])
	l.set, l.index, l.capacity = set, unregistered, set.capacity
	l.ring.slots = l.slots[:]
	l.own = &l.ring
	return &l.ringLane
}

// refreshRoom sets room anew, within the lane's capacity and its ring r, and reports
// whether there is any. The producer calls it when it has used up what it knew of.
func (l *ringLane[T]) refreshRoom(r *laneRing[T]) bool {
	head := l.head.Load()
	// Of the ring, the consumer has emptied what lies between start and head.
	l.room = min(max(head, l.start)+uint64(len(r.slots)), head+l.capacity)
	return l.sent < l.room
}

// prefetch sets limit anew, within room, and writes to the lines of the slots up to
// there, which are free, so that the producer has them. The consumer has read all of
// them since, and to get one back takes some 100 ns: a send would wait for it with
// each line that it comes to, as its atomic store waits for what was written before.
// Written in a row they come all at once.
func (l *ringLane[T]) prefetch(r *laneRing[T]) {
	rings := &l.set.rings
	l.limit = min(l.room, l.sent+rings.claim)
	var none T
	for at := l.sent; at < l.limit; at += rings.line {
		r.slots[at&uint64(len(r.slots)-1)] = none
	}
}

// begin puts the first ring of a chain in place: of a new lane, or of one that was
// trimmed since. The consumer does not look at it then: see enlist.
func (l *ringLane[T]) begin() *laneRing[T] {
	l.started()
	r := l.own
	if r == nil {
		r = l.set.rings.first()
		l.set.trimmer.arm()
	} else {
		r.next.Store(nil)
	}
	l.fill(r)
	return r
}

// started tells that the producer has begun to send, or never will.
func (l *ringLane[T]) started() {
	if w := l.opened.Load(); w != 0 && l.opened.CompareAndSwap(w, 0) {
		l.counts().started(w)
	}
}

// extend goes on in another ring. The lane must hold less than its capacity.
func (l *ringLane[T]) extend(r *laneRing[T]) *laneRing[T] {
	next := l.set.rings.after(len(r.slots))
	l.fill(next)
	r.end = l.sent
	r.next.Store(next)
	if l.done.Load() { // cut has stored done before it unlinks: nothing is in next that anyone will take
		r.next.Store(nil)
	}
	l.set.trimmer.arm()
	return next
}

// fill makes r the ring that is filled. If the lane was cut meanwhile, one of the
// two takes it out again: cut stores done before it looks, and this looks at done
// after it stored.
func (l *ringLane[T]) fill(r *laneRing[T]) {
	l.start = l.sent
	l.filling.Store(r)
	if l.done.Load() {
		l.filling.Store(nil)
	}
	l.refreshRoom(r)
}

// held returns how many items the lane holds, for its producer.
func (l *ringLane[T]) held() uint64 { return l.sent - l.head.Load() }

// take moves up to len(buf) items into buf and returns how many. The consumer
// calls it. It looks at tail only when it has taken all that it knew of. The rings
// are an argument because set lies where the producer writes.
func (l *ringLane[T]) take(buf []T, rings *laneRings[T]) int {
	head := l.head.Load()
	if head == l.seen && !l.look() {
		return 0
	}
	r := l.draining.Load() // nil if the consumer has closed
	n := 0
	for r != nil && n < len(buf) && head != l.seen {
		end := l.seen
		if next := r.next.Load(); next != nil {
			if head == r.end {
				if !l.draining.CompareAndSwap(r, next) { // cut by who closes the consumer
					break
				}
				rings.recycle(r)
				r = next
				continue
			}
			end = min(end, r.end)
		}
		at := int(head) & (len(r.slots) - 1)
		items := r.slots[at:min(len(r.slots), at+int(end-head))]
		k := copy(buf[n:], items)
		if rings.clears {
			clear(items[:k])
		}
		n += k
		head += uint64(k)
	}
	l.head.Store(head)
	return n
}

// look loads tail and reports whether there are items to take.
func (l *ringLane[T]) look() bool {
	known := l.seen
	l.seen = l.published()
	return l.seen != known
}
