package conformance_test

import (
	"context"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// reference is the simplest fan-in that keeps every promise: one queue under
// one mutex. The broken ones are the reference with one fault switched on.
func reference() strategies.Strategy { return withFault(faults{}) }

var referenceDescriptor = strategies.Descriptor{
	Name: "reference", Doc: "a queue under one mutex", Order: strategies.OrderGlobal, Bound: strategies.Total,
	Policies: []strategies.Policy{strategies.Fail, strategies.DropNewest, strategies.DropOldest},
}

func withFault(f faults) strategies.Strategy {
	return strategies.Strategy{
		Descriptor: referenceDescriptor,
		Word:       construct[strategies.Word](f),
		Message:    construct[strategies.Message](f),
		Blocks:     strategies.Blocks{Block1K: construct[strategies.Block1K](f)},
	}
}

func construct[T any](f faults) strategies.Constructor[T] {
	return func(o strategies.Options) strategies.FanIn[T] {
		if !f.takesAnything {
			o = o.MustSuit(referenceDescriptor)
		}
		q := &queue[T]{faults: f, capacity: o.Capacity, policy: o.Policy}
		q.notEmpty.L = &q.mu
		if f.leaks {
			go func() { select {} }()
		}
		return q
	}
}

type entry[T any] struct {
	from *producer[T]
	item T
}

type queue[T any] struct {
	faults
	capacity int
	policy   strategies.Policy

	mu       sync.Mutex
	notEmpty sync.Cond
	waiting  []*producer[T] // for room, longest first
	entries  []entry[T]
	head     int // entries before it are received
	open     int
	ended    bool
	gone     bool // the consumer has closed

	past // only kept by faults
}

// past is what a sound queue does not remember.
type past struct {
	poked  bool
	puts   uint64 // items ever
	seen   uint64 // of them when the backlog was read last
	opened int    // producers ever
	ever   []any
	left   int // backlog when the consumer closed
}

func (q *queue[T]) length() int { return len(q.entries) - q.head }

func (q *queue[T]) Producer() strategies.Producer[T] {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended {
		return &producer[T]{q: q, closed: true}
	}
	q.open++
	p := &producer[T]{q: q, woken: make(chan struct{}, 1)}
	if q.opened++; q.keepsBeyond > 0 && q.opened > q.keepsBeyond {
		q.ever = append(q.ever, p)
	}
	return p
}

func (q *queue[T]) Consumer() strategies.Consumer[T] { return (*consumer[T])(q) }

func (q *queue[T]) Backlog() int {
	var before uint64
	if q.looksLong {
		before = q.received()
		time.Sleep(100 * time.Microsecond)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.length()
	switch {
	case q.gone && q.countsLeft:
		n = q.left
	case q.gone:
		n = 0
	case q.looksLong:
		n = int(q.puts - before)
	case q.doublesMoving && q.puts > q.seen:
		n *= 2
	}
	q.seen = q.puts
	return q.backlog(n)
}

// received returns how many items were received or dropped.
func (q *queue[T]) received() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.puts - uint64(q.length())
}

// put appends one entry; there is room.
func (q *queue[T]) put(e entry[T]) {
	if len(q.entries) == cap(q.entries) && q.head > len(q.entries)/2 {
		n := copy(q.entries, q.entries[q.head:])
		clear(q.entries[n:])
		q.entries, q.head = q.entries[:n], 0
	}
	q.puts++
	if q.leaksBytes && q.puts%1000 == 0 {
		q.ever = append(q.ever, new([64]byte))
	}
	if q.losesAfter == 0 || q.puts < q.losesAfter || q.puts%1000 > 0 {
		for range q.copies() {
			q.entries = append(q.entries, e)
		}
	}
	if n := len(q.entries); n-q.head > 1 && q.swaps() {
		q.entries[n-1], q.entries[n-2] = q.entries[n-2], q.entries[n-1]
	}
	q.corrupt(&q.entries)
	if q.wakesConsumer() {
		q.notEmpty.Signal()
	}
}

// take moves entries into buf and makes room for as many senders.
func (q *queue[T]) take(buf []T) int {
	n := min(len(buf), q.length())
	for i := range n {
		buf[i] = q.entries[q.head+i].item
		if !q.retains {
			q.entries[q.head+i] = entry[T]{}
		}
	}
	q.head += n
	if q.length() == 0 {
		q.entries, q.head = q.entries[:0], 0
		if !q.freesWaiting {
			q.shrink()
		}
	}
	q.wakeProducers(q.wakesProducers(n))
	return n
}

// shrink lets go of the memory of a burst.
func (q *queue[T]) shrink() {
	if q.length() == 0 && cap(q.entries) > 4096 && !q.retains && !q.hoards {
		q.entries, q.head = nil, 0
	}
}

func (q *queue[T]) wakeProducers(n int) {
	n = min(n, len(q.waiting))
	for _, p := range q.waiting[:n] {
		p.woken <- struct{}{}
	}
	q.waiting = slices.Delete(q.waiting, 0, n)
}

// waitForRoom waits until the producer is woken or ctx is done. One that gives
// up passes on the wake-up it may have had.
func (q *queue[T]) waitForRoom(ctx context.Context, p *producer[T]) error {
	q.waiting = append(q.waiting, p)
	q.mu.Unlock()
	var err error
	select {
	case <-p.woken:
	case <-q.done(ctx):
		err = ctx.Err()
	}
	q.mu.Lock()
	if err == nil {
		return nil
	}
	if i := slices.Index(q.waiting, p); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	} else if <-p.woken; !q.swallows {
		q.wakeProducers(1)
	}
	return err
}

