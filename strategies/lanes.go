package strategies

import (
	"cmp"
	"slices"
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

// laneKeepBytes is how much memory each slice of a lane may hold at rest: little,
// as there may be thousands of lanes, and enough for a trickle.
const laneKeepBytes = 512

// spareLanes is how many lanes without a producer are kept for the next ones: as many
// as goroutines that come and go are likely to need at once, without a timer running,
// which costs each switch between goroutines a look at the clock. At rest they hold
// about as much as keepBytes.
const spareLanes = 64

// NewLanes returns an unbounded fan-in in which each producer, or with o.Lanes
// each group of producers, has a lane: a slice under a mutex of its own. The
// consumer goes round the lanes that are marked dirty and swaps each one's whole
// slice for an empty one. A send takes one lock that only the lane's producers
// and, once per swap, the consumer want.
//
// Order is kept per producer only. It loses when there are very many producers
// and few send, since the consumer looks at every lane's mark before it parks;
// and where a backlog needs a limit.
//
// NewLanes panics with the error of [Options.Validate] if there is one.
func NewLanes[T any](o Options) FanIn[T] {
	o = o.MustSuit(lanesDescriptor)
	f := &lanes[T]{parker: newParker(), shared: o.Lanes, keep: itemsIn[T](laneKeepBytes)}
	f.consumer = consumer[T]{source: f, life: &f.lifecycle, sleeper: &f.parker}
	f.trimmer.trim = f.trim
	f.all.Store(new([]*lane[T]))
	for range o.Lanes {
		f.addLane()
	}
	return f
}

type lanes[T any] struct {
	dropsNothing[T]
	lifecycle // left is loaded by opening producers, state changed as they come and go
	shared    int
	keep      int

	// all is every lane, by their numbers. An append may write behind the length
	// of a published slice, which no reader looks at, and is published by the
	// store that the consumer's load in poll pairs with. Lanes are taken out by
	// storing another slice.
	all atomic.Pointer[[]*lane[T]]

	mu     sync.Mutex // guards changes of all, and what follows
	opened uint64     // lanes so far
	free   []*lane[T] // lanes without a producer, for the next ones: the last comes first
	unused int        // the fewest of them since the last trim
	next   int        // the shared lane for the next producer
	halted bool       // no producer gets a lane any more
	// What came and was taken in lanes that are let go of.
	pastCame, pastTaken uint64

	trimmer trimmer

	_      [padding]byte
	late   atomic.Bool // a lane without a producer was not drained at the last trim
	_      [padding]byte
	parker parker // state is loaded by every send
	_      [padding]byte

	// Used by the consumer alone.
	consumer consumer[T]
	turn     uint64 // the number of the lane whose turn it is, or of the one before
	cursor   int    // where that is in all, unless all has changed
	used     int    // of its turn, in items
}

// lane is one producer's path. Lanes are padded so that a producer's lock and
// mark share no cache line with another's.
type lane[T any] struct {
	swapBuffer[T]
	// dirty says that the lane may have items to swap. A producer stores true
	// after its push; the consumer stores false before its swap, so what is
	// pushed after the swap marks the lane anew.
	dirty  atomic.Bool
	number uint64 // lanes are numbered as they are made; the later ones stand behind
	_      [padding]byte
}

// addLane makes a lane; mu is held, or nobody else knows of the fan-in.
func (f *lanes[T]) addLane() *lane[T] {
	l := &lane[T]{number: f.opened}
	f.opened++
	all := append(*f.all.Load(), l)
	f.all.Store(&all)
	return l
}

// Sender is as in [SenderOpener].
func (f *lanes[T]) Sender() Sender[T] { return newLanesSender(f) }

func (f *lanes[T]) Producer() Producer[T] {
	p := &lanesProducer[T]{f: f}
	p.neverWaits.sender = p
	if !f.join() {
		return p
	}
	f.mu.Lock()
	// Under mu either discard sees this producer's lane or we see that the
	// consumer has left.
	if !f.left.Load() && !f.halted {
		p.lane = f.laneFor()
	}
	f.mu.Unlock()
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
		f.unused = min(f.unused, last)
		return l // what its last producer sent may still be in it: order holds
	}
	return f.addLane()
}

