package peers

import (
	"context"
	"io"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// pump is the queue of peers that are a pair of channels with a goroutine in
// between. That goes on taking after the consumer has left, so that no send hangs.
type pump[T any] struct {
	in  chan<- T
	out <-chan T

	drained bool // out is closed; used by the consumer alone
}

func newPump[T any](in chan<- T, out <-chan T) *fanIn[T] {
	p := &pump[T]{in: in, out: out}
	f := newFanIn[T](p, p)
	f.over = func() bool { return p.drained }
	f.waits(func(buf []T) int { n, _ := p.receive(context.Background(), buf); return n })
	f.onLeave = func() { go p.discard() }
	f.consumer = &pumpConsumer[T]{consumer[T]{f}, p}
	return f
}

// put waits for the goroutine's turn, as it would for a lock.
func (p *pump[T]) put(item T) bool { p.in <- item; return true }

func (p *pump[T]) take(buf []T) int {
	for i := range buf {
		select {
		case item, open := <-p.out:
			if !open {
				p.drained = true
				return i
			}
			buf[i] = item
		default:
			return i
		}
	}
	return len(buf)
}

// discard throws away what comes, until the producers have closed.
func (p *pump[T]) discard() {
	for range p.out {
	}
}

// receive waits for the first item and takes what else is there.
func (p *pump[T]) receive(ctx context.Context, buf []T) (int, error) {
	select {
	case item, open := <-p.out:
		if !open {
			p.drained = true
			return 0, io.EOF
		}
		buf[0] = item
		return 1 + p.take(buf[1:]), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// pumpConsumer waits for a context with the channel.
type pumpConsumer[T any] struct {
	consumer[T]
	pump *pump[T]
}

func (c *pumpConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if c.f.left.Load() {
		return 0, strategies.ErrClosed
	}
	if len(buf) == 0 || c.f.peeked.Load() {
		return c.TryRecv(buf)
	}
	return c.pump.receive(ctx, buf)
}
