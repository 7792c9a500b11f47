package strategies

import (
	"sync"
	"sync/atomic"
)

var chanUnboundedDescriptor = Descriptor{
	Name:   "chan-unbounded",
	Doc:    "a goroutine moves items from one channel through a growing ring to another",
	Family: FamilyChannels,
	Source: "the usual recipe; compare https://pkg.go.dev/github.com/smallnest/chanx",
	Order:  OrderGlobal,
	Bound:  Unbounded,
	Wait:   "parks in the channel's queue at once",
}

var chanUnboundedStrategy = Strategy{
	Descriptor: chanUnboundedDescriptor,
	Word:       NewChanUnbounded[Word],
	Message:    NewChanUnbounded[Message],
	Blocks:     Blocks{NewChanUnbounded[Block64], NewChanUnbounded[Block1K], NewChanUnbounded[Block16K], nil},
}

// pumpBuffer is the capacity in items of the channels on both sides of the
// pump: enough that it need not be scheduled for every item.
const pumpBuffer = 128

// NewChanUnbounded returns an unbounded fan-in made of channels: a pump
// goroutine receives from one into a ring that grows, and sends from the ring to
// another. Every item is sent twice and takes a turn of the pump's select.
//
// It loses always; it is here because people use it. A TrySend may return
// ErrFull while the pump is behind: waiting for the pump is waiting.
//
// NewChanUnbounded panics with the error of [Options.Validate] if there is one. Code
// that calls it with items of 64 KiB or more does not compile: see [NewChan].
func NewChanUnbounded[T any](o Options) FanIn[T] {
	o.MustSuit(chanUnboundedDescriptor) // of which no option is left
	f := &chanUnbounded[T]{
		in: newChan[T](Options{Capacity: pumpBuffer}), out: make(chan T, pumpBuffer),
		gone: make(chan struct{}), done: make(chan struct{}),
	}
	f.consumer = chanUnboundedConsumer[T]{chanReader[T]{chanConsumer[T]{in: f.in, items: f.out, drained: f.drained}, &f.watch}, f}
	return f
}

type chanUnbounded[T any] struct {
	dropsNothing[T]
	in    *chanFanIn[T]
	out   chan T
	start sync.Once // the pump, with the first producer: without one nothing would end it
	// came and went are how many items the pump has taken from in, and given to out. It
	// alone stores them.
	came, went atomic.Uint64
	watch      chanWatch     // of out
	pumpEnded  atomic.Bool   // the pump has sent its last item
	gone       chan struct{} // closed when the consumer has left
	done       chan struct{} // closed when the pump has ended
	consumer   chanUnboundedConsumer[T]
}

func (f *chanUnbounded[T]) Producer() Producer[T] {
	p := f.in.producer()
	if p.state.Load() == 0 {
		f.start.Do(func() { go f.pump() })
	}
	return p
}

// Sender is as in [SenderOpener].
func (f *chanUnbounded[T]) Sender() Sender[T] { return f.Producer() }

func (f *chanUnbounded[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *chanUnbounded[T]) Backlog() int {
	if f.in.left.Load() {
		return 0
	}
	// An item that the pump moves between two looks would count twice, or not at all. A
	// look takes a tenth of a move, so few are repeated.
	for {
		came, went := f.came.Load(), f.went.Load()
		n := f.in.Backlog() + int(came-went) + len(f.out)
		if came == f.came.Load() && went == f.went.Load() {
			return n
		}
	}
}

// Stats implements StatsKeeper.
func (f *chanUnbounded[T]) Stats() Stats {
	s := f.in.withWaits(f.stats(f.Backlog()))
	s.Rejected = f.in.sum()
	return s
}

// TimeWaits implements WaitTimer: a send may wait for the pump.
func (f *chanUnbounded[T]) TimeWaits() { f.in.TimeWaits() }

// drained reports whether nothing is left to receive and nothing will come.
func (f *chanUnbounded[T]) drained() bool { return f.pumpEnded.Load() && len(f.out) == 0 }

// pump ends when the producers have closed and the ring is empty, or when the
// consumer has left.
func (f *chanUnbounded[T]) pump() {
	defer close(f.done)
	defer f.watch.wake()
	defer close(f.out)
	ring := newRing[T]()
	in := f.in.pipe.items
	for in != nil || ring.count > 0 {
		var out chan T // nil, so never ready, while there is nothing to send
		if ring.count > 0 {
			out = f.out
		}
		select {
		case item, open := <-in:
			if open {
				ring.push(item)
				f.came.Store(f.came.Load() + 1)
			} else {
				in = nil
			}
		case out <- ring.front():
			ring.pop()
			f.went.Store(f.went.Load() + 1)
			f.watch.wake()
		case <-f.gone:
			return
		}
	}
	f.pumpEnded.Store(true)
}

type chanUnboundedConsumer[T any] struct {
	chanReader[T]
	f *chanUnbounded[T]
}

// Stop has the pump end when it has sent all that it has. Where no producer was ever
// opened it is started for that.
func (c *chanUnboundedConsumer[T]) Stop() {
	c.chanReader.Stop()
	c.f.start.Do(func() { go c.f.pump() })
}

// Close ends the pump and returns when it has, as the ring is in its hands. Where no
// producer was ever opened the pump runs here: a receiver waits for its end.
func (c *chanUnboundedConsumer[T]) Close() {
	f := c.f
	if f.in.left.Swap(true) {
		return
	}
	close(f.gone)
	f.in.pipe.discard()
	f.start.Do(f.pump)
	<-f.done
	for range f.out { // closed by the pump
	}
}

// ring is a queue in a slice that doubles when full and halves when three
// quarters are empty, down to keep.
type ring[T any] struct {
	slots []T // length a power of two
	head  int
	count int
	keep  int
}

// ringFirst is the length in items that a ring starts with.
const ringFirst = 16

func newRing[T any]() *ring[T] {
	return &ring[T]{slots: make([]T, ringFirst), keep: max(ringFirst, keepItems[T]())}
}

func (r *ring[T]) push(item T) {
	if r.count == len(r.slots) {
		r.resize(2 * len(r.slots))
	}
	r.slots[(r.head+r.count)&(len(r.slots)-1)] = item
	r.count++
}

// front returns the oldest item; of an empty ring, whatever is in the slot.
func (r *ring[T]) front() T { return r.slots[r.head] }

func (r *ring[T]) pop() {
	clear(r.slots[r.head : r.head+1])
	r.head = (r.head + 1) & (len(r.slots) - 1)
	r.count--
	if len(r.slots) > r.keep && r.count <= len(r.slots)/4 {
		r.resize(len(r.slots) / 2)
	}
}

// resize moves the items to a slice of another length, which holds them all.
func (r *ring[T]) resize(length int) {
	slots := make([]T, length)
	n := copy(slots, r.slots[r.head:min(r.head+r.count, len(r.slots))])
	copy(slots[n:], r.slots[:r.count-n])
	r.slots, r.head = slots, 0
}
