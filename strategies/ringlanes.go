package strategies

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// ringLanes is a fan-in of ringLanes. Its consumer does not look for work among
// all lanes: it goes round those in rotation, which have had items lately. A lane
// comes into the rotation by a list of ready lanes, onto which its producer puts
// it (a stack in which others only push and the consumer takes all: Treiber,
// "Systems Programming: Coping with Parallelism", 1986). The cost follows the
// lanes that are in use, however many there are.
//
// A lane's state says whether it is listed, that is, in the list or the rotation.
// Two announcements hang together (see token for the pattern):
//
//   - Lane: the consumer that finds a lane empty stores laneIdle and looks at tail
//     once more; the producer stores tail, then loads state. One of them sees the
//     other, and the compare-and-swap to laneListed decides who lists it.
//   - List: the consumer that has no lane in rotation swaps the list's empty head
//     for asleep and then parks; a producer that pushes onto asleep gives the
//     token. One word holds both, so there is nothing to look at again.
//
// A producer that closes lists its lane first and leaves the lifecycle then: its
// last items may lie in a lane that the consumer has let go because the producer
// was about to list it. Who sees the end finds every lane that has items. The last
// to leave wakes the consumer once more, in the way of the list.
//
// Checked exhaustively: model/lanes.pml.
type ringLanes[T any] struct {
	lifecycle
	capacity uint64 // of a lane, in items
	policy   Policy
	rings    laneRings[T]
	consumer consumer[T]

	mu  sync.Mutex
	all []*ringLane[T] // guarded by mu, as are their indexes

	_     [padding]byte
	ready atomic.Pointer[ringLane[T]] // the lane listed last, or &asleep
	_     [padding]byte

	// Used by the consumer alone, but for the token, and asleep's address.
	token    token
	asleep   ringLane[T]
	rotation []*ringLane[T]  // nil where a lane has left since the last round
	inline   [4]*ringLane[T] // where a short rotation lies: one page less to touch after a wake-up
	cursor   int             // the lane whose turn it is
	used     int             // of its turn, in items
	pause    int             // before a look at a lone lane; see gather
	abstain  int             // how often not to give way; see giveWay
	emptied  bool            // by the last poll, all lanes
	gaveWay  bool            // since the last poll
}

// The states of a lane.
const (
	laneIdle   uint32 = iota // who has something for the consumer must list it
	laneListed               // the consumer will look at it
	laneGone                 // the consumer has left
)

const (
	// laneMisses is how often in a row a lane is found empty before it leaves the
	// rotation: a look costs less than being listed again.
	laneMisses = 8
	// spareRings is how many spare rings are worth keeping through a rest.
	spareRings = 8
	// gatherItems is how many items a look at a lone lane should find; see gather.
	// Half as many cost batches from one producer an eighth.
	gatherItems = 1024
	// gatherYields bounds the yields before such a look: some 10 µs.
	gatherYields = 64
	// giveWayItems is how many items giving way should bring: a consumer of a
	// million a second finds a handful, and would find them later for it. abstention
	// is how many looks it then leaves it at that.
	giveWayItems = 64
	abstention   = 64
)

func newRingLanes[T any](capacity uint64, policy Policy) *ringLanes[T] {
	f := &ringLanes[T]{capacity: capacity, policy: policy, token: newToken()}
	f.rings.init()
	f.rotation = f.inline[:0]
	f.consumer = consumer[T]{source: f, life: &f.lifecycle, sleeper: f, gather: f.gather}
	return f
}

func (f *ringLanes[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *ringLanes[T]) Producer() Producer[T] { return f.open() }

func (f *ringLanes[T]) open() *ringLane[T] {
	l := &ringLane[T]{set: f}
	f.mu.Lock()
	defer f.mu.Unlock()
	// Under mu either discard sees this lane or we see that the consumer has left.
	if l.closed = f.left.Load() || !f.join(); !l.closed {
		l.index = int32(len(f.all))
		f.all = append(f.all, l)
	}
	return l
}

// Backlog goes over all lanes. Of each it loads head first, which never passes
// tail; what is received in between would count, but for the bound.
func (f *ringLanes[T]) Backlog() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := uint64(0)
	for _, l := range f.all {
		head := l.head.Load()
		sum += min(l.tail.Load()-head, f.capacity)
	}
	return int(sum)
}

