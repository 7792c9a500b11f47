package inflight

import (
	"context"
	"fmt"
	"io"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// FreeAtOnce returns the constructor with which checks of what happens when room is
// made work. Under InFlight room is made by the consumer's coming back, so its
// consumer does so as soon as a receive has returned; any other strategy is left
// as it is.
func FreeAtOnce[T any](d strategies.Descriptor, build strategies.Constructor[T]) strategies.Constructor[T] {
	if d.Bound != strategies.InFlight {
		return build
	}
	return func(o strategies.Options) strategies.FanIn[T] {
		fan := build(o)
		return returningFanIn[T]{fan, returningConsumer[T]{fan.Consumer()}}
	}
}

type returningFanIn[T any] struct {
	strategies.FanIn[T]
	consumer strategies.Consumer[T]
}

func (f returningFanIn[T]) Consumer() strategies.Consumer[T] { return f.consumer }

// Stats is the fan-in's, where that is a StatsKeeper.
func (f returningFanIn[T]) Stats() strategies.Stats { return f.FanIn.(strategies.StatsKeeper).Stats() }

// TimeWaits is the fan-in's, where that is a WaitTimer.
func (f returningFanIn[T]) TimeWaits() { f.FanIn.(strategies.WaitTimer).TimeWaits() }

// OnDrop is the fan-in's, where that is a DropObserver.
func (f returningFanIn[T]) OnDrop(call func(item T)) {
	f.FanIn.(strategies.DropObserver[T]).OnDrop(call)
}

type returningConsumer[T any] struct{ strategies.Consumer[T] }

func (c returningConsumer[T]) Recv(buf []T) (int, error) {
	return c.back(c.Consumer.Recv(buf))
}

func (c returningConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	return c.back(c.Consumer.RecvContext(ctx, buf))
}

func (c returningConsumer[T]) TryRecv(buf []T) (int, error) {
	return c.back(c.Consumer.TryRecv(buf))
}

// Ready is the consumer's, where that is a Readier.
func (c returningConsumer[T]) Ready() <-chan struct{} { return c.Consumer.(strategies.Readier).Ready() }

// back comes back for nothing, with what was received. What was received may have
// been the last, and another goroutine may have closed the consumer.
func (c returningConsumer[T]) back(n int, err error) (int, error) {
	if n > 0 {
		if k, e := c.Consumer.Recv(nil); k != 0 || e != nil && e != io.EOF && e != strategies.ErrClosed {
			return n, fmt.Errorf("Recv into an empty buffer returned %d, %w", k, e)
		}
	}
	return n, err
}
