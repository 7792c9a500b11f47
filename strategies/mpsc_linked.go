package strategies

import (
	"sync"
	"sync/atomic"
)

var mpscLinkedDescriptor = Descriptor{
	Name:   "mpsc-linked",
	Doc:    "a list of arrays: producers take places by fetch-and-add, the consumer hands arrays back for reuse",
	Family: FamilyLockFree,
	Source: "A. Morrison, Y. Afek, “Fast concurrent queues for x86 processors” (LCRQ), PPoPP 2013, and P. Ramalhete's FAAArrayQueue",
	Order:  OrderGlobal,
	Bound:  Unbounded,
	Wait:   "parks at once",
	Batch:  true,
}

var mpscLinkedStrategy = Strategy{
	Descriptor: mpscLinkedDescriptor,
	Word:       NewMPSCLinked[Word],
	Message:    NewMPSCLinked[Message],
	Blocks:     Blocks{NewMPSCLinked[Block64], NewMPSCLinked[Block1K], NewMPSCLinked[Block16K], NewMPSCLinked[Block64K]},
}

// NewMPSCLinked returns an unbounded fan-in over a linked list of arrays, the
// segments. A send takes its position by a fetch-and-add on one counter, which
// never fails and is never repeated; it writes its item at that position's place,
// of whichever segment, and stamps it; a batch does so once for all its items. The
// arrays idea is that of the queues named above; the counter is one for the whole
// list rather than one per segment, which is what makes it safe to use segments
// again (see segment). A lock is taken once per segment to append it and once to
// hand it back, a few thousand items apart.
//
// Positions are taken in the order of the sends, which gives global order; the
// price is that an item is not received before those of earlier positions are
// written. It loses when a producer is stopped between taking its position and
// writing, as happens where there are more busy producers than processors:
// everybody's items then wait for the scheduler to let that one go on. And where a
// backlog needs a limit.
//
// NewMPSCLinked panics with the error of [Options.Validate] if there is one.
func NewMPSCLinked[T any](o Options) FanIn[T] {
	o.MustSuit(mpscLinkedDescriptor)
	f := &mpscLinked[T]{parker: newParker(), most: keepItems[slot[T]]()}
	f.consumer = consumer[T]{source: f, life: &f.lifecycle, sleeper: &f.parker}
	f.trimmer.trim = f.trim
	f.last = newSegment[T](min(firstSegment, f.most))
	f.front.Store(f.last)
	f.latest.Store(f.last)
	return f
}

// firstSegment is the length of the first segment in items. Each further one is
// twice as long as the one before, up to keepBytes: an idle fan-in stays small,
// and a busy one takes the lock seldom.
const firstSegment = 16

type mpscLinked[T any] struct {
	dropsNothing[T]
	// latest is the segment that was appended last, for producers to look at
	// first, or one without places once nothing is to be received any more.
	// Written under mu, once per segment.
	latest atomic.Pointer[segment[T]]
	most   int // length of the longest segments, in items
	lifecycle

	_ [padding]byte
	// tail is the next position to be taken, and sealed when none is any more: what
	// is taken then is out of range. Written by every send.
	tail atomic.Uint64
	// end is 1 more than tail was when halt sealed it: sends still add to that.
	end atomic.Uint64
	_   [padding]byte

	// head is the position of the oldest item, or of the next if there is none.
	// The consumer stores it once per receive, for those who ask for the backlog.
	head     atomic.Uint64
	at       int // the place in front that head is at; the consumer's
	run      int // items left of the run that begins before head; the consumer's
	consumer consumer[T]
	_        [padding]byte

	parker parker // state is loaded by every send
	_      [padding]byte

	trimmer trimmer

	mu sync.Mutex // guards changes of what follows, and of the list
	// front is the segment being received from, which the consumer loads without
	// mu, or nil once nothing is to be received any more: a poll beside that goes on
	// with what it has loaded until it returns.
	front  atomic.Pointer[segment[T]]
	last   *segment[T]
	spare  *segment[T] // segments to be used again, linked by rest
	spares int         // how many those are
	unused int         // the fewest they were since the last trim
}

