package strategies

import (
	"sync"
	"sync/atomic"
)

var lanesDescriptor = Descriptor{
	Name:   "lanes",
	Doc:    "a mutex and a slice per lane, a lane per producer; the consumer swaps whole slices in turn",
	Family: FamilyLanes,
	Source: "https://docs.rs/spillway",
	Order:  OrderPerProducer,
	Bound:  Unbounded,
	Lanes:  true,
	Wait:   "parks at once",
	Batch:  true,
}

var lanesStrategy = Strategy{
	Descriptor: lanesDescriptor,
	Word:       NewLanes[Word],
	Message:    NewLanes[Message],
	Blocks:     Blocks{NewLanes[Block64], NewLanes[Block1K], NewLanes[Block16K], NewLanes[Block64K]},
}

// laneTurn is how many items one lane may deliver before the next has its turn:
// long enough that moving on costs nothing, short enough that a lane with a
// million items delays the others by microseconds only.
const laneTurn = 4096

// NewLanes returns an unbounded fan-in in which each producer, or with o.Lanes
// each group of producers, has a lane: a slice under a mutex of its own. The
// consumer goes round the lanes that are marked dirty and swaps each one's whole
// slice for an empty one. A send takes one lock that only the lane's producers
// and, once per swap, the consumer want.
//
// Order is kept per producer only. It loses when there are very many producers
// and few send, since the consumer looks at every lane's mark before it parks;
// and where a backlog needs a limit.
func NewLanes[T any](o Options) FanIn[T] {
	f := &lanes[T]{parker: newParker(), shared: o.Lanes, keep: keepItems[T]()}
	f.consumer = consumer[T]{source: f, life: &f.lifecycle, sleeper: &f.parker}
	f.all.Store(new([]*lane[T]))
	for range o.Lanes {
		f.addLane()
	}
	return f
}

type lanes[T any] struct {
	lifecycle // left is loaded by opening producers, state changed as they come and go
	shared    int

	// all is every lane. It only grows: an append may write behind the length
	// of a published slice, which no reader looks at, and is published by the
	// store that the consumer's load in poll pairs with.
	all atomic.Pointer[[]*lane[T]]

	mu   sync.Mutex // guards appends to all, and the two below
	free []*lane[T] // lanes of closed producers, for the next ones
	next int        // the shared lane for the next producer

	_      [padding]byte
	parker parker // asleep is loaded by every send
	_      [padding]byte

	// Used by the consumer alone.
	consumer consumer[T]
	cursor   int  // the lane whose turn it is
	used     int  // of its turn, in items
	burst    bool // a slice has outgrown keep since the last trim
	keep     int
}

// lane is one producer's path. Lanes are padded so that a producer's lock and
// mark share no cache line with another's.
type lane[T any] struct {
	swapBuffer[T]
	// dirty says that the lane may have items to swap. A producer stores true
	// after its push; the consumer stores false before its swap, so what is
	// pushed after the swap marks the lane anew.
	dirty atomic.Bool
	_     [padding]byte
}

func (f *lanes[T]) addLane() *lane[T] {
	l := new(lane[T])
	all := append(*f.all.Load(), l)
	f.all.Store(&all)
	return l
}

func (f *lanes[T]) Producer() Producer[T] {
	p := &lanesProducer[T]{f: f}
	p.neverWaits.sender = p
	f.mu.Lock()
	defer f.mu.Unlock()
	// Under mu either discard sees this producer's lane or we see that the
	// consumer has left.
	if f.left.Load() || !f.join() {
		p.closed = true
		return p
	}
	p.lane = f.laneFor()
	return p
}

// laneFor picks the lane of a new producer.
func (f *lanes[T]) laneFor() *lane[T] {
	if f.shared > 0 {
		l := (*f.all.Load())[f.next%f.shared]
		f.next++
		return l
	}
	if last := len(f.free) - 1; last >= 0 {
		l := f.free[last]
		f.free = f.free[:last]
		return l // what its last producer sent may still be in it: order holds
	}
	return f.addLane()
}

func (f *lanes[T]) Consumer() Consumer[T] { return &f.consumer }

// Backlog takes every lane's lock in turn.
func (f *lanes[T]) Backlog() int {
	sum := 0
	for _, l := range *f.all.Load() {
		sum += l.backlog()
	}
	return sum
}

// poll goes round the lanes once, from the one whose turn it is.
func (f *lanes[T]) poll(buf []T) int {
	all := *f.all.Load()
	n := 0
	for range all {
		if f.cursor == len(all) { // not as it gets there: a lane may be added meanwhile
			f.cursor = 0
		}
		l := all[f.cursor]
		if l.rest() > 0 || l.dirty.Load() {
			n += f.takeTurn(l, buf[n:])
			if n == len(buf) && l.rest() > 0 && f.used < laneTurn {
				return n // its turn goes on with the next call
			}
		}
		f.cursor, f.used = f.cursor+1, 0
		if n == len(buf) {
			return n
		}
	}
	return n
}

// takeTurn moves what is left of a lane's turn into buf.
func (f *lanes[T]) takeTurn(l *lane[T], buf []T) int {
	if l.rest() == 0 {
		l.dirty.Store(false)
	}
	n := l.take(buf[:min(len(buf), laneTurn-f.used)])
	f.used += n
	f.burst = f.burst || l.outgrown(f.keep)
	return n
}

func (f *lanes[T]) oversized() bool { return f.burst }

func (f *lanes[T]) trim() {
	f.burst = false
	for _, l := range *f.all.Load() {
		l.trim(f.keep)
	}
}

func (f *lanes[T]) finish() bool { return f.Backlog() == 0 }

func (f *lanes[T]) discard() {
	f.mu.Lock()
	all := *f.all.Load()
	f.mu.Unlock()
	for _, l := range all {
		l.discard()
	}
}

type lanesProducer[T any] struct {
	neverWaits[T]
	f      *lanes[T]
	lane   *lane[T] // nil if opened after the end
	closed bool
}

func (p *lanesProducer[T]) Send(item T) error {
	if p.closed || !p.lane.push(item) {
		return ErrClosed
	}
	p.published()
	return nil
}

func (p *lanesProducer[T]) SendBatch(items []T) (int, error) {
	if len(items) == 0 {
		return 0, nil
	}
	if p.closed || !p.lane.pushAll(items) {
		return 0, ErrClosed
	}
	p.published()
	return len(items), nil
}

// published marks the lane and wakes the consumer if it is asleep, after the
// lock is given up: the consumer would only run into it.
func (p *lanesProducer[T]) published() {
	if !p.lane.dirty.Load() {
		p.lane.dirty.Store(true)
	}
	p.f.parker.wake()
}

func (p *lanesProducer[T]) Dropped() uint64 { return 0 }

func (p *lanesProducer[T]) Close() {
	if p.closed {
		return
	}
	p.closed = true
	if p.f.leave() {
		p.f.parker.wake()
	} else if p.f.shared == 0 {
		p.f.mu.Lock()
		p.f.free = append(p.f.free, p.lane)
		p.f.mu.Unlock()
	}
}
