package peers

import (
	"context"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// putter is a producer's way in.
type putter[T any] interface {
	// put hands an item over without waiting. It reports false if there is no
	// room, which only a bounded peer does.
	put(item T) bool
}

// taker is the consumer's way out.
type taker[T any] interface {
	// take moves up to len(buf) items into buf and returns how many. Only the
	// consumer's goroutine calls it. It does not wait.
	take(buf []T) int
}

// fanIn is the skeleton of all adapters: it counts the producers, knows when
// either side has left, and waits for a peer that cannot wait itself. A send
// costs it a load of left, which is written once, and one interface call.
type fanIn[T any] struct {
	putter   putter[T]
	taker    taker[T]
	consumer strategies.Consumer[T]

	mu    sync.Mutex
	open  int         // producers
	ended atomic.Bool // the last producer has closed, for good
	left  atomic.Bool // the consumer has closed

	peeked atomic.Bool // there is an item in front, taken by a receive into an empty buffer
	front  T           // used by the consumer alone

	// What a peer does in its own way; see newFanIn for what the others do.
	opened   func(*producer[T]) strategies.Producer[T] // has the producer's way in
	next     func(buf []T) int                         // take that waits for items; 0: over. nil: the consumer polls
	idle     func()                                    // between two tries of what the peer cannot wait for
	over     func() bool                               // nothing more will come once take has returned 0
	length   func() int                                // the backlog
	onEnd    func()                                    // the last producer has closed
	onLeave  func()                                    // the consumer has closed
	onUnused func()                                    // both have
}

// newFanIn returns the skeleton over a peer that leaves all waiting to the
// caller; putter may be nil if opened gives every producer its own. Its callers
// yield between two tries, which is what those peers' documentation or their own
// loops do.
func newFanIn[T any](p putter[T], t taker[T]) *fanIn[T] {
	nothing := func() {}
	f := &fanIn[T]{
		putter: p, taker: t, idle: runtime.Gosched,
		opened: func(p *producer[T]) strategies.Producer[T] { return p },
		length: func() int { return 0 },
		onEnd:  nothing, onUnused: nothing,
	}
	f.onLeave = f.discard
	f.over = f.ended.Load
	f.consumer = &consumer[T]{f}
	return f
}

// pollEvery is how often a context variant looks for items where the peer can
// wait for them, but not for a context too.
const pollEvery = time.Millisecond

// waits has the consumer wait by the peer's own means.
func (f *fanIn[T]) waits(next func(buf []T) int) {
	f.next, f.idle = next, func() { time.Sleep(pollEvery) }
}

func (f *fanIn[T]) Producer() strategies.Producer[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := &producer[T]{f: f, putter: f.putter, closed: f.ended.Load()}
	if !p.closed {
		f.open++
	}
	return f.opened(p)
}

// discard throws away what was not received.
func (f *fanIn[T]) discard() {
	buf := make([]T, 64)
	for f.taker.take(buf) > 0 {
	}
}

func (f *fanIn[T]) Consumer() strategies.Consumer[T] { return f.consumer }

func (f *fanIn[T]) Backlog() int {
	switch {
	case f.left.Load():
		return 0
	case f.peeked.Load():
		return f.length() + 1
	}
	return f.length()
}

type producer[T any] struct {
	putter[T]
	f      *fanIn[T]
	closed bool
}

func (p *producer[T]) Send(item T) error {
	if p.closed || p.f.left.Load() {
		return strategies.ErrClosed
	}
	if p.put(item) {
		return nil
	}
	return p.wait(context.Background(), item)
}

func (p *producer[T]) SendContext(ctx context.Context, item T) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := p.TrySend(item); err != strategies.ErrFull {
		return err
	}
	return p.wait(ctx, item)
}

func (p *producer[T]) TrySend(item T) error {
	if p.closed || p.f.left.Load() {
		return strategies.ErrClosed
	}
	if p.put(item) {
		return nil
	}
	return strategies.ErrFull
}

