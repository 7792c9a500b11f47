package strategies

import (
	"context"
	"sync"
	"sync/atomic"
)

// credits is room, counted in items, where the channels of a strategy do not
// bound its backlog by themselves. Senders take, the consumer gives back what it
// has received, so capacity less free is the backlog.
//
// A sender that finds none:          Who gives:
//
//	W1  queue up, waiting++            G1  free += n
//	W2  take?                          G2  waiting?
//	W3  none: wait to be woken         G3  if so, wake the first
//
// Atomic operations are sequentially consistent: either W1 comes before G2 and
// the giver sees the waiter, or G1 comes before W2 and the waiter sees the
// credits. One give wakes one waiter however much it gives; whoever was woken, or
// gives up waiting, wakes the next if credits are left. So while there are both
// credits and waiters, somebody is on the way to look.
type credits struct {
	free    atomic.Int64
	waiting atomic.Int64 // the length of the queue

	mu    sync.Mutex
	queue creditWaiter // the head of the ring of those who wait, the first being its next
}

// creditWaiter is a producer's place in the queue. Producers have one each, so
// that waiting does not allocate.
type creditWaiter struct {
	next, prev *creditWaiter // nil outside the queue; guarded by credits.mu
	// woken has capacity 1: who takes a waiter off the queue to wake it sends
	// one token, and the waiter receives it before it queues up again.
	woken chan struct{}
}

func (c *credits) init(n int) {
	c.free.Store(int64(n))
	c.queue.next, c.queue.prev = &c.queue, &c.queue
}

// take takes up to most credits and returns how many; 0 if there are none.
func (c *credits) take(most int) int {
	for {
		free := c.free.Load()
		n := min(free, int64(most))
		if n == 0 || c.free.CompareAndSwap(free, free-n) {
			return int(n)
		}
	}
}

// give returns n credits.
func (c *credits) give(n int) {
	c.free.Add(int64(n))
	c.pass()
}

// pass wakes the first waiter if there is something to take.
func (c *credits) pass() {
	if c.free.Load() == 0 || c.waiting.Load() == 0 {
		return
	}
	c.mu.Lock()
	first := c.queue.next
	woken := c.unlink(first)
	c.mu.Unlock()
	if woken {
		first.woken <- struct{}{}
	}
}

// wait waits until it has taken between 1 and most credits, gone is closed, or
// ctx is done; noContext never is.
func (c *credits) wait(ctx context.Context, gone <-chan struct{}, w *creditWaiter, most int) (n int, err error) {
	var done <-chan struct{}
	if ctx != noContext {
		done = ctx.Done()
	}
	for again := false; ; again = true {
		c.enqueue(w, again)
		if n = c.take(most); n == 0 {
			select {
			case <-w.woken:
				if n = c.take(most); n == 0 {
					continue // others were faster
				}
				c.pass()
				return n, nil
			case <-gone:
				err = ErrClosed
			case <-done:
				err = ctx.Err()
			}
		}
		c.dequeue(w)
		c.pass()
		return n, err
	}
}

// enqueue puts a waiter into the queue: at the end, or first if it has been
// woken in vain.
func (c *credits) enqueue(w *creditWaiter, first bool) {
	if w.woken == nil {
		w.woken = make(chan struct{}, 1)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w.prev = c.queue.prev
	if first {
		w.prev = &c.queue
	}
	w.next = w.prev.next
	w.prev.next, w.next.prev = w, w
	c.waiting.Add(1)
}

// dequeue takes a waiter off the queue that has not received a token.
func (c *credits) dequeue(w *creditWaiter) {
	c.mu.Lock()
	queued := c.unlink(w)
	c.mu.Unlock()
	if !queued {
		<-w.woken // its token is on the way
	}
}

// unlink takes a waiter off the queue, under mu, and reports whether it was in.
// The head is not.
func (c *credits) unlink(w *creditWaiter) bool {
	if w.next == nil || w == &c.queue {
		return false
	}
	w.prev.next, w.next.prev = w.next, w.prev
	w.next, w.prev = nil, nil
	c.waiting.Add(-1)
	return true
}

// creditProducer implements the sends of a Producer, and its overflow policies
// but DropOldest, over credits.
type creditProducer[T any] struct {
	credits *credits
	waiter  creditWaiter
	policy  Policy
	life    *lifecycle
	gone    <-chan struct{}
	sink    creditSink[T]
	closed  bool
	dropped atomic.Uint64 // under DropNewest
}

// creditSink takes the items for which there are credits.
type creditSink[T any] interface {
	put(item T)
	putBatch(items []T)
	// stall is called before the producer waits, fails or drops for want of
	// credits.
	stall()
}

func (p *creditProducer[T]) Send(item T) error { return p.send(noContext, item, true) }

func (p *creditProducer[T]) TrySend(item T) error { return p.send(noContext, item, false) }

func (p *creditProducer[T]) SendContext(ctx context.Context, item T) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return p.send(ctx, item, true)
}

func (p *creditProducer[T]) send(ctx context.Context, item T, mayWait bool) error {
	if p.closed || p.life.left.Load() {
		return ErrClosed
	}
	n := p.credits.take(1)
	if n == 0 {
		var err error
		if n, err = p.overflow(ctx, 1, mayWait); n == 0 {
			return err
		}
	}
	p.sink.put(item)
	return nil
}

func (p *creditProducer[T]) SendBatch(items []T) (int, error) {
	return p.sendBatch(noContext, items, true)
}

func (p *creditProducer[T]) TrySendBatch(items []T) (int, error) {
	return p.sendBatch(noContext, items, false)
}

func (p *creditProducer[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return p.sendBatch(ctx, items, true)
}

func (p *creditProducer[T]) sendBatch(ctx context.Context, items []T, mayWait bool) (int, error) {
	if len(items) > 0 && (p.closed || p.life.left.Load()) {
		return 0, ErrClosed
	}
	for sent := 0; sent < len(items); {
		rest := items[sent:]
		n := p.credits.take(len(rest))
		if n == 0 {
			var err error
			if n, err = p.overflow(ctx, len(rest), mayWait); err != nil {
				return sent, err
			}
			if n == 0 {
				break // all dropped
			}
		}
		p.sink.putBatch(rest[:n])
		sent += n
	}
	return len(items), nil
}

// overflow does what the policy says where there are no credits for so many
// items, and returns for how many there are now. None without an error means
// that they have been dropped.
func (p *creditProducer[T]) overflow(ctx context.Context, items int, mayWait bool) (int, error) {
	p.sink.stall()
	switch {
	case p.policy == DropNewest:
		p.dropped.Add(uint64(items))
		return 0, nil
	case p.policy == Fail || !mayWait:
		return 0, ErrFull
	}
	return p.credits.wait(ctx, p.gone, &p.waiter, items)
}

func (p *creditProducer[T]) Dropped() uint64 { return p.dropped.Load() }
