package strategies

import (
	"context"
	"io"
	"time"
)

// source is the consumer's side of a strategy without waiting: consumer adds
// waiting, the end and leaving, once for all of them. Only the consumer's
// goroutine calls it.
type source[T any] interface {
	// poll moves up to len(buf) items into buf and returns how many. It
	// returns 0 only if everything published before the call is received, where
	// an item is published when it and all that must come before it are written.
	poll(buf []T) int
	// oversized reports whether there is memory worth giving back, and trim
	// gives it back. Both are called with nothing left to poll; items may come
	// at the same time.
	oversized() bool
	trim()
	// discard throws away what is left; the consumer has closed, and sends
	// that see lifecycle.left fail.
	discard()
}

// trimAfter is how long a consumer waits in vain before it gives memory back.
// Between two bursts that follow closer than this the memory is worth keeping:
// growing it anew each time cost a third of the throughput.
const trimAfter = 50 * time.Millisecond

// consumer implements Consumer over a source whose producers wake its sleeper
// after publishing and after the last of them has left.
type consumer[T any] struct {
	source[T]
	life    *lifecycle
	sleeper sleeper
	gather  func() // called before a Recv looks for items, or nil
	parks   int64
}

func (c *consumer[T]) Recv(buf []T) (int, error) { return c.recv(noContext, buf) }

func (c *consumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return c.recv(ctx, buf)
}

func (c *consumer[T]) TryRecv(buf []T) (int, error) {
	if c.life.left.Load() {
		return 0, ErrClosed
	}
	if len(buf) == 0 {
		return 0, nil
	}
	if n := c.poll(buf); n > 0 {
		return n, nil
	}
	if !c.life.ended() {
		return 0, nil
	}
	// The end first, then a last look: see lifecycle.
	if n := c.poll(buf); n > 0 {
		return n, nil
	}
	return 0, io.EOF
}

// recv waits for items. See token for why no wake-up is lost.
func (c *consumer[T]) recv(ctx context.Context, buf []T) (int, error) {
	if c.gather != nil {
		c.gather()
	}
	for {
		n, err := c.TryRecv(buf)
		if n > 0 || err != nil || len(buf) == 0 {
			return n, err
		}
		if !c.sleeper.prepare() {
			continue
		}
		if n, err = c.TryRecv(buf); n > 0 || err != nil {
			c.sleeper.cancel()
			return n, err
		}
		if err := c.park(ctx); err != nil {
			return 0, err
		}
	}
}

// park waits for a wake-up, or for ctx, whose error it then returns.
func (c *consumer[T]) park(ctx context.Context) error {
	c.parks++
	if c.oversized() {
		woken, timedOut := c.sleeper.parkFor(ctx, trimAfter)
		if woken {
			return nil
		}
		if timedOut {
			c.trim()
		}
	}
	if !c.sleeper.park(ctx) {
		c.sleeper.cancel()
		return ctx.Err()
	}
	return nil
}

// Parks implements ParkCounter.
func (c *consumer[T]) Parks() int64 { return c.parks }

func (c *consumer[T]) Close() {
	if !c.life.left.Swap(true) {
		c.discard()
	}
}
