package strategies

import (
	"context"
	"io"
)

// source is the consumer's side of a strategy without waiting: consumer adds
// waiting, the end and leaving, once for all of them. But for discard, only the
// consumer's goroutine calls it.
type source[T any] interface {
	// poll moves up to len(buf) items into buf and returns how many. It
	// returns 0 only if everything published before the call is received, where
	// an item is published when it and all that must come before it are written.
	poll(buf []T) int
	// finish is called after the last producer has closed, and reports whether
	// everything is received. If so, nothing comes later: a send that was
	// overtaken by its producer's Close fails from then on, and the memory goes.
	// If not, what is missing can be polled or will be announced to the sleeper.
	finish() bool
	// halt refuses what is sent from then on, in this or another goroutine, and ends
	// the lifecycle. Any goroutine may call it.
	halt()
	// discard throws away what was not received: nothing that the fan-in, its
	// producers or its consumer refer to may lead to it. lifecycle.left is set,
	// so sends fail. Any goroutine may call it, beside a receive of another,
	// which calls it again when it is done.
	discard()
}

// consumer implements Consumer over a source whose producers wake its sleeper
// after publishing and after the last of them has left.
type consumer[T any] struct {
	source[T]
	life    *lifecycle
	sleeper sleeper
	backOff func() // called before a Recv looks for items, or nil
	parks   int64
	watches bool // Ready was called
}

// Recv takes what is there by itself, which is recv without its calls: those cost a
// receive of one item a quarter of its time.
func (c *consumer[T]) Recv(buf []T) (int, error) {
	if c.backOff == nil && !c.life.left.Load() {
		if n := c.poll(buf); n > 0 {
			if !c.life.left.Load() {
				return n, nil
			}
			clear(buf[:n]) // thrown away with the rest: see take
		}
	}
	return c.recv(noContext, buf)
}

func (c *consumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := contextErr(ctx); err != nil {
		return 0, err
	}
	return c.recv(ctx, buf)
}

func (c *consumer[T]) TryRecv(buf []T) (int, error) {
	n, err := c.take(buf)
	if n == 0 && err == nil && c.watches && len(buf) > 0 {
		return c.watch(buf)
	}
	return n, err
}

// watch has the channel of Ready tell of what comes, and looks once more. See token for
// why nothing is missed. Who finds something takes the announcement back: there may be
// more, for which nobody looks at it.
func (c *consumer[T]) watch(buf []T) (int, error) {
	if !c.sleeper.watch() {
		c.sleeper.readiness().signal() // the next receive will look
		return 0, nil
	}
	n, err := c.take(buf)
	if n > 0 || err != nil {
		c.sleeper.unwatch()
	}
	return n, err
}

// Ready implements Readier. As long as the announcement stands, nothing was there after
// it, so who publishes something makes the channel ready. In all other cases that is
// done here.
func (c *consumer[T]) Ready() <-chan struct{} {
	ready := c.sleeper.readiness()
	c.watches = true
	channel := ready.make()
	if !c.sleeper.watching() {
		ready.signal()
	}
	return channel
}

// take is TryRecv without Ready. It asks for the end when it has found nothing, and
// finish looks again: see lifecycle. It does not wait for a send that is still under way
// at the end, its producer closed by another goroutine. What it has found beside a Close
// is thrown away with the rest.
func (c *consumer[T]) take(buf []T) (int, error) {
	if !c.life.left.Load() {
		n := c.poll(buf)
		if !c.life.left.Load() {
			if n > 0 || !c.life.ended() || !c.finish() {
				return n, nil
			}
			if !c.life.left.Load() { // still: a Close before the end throws away what was to come
				return 0, io.EOF
			}
		}
		clear(buf[:n])
	}
	c.discard() // again: Close may have come beside poll, too early to see all
	return 0, ErrClosed
}

// recv waits for items. See token for why no wake-up is lost; Close is woken from
// in the same way.
func (c *consumer[T]) recv(ctx context.Context, buf []T) (int, error) {
	if c.backOff != nil {
		c.backOff()
	}
	for {
		n, err := c.take(buf)
		if n > 0 || err != nil || len(buf) == 0 {
			return n, err
		}
		if !c.sleeper.prepare() {
			continue
		}
		if n, err = c.take(buf); n > 0 || err != nil {
			c.sleeper.cancel()
			return n, err
		}
		c.parks++
		if !c.sleeper.park(ctx) {
			c.sleeper.cancel()
			return 0, ctx.Err()
		}
	}
}

// Parks implements ParkCounter.
func (c *consumer[T]) Parks() int64 { return c.parks }

// Stop implements Stopper.
func (c *consumer[T]) Stop() {
	c.halt()
	c.sleeper.wake()
}

func (c *consumer[T]) Close() {
	if !c.life.left.Swap(true) {
		c.discard()
		c.sleeper.wake()
	}
}