// list lets the consumer know that a lane that is not listed has items, or that
// its producer has closed.
func (f *ringLanes[T]) list(l *ringLane[T]) {
	if !l.state.CompareAndSwap(laneIdle, laneListed) {
		return
	}
	for {
		last := f.ready.Load()
		sleeping := last == &f.asleep
		if l.next = last; sleeping {
			l.next = nil
		}
		if f.ready.CompareAndSwap(last, l) {
			if sleeping {
				f.token.give()
			}
			return
		}
	}
}

// wake wakes the consumer if it is parked or about to be, at the end.
func (f *ringLanes[T]) wake() {
	if f.ready.CompareAndSwap(&f.asleep, nil) {
		f.token.give()
	}
}

// delist takes a lane out of use that the consumer found empty. It reports false
// if the lane has something for the consumer after all.
func (f *ringLanes[T]) delist(l *ringLane[T]) bool {
	if l.done.Load() { // then tail is final
		if l.tail.Load() != l.seen {
			return false
		}
		f.remove(l)
		if l.draining != nil {
			f.rings.recycle(l.draining)
			l.draining = nil
		}
		return true
	}
	l.state.Store(laneIdle)
	if l.tail.Load() == l.seen && !l.done.Load() {
		return true
	}
	return !l.state.CompareAndSwap(laneIdle, laneListed) // true: the producer has listed it
}

