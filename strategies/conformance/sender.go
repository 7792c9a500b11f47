package conformance

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// throughSender is a strategy whose producers are views of one Sender: what the checks
// send on many producers, in as many goroutines, goes through it. It offers no policy
// that drops, for a Sender counts what is dropped for all together, and cannot keep the
// promises of a producer's own Close.
func throughSender(s strategies.Strategy) strategies.Strategy {
	d := s.Descriptor
	d.Order = d.SenderOrder()
	d.Lacks = maps.Clone(d.Lacks)
	if d.Lacks == nil {
		d.Lacks = map[strategies.Promise]string{}
	}
	d.Lacks[strategies.PromiseClose] = "a producer that is a view of a Sender closes nothing"
	if d.Order == strategies.OrderNone {
		d.Lacks[strategies.PromiseOrder] = "a Sender over it keeps no order"
	}
	if d.Bound == strategies.PerProducer {
		d.Bound = strategies.Total // of the one Sender
		if _, own := s.Word(strategies.Options{Policy: d.DefaultPolicy()}).(strategies.SenderOpener[strategies.Word]); !own {
			d.Lacks[strategies.PromiseBound] = "its Sender has as many producers as goroutines send at once"
		}
	}
	policies := d.Policies
	d.Policies = nil
	for _, p := range policies {
		if p == strategies.Fail {
			d.Policies = append(d.Policies, p)
		}
	}
	return strategies.Strategy{Descriptor: d, Word: viewed(s.Word), Message: viewed(s.Message)}
}

// bySender makes a check of what is sent through one Sender.
func bySender(run func(*env) error) func(*env) error {
	return func(e *env) error {
		e.strategy = throughSender(e.strategy)
		e.short = true // every strategy has been tried at length
		return run(e)
	}
}

// senderUnless is the reason why a Sender of a strategy is not checked: it overwrites,
// or unless says so of what it is by a Sender.
func senderUnless(unless func(strategies.Descriptor) string) func(strategies.Descriptor) string {
	return func(d strategies.Descriptor) string {
		if why := overwrites(d); why != "" {
			return why
		}
		if d.Bound == strategies.PerProducer {
			d.Bound = strategies.Total
		}
		d.Order = d.SenderOrder()
		if unless == nil {
			return ""
		}
		return unless(d)
	}
}

// keepsNone is for checks of an order.
func keepsNone(d strategies.Descriptor) string {
	if d.Order == strategies.OrderNone {
		return "a Sender over it keeps no order"
	}
	return ""
}

func viewed[T any](build strategies.Constructor[T]) strategies.Constructor[T] {
	return func(o strategies.Options) strategies.FanIn[T] {
		f := build(o)
		return &senderView[T]{FanIn: f, sender: strategies.NewSender(f)}
	}
}

// senderView is a fan-in whose producers are views of one Sender.
type senderView[T any] struct {
	strategies.FanIn[T]
	sender strategies.Sender[T]

	mu   sync.Mutex // guards open
	open int        // views; below 0 once all have closed
}

func (f *senderView[T]) Producer() strategies.Producer[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := &view[T]{f: f}
	if f.open < 0 {
		v.closed.Store(true)
	} else {
		f.open++
	}
	return v
}

// view is a producer that is a view of a Sender.
type view[T any] struct {
	f      *senderView[T]
	closed atomic.Bool
}

func (v *view[T]) Send(item T) error {
	if v.closed.Load() {
		return strategies.ErrClosed
	}
	return v.f.sender.Send(item)
}

func (v *view[T]) SendContext(ctx context.Context, item T) error {
	if v.closed.Load() && ctx.Err() == nil {
		return strategies.ErrClosed
	}
	return v.f.sender.SendContext(ctx, item)
}

func (v *view[T]) TrySend(item T) error {
	if v.closed.Load() {
		return strategies.ErrClosed
	}
	return v.f.sender.TrySend(item)
}

func (v *view[T]) SendBatch(items []T) (int, error) { return v.each(items, v.Send) }

func (v *view[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	return v.each(items, func(item T) error { return v.SendContext(ctx, item) })
}

func (v *view[T]) TrySendBatch(items []T) (int, error) { return v.each(items, v.TrySend) }

func (v *view[T]) each(items []T, send func(T) error) (int, error) {
	for i, item := range items {
		if err := send(item); err != nil {
			return i, err
		}
	}
	return len(items), nil
}

func (v *view[T]) Dropped() uint64 { return 0 }

func (v *view[T]) Close() {
	if v.closed.Swap(true) {
		return
	}
	v.f.mu.Lock()
	defer v.f.mu.Unlock()
	if v.f.open--; v.f.open == 0 {
		v.f.open = -1
		v.f.sender.Close()
	}
}
