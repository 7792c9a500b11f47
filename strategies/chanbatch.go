package strategies

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
)

var chanBatchDescriptor = Descriptor{
	Name:     "chan-batch",
	Doc:      "producers collect items in slices and send those over one channel when full, old, or wanted",
	Family:   FamilyChannels,
	Source:   "the usual recipe; this project",
	Order:    OrderPerProducer,
	Bound:    Total,
	Policies: []Policy{Fail, DropNewest},
	Wait:     "parks in the channel's queue at once",
	Batch:    true,
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
func NewChanBatch[T any](o Options) FanIn[T] {
	o = o.MustSuit(chanBatchDescriptor)
	f := &chanBatch[T]{
		policy: o.Policy, capacity: o.Capacity,
		limit: min(batchItems, max(1, o.Capacity/2)), // or the two sides would take turns
		full:  make(chan *batch[T], o.Capacity),
	}
	f.pool.New = func() any { return &batch[T]{items: make([]T, 0, f.limit)} }
	f.room.free.Store(int64(o.Capacity))
	f.consumer.f = f
	return f
}

type chanBatch[T any] struct {
	lifecycle
	policy   Policy
	capacity int
	limit    int // items that a producer collects

	// full carries the slices. Each holds an item at least, and an item its
	// credit until it is received, so there is a place for every slice and to
	// send one never waits. It is closed when the last producer closes.
	full chan *batch[T]
	pool sync.Pool // of *batch[T], empty; the garbage collector trims it

	_    [padding]byte
	room credits // written by every send
	_    [padding]byte

	// waiting says that the consumer is about to wait, or waits, for a slice.
	// The producer that takes it back sends off what it has; one is enough to
	// wake the consumer, and the others go on collecting.
	waiting atomic.Bool
	_       [padding]byte

	mu sync.Mutex // guards lying
	// lying is the producers that may have items which are not sent off, each
	// once. A producer enters itself when it begins to collect and stays until the
	// consumer fetches the list, which under load it seldom does.
	lying []*chanBatchProducer[T]

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
	p.init(&f.room, f.policy, &f.lifecycle, p)
	p.closed = !f.join()
	return p
}

func (f *chanBatch[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *chanBatch[T]) Backlog() int { return f.capacity - int(f.room.free.Load()) }

type chanBatchProducer[T any] struct {
	creditProducer[T]
	f *chanBatch[T]

	mu      sync.Mutex // between the producer and a consumer that collects
	current *batch[T]  // nil or not empty
	listed  bool       // in f.lying, or in the hands of the consumer that fetched it
}

// put collects one item.
//
// An item that lies is not overlooked by a consumer that goes to sleep: the
// consumer stores waiting, fetches the list and only then waits. Either the
// producer is in the list by then, or it enters itself under the same lock
// afterwards and finds waiting true, unless another has taken it back and wakes
// the consumer, who then begins anew.
func (p *chanBatchProducer[T]) put(item T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.collecting()
	b.items = append(b.items, item)
	if len(b.items) >= p.f.limit || p.f.wanted() {
		p.flush()
	} else if !p.listed {
		p.listed = true
		p.f.list(p)
		if p.f.wanted() {
			p.flush()
		}
	}
}

func (p *chanBatchProducer[T]) putBatch(items []T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.collecting()
	b.items = append(b.items, items...)
	p.flush()
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
	}
}

// stall sends off what there is: its credits may be those that are wanting, and
// the consumer can do no better than to receive it soon.
func (p *chanBatchProducer[T]) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flush()
}

func (p *chanBatchProducer[T]) Close() {
	if p.closed {
		return
	}
	p.closed = true
	p.mu.Lock()
	p.flush()
	p.mu.Unlock()
	if p.f.leave() {
		close(p.f.full)
	}
}

// list enters a producer into the list of those with items that lie.
func (f *chanBatch[T]) list(p *chanBatchProducer[T]) {
	f.mu.Lock()
	f.lying = append(f.lying, p)
	f.mu.Unlock()
}

// wanted reports whether the consumer waits and this producer is to wake it.
func (f *chanBatch[T]) wanted() bool {
	return f.waiting.Load() && f.waiting.CompareAndSwap(true, false)
}

type chanBatchConsumer[T any] struct {
	f       *chanBatch[T]
	current *batch[T]               // being drained; nil or not empty
	ended   bool                    // the channel is closed and empty
	taken   int                     // items since the last collect
	spare   []*chanBatchProducer[T] // empty; the list that is not f.lying
}

func (c *chanBatchConsumer[T]) Recv(buf []T) (int, error) { return c.recv(noContext, buf) }

func (c *chanBatchConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return c.recv(ctx, buf)
}

func (c *chanBatchConsumer[T]) recv(ctx context.Context, buf []T) (int, error) {
	n, err := c.TryRecv(buf)
	if n > 0 || err != nil || len(buf) == 0 {
		return n, err
	}
	c.f.waiting.Store(true)
	defer c.f.waiting.Store(false)
	if n, err := c.TryRecv(buf); n > 0 || err != nil {
		return n, err
	}
	if err := c.wait(ctx); err != nil {
		return 0, err
	}
	return c.TryRecv(buf)
}

// wait receives a slice, or returns the error of ctx.
func (c *chanBatchConsumer[T]) wait(ctx context.Context) error {
	if ctx == noContext {
		c.current = <-c.f.full
		return nil
	}
	select {
	case c.current = <-c.f.full:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TryRecv moves what there is into buf.
func (c *chanBatchConsumer[T]) TryRecv(buf []T) (int, error) {
	if c.f.left.Load() {
		return 0, ErrClosed
	}
	if len(buf) == 0 {
		return 0, nil
	}
	n := c.drain(buf)
	if n == 0 {
		c.collect()
		n = c.drain(buf)
	} else if c.taken >= c.f.capacity {
		c.collect()
	}
	if n == 0 && c.ended {
		return 0, io.EOF
	}
	return n, nil
}

// collect has the producers send off what lies with them.
func (c *chanBatchConsumer[T]) collect() {
	c.taken = 0
	f := c.f
	f.mu.Lock()
	lying := f.lying
	f.lying = c.spare
	f.mu.Unlock()
	for _, p := range lying {
		p.mu.Lock()
		p.listed = false
		p.flush()
		p.mu.Unlock()
	}
	clear(lying)
	c.spare = lying[:0]
}

// drain moves what has been sent off into buf and gives its room back.
func (c *chanBatchConsumer[T]) drain(buf []T) int {
	n := 0
	for n < len(buf) && c.next() {
		n += c.move(buf[n:])
	}
	if n > 0 {
		c.taken += n
		c.f.room.give(n)
	}
	return n
}

// next makes sure that there is a current slice, and reports false if there is
// none to have.
func (c *chanBatchConsumer[T]) next() bool {
	if c.current != nil {
		return true
	}
	select {
	case b, open := <-c.f.full:
		c.current, c.ended = b, !open
		return open
	default:
		return false
	}
}

// move moves items of the current slice into buf and gives the slice back when
// it is empty.
func (c *chanBatchConsumer[T]) move(buf []T) int {
	b := c.current
	n := copy(buf, b.items[b.head:])
	clear(b.items[b.head : b.head+n]) // what the items point to is the caller's now
	if b.head += n; b.head == len(b.items) {
		c.current = nil
		if cap(b.items) <= batchKeep {
			b.items, b.head = b.items[:0], 0
			c.f.pool.Put(b)
		}
	}
	return n
}

func (c *chanBatchConsumer[T]) Close() {
	if !c.f.left.Swap(true) {
		c.f.room.wakeAll()
		c.current = nil
	}
}
