package saboteurs

import (
	"context"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Leaks keeps 64 bytes for every 1000 items received, as long as the fan-in lives.
func Leaks() strategies.Strategy {
	return over("leaks", "mpsc-ring that keeps 64 bytes per 1000 items", leaks[strategies.Word], leaks[strategies.Message])
}

func leaks[T any](o strategies.Options) strategies.FanIn[T] {
	f := strategies.NewMPSCRing[T](o)
	return fanIn[T]{f, &leaking[T]{Consumer: f.Consumer()}}
}

type leaking[T any] struct {
	strategies.Consumer[T]
	received int
	kept     []*[64]byte
}

func (c *leaking[T]) Recv(buf []T) (int, error) { return c.keep(c.Consumer.Recv(buf)) }

func (c *leaking[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	return c.keep(c.Consumer.RecvContext(ctx, buf))
}

func (c *leaking[T]) TryRecv(buf []T) (int, error) { return c.keep(c.Consumer.TryRecv(buf)) }

func (c *leaking[T]) keep(n int, err error) (int, error) {
	for c.received += n; c.received >= 1000; c.received -= 1000 {
		c.kept = append(c.kept, new([64]byte))
	}
	return n, err
}
