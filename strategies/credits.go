package strategies

import (
	"context"
	"sync/atomic"
)

// credits is room, counted in items, where the channels of a strategy do not
// bound its backlog by themselves. Senders take, the consumer gives back what it
// has received, so capacity less free is the backlog.
type credits struct {
	free atomic.Int64
	waiters
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
	c.wake(n)
}

// creditProducer implements the sends of a Producer, and its overflow policies
// but DropOldest, over credits. Where the consumer leaves or stops, wakeAll is to follow.
type creditProducer[T any] struct {
	withPolicy[T] // whose sender is this
	credits       *credits
	waiting       waitOwner
	left          *atomic.Bool // the consumer has closed
	life          *lifecycle   // of the producers
	drops         *drops[T]
	sink          creditSink[T]
	closed        atomic.Bool
	overflowed    overflowCount // items that a send dropped or rejected
}

// creditSink takes the items for which there are credits.
type creditSink[T any] interface {
	// put reports false, and gives the credits back, if the producer has closed or the
	// fan-in has stopped.
	put(item T) bool
	// putBatch is put for several items, in order, and returns how many it took.
	putBatch(items []T) int
	// stall is called before the producer waits, fails or drops for want of
	// credits.
	stall()
}

func (p *creditProducer[T]) init(c *credits, policy Policy, left *atomic.Bool, life *lifecycle, d *drops[T], sink creditSink[T]) {
	p.credits, p.left, p.life, p.drops, p.sink = c, left, life, d, sink
	p.withPolicy = withPolicy[T]{policy, p}
}

func (p *creditProducer[T]) Send(item T) error { return p.sendOne(noContext, item, p.policy) }

// gone reports whether a send cannot succeed any more.
func (p *creditProducer[T]) gone() bool { return p.closed.Load() || p.left.Load() || p.life.ended() }

func (p *creditProducer[T]) sendOne(ctx context.Context, item T, policy Policy) error {
	if p.gone() {
		return ErrClosed
	}
	if p.credits.take(1) == 0 {
		if n, err := p.overflow(ctx, 1, policy); n == 0 {
			if err == nil {
				p.drops.tell(item)
			}
			return err
		}
	}
	if !p.sink.put(item) {
		return ErrClosed
	}
	return nil
}

func (p *creditProducer[T]) sendAll(ctx context.Context, items []T, policy Policy) (int, error) {
	if p.gone() {
		return 0, ErrClosed
	}
	for sent := 0; sent < len(items); {
		rest := items[sent:]
		n := p.credits.take(len(rest))
		if n == 0 {
			var err error
			if n, err = p.overflow(ctx, len(rest), policy); err != nil {
				return sent, err
			}
			if n == 0 {
				p.drops.tellAll(rest)
				break
			}
		}
		put := p.sink.putBatch(rest[:n])
		if sent += put; put < n {
			return sent, ErrClosed
		}
	}
	return len(items), nil
}

// overflow does what the policy says where there are no credits for so many
// items, and returns for how many there are now. None without an error means
// that they have been dropped.
func (p *creditProducer[T]) overflow(ctx context.Context, items int, policy Policy) (int, error) {
	p.sink.stall()
	switch policy {
	case Fail:
		return 0, p.overflowed.reject(items, ErrFull, &p.drops.overflowCounts)
	case DropNewest:
		p.overflowed.add(uint64(items), &p.drops.overflowCounts)
		return 0, nil
	default:
		return p.wait(ctx, items)
	}
}

// wait waits until it has taken between 1 and most credits, or one of the two ends
// has closed.
func (p *creditProducer[T]) wait(ctx context.Context, most int) (int, error) {
	defer p.life.begin().end()
	for again := false; ; again = true {
		if err := p.credits.wait(ctx, &p.waiting, again, p.released); err != nil {
			return 0, err
		}
		if p.gone() {
			p.credits.wake(1) // if a credit was the reason, another can have it
			return 0, ErrClosed
		}
		if n := p.credits.take(most); n > 0 {
			return n, nil
		}
	}
}

// released reports whether there is nothing to wait for.
func (p *creditProducer[T]) released() bool { return p.credits.free.Load() > 0 || p.gone() }

func (p *creditProducer[T]) Dropped() uint64 { return p.overflowed.dropped(p.policy) }