// segment is an array of places for the positions from base on.
//
// Segments are used again, and a producer may hold a pointer to one that has been
// meanwhile. That is harmless: it looks at base only after it has taken its
// position, and a segment whose positions include one that is taken and not
// written cannot be received to its end, which is what comes before using it
// again. So a segment that seems to include a producer's position is the right
// one, and stays so until the producer has written; any other is just not it.
//
// Ordering: turn and the clearing of the places are written before base, under
// the lock; the producer that finds its position included has loaded base and so
// sees them. The consumer comes to a segment by next, which is stored after that.
type segment[T any] struct {
	base  atomic.Uint64
	next  atomic.Pointer[segment[T]] // nil in the last one, and in spare ones
	turn  uint64                     // a stamp: how often the segment was used
	rest  *segment[T]                // next of the spare ones
	slots []slot[T]
}

func newSegment[T any](n int) *segment[T] {
	return &segment[T]{turn: turnStamp(1), slots: make([]slot[T], n)}
}

// place returns the index of a position, or what is out of range if the segment
// does not include it.
func (s *segment[T]) place(pos uint64) uint64 { return pos - s.base.Load() }

func (s *segment[T]) includes(pos uint64) bool { return s.place(pos) < uint64(len(s.slots)) }

// segment returns the segment that includes pos, a position that the caller has
// taken, or nil if the consumer has left.
func (f *mpscLinked[T]) segment(pos uint64) *segment[T] {
	if s := f.latest.Load(); s.includes(pos) {
		return s
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last == nil {
		return nil
	}
	// Nothing is handed back while mu is held. The walk is short but for a
	// producer that was stopped while others went on: then it starts at the front.
	s := f.last
	if pos < s.base.Load() {
		s = f.front.Load()
	}
	for !s.includes(pos) {
		if s == f.last {
			f.append()
		}
		s = s.next.Load()
	}
	return s
}

// append appends a segment; mu is held.
func (f *mpscLinked[T]) append() {
	s := f.spare
	if s != nil {
		f.spare, s.rest = s.rest, nil
		f.spares--
		f.unused = min(f.unused, f.spares)
		s.turn += turnStamp(1)
	} else {
		s = newSegment[T](min(2*len(f.last.slots), f.most))
	}
	s.base.Store(f.last.base.Load() + uint64(len(f.last.slots)))
	f.last.next.Store(s)
	f.last = s
	f.latest.Store(s)
}

// advance goes on from the segment that was received to its end to the next, if
// there is one, and keeps the former for another time.
func (f *mpscLinked[T]) advance(done *segment[T]) *segment[T] {
	next := done.next.Load()
	if next == nil {
		return nil
	}
	f.mu.Lock()
	if f.front.Load() != done { // the consumer has left
		f.mu.Unlock()
		return nil
	}
	f.front.Store(next)
	f.at = 0
	if len(done.slots) == f.most { // shorter ones are outgrown
		done.next.Store(nil) // or it would keep all that come after it
		done.rest, f.spare = f.spare, done
		f.spares++
	}
	grown := f.spares > spareSegments
	f.mu.Unlock()
	if grown {
		f.trimmer.arm()
	}
	return next
}

func (f *mpscLinked[T]) Producer() Producer[T] {
	p := &mpscLinkedProducer[T]{f: f}
	p.closed.Store(!f.join())
	p.neverWaits.sender = p
	return p
}

// Sender is as in [SenderOpener].
func (f *mpscLinked[T]) Sender() Sender[T] { return f.Producer() }

func (f *mpscLinked[T]) Consumer() Consumer[T] { return &f.consumer }

// Backlog counts what has a position, written or not yet.
func (f *mpscLinked[T]) Backlog() int {
	for !f.left.Load() {
		head := f.head.Load()
		tail := f.tail.Load()
		if tail&sealed != 0 {
			if f.front.Load() == nil {
				return 0 // nothing was left, and what is taken since is none
			}
			if tail = f.end.Load(); tail == 0 {
				continue // halt is about to say
			}
			tail--
		}
		if f.head.Load() == head { // both are of one moment
			return int(tail - head)
		}
	}
	return 0
}

// Stats implements StatsKeeper. What was delivered is loaded first: it never passes what
// was accepted.
func (f *mpscLinked[T]) Stats() Stats {
	s := f.withWaits(f.stats(f.Backlog()))
	s.Counted, s.WaitingKnown = true, true
	s.Delivered = f.head.Load()
	tail, end := f.tail.Load(), f.end.Load()
	switch {
	case tail&sealed == 0:
		s.Accepted = tail
	case end > 0:
		s.Accepted = end - 1
	default: // sealed as nothing was left, or halt is about to say
		s.Accepted = f.head.Load()
	}
	return s
}

// poll takes what is published, up to the first place that is taken and not
// written yet. An item behind such a place counts as published when the place
// is: its own producer may have woken the consumer in vain, the producer of the
// place that the consumer waits for wakes it when it matters. That producer has
// appended the place's segment before it wrote.
func (f *mpscLinked[T]) poll(buf []T) int {
	n := 0
	for s := f.front.Load(); s != nil && n < len(buf); {
		if f.at == len(s.slots) {
			s = f.advance(s)
			continue
		}
		if f.run == 0 {
			if f.run = s.slots[f.at].run(s.turn); f.run == 0 {
				break
			}
		}
		m := min(f.run, len(buf)-n)
		drain(buf[n:n+m], s.slots[f.at:f.at+m])
		f.run -= m
		f.at += m
		n += m
	}
	if n > 0 {
		f.head.Store(f.head.Load() + uint64(n))
	}
	return n
}

// spareSegments is how many segments are kept for use again in any case: a trickle
// uses one in turn with the other.
const spareSegments = 1

// trim leaves the spare segments that were not used since the last trim, but for
// one, to the garbage collector.
func (f *mpscLinked[T]) trim() (more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for ; f.unused > 0 && f.spares > spareSegments; f.unused-- {
		f.spare = f.spare.rest
		f.spares--
	}
	f.unused = f.spares
	return f.spares > spareSegments
}

// finish seals the tail if there is nothing left: a position that was taken in
// between makes that fail, and a later one is out of range.
func (f *mpscLinked[T]) finish() bool {
	tail, head := f.tail.Load(), f.head.Load()
	switch {
	case f.front.Load() == nil:
	case tail&sealed != 0:
		if f.end.Load() != head+1 { // or halt is about to say, and wakes the consumer then
			return false
		}
	case tail != head || !f.tail.CompareAndSwap(tail, tail|sealed):
		return false
	}
	f.discard()
	return true
}

// halt seals the tail: what has a position by then is written, and received.
func (f *mpscLinked[T]) halt() {
	f.stop()
	if tail := f.tail.Or(sealed); tail&sealed == 0 {
		f.end.Store(tail + 1)
	}
}

// discard lets go of the items with their places. A send that has taken a position
// and not seen that the consumer left writes to what is let go of, or finds none.
func (f *mpscLinked[T]) discard() {
	f.trimmer.stop()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last != nil {
		f.front.Store(nil)
		f.latest.Store(new(segment[T]))
		f.last, f.spare, f.spares, f.unused = nil, nil, 0, 0
	}
}

type mpscLinkedProducer[T any] struct {
	neverWaits[T]
	f      *mpscLinked[T]
	closed atomic.Bool
}

// gone reports whether a send fails.
func (p *mpscLinkedProducer[T]) gone() bool { return p.closed.Load() || p.f.left.Load() }

func (p *mpscLinkedProducer[T]) Send(item T) error {
	f := p.f
	if p.gone() {
		return ErrClosed
	}
	pos := f.tail.Add(1) - 1
	if pos&sealed != 0 {
		return ErrClosed
	}
	s := f.segment(pos)
	if s == nil {
		return ErrClosed
	}
	slot := &s.slots[s.place(pos)]
	slot.item = item
	slot.stamp.Store(s.turn | 1)
	f.parker.wake()
	return nil
}

func (p *mpscLinkedProducer[T]) SendBatch(items []T) (int, error) {
	f := p.f
	if p.gone() {
		return 0, ErrClosed
	}
	if len(items) == 0 {
		if f.ended() {
			return 0, ErrClosed
		}
		return 0, nil
	}
	pos := f.tail.Add(uint64(len(items))) - uint64(len(items))
	if pos&sealed != 0 {
		return 0, ErrClosed
	}
	for rest := items; len(rest) > 0; { // a run for each segment that they go into
		s := f.segment(pos)
		if s == nil {
			return len(items) - len(rest), ErrClosed
		}
		places := s.slots[s.place(pos):]
		n := min(len(places), len(rest)) // less than maxRun, as segments are
		fill(places, s.turn, rest[:n])
		pos, rest = pos+uint64(n), rest[n:]
	}
	f.parker.wake()
	return len(items), nil
}

func (p *mpscLinkedProducer[T]) Dropped() uint64 { return 0 }

func (p *mpscLinkedProducer[T]) Close() {
	if !p.closed.Swap(true) && p.f.leave() {
		p.f.parker.wake()
	}
}