// waitForItems waits until the consumer is woken or ctx is done.
func (q *queue[T]) waitForItems(ctx context.Context) {
	if q.polls > 0 {
		q.mu.Unlock()
		time.Sleep(q.polls)
		q.mu.Lock()
		return
	}
	if q.done(ctx) != nil {
		defer context.AfterFunc(ctx, func() {
			q.mu.Lock()
			defer q.mu.Unlock()
			q.notEmpty.Signal()
		})()
	}
	q.notEmpty.Wait()
}

type producer[T any] struct {
	q       *queue[T]
	closed  bool
	woken   chan struct{}
	dropped atomic.Uint64
	scratch []T // only kept by a fault
}

// send sends one item; wait says whether it may wait.
func (p *producer[T]) send(ctx context.Context, item T, wait bool) error {
	q := p.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.yieldsToSend {
		q.yield()
	}
	if err := q.err(ctx); err != nil {
		return err
	}
	for waited := false; ; {
		switch {
		case (p.closed || q.gone && !q.sendsAfterClose) && (!waited || !q.sendsWoken):
			q.wakeProducers(1) // it may have been woken for room that it does not use
			return strategies.ErrClosed
		case q.length() < q.limit(q.capacity):
			q.put(entry[T]{p, item})
			return nil
		case q.policy == strategies.DropNewest:
			p.dropped.Add(q.countsDrops())
			return nil
		case q.policy == strategies.DropOldest:
			q.dropOldest(p)
		case q.policy == strategies.Fail || !wait:
			if q.sendsRejected {
				q.put(entry[T]{p, item})
			}
			return strategies.ErrFull
		default:
			if err := q.waitForRoom(ctx, p); err != nil {
				return err
			}
			waited = true
			if p.closed && q.panicsOnClose {
				panic("send on a closed producer")
			}
		}
	}
}

// yield lets others run.
func (q *queue[T]) yield() {
	q.mu.Unlock()
	runtime.Gosched()
	q.mu.Lock()
}

func (q *queue[T]) dropOldest(sender *producer[T]) {
	at := q.head
	if q.dropsSecond && q.length() > 1 {
		at++
	}
	blamed := q.entries[at].from
	if q.blamesSender {
		blamed = sender
	}
	blamed.dropped.Add(q.countsDrops())
	q.entries = append(q.entries[:at], q.entries[at+1:]...)
}

func (p *producer[T]) sendBatch(ctx context.Context, items []T, wait bool) (int, error) {
	if len(items) == 0 {
		return 0, p.sendNothing(ctx)
	}
	if p.q.keepsBatches {
		p.scratch = append(p.scratch[:0], items...)
	}
	for i, item := range items {
		if i == p.q.batchLimit && i > 0 {
			return i, nil
		}
		if err := p.send(ctx, item, wait); err != nil {
			return i, err
		}
		if p.q.allocates {
			sink.Store(new(int))
		}
	}
	return len(items), nil
}

