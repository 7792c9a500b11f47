package strategies

import (
	"sync"
	"sync/atomic"
)

var chanBatchDescriptor = Descriptor{
	Name:           "chan-batch",
	Doc:            "producers collect items in slices and send those over one channel when full, old, or wanted",
	Family:         FamilyChannels,
	Source:         "the usual recipe; this project",
	Order:          OrderPerProducer,
	Bound:          Total,
	Policies:       []Policy{Fail, DropNewest},
	Wait:           "parks in the channel's queue at once",
	Batch:          true,
	SharesProducer: true,
}

var chanBatchStrategy = Strategy{
	Descriptor: chanBatchDescriptor,
	Word:       NewChanBatch[Word],
	Message:    NewChanBatch[Message],
	Blocks:     Blocks{NewChanBatch[Block64], NewChanBatch[Block1K], NewChanBatch[Block16K], NewChanBatch[Block64K]},
}

const (
	// batchItems is how many items are collected at most. From 16 on it made no
	// difference to throughput that 2 busy cores could show; at 64 the channel's
	// some hundred ns are below 2 ns an item.
	batchItems = 64
	// batchKeep is how long a slice may be, in items, to be used again. Longer
	// ones come of SendBatch, whose copy costs more than the slice.
	batchKeep = 1024
)

// NewChanBatch returns a fan-in whose producers each collect items in a slice
// and send the slice over one channel when it is full, or at once if the consumer
// is waiting. A consumer that runs out of slices, or has received o.Capacity items
// since, has what lies with the producers sent off: the age at which an item
// goes out is counted in items, and no item lies longer than it would have waited
// in a full channel. The usual recipe has a timer instead, which leaves an item
// lying beside an idle consumer.
//
// A send takes a lock that the producer shares with nobody but a consumer that
// collects, and one atomic operation on the room that all producers share; the
// channel's lock is taken once per slice. SendBatch adds its items in one copy and
// sends them off. Slices are used again.
//
// It loses to a plain channel where the consumer keeps up, so that every slice
// has one item, and to lanes everywhere else, since all producers meet at the
// room.
//
// o.Capacity bounds the items wherever they are. There is no DropOldest: the
// oldest item is in the middle of a slice under way.
//
// NewChanBatch panics with the error of [Options.Validate] if there is one. Its
// channel carries slices, so items may be of any size.
func NewChanBatch[T any](o Options) FanIn[T] {
	o = o.MustSuit(chanBatchDescriptor)
	f := &chanBatch[T]{
		policy: o.Policy, capacity: o.Capacity,
		limit: min(batchItems, max(1, o.Capacity/2)), // or the two sides would take turns
		full:  make(chan *batch[T], o.Capacity+1),
	}
	f.pool.New = func() any { return &batch[T]{items: make([]T, 0, f.limit)} }
	f.room.free.Store(int64(o.Capacity))
	f.consumer.f = f
	return f
}

type chanBatch[T any] struct {
	lifecycle
	drops[T]
	policy   Policy
	capacity int
	limit    int // items that a producer collects

	// full carries the slices. Each holds an item at least, and an item its
	// credit until it is received, so there is a place for every slice and to
	// send one never waits. It is closed when the last producer closes, but not after
	// a Stop. There may be one nil in it, which wakes a receiver: after the consumer's
	// Close or Stop, and where a send that came too late for that gave its credits back.
	full    chan *batch[T]
	woken   atomic.Bool              // a nil is in full, or about to be
	stopped atomic.Bool              // full is never closed
	rest    atomic.Pointer[batch[T]] // what a receive has begun and left
	pool    sync.Pool                // of *batch[T], empty; the garbage collector trims it

	_    [padding]byte
	room credits // written by every send
	_    [padding]byte

	// waiting says that the consumer is about to wait, or waits, for a slice.
	// The producer that takes it back sends off what it has; one is enough to
	// wake the consumer, and the others go on collecting.
	waiting atomic.Bool
	watch   chanWatch // of full; it waits while waiting is true, or somebody is about to send
	_       [padding]byte

	mu sync.Mutex // guards unsent, its links, and fetched
	// unsent is the list of the producers that may have items which are not sent off.
	// A producer enters itself when it begins to collect and stays until it closes
	// or the consumer fetches the list, which under load it seldom does.
	unsent  *chanBatchProducer[T]
	fetched uint64 // how often the list was

	consumer chanBatchConsumer[T]
}

