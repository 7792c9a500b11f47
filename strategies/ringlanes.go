package strategies

import (
	"context"
	"math/rand/v2"
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
//     other, and whoever takes the lane out of laneIdle lists it.
//   - List: the consumer that has no lane in rotation swaps the list's empty head
//     for asleep and then parks; a producer that pushes onto asleep gives the
//     token. One word holds both, so there is nothing to look at again. Who waits for
//     the channel of Ready swaps it for watching, and is told by that channel.
//
// A producer that closes lists its lane first and leaves the lifecycle then: its
// last items may lie in a lane that the consumer has let go because the producer
// was about to list it. Who sees the end finds every lane that is not yet let go for
// good. The last to leave wakes the consumer once more, in the way of the list.
//
// Checked exhaustively: model/lanes.pml.
type ringLanes[T any] struct {
	lifecycle
	drops[T]
	capacity uint64 // of a lane, in items
	policy   Policy
	rings    laneRings[T]
	consumer ringLanesConsumer[T]
	lanes    laneRegistry[T]
	trimmer  trimmer

	_     [padding]byte
	ready atomic.Pointer[ringLane[T]] // the lane listed last, or &asleep or &watched
	_     [padding]byte

	// Used by the consumer alone, but for the token, the channel, and the addresses of
	// asleep and watched.
	token    token
	channel  readiness
	asleep   ringLane[T]
	watched  ringLane[T]
	rotation []*ringLane[T]  // nil where a lane has left since the last round
	inline   [4]*ringLane[T] // where a short rotation lies: one page less to touch after a wake-up
	cursor   int             // the lane whose turn it is
	used     int             // of its turn, in items
	laneBackoff

	_ [padding]byte
	backedOff[T]
	discarding sync.Mutex
	received   atomic.Uint64 // by the consumer, under DropOldest
	halted     atomic.Bool   // no lane gets in any more
}

const (
	// laneMisses is how often in a row a lane is found empty before it leaves the
	// rotation: a look costs less than being listed again.
	laneMisses = 8
	// longRotation is how many lanes the rotation has room for after a round with
	// fewer.
	longRotation = 1024
	// closedBacklog is how many lanes may have closed before the consumer has let go of them,
	// until who opens another lets it run: one that lags behind finds them out of the
	// caches, and opening a producer for one item took twice as long.
	closedBacklog = 512
)

func newRingLanes[T any](capacity uint64, policy Policy) *ringLanes[T] {
	f := &ringLanes[T]{capacity: capacity, policy: policy, token: newToken()}
	f.rings.init()
	f.lanes.init()
	f.trimmer.trim = f.trim
	f.rotation = f.inline[:0]
	f.enough = int(min(enoughItems, capacity/2))
	f.consumer = ringLanesConsumer[T]{consumer[T]{source: f, life: &f.lifecycle, sleeper: f, backOff: f.backOff}, f}
	return f
}

func (f *ringLanes[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *ringLanes[T]) Producer() Producer[T] { return f.open(newLane(f)) }

// Sender is as in [SenderOpener].
func (f *ringLanes[T]) Sender() Sender[T] { return newRingSender(f) }

// open lets a new lane in, or closes it if the fan-in has ended.
func (f *ringLanes[T]) open(l *ringLane[T]) *ringLane[T] {
	if f.left.Load() || !f.join() {
		l.left.Store(true)
		l.done.Store(true)
		l.final.Store(1)
		l.state.Store(laneClosed)
		return l
	}
	l.shard = uint8(rand.Uint32() % maxShards) //nolint:gosec // where it is does not matter
	l.opened.Store(l.counts().opened())
	if there := f.lanes.add(l); there > int(f.state.Load())+closedBacklog {
		l.yieldToOthers()
	}
	if f.left.Load() || f.halted.Load() { // discard, or halt, may have come before add
		l.close()
		l.started()
	}
	return l
}

// Backlog goes over all lanes. What is received beside a look would count, but for the
// bound.
func (f *ringLanes[T]) Backlog() int {
	if f.left.Load() {
		return 0
	}
	sum := uint64(0)
	var shared map[*ringSender[T]]uint64
	f.lanes.each(func(l *ringLane[T]) {
		held := l.backlog()
		if l.shared == nil {
			sum += min(held, f.capacity)
			return
		}
		if shared == nil {
			shared = make(map[*ringSender[T]]uint64)
		}
		shared[l.shared] += held
	})
	for _, held := range shared {
		sum += min(held, f.capacity)
	}
	return int(sum)
}

// Stats implements StatsKeeper. It goes over all lanes.
func (f *ringLanes[T]) Stats() Stats {
	delivered := f.received.Load()
	sent, received := f.lanes.moved()
	s := f.withWaits(f.stats(f.Backlog(), f.policy))
	s.Counted, s.Accepted, s.Delivered = true, sent, received
	switch f.policy {
	case DropOldest:
		s.Delivered = delivered
	case DropNewest:
		s.Accepted += s.Dropped // which were in no lane
	}
	s.Waiting, s.WaitingKnown = f.waiting(), true
	return s
}

// waiting returns how many sends wait for room.
func (f *ringLanes[T]) waiting() int {
	waiting := 0
	seen := make(map[*ringSender[T]]bool)
	f.lanes.each(func(l *ringLane[T]) {
		switch {
		case l.waiting.Load() != nil:
			waiting++
		case l.shared != nil && !seen[l.shared]:
			seen[l.shared] = true
			waiting += int(l.shared.waiters.count.Load())
		}
	})
	return waiting
}

// push puts a lane onto the list of ready ones. Whoever took it out of laneIdle
// calls it.
func (f *ringLanes[T]) push(l *ringLane[T]) {
	for {
		last := f.ready.Load()
		waits := f.waits(last)
		if l.ready = last; waits {
			l.ready = nil
		}
		if f.ready.CompareAndSwap(last, l) {
			if waits {
				f.rouse(last, l.counts())
			}
			return
		}
	}
}

// waits reports whether the head of the list says that the consumer waits.
func (f *ringLanes[T]) waits(head *ringLane[T]) bool { return head == &f.asleep || head == &f.watched }

// rouse wakes the consumer in the way that it waits in, for who has taken that from the
// head of the list.
func (f *ringLanes[T]) rouse(head *ringLane[T], c *counts) {
	if head == &f.asleep {
		c.give(f.token)
	} else {
		f.channel.signal()
	}
}

// wake wakes the consumer if it waits or is about to.
func (f *ringLanes[T]) wake() {
	if head := f.ready.Load(); f.waits(head) && f.ready.CompareAndSwap(head, nil) {
		f.rouse(head, &known[0])
	}
}

// delist takes a lane out of use that the consumer found empty. It reports false
// if the lane has something for the consumer after all.
func (f *ringLanes[T]) delist(l *ringLane[T]) bool {
	if l.done.Load() {
		// Not published, which may have looked at tail too early to see all; and what
		// was seen is not taken by a receive into no place.
		if end := l.end(); end != l.seen || end != l.head.Load() {
			return false
		}
		l.cut() // nothing comes any more
		f.lanes.remove(l)
		return true
	}
	if !l.state.CompareAndSwap(laneListed, laneIdle) {
		return false // closed since
	}
	if l.tail.Load() == l.seen && !l.done.Load() {
		return true
	}
	return !l.retake() // true: somebody has listed it, or will
}

// admit takes the ready lanes into the rotation, those listed first ahead, and
// returns how many there were.
func (f *ringLanes[T]) admit() int {
	if l := f.ready.Load(); l == nil || f.waits(l) {
		return 0
	}
	before, room := len(f.rotation), cap(f.rotation)
	for l := f.ready.Swap(nil); l != nil; {
		l.misses = 0
		f.rotation = append(f.rotation, l)
		l, l.ready = l.ready, nil
	}
	if cap(f.rotation) != room {
		clear(f.inline[:]) // it lies elsewhere now
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
	if n == 0 && len(buf) > 0 {
		f.letGo() // whoever does not come back leaves nothing in rotation
	}
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
	if c := cap(f.rotation); c > longRotation && len(f.rotation) < c/8 {
		f.rotation = append(make([]*ringLane[T], 0, c/2), f.rotation...)
	}
	f.cursor = 0
	return f.admit()
}

// turn takes what is left of a lane's turn, and the lane out of the rotation if
// it has been empty for long, or for good.
func (f *ringLanes[T]) turn(l *ringLane[T], buf []T) int {
	known := l.seen
	n := l.take(buf[:min(len(buf), laneTurn-f.used)], &f.rings)
	if n == 0 {
		if l.misses++; (l.misses > laneMisses || l.done.Load()) && f.delist(l) {
			f.rotation[f.cursor] = nil
		}
		return 0
	}
	l.misses = 0
	f.used += n
	if f.policy == DropOldest {
		f.received.Store(f.received.Load() + uint64(n))
	}
	if l.seen != known {
		f.adapt(int(l.seen - known))
	}
	l.wake()
	if l.done.Load() && l.head.Load() == l.seen && f.delist(l) {
		f.rotation[f.cursor] = nil
	}
	return n
}

// prepare announces that the consumer is about to park, if it can take all lanes
// out of the rotation and none is ready.
func (f *ringLanes[T]) prepare() bool {
	if !f.letGo() {
		return false
	}
	f.pause = 0
	f.wakeBackedOff()
	return f.ready.CompareAndSwap(nil, &f.asleep) || f.ready.CompareAndSwap(&f.watched, &f.asleep)
}

// watch is prepare for the channel of Ready.
func (f *ringLanes[T]) watch() bool {
	if !f.letGo() {
		return false
	}
	f.pause = 0
	f.wakeBackedOff()
	return f.watching() || f.ready.CompareAndSwap(nil, &f.watched)
}

func (f *ringLanes[T]) unwatch() { f.ready.CompareAndSwap(&f.watched, nil) }

func (f *ringLanes[T]) watching() bool { return f.ready.Load() == &f.watched }

func (f *ringLanes[T]) readiness() *readiness { return &f.channel }

// letGo takes all lanes out of the rotation, or reports false.
func (f *ringLanes[T]) letGo() bool {
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
	if cap(f.rotation) > longRotation {
		f.rotation = f.inline[:0]
	}
	f.rotation, f.cursor, f.used = f.rotation[:0], 0, 0
	return true
}

func (f *ringLanes[T]) park(ctx context.Context) bool {
	woken := f.token.await(ctx)
	if woken {
		known[0].woken()
	}
	return woken
}

func (f *ringLanes[T]) cancel() {
	if !f.ready.CompareAndSwap(&f.asleep, nil) {
		<-f.token
		known[0].woken()
	}
}

// finish lets go of all lanes, which have closed by then.
func (f *ringLanes[T]) finish() bool {
	f.admit()
	if !f.letGo() {
		return false
	}
	if l := f.ready.Load(); l != nil && !f.waits(l) {
		return false
	}
	f.trimmer.stop()
	return true
}

// trim is called by the trimmer.
func (f *ringLanes[T]) trim() (more bool) {
	f.lanes.each(func(l *ringLane[T]) {
		if l.trim() {
			more = true
		}
	})
	return f.rings.forget() || more
}

// halt closes all lanes as their producers do, and ends the fan-in when all are: before,
// the consumer could let go of one into which something is sent.
func (f *ringLanes[T]) halt() {
	f.halted.Store(true)
	var all []*ringLane[T]
	f.lanes.each(func(l *ringLane[T]) { all = append(all, l) })
	for _, l := range all {
		l.Close()
	}
	f.stop()
}

// discard closes all lanes and cuts their rings off. Those in rotation stay known
// to the consumer, with nothing in them. Whoever comes second waits, for its caller's
// sends are to fail from then on.
func (f *ringLanes[T]) discard() {
	f.discarding.Lock()
	defer f.discarding.Unlock()
	f.trimmer.stop()
	for _, l := range f.lanes.takeAll() {
		l.close()
		l.cut()
		l.wake()
		l.started()
	}
	for last := f.ready.Load(); last != nil && !f.waits(last); last = f.ready.Load() {
		f.ready.CompareAndSwap(last, nil)
	}
}
