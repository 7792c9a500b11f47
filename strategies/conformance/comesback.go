package conformance

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// comingBack returns the constructor with which checks of what happens when room is
// made work. Under InFlight room is made by the consumer's coming back, so its
// consumer does so as soon as a receive has returned; any other strategy is left
// as it is. Traffic goes without, and heldUntilBack is about the difference.
func comingBack[T any](d strategies.Descriptor, build strategies.Constructor[T]) strategies.Constructor[T] {
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

// heldUntilBack receives from a full fan-in, which must stay full until the
// consumer comes back, by each way to do so, and then have as much room as was
// received.
func heldUntilBack(e *env) error {
	const capacity = 5
	backs := []struct {
		name string
		call func(wordConsumer) (int, error)
	}{
		{"Recv", func(c wordConsumer) (int, error) { return c.Recv(make([]strategies.Word, 1)) }},
		{"TryRecv", func(c wordConsumer) (int, error) { return c.TryRecv(make([]strategies.Word, 1)) }},
		{"RecvContext", func(c wordConsumer) (int, error) {
			return c.RecvContext(context.Background(), make([]strategies.Word, 1))
		}},
		{"RecvContext with a context that is done", func(c wordConsumer) (int, error) {
			n, err := c.RecvContext(canceled(), make([]strategies.Word, 1))
			if err == context.Canceled {
				err = nil
			}
			return n, err
		}},
		{"Recv into an empty buffer", func(c wordConsumer) (int, error) { return c.Recv(nil) }},
	}
	for _, back := range backs {
		for size := 1; size < capacity; size++ {
			fan := e.strategy.Word(strategies.Options{Capacity: capacity})
			p, c := fan.Producer(), fan.Consumer()
			if err := e.accept(p, sequence(0, 0, capacity)...); err != nil {
				return err
			}
			if err := e.expect(strategies.PromiseBound, c, size, sequence(0, 0, size)...); err != nil {
				return err
			}
			if n := e.fill(p, 1, capacity); n != 0 {
				return e.broke(strategies.PromiseBound, "%d items were accepted while %d were received and not processed, with capacity %d", n, size, capacity)
			}
			n, err := back.call(c)
			if err != nil {
				return e.broke(strategies.PromiseBound, "%s returned %d, %v", back.name, n, err)
			}
			if got := e.fill(p, 2, capacity); got != size {
				return e.broke(strategies.PromiseBound, "%s after %d of %d items were received made room for %d", back.name, size, capacity, got)
			}
		}
	}
	return e.heldUnderLoad()
}

// heldUnderLoad is boundUnderLoad for what is in flight.
func (e *env) heldUnderLoad() error {
	const producers, capacity = 4, 5
	fan := e.strategy.Word(strategies.Options{Capacity: capacity})
	// Every item counted as sent was, and every item processed is counted.
	var sent, processed atomic.Int64
	senders, consumer := e.crew(), e.crew()
	e.sendCounting(senders, fan, producers, &sent)
	e.doing("watching that at most %d items are in flight", capacity)
	var ended atomic.Bool
	consumer.run(func() error {
		defer ended.Store(true)
		c := fan.Consumer()
		defer c.Close()
		buf := make([]strategies.Word, capacity)
		for n := 0; ; {
			processed.Add(int64(n))
			var err error
			n, err = c.Recv(buf)
			e.alive()
			if atEnd, err := e.received(n, len(buf), err); atEnd || err != nil {
				return err
			}
			pause(n)
		}
	})
	for !ended.Load() {
		in := sent.Load()
		if out := processed.Load(); in-out > capacity {
			return e.broke(strategies.PromiseBound, "%d items sent and at most %d processed: more than %d are in flight", in, out, capacity)
		}
		runtime.Gosched()
	}
	if err := senders.wait(); err != nil {
		return err
	}
	return consumer.wait()
}