// remove forgets the lane of a closed producer.
func (f *ringLanes[T]) remove(l *ringLane[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	last := len(f.all) - 1
	f.all[l.index] = f.all[last]
	f.all[l.index].index = l.index
	f.all[last] = nil
	f.all = f.all[:last]
}

// admit takes the ready lanes into the rotation, those listed first ahead, and
// returns how many there were.
func (f *ringLanes[T]) admit() int {
	if l := f.ready.Load(); l == nil || l == &f.asleep {
		return 0
	}
	before := len(f.rotation)
	for l := f.ready.Swap(nil); l != nil; l = l.next {
		l.misses = 0
		f.rotation = append(f.rotation, l)
	}
	came := len(f.rotation) - before
	if came > 1 {
		slices.Reverse(f.rotation[before:])
	}
	return came
}

// poll goes round the rotation once, and over the lanes that come into it
// meanwhile.
func (f *ringLanes[T]) poll(buf []T) int {
	n := f.turns(buf)
	for n < len(buf) && f.admit() > 0 {
		n += f.turns(buf[n:])
	}
	f.found(n, len(buf))
	return n
}

// turns gives every lane in rotation its turn, or what is left of it, until buf
// is full.
func (f *ringLanes[T]) turns(buf []T) int {
	n := 0
	for looks := len(f.rotation); looks > 0 && n < len(buf); looks-- {
		if f.cursor >= len(f.rotation) {
			if f.wrap() > 0 {
				looks = len(f.rotation) // those that came in are at its end
			}
			if len(f.rotation) == 0 {
				break
			}
		}
		if l := f.rotation[f.cursor]; l != nil {
			f.hold(l)
			n += f.turn(l, buf[n:])
			f.release(l)
			if n == len(buf) && f.used < laneTurn {
				break // its turn goes on with the next call
			}
		}
		f.cursor, f.used = f.cursor+1, 0
	}
	return n
}

// wrap begins a new round and returns how many lanes came in for it: no later
// than now, or busy lanes could keep others out.
func (f *ringLanes[T]) wrap() int {
	f.rotation = slices.DeleteFunc(f.rotation, func(l *ringLane[T]) bool { return l == nil })
	f.cursor = 0
	return f.admit()
}

// turn takes what is left of a lane's turn, and the lane out of the rotation if
// it has been empty for long.
func (f *ringLanes[T]) turn(l *ringLane[T], buf []T) int {
	known := l.seen
	n := l.take(buf[:min(len(buf), laneTurn-f.used)], &f.rings)
	if n == 0 {
		if l.misses++; l.misses > laneMisses && f.delist(l) {
			f.rotation[f.cursor] = nil
		}
		return 0
	}
	l.misses = 0
	f.used += n
	if l.seen != known {
		f.adapt(int(l.seen - known))
	}
	l.wake()
	return n
}

// gather lets producers go on before the consumer looks at their lanes again. A
// look takes cache lines away from a producer, and so costs both sides as much as a
// few dozen items: a consumer that looked all the time slowed one producer to a
// tenth. So before a look at a lone lane it yields the processor a number of times,
// which adapts: to find gatherItems, unless yielding brings less than an item a
// time, and then not at all.
//
// With several lanes in rotation a look at each comes round less often by itself,
// but the consumer, faster than they, would keep a processor that they need. So when
// it has emptied them it yields once, unless that found few the last time.
func (f *ringLanes[T]) gather() {
	if len(f.rotation) > 1 {
		f.giveWay()
		return
	}
	if f.pause == 0 || len(f.rotation) == 0 || f.rotation[0] == nil {
		return
	}
	if l := f.rotation[0]; l.seen != l.head.Load() || l.waiting.Load() != nil {
		return
	}
	for range f.pause {
		runtime.Gosched()
	}
}

// giveWay is gather for several lanes.
func (f *ringLanes[T]) giveWay() {
	switch {
	case !f.emptied:
	case f.abstain > 0:
		f.abstain--
	default:
		f.gaveWay = true
		runtime.Gosched()
	}
}

// found takes note of what a poll has found for the next giveWay.
func (f *ringLanes[T]) found(n, of int) {
	if f.gaveWay && n < giveWayItems {
		f.abstain = abstention
	}
	f.emptied, f.gaveWay = n < of, false
}

// adapt sets pause by what a look has found.
func (f *ringLanes[T]) adapt(found int) {
	enough := int(min(gatherItems, f.capacity/2))
	switch {
	case found > enough:
		f.pause -= (f.pause + 3) / 4
	case found < f.pause+2:
		f.pause /= 2
	case found < enough/2:
		f.pause = min(f.pause+1, gatherYields)
	}
}

// prepare announces that the consumer is about to park, if it can take all lanes
// out of the rotation and none is ready.
func (f *ringLanes[T]) prepare() bool {
	for i, l := range f.rotation {
		if l == nil {
			continue
		}
		f.hold(l)
		idle := f.delist(l)
		f.release(l)
		if !idle {
			return false
		}
		f.rotation[i] = nil
	}
	f.rotation, f.cursor, f.used, f.pause = f.rotation[:0], 0, 0, 0
	return f.ready.CompareAndSwap(nil, &f.asleep)
}

func (f *ringLanes[T]) park(ctx context.Context) bool { return f.token.await(ctx) }

func (f *ringLanes[T]) cancel() {
	if !f.ready.CompareAndSwap(&f.asleep, nil) {
		<-f.token
	}
}

// A burst may have left many spare rings and a long rotation; what a lane is
// filling stays with it.
func (f *ringLanes[T]) oversized() bool {
	return f.rings.recycled.Load() > spareRings || cap(f.rotation) > keepBytes/8
}

// trim keeps the lanes in rotation: nobody else would list them again. There are
// some if the one that woke the consumer had nothing, and its token is on the way.
func (f *ringLanes[T]) trim() {
	f.rings.forget()
	f.rotation = append(f.inline[:0:len(f.inline)], f.rotation...)
}

func (f *ringLanes[T]) finish() bool { return f.Backlog() == 0 }

func (f *ringLanes[T]) discard() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.all {
		l.state.Store(laneGone)
		l.wake()
	}
	f.all, f.rotation = nil, nil
	f.ready.Store(nil)
}
