package strategies

import (
	"context"
	"sync/atomic"
)

// chanDropOldest is chan under DropOldest: a sender that finds the channel full
// receives the oldest item itself and throws it away. Items travel with their
// producer's drop counter so that a drop is counted where it belongs; that
// doubles a small item, which is why the other policies do without.
type chanDropOldest[T any] struct {
	inner    *chanFanIn[owned[T]]
	consumer chanDropOldestConsumer[T]
}

type owned[T any] struct {
	item    T
	dropped *atomic.Uint64
}

func newChanDropOldest[T any](o Options) FanIn[T] {
	o.Policy = Fail // the inner channel says when it is full; making room is ours
	f := &chanDropOldest[T]{inner: newChan[owned[T]](o)}
	f.inner.consumer.shared = true
	f.consumer.inner = f.inner.Consumer()
	return f
}

func (f *chanDropOldest[T]) Producer() Producer[T] {
	p := &chanDropOldestProducer[T]{inner: f.inner.producer()}
	p.neverWaits.sender = p
	return p
}

func (f *chanDropOldest[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *chanDropOldest[T]) Backlog() int { return f.inner.Backlog() }

type chanDropOldestProducer[T any] struct {
	neverWaits[T]
	inner *chanProducer[owned[T]]
}

func (p *chanDropOldestProducer[T]) Send(item T) error {
	for {
		err := p.inner.Send(owned[T]{item, &p.inner.dropped})
		if err != ErrFull {
			return err
		}
		select {
		case oldest := <-p.inner.f.items:
			oldest.dropped.Add(1)
		default: // somebody else made room
		}
	}
}

func (p *chanDropOldestProducer[T]) SendBatch(items []T) (int, error) {
	return sendEach(items, p.Send)
}

func (p *chanDropOldestProducer[T]) Dropped() uint64 { return p.inner.Dropped() }

func (p *chanDropOldestProducer[T]) Close() { p.inner.Close() }

type chanDropOldestConsumer[T any] struct {
	inner Consumer[owned[T]]
	owned []owned[T] // as long as the longest buf seen
}

func (c *chanDropOldestConsumer[T]) Recv(buf []T) (int, error) {
	return c.unwrap(buf, c.inner.Recv)
}

func (c *chanDropOldestConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	return c.unwrap(buf, func(owned []owned[T]) (int, error) { return c.inner.RecvContext(ctx, owned) })
}

func (c *chanDropOldestConsumer[T]) TryRecv(buf []T) (int, error) {
	return c.unwrap(buf, c.inner.TryRecv)
}

func (c *chanDropOldestConsumer[T]) unwrap(buf []T, recv func([]owned[T]) (int, error)) (int, error) {
	if len(c.owned) < len(buf) {
		c.owned = make([]owned[T], len(buf))
	}
	n, err := recv(c.owned[:len(buf)])
	for i := range n {
		buf[i] = c.owned[i].item
	}
	clear(c.owned[:n])
	return n, err
}

func (c *chanDropOldestConsumer[T]) Close() { c.inner.Close() }