// sink keeps what a fault allocates on the heap.
var sink atomic.Pointer[int]

// sendNothing returns what a send would that has nothing to send.
func (p *producer[T]) sendNothing(ctx context.Context) error {
	q := p.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.emptyWakes {
		q.poked = true
		q.notEmpty.Signal()
	}
	if err := q.err(ctx); err != nil {
		return err
	}
	if (p.closed || q.gone) && !q.emptyAlways {
		return strategies.ErrClosed
	}
	return nil
}

func (p *producer[T]) Send(item T) error { return p.send(context.Background(), item, true) }

func (p *producer[T]) TrySend(item T) error {
	p.q.nap()
	return p.send(context.Background(), item, p.q.tryWaits)
}

func (p *producer[T]) SendContext(ctx context.Context, item T) error {
	return p.send(p.q.some(ctx), item, true)
}

func (p *producer[T]) SendBatch(items []T) (int, error) {
	return p.sendBatch(context.Background(), items, true)
}

func (p *producer[T]) TrySendBatch(items []T) (int, error) {
	p.q.nap()
	return p.sendBatch(context.Background(), items, p.q.tryWaits)
}

func (p *producer[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	return p.sendBatch(p.q.some(ctx), items, true)
}

func (p *producer[T]) Dropped() uint64 { return p.dropped.Load() }

// Close counts the producer out and releases its send that waits.
func (p *producer[T]) Close() {
	q := p.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if p.closed && !q.closesTwice {
		return
	}
	if q.closesTwiceAtOnce {
		q.yield()
	}
	p.closed = true
	if i := slices.Index(q.waiting, p); i >= 0 && !q.keepsOwnSender {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		p.woken <- struct{}{}
	}
	if q.open--; q.open <= 0 {
		q.ended = true
		if !q.closesQuietly {
			q.notEmpty.Signal()
		}
	}
}

type consumer[T any] queue[T]

// recv receives; wait says whether it may wait.
func (c *consumer[T]) recv(ctx context.Context, buf []T, wait bool) (int, error) {
	q := (*queue[T])(c)
	if q.yieldsToLook {
		runtime.Gosched()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lookBack(q.opened)
	for {
		gone := q.gone
		if q.closesUnseen {
			q.yield()
		}
		switch {
		case gone, q.gone && (!q.closesUnseen || !q.ended):
			return 0, strategies.ErrClosed
		case len(buf) == 0 && q.ended && q.length() == 0 && !q.emptyAlways:
			return 0, io.EOF
		case len(buf) == 0:
			return 0, nil
		case q.err(ctx) != nil:
			if q.losesCanceled {
				q.take(buf[:1])
			}
			return 0, ctx.Err()
		case q.ended && q.endsWithItems && q.length() == 1:
			return 0, io.EOF
		case q.length() > 0:
			return q.take(buf), nil
		case q.ended || q.endsEmpty && q.open == 0:
			return 0, io.EOF
		case !wait && !q.tryWaits:
			return 0, nil
		case q.poked:
			q.poked = false
			return 0, nil
		}
		q.shrink()
		switch {
		case q.spins:
			q.mu.Unlock()
			q.mu.Lock()
			continue
		case q.yields:
			q.yield()
			continue
		}
		q.waitForItems(ctx)
	}
}

func (c *consumer[T]) Recv(buf []T) (int, error) { return c.recv(context.Background(), buf, true) }

func (c *consumer[T]) TryRecv(buf []T) (int, error) {
	c.nap()
	return c.recv(context.Background(), buf, false)
}

func (c *consumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	return c.recv(c.some(ctx), buf, true)
}

func (c *consumer[T]) Close() {
	q := (*queue[T])(c)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.endsOnClose && q.open == 0 {
		q.ended = true
		q.notEmpty.Signal()
		q.yield()
	}
	if !q.gone {
		q.left = q.length()
	}
	q.gone = true
	if !q.keepsLeft {
		q.entries, q.head = nil, 0
	}
	if !q.leavesBlocked {
		q.wakeProducers(len(q.waiting))
	}
	if !q.leavesReceiver {
		q.notEmpty.Signal()
	}
}
