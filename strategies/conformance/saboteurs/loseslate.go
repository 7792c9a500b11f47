package saboteurs

import (
	"context"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// losesAfter is three times what a long round of the conformance kit once had.
const losesAfter = 3 << 20

// LosesLate loses one item of a fan-in, after millions.
func LosesLate() strategies.Strategy {
	return over("loses-late", "mpsc-ring that loses an item after three million", losesLate[strategies.Word], losesLate[strategies.Message])
}

func losesLate[T any](o strategies.Options) strategies.FanIn[T] {
	f := strategies.NewMPSCRing[T](o)
	return fanIn[T]{f, &losingConsumer[T]{Consumer: f.Consumer()}}
}

type losingConsumer[T any] struct {
	strategies.Consumer[T]
	received int
}

func (c *losingConsumer[T]) Recv(buf []T) (int, error) {
	return c.forget(buf, c.Consumer.Recv)
}

func (c *losingConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	receive := func(buf []T) (int, error) { return c.Consumer.RecvContext(ctx, buf) }
	return c.forget(buf, receive)
}

func (c *losingConsumer[T]) TryRecv(buf []T) (int, error) {
	return c.forget(buf, c.Consumer.TryRecv)
}

// forget receives, and throws the last item away when it is its turn. Where that
// leaves none, it receives again.
func (c *losingConsumer[T]) forget(buf []T, receive func([]T) (int, error)) (int, error) {
	n, err := receive(buf)
	before := c.received
	c.received += n
	if before >= losesAfter || c.received < losesAfter {
		return n, err
	}
	if n > 1 {
		return n - 1, err
	}
	return receive(buf)
}