// wait tries until there is room.
func (p *producer[T]) wait(ctx context.Context, item T) error {
	for {
		p.f.idle()
		if err := p.TrySend(item); err != strategies.ErrFull {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func (p *producer[T]) SendBatch(items []T) (int, error) { return p.each(items, p.Send) }

func (p *producer[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return p.each(items, func(item T) error { return p.SendContext(ctx, item) })
}

func (p *producer[T]) TrySendBatch(items []T) (int, error) { return p.each(items, p.TrySend) }

// each sends a batch one item at a time and returns how many were sent.
func (p *producer[T]) each(items []T, send func(T) error) (int, error) {
	if len(items) == 0 && (p.closed || p.f.left.Load()) {
		return 0, strategies.ErrClosed
	}
	for i, item := range items {
		if err := send(item); err != nil {
			return i, err
		}
	}
	return len(items), nil
}

func (p *producer[T]) Dropped() uint64 { return 0 }

// Close leaves under the lock, so that the sends of all producers come before
// the end that the consumer loads from ended.
func (p *producer[T]) Close() {
	if p.closed {
		return
	}
	p.closed = true
	f := p.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if counting, ok := p.putter.(interface{ leave() }); ok {
		counting.leave()
	}
	if f.open--; f.open > 0 {
		return
	}
	f.ended.Store(true)
	f.onEnd()
	if f.left.Load() {
		f.onUnused()
	}
}

type consumer[T any] struct{ f *fanIn[T] }

func (c *consumer[T]) TryRecv(buf []T) (int, error) {
	if c.f.left.Load() {
		return 0, strategies.ErrClosed
	}
	if len(buf) == 0 {
		return 0, c.peek()
	}
	if c.f.peeked.Load() {
		var none T
		buf[0], c.f.front = c.f.front, none
		c.f.peeked.Store(false)
		return 1, nil
	}
	if n := c.f.taker.take(buf); n > 0 {
		return n, nil
	}
	if !c.f.over() {
		return 0, nil
	}
	// The end first, then a last look: between the first look and the end
	// something may have come.
	if n := c.f.taker.take(buf); n > 0 {
		return n, nil
	}
	return 0, c.f.end()
}

// end returns the error of a receive at the end. A Close that came before it has thrown
// away what was there.
func (f *fanIn[T]) end() error {
	if f.left.Load() {
		return strategies.ErrClosed
	}
	return io.EOF
}

// peek returns io.EOF at the end. Queues do not say that nothing is left, so after the
// last Close it takes an item, if there is one, for the next receive.
func (c *consumer[T]) peek() error {
	if !c.f.ended.Load() || c.f.peeked.Load() {
		return nil
	}
	var one [1]T
	n, err := c.TryRecv(one[:])
	if n > 0 {
		c.f.front = one[0]
		c.f.peeked.Store(true)
	}
	return err
}

func (c *consumer[T]) Recv(buf []T) (int, error) {
	if c.f.next == nil || len(buf) == 0 || c.f.peeked.Load() {
		return c.poll(context.Background(), buf)
	}
	if c.f.left.Load() {
		return 0, strategies.ErrClosed
	}
	if n := c.f.next(buf); n > 0 {
		return n, nil
	}
	return 0, c.f.end()
}

func (c *consumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return c.poll(ctx, buf)
}

// poll tries until there are items.
func (c *consumer[T]) poll(ctx context.Context, buf []T) (int, error) {
	for {
		n, err := c.TryRecv(buf)
		if n > 0 || err != nil || len(buf) == 0 {
			return n, err
		}
		c.f.idle()
		if err := ctx.Err(); err != nil {
			return 0, err
		}
	}
}

// Close throws away what was not received, but for what a send that is under way
// leaves behind.
func (c *consumer[T]) Close() {
	f := c.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left.Swap(true) {
		return
	}
	var none T
	f.front = none
	f.onLeave()
	if f.ended.Load() {
		f.onUnused()
	}
}

// capacity returns the capacity asked for, at least least. It panics if the options
// do not suit.
func capacity(o strategies.Options, d strategies.Descriptor, least int) int {
	return max(o.MustSuit(d).Capacity, least)
}

// What all adapters, or several, say that they lack.
const (
	closesAlone  = "Close belongs to the goroutine that sends or receives: marking each call would change what is measured"
	pollsContext = "a RecvContext looks every millisecond: the queue waits for items, but not for a context"
)

// padding keeps what one producer writes off the cache lines of others: twice a
// line, since processors fetch lines in pairs.
const padding = 128
