package strategies

import (
	"math/bits"
	"reflect"
	"sync"
	"sync/atomic"
)

// laneRing is one link of a lane's chain.
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
	clears bool // items hold references, which must not outlive their stay
	small  bool // a lane's first ring has firstSlots
	inline bool // and is part of the lane: not if items lead elsewhere, for a ring of its own can be let go at once
	kinds  []ringKind
	line   uint64 // items in a cache line
	claim  uint64 // items that a producer fetches at a time

	kept  atomic.Int64  // spare rings, at most; since the last forget
	taken atomic.Uint64 // how often a spare one was used
	seen  uint64        // taken, when forget was called last
}

// ringKind is rings of one length, in items.
type ringKind struct {
	length int
	spare  sync.Pool
}

// ringBytes is how long the rings of a lane are: its second, its third, and all
// others. The first has firstSlots, for producers that hardly ever send, so that
// having many of them is cheap, and the second is for those that close soon. The
// third holds what a producer sends in one go when there are very many: with 10 000
// of them, half a kilobyte or 8 kB instead cost a third of the throughput, by more
// switches or by more memory than the caches hold. The fourth is for few that send
// without pause: it was a tenth faster than another third. However large the items,
// there are places for as many of them as leastSlots says.
var (
	ringBytes  = [...]int{512, 4 << 10, 8 << 10}
	leastSlots = [...]int{4, 8, 16}
)

const (
	// firstSlots is how many items a lane's first ring holds, if they are small.
	firstSlots = 8
	// smallBytes is how large a small item is.
	smallBytes = 64
)

func (r *laneRings[T]) init() {
	t := reflect.TypeFor[T]()
	r.clears, r.line, r.claim = holdsReferences(t), uint64(itemsIn[T](lineBytes)), uint64(itemsIn[T](claimBytes))
	longest := 0
	if r.small = t.Size() <= smallBytes; r.small {
		longest = firstSlots
	}
	r.inline = r.small && !r.clears
	r.kinds = make([]ringKind, 0, len(ringBytes))
	for i, bytes := range ringBytes {
		if n := floorPowerOfTwo(max(leastSlots[i], itemsIn[T](bytes))); n > longest {
			r.kinds = append(r.kinds, ringKind{length: n})
			longest = n
		}
	}
}

// lineBytes is what moves between caches at a time, and claimBytes what a producer
// fetches at a time: a quarter as much was slower with one producer, twice as much
// not faster.
const (
	lineBytes  = 64
	claimBytes = 2 << 10
)

// first returns a lane's first ring.
func (r *laneRings[T]) first() *laneRing[T] {
	if !r.small {
		return r.after(0)
	}
	ring := new(struct {
		laneRing[T]
		slots [firstSlots]T
	})
	ring.laneRing.slots = ring.slots[:]
	return &ring.laneRing
}

// after returns an empty ring to follow one of the given length, 0 for none.
func (r *laneRings[T]) after(length int) *laneRing[T] {
	i := 0
	for i < len(r.kinds)-1 && r.kinds[i].length <= length {
		i++
	}
	if spare, ok := r.kinds[i].spare.Get().(*laneRing[T]); ok {
		r.taken.Add(1)
		return spare
	}
	return &laneRing[T]{slots: make([]T, r.kinds[i].length)}
}

// recycle takes back a ring that the consumer has emptied and the producer has left.
// One that is part of a lane stays there, with nothing that leads on.
func (r *laneRings[T]) recycle(ring *laneRing[T]) {
	ring.next.Store(nil)
	for i := range r.kinds {
		if r.kinds[i].length == len(ring.slots) {
			r.kinds[i].spare.Put(ring)
			r.kept.Add(1)
			return
		}
	}
}

// forget lets go of the spare rings, if none was of use since the last call, and
// reports whether there are any. A pool by itself lets go after two collections
// only, which a program at rest waits minutes for. It is called by one goroutine at
// a time.
func (r *laneRings[T]) forget() (more bool) {
	if r.kept.Load() == 0 {
		return false
	}
	if taken := r.taken.Load(); taken != r.seen {
		r.seen = taken
		return true
	}
	r.kept.Store(0)
	for i := range r.kinds {
		for spare := any(r); spare != nil; spare = r.kinds[i].spare.Get() {
		}
	}
	return false
}

// settled reports whether a lane with a ring so long sends enough to let others run
// before it goes on to another.
func (r *laneRings[T]) settled(length int) bool {
	return length >= r.kinds[max(0, len(r.kinds)-2)].length
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
