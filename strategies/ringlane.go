package strategies

import (
	"math/bits"
	"reflect"
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
// first and next, their items by tail and head. Checked exhaustively, but for the
// chain: model/room.pml.
type ringLane[T any] struct {
	// The producer's own, written by every send. tail is not among them: a load
	// from the line of an atomic store just made has to wait for it, and the
	// consumer takes that line away at each look. Together with tail a send took
	// 32 ns instead of 22, one producer and the consumer on a core each.
	sent  uint64 // what tail will be
	limit uint64 // single sends may go up to here: these slots are fetched
	room  uint64 // sends may go up to here before they look at head again
	slots []T    // of filling
	// state is loaded by every send; it changes when the lane comes and goes.
	state   atomic.Uint32
	closed  bool
	start   uint64       // where filling begins
	filling *laneRing[T] // the last ring of the chain
	set     *ringLanes[T]
	token   token         // made when the producer first waits for room
	dropped atomic.Uint64 // under a policy that drops
	takers  sync.Mutex    // under DropOldest held by who takes items
	_       [padding - 8 - 8 - 8 - 24 - 8 - 8 - 8 - 8 - 8 - 8 - 8]byte

	// Stored by every send; loaded by the consumer when it has taken what it
	// knows of. The rest of this pair of lines is the consumer's.
	tail atomic.Uint64
	_    [padding/2 - 8]byte

	// Written by the consumer; head is loaded by the producer at its limit.
	head     atomic.Uint64
	seen     uint64 // tail, when the consumer looked last
	draining *laneRing[T]
	// Written by the producer, seldom.
	first   atomic.Pointer[laneRing[T]] // the first ring of all
	waiting atomic.Pointer[token]       // the announcement to wait for room
	next    *ringLane[T]                // in the list of ready lanes
	done    atomic.Bool                 // the producer has closed
	// Written by the consumer.
	misses int32 // how often in a row it found nothing
	index  int32 // in ringLanes.all, guarded by its lock
	_      [padding/2 - 6*8 - 3*4]byte
}

// laneRing is one link of the chain.
type laneRing[T any] struct {
	slots []T // as many as a power of two
	// The producer that goes on in another ring writes end, the position up to
	// which this one is used, and then stores next. The consumer loads next after
	// tail: if it is nil then, all items before that tail are in this ring.
	end  uint64
	next atomic.Pointer[laneRing[T]]
}

// laneRings makes the rings of one fan-in and keeps emptied ones.
type laneRings[T any] struct {
	clears   bool // items hold references, which must not outlive their stay
	kinds    [3]ringKind
	recycled atomic.Int64 // since the last forget; by who takes items
	line     uint64       // items in a cache line
	claim    uint64       // items that a producer fetches at a time
}

// ringKind is rings of one length, in items.
type ringKind struct {
	length int
	spare  sync.Pool
}

// ringBytes is how long a lane's first ring is, its second and all others. The
// first is for producers that hardly ever send, so that having many of them is
// cheap. The second holds what a producer sends in one go when there are very
// many: with 10 000 of them, half a kilobyte or 8 kB instead cost a third of the
// throughput, by more switches or by more memory than the caches hold. The third
// is for few that send without pause: it was a tenth faster than another second.
// However large the items, there are places for 4, 8 and 16 of them.
var ringBytes = [3]int{128, 4 << 10, 8 << 10}

func (r *laneRings[T]) init() {
	t := reflect.TypeFor[T]()
	r.clears, r.line, r.claim = holdsReferences(t), itemsIn(lineBytes, t), itemsIn(claimBytes, t)
	for i, bytes := range ringBytes {
		r.kinds[i].length = floorPowerOfTwo(max(4<<i, int(itemsIn(bytes, t))))
	}
}

// lineBytes is what moves between caches at a time, and claimBytes what a producer
// fetches at a time: a quarter as much was slower with one producer, twice as much
// not faster.
const (
	lineBytes  = 64
	claimBytes = 2 << 10
)

// itemsIn returns how many items of type t so many bytes hold, at least one.
func itemsIn(bytes int, t reflect.Type) uint64 { return uint64(max(1, bytes/max(1, int(t.Size())))) }

// after returns an empty ring to follow one of the given length, 0 for none.
func (r *laneRings[T]) after(length int) *laneRing[T] {
	i := 0
	for i < len(r.kinds)-1 && r.kinds[i].length <= length {
		i++
	}
	if spare, ok := r.kinds[i].spare.Get().(*laneRing[T]); ok {
		return spare
	}
	return &laneRing[T]{slots: make([]T, r.kinds[i].length)}
}

// recycle takes back a ring that the consumer has emptied.
func (r *laneRings[T]) recycle(ring *laneRing[T]) {
	ring.next.Store(nil)
	for i := range r.kinds {
		if r.kinds[i].length == len(ring.slots) {
			r.kinds[i].spare.Put(ring)
			r.recycled.Add(1)
			return
		}
	}
}

// forget lets go of the spare rings, but for one that each processor may keep. A
// pool by itself lets go after two collections only, which a program at rest waits
// minutes for.
func (r *laneRings[T]) forget() {
	for i := range r.kinds {
		for spare := any(r); spare != nil; spare = r.kinds[i].spare.Get() {
		}
	}
	r.recycled.Store(0)
}

// short reports whether a lane should go on to a longer ring without further ado.
func (r *laneRings[T]) short(length int) bool { return length <= r.kinds[0].length }

// reach sets room anew, within the lane's capacity and its ring, and reports
// whether there is any. The producer calls it when it has used up what it knew of.
func (l *ringLane[T]) reach() bool {
	head := l.head.Load()
	// Of the ring, the consumer has emptied what lies between start and head.
	l.room = min(max(head, l.start)+uint64(len(l.slots)), head+l.set.capacity)
	return l.sent < l.room
}

// fetch sets limit anew, within room, and writes to the lines of the slots up to
// there, which are free, so that the producer has them. The consumer has read all of
// them since, and to get one back takes some 100 ns: a send would wait for it with
// each line that it comes to, as its atomic store waits for what was written before.
// Written in a row they come all at once.
func (l *ringLane[T]) fetch() {
	rings := &l.set.rings
	l.limit = min(l.room, l.sent+rings.claim)
	var none T
	for at := l.sent; at < l.limit; at += rings.line {
		l.slots[at&uint64(len(l.slots)-1)] = none
	}
}

// extend goes on in another ring. The lane must hold less than its capacity.
func (l *ringLane[T]) extend() {
	old, next := l.filling, l.set.rings.after(len(l.slots))
	l.filling, l.slots, l.start = next, next.slots, l.sent
	if old == nil {
		l.first.Store(next)
	} else {
		old.end = l.sent
		old.next.Store(next)
	}
	l.reach()
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
	n := 0
	for n < len(buf) && head != l.seen {
		r, end := l.draining, l.seen
		if next := r.next.Load(); next != nil {
			if head == r.end {
				rings.recycle(r)
				l.draining = next
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
	l.seen = l.tail.Load()
	if l.draining == nil && l.seen != 0 {
		l.draining = l.first.Load()
	}
	return l.seen != known
}

func floorPowerOfTwo(n int) int { return 1 << (bits.Len(uint(n)) - 1) }

// holdsReferences reports whether values of type t refer to other memory.
func holdsReferences(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && holdsReferences(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsReferences(t.Field(i).Type) {
				return true
			}
		}
		return false
	default:
		return t.Kind() > reflect.Complex128
	}
}
