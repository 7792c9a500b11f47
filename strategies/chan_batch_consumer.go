package strategies

import (
	"context"
	"io"
)

type chanBatchConsumer[T any] struct {
	f       *chanBatch[T]
	current *batch[T] // being drained by a receive; nil or not empty
	ended   bool      // the channel is closed and empty
	taken   int       // items since the last collect
}

func (c *chanBatchConsumer[T]) Recv(buf []T) (int, error) { return c.recv(noContext, buf) }

func (c *chanBatchConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := contextErr(ctx); err != nil {
		return 0, err
	}
	return c.recv(ctx, buf)
}

func (c *chanBatchConsumer[T]) recv(ctx context.Context, buf []T) (int, error) {
	n, err := c.take(buf)
	if n > 0 || err != nil || len(buf) == 0 {
		return n, err
	}
	defer c.unwatch()
	for {
		c.f.waiting.Store(true)
		if n, err := c.take(buf); n > 0 || err != nil {
			return n, err
		}
		if err := c.wait(ctx); err != nil {
			return 0, err
		}
		if n, err := c.take(buf); n > 0 || err != nil {
			return n, err
		}
	}
}

// Ready implements Readier.
func (c *chanBatchConsumer[T]) Ready() <-chan struct{} { return c.f.watch.ready() }

// TryRecv announces, once Ready was called, that the consumer waits for a slice as recv
// does: whoever takes waiting back sends off what it has, and tells after that.
func (c *chanBatchConsumer[T]) TryRecv(buf []T) (int, error) {
	n, err := c.take(buf)
	if !c.f.watch.asked(len(buf), n, err) {
		return n, err
	}
	c.f.watch.waits.Store(true)
	c.f.waiting.Store(true)
	n, err = c.take(buf)
	if n > 0 || err != nil {
		c.unwatch()
	}
	return n, err
}

// unwatch takes back that the consumer waits. Nobody has to send off anything then, so
// nobody would tell.
func (c *chanBatchConsumer[T]) unwatch() {
	c.f.waiting.Store(false)
	c.f.watch.waits.Store(false)
}

// wait receives a slice, or what says that there is something to look at, or returns the
// error of ctx.
func (c *chanBatchConsumer[T]) wait(ctx context.Context) error {
	if ctx == noContext {
		b, open := <-c.f.full
		c.came(b, open)
		return nil
	}
	select {
	case b, open := <-c.f.full:
		c.came(b, open)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take moves what there is into buf.
func (c *chanBatchConsumer[T]) take(buf []T) (int, error) {
	if len(buf) == 0 || c.f.left.Load() {
		c.current = nil
		return 0, c.nothing()
	}
	n := c.drain(buf)
	if n == 0 {
		c.collect()
		n = c.drain(buf)
	} else if c.taken >= c.f.capacity {
		c.collect()
	}
	if c.f.left.Load() {
		c.f.discard() // Close may have come too early to see all
	}
	if n == 0 {
		return 0, c.nothing()
	}
	return n, nil
}

// nothing returns the error of a receive that receives nothing. After the end no
// send takes a credit that it does not give back.
func (c *chanBatchConsumer[T]) nothing() error {
	c.ended = c.ended || c.f.ended() && c.f.Backlog() == 0
	// Looked at second: a Close that finds no producer open ends the fan-in itself
	// when it wakes the receiver, after it stored left.
	if c.f.left.Load() {
		return ErrClosed
	}
	if c.ended {
		return io.EOF
	}
	return nil
}

// collect has the producers send off what lies with them.
func (c *chanBatchConsumer[T]) collect() {
	c.taken = 0
	c.f.fetch((*chanBatchProducer[T]).flush)
}

// drain moves what has been sent off into buf and gives its room back.
func (c *chanBatchConsumer[T]) drain(buf []T) int {
	f, n := c.f, 0
	if c.current == nil && f.rest.Load() != nil {
		c.current = f.rest.Swap(nil)
	}
	for n < len(buf) && c.next() {
		n += c.move(buf[n:])
	}
	if c.current != nil { // leave it where Close finds it
		f.rest.Store(c.current)
		c.current = nil
	}
	if n > 0 {
		c.taken += n
		f.room.give(n)
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
		c.came(b, open)
		return b != nil
	default:
		return false
	}
}

// came takes note of what was received.
func (c *chanBatchConsumer[T]) came(b *batch[T], open bool) {
	c.current = b
	switch {
	case !open:
		c.ended = true
	case b == nil:
		c.f.woken.Store(false)
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

// Stop ends the fan-in: what is sent later finds that, who waits for room is released, and
// the end comes when all credits are back.
func (c *chanBatchConsumer[T]) Stop() {
	f := c.f
	if !f.stop() {
		return
	}
	f.stopped.Store(true)
	f.room.wakeAll()
	f.wakeReceiver()
	f.watch.wake()
}

// Close throws everything away and releases who waits.
func (c *chanBatchConsumer[T]) Close() {
	f := c.f
	if f.left.Swap(true) {
		return
	}
	f.room.wakeAll()
	f.discard()
	f.wakeReceiver()
	f.watch.wake()
}