// batch is a slice under way; by pointer, or putting it into the pool would
// allocate.
type batch[T any] struct {
	items []T
	head  int // items before it are received
}

func (f *chanBatch[T]) Producer() Producer[T] {
	p := &chanBatchProducer[T]{f: f}
	p.init(&f.room, f.policy, &f.left, &f.lifecycle, &f.drops, p)
	p.shut = f.left.Load() || !f.join()
	p.closed.Store(p.shut)
	return p
}

// Sender is a producer, with one slice for all its goroutines.
func (f *chanBatch[T]) Sender() Sender[T] { return f.Producer() }

func (f *chanBatch[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *chanBatch[T]) Backlog() int {
	if f.left.Load() {
		return 0
	}
	return f.capacity - int(f.room.free.Load())
}

// Stats implements StatsKeeper.
func (f *chanBatch[T]) Stats() Stats {
	s := f.withWaits(f.stats(f.Backlog(), f.policy))
	s.Waiting, s.WaitingKnown = int(f.room.count.Load()), true
	return s
}

type chanBatchProducer[T any] struct {
	creditProducer[T]
	f *chanBatch[T]

	mu      sync.Mutex // between the producer, who closes it, and who collects
	current *batch[T]  // nil or not empty
	shut    bool       // closed: nothing more is collected
	listed  bool       // in f.unsent, or in the hands of who fetched it

	// Guarded by f.mu while the producer is in f.unsent, its list's number telling
	// whether it still is, and by mu in the hands of who fetched that.
	prev, next *chanBatchProducer[T]
	list       uint64
}

// put collects one item.
//
// An item that lies is not overlooked by a consumer that goes to sleep: the
// consumer stores waiting, fetches the list and only then waits. Either the
// producer is in the list by then, or it enters itself under the same lock
// afterwards and finds waiting true, unless another has taken it back and wakes
// the consumer, who then begins anew.
//
// Nor does it come after the end, when the consumer has stopped. It has taken its credit
// before it looks whether the fan-in has ended, and the consumer looks for credits that
// are out after it has: either the item is waited for, or it is refused.
//
// Nor is it by a consumer that leaves, which stores left and fetches the list and
// the slices: who entered itself, or sent one, too late for that finds left true.
//
// Checked exhaustively: model/batch.pml.
func (p *chanBatchProducer[T]) put(item T) bool {
	f := p.f
	p.mu.Lock()
	if p.shut || f.ended() {
		p.mu.Unlock()
		f.refuse(1)
		return false
	}
	b := p.collecting()
	b.items = append(b.items, item)
	if p.listed && len(b.items) < f.limit && !f.wanted() {
		p.mu.Unlock()
		return true
	}
	p.show()
	p.mu.Unlock()
	if f.left.Load() {
		f.discard()
	}
	return true
}

// show sends off what there is if it is enough or wanted, and otherwise enters the
// producer into the list, under mu.
func (p *chanBatchProducer[T]) show() {
	f := p.f
	if !p.listed && len(p.current.items) < f.limit && !f.wanted() {
		p.listed = true
		f.enter(p)
		if !f.wanted() {
			return
		}
	}
	p.flush()
}

func (p *chanBatchProducer[T]) putBatch(items []T) int {
	p.mu.Lock()
	if p.shut || p.f.ended() {
		p.mu.Unlock()
		p.f.refuse(len(items))
		return 0
	}
	b := p.collecting()
	b.items = append(b.items, items...)
	p.flush()
	p.mu.Unlock()
	if p.f.left.Load() {
		p.f.discard()
	}
	return len(items)
}

// collecting returns the slice to append to, under mu.
func (p *chanBatchProducer[T]) collecting() *batch[T] {
	if p.current == nil {
		p.current = p.f.pool.Get().(*batch[T])
	}
	return p.current
}

// flush sends off what there is, under mu.
func (p *chanBatchProducer[T]) flush() {
	if p.current != nil {
		p.f.full <- p.current
		p.current = nil
		p.f.watch.wake()
	}
}

// stall sends off what there is: its credits may be those that are wanting, and
// the consumer can do no better than to receive it soon.
func (p *chanBatchProducer[T]) stall() {
	p.mu.Lock()
	p.flush()
	p.mu.Unlock()
	if p.f.left.Load() {
		p.f.discard()
	}
}

// Close sends off what there is. The channel is closed by the last to close, when
// none sends any more: shut is stored under the lock that a send holds.
func (p *chanBatchProducer[T]) Close() {
	if p.closed.Swap(true) {
		return
	}
	p.overflowed.close(&p.f.overflowCounts)
	p.mu.Lock()
	p.shut = true
	p.flush()
	if p.listed {
		p.f.remove(p)
	}
	p.mu.Unlock()
	p.f.room.release(&p.waiting)
	p.f.leaveAndClose()
	if p.f.left.Load() {
		p.f.discard()
	}
}

// refuse gives the credits of items back that came too late. After a Stop the consumer may
// wait for them.
func (f *chanBatch[T]) refuse(items int) {
	f.room.give(items)
	if f.stopped.Load() {
		f.sendNil()
		f.watch.wake()
	}
}

// leaveAndClose counts a producer out.
func (f *chanBatch[T]) leaveAndClose() {
	if f.leave() {
		close(f.full)
		f.watch.wake()
	}
}

// enter puts a producer into the list of those with items that lie.
func (f *chanBatch[T]) enter(p *chanBatchProducer[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p.list, p.prev, p.next = f.fetched, nil, f.unsent
	if f.unsent != nil {
		f.unsent.prev = p
	}
	f.unsent = p
}

// remove takes a producer out of the list, unless somebody has fetched it, who
// then lets go of the producer soon.
func (f *chanBatch[T]) remove(p *chanBatchProducer[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p.list != f.fetched {
		return
	}
	if p.prev != nil {
		p.prev.next = p.next
	} else {
		f.unsent = p.next
	}
	if p.next != nil {
		p.next.prev = p.prev
	}
	p.listed, p.prev, p.next = false, nil, nil
}

// fetch takes the list and calls f for each producer in it, with its lock held.
func (f *chanBatch[T]) fetch(do func(*chanBatchProducer[T])) {
	f.mu.Lock()
	p := f.unsent
	f.unsent = nil
	f.fetched++
	f.mu.Unlock()
	for p != nil {
		p.mu.Lock()
		next := p.next
		p.listed, p.prev, p.next = false, nil, nil
		do(p)
		p.mu.Unlock()
		p = next
	}
}

// discard throws away what was sent and not received, after left was stored. Who
// may have put something where an earlier call did not see it calls it again.
func (f *chanBatch[T]) discard() {
	f.fetch(func(p *chanBatchProducer[T]) { p.current = nil })
	f.rest.Store(nil)
	for woken := false; ; {
		select {
		case b, open := <-f.full:
			if !open {
				return
			}
			if b == nil {
				f.woken.Store(false)
				woken = true
			}
		default:
			if woken {
				f.wakeReceiver()
			}
			return
		}
	}
}

// wakeReceiver sends the nil, counted in like a producer: if it cannot be, the
// channel is closed and nobody waits, or it was stopped and never will be.
func (f *chanBatch[T]) wakeReceiver() {
	switch {
	case f.join():
		f.sendNil()
		f.leaveAndClose()
	case f.stopped.Load():
		f.sendNil()
	}
}

// sendNil sends the nil, unless it is there: who receives it says so, and then looks for
// what it was sent for.
func (f *chanBatch[T]) sendNil() {
	if !f.woken.Swap(true) {
		f.full <- nil
	}
}

// wanted reports whether the consumer waits and this producer is to wake it.
func (f *chanBatch[T]) wanted() bool {
	return f.waiting.Load() && f.waiting.CompareAndSwap(true, false)
}