// release takes back the lane of a producer that has closed.
func (f *lanes[T]) release(l *lane[T]) {
	f.mu.Lock()
	if !f.left.Load() {
		f.free = append(f.free, l)
	}
	many := len(f.free) > spareLanes
	f.mu.Unlock()
	if many {
		f.trimmer.arm()
	}
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

// Stats implements StatsKeeper. It takes every lane's lock in turn.
func (f *lanes[T]) Stats() Stats {
	s := f.withWaits(f.stats(f.Backlog()))
	s.Counted, s.WaitingKnown = true, true
	f.mu.Lock()
	all := *f.all.Load()
	s.Accepted, s.Delivered = f.pastCame, f.pastTaken
	f.mu.Unlock()
	for _, l := range all {
		came, taken := l.moved()
		s.Accepted += came
		s.Delivered += taken
	}
	return s
}

// forget counts what was in a lane that is let go of; mu is held.
func (f *lanes[T]) forget(l *lane[T]) {
	came, taken := l.moved()
	f.pastCame += came
	f.pastTaken += taken
}

// poll goes round the lanes once, from the one whose turn it is.
func (f *lanes[T]) poll(buf []T) int {
	all := *f.all.Load()
	f.find(all)
	n := 0
	for range all {
		if f.cursor == len(all) { // not as it gets there: a lane may be added meanwhile
			f.cursor = 0
		}
		l := all[f.cursor]
		if l.rest > 0 || l.dirty.Load() {
			n += f.takeTurn(l, buf[n:])
			if n == len(buf) && l.rest > 0 && f.used < laneTurn {
				f.turn = l.number
				return n // its turn goes on with the next call
			}
		}
		f.cursor, f.used = f.cursor+1, 0
		f.turn = l.number + 1
		if n == len(buf) {
			return n
		}
	}
	return n
}

// find finds the place of the lane whose turn it is after lanes were taken out. If
// it was, its turn goes to the next.
func (f *lanes[T]) find(all []*lane[T]) {
	if f.cursor < len(all) && all[f.cursor].number == f.turn {
		return
	}
	at, found := slices.BinarySearchFunc(all, f.turn, func(l *lane[T], turn uint64) int {
		return cmp.Compare(l.number, turn)
	})
	if f.cursor = at; !found {
		f.used = 0
	}
}

// takeTurn moves what is left of a lane's turn into buf.
func (f *lanes[T]) takeTurn(l *lane[T], buf []T) int {
	if l.rest == 0 {
		l.dirty.Store(false)
	}
	n, grown := l.take(buf[:min(len(buf), laneTurn-f.used)], f.keep)
	if grown || l.rest == 0 && f.late.Load() {
		f.trimmer.arm()
	}
	f.used += n
	return n
}

// trim trims each lane and lets go of those that were without a producer all the
// time since the last trim, but for some spare ones. One that is not drained yet is
// due when it is: see takeTurn.
func (f *lanes[T]) trim() (more bool) {
	for _, l := range *f.all.Load() {
		more = l.trim(f.keep) || more
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if gone := f.unused - spareLanes; gone > 0 && !f.left.Load() {
		f.drop(gone)
	}
	f.unused = len(f.free)
	f.late.Store(true) // before they are looked at: who drains one after that sees it
	drained := 0
	for _, l := range f.free {
		if l.backlog() == 0 {
			drained++
		}
	}
	f.late.Store(drained < f.unused)
	return more || drained > spareLanes
}

// drop lets go of up to so many drained lanes, the ones that have been free the
// longest; mu is held. They give up what they hold, as a closed producer that its
// user keeps leads to its lane.
func (f *lanes[T]) drop(most int) {
	gone := make(map[*lane[T]]bool, most)
	for _, l := range f.free {
		if len(gone) < most && l.backlog() == 0 {
			l.discard()
			f.forget(l)
			gone[l] = true
		}
	}
	without := func(lanes []*lane[T]) []*lane[T] {
		rest := make([]*lane[T], 0, len(lanes)-len(gone))
		for _, l := range lanes {
			if !gone[l] {
				rest = append(rest, l)
			}
		}
		return rest
	}
	f.free = without(f.free)
	all := without(*f.all.Load())
	f.all.Store(&all)
}

// finish may tell the end by the backlog: all producers have closed, so nothing comes
// later, see push.
func (f *lanes[T]) finish() bool {
	if f.Backlog() > 0 {
		return false
	}
	f.discard()
	return true
}

// halt closes all lanes, and ends the fan-in when all are: before, the consumer could
// find each empty in turn, and miss what comes into one that it has looked at.
func (f *lanes[T]) halt() {
	f.mu.Lock()
	f.halted = true
	all := *f.all.Load()
	f.mu.Unlock()
	for _, l := range all {
		l.close()
	}
	f.stop()
}

func (f *lanes[T]) discard() {
	f.mu.Lock()
	all := *f.all.Load()
	for _, l := range all {
		l.discard()
		f.forget(l)
	}
	f.all.Store(new([]*lane[T]))
	f.free = nil
	f.mu.Unlock()
	f.trimmer.stop()
}

type lanesProducer[T any] struct {
	neverWaits[T]
	f      *lanes[T]
	lane   *lane[T] // nil if opened after the end
	closed atomic.Bool
}

func (p *lanesProducer[T]) Send(item T) error {
	if p.lane == nil {
		return ErrClosed
	}
	if _, ok := p.lane.push(item, &p.closed); !ok {
		return ErrClosed
	}
	p.lane.published(p.f)
	return nil
}

func (p *lanesProducer[T]) SendBatch(items []T) (int, error) {
	if p.lane == nil {
		return 0, ErrClosed
	}
	if _, ok := p.lane.pushAll(items, &p.closed); !ok {
		return 0, ErrClosed
	}
	if len(items) > 0 {
		p.lane.published(p.f)
	}
	return len(items), nil
}

// published marks the lane and wakes the consumer if it is asleep, after the
// lock is given up: the consumer would only run into it.
func (l *lane[T]) published(f *lanes[T]) {
	if !l.dirty.Load() {
		l.dirty.Store(true)
	}
	f.parker.wake()
}

func (p *lanesProducer[T]) Dropped() uint64 { return 0 }

func (p *lanesProducer[T]) Close() {
	if p.lane == nil || p.closed.Swap(true) {
		return
	}
	if p.f.leave() {
		p.f.parker.wake()
	} else if p.f.shared == 0 {
		p.f.release(p.lane)
	}
}
