package saboteurs

import (
	"context"
	"runtime"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Polls looks for items every millisecond instead of parking its consumer.
func Polls() strategies.Strategy {
	return over("polls", "mpsc-ring whose consumer looks every millisecond", polls[strategies.Word], polls[strategies.Message])
}

func polls[T any](o strategies.Options) strategies.FanIn[T] {
	f := strategies.NewMPSCRing[T](o)
	return fanIn[T]{f, &looking[T]{f.Consumer(), func() { time.Sleep(time.Millisecond) }}}
}

// Spins yields the processor again and again instead of parking its consumer.
func Spins() strategies.Strategy {
	return over("spins", "mpsc-ring whose consumer yields until there is something", spins[strategies.Word], spins[strategies.Message])
}

func spins[T any](o strategies.Options) strategies.FanIn[T] {
	f := strategies.NewMPSCRing[T](o)
	return fanIn[T]{f, &looking[T]{f.Consumer(), runtime.Gosched}}
}

// looking is a consumer that tries, and does something between two tries.
type looking[T any] struct {
	strategies.Consumer[T]
	between func()
}

func (c *looking[T]) Recv(buf []T) (int, error) {
	return c.RecvContext(context.Background(), buf)
}

func (c *looking[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if n, err := c.TryRecv(buf); n > 0 || err != nil || len(buf) == 0 {
			return n, err
		}
		c.between()
	}
}
