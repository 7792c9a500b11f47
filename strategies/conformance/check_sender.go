package conformance

import (
	"context"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/ledger"
)

// senderAccounts has goroutines send through one Sender under every policy, and holds
// what was delivered against what it counts as dropped and what it rejected.
func senderAccounts(e *env) error {
	const goroutines = 5
	return e.underEach(func(policy strategies.Policy) error {
		for _, capacity := range []int{1, 2, 100} {
			fan := e.under(policy, capacity)
			sender := strategies.NewSender(fan)
			e.doing("sending through a Sender under policy %v with capacity %d", policy, capacity)
			if err := e.settleSender(fan, sender, goroutines, e.n(8000)/goroutines); err != nil {
				return err
			}
		}
		return nil
	})
}

// settleSender has so many goroutines send, closes the Sender, drains the fan-in and
// settles the one account of all.
func (e *env) settleSender(fan words, sender strategies.Sender[strategies.Word], goroutines, items int) error {
	var rejected atomic.Uint64
	senders, consumer := e.crew(), e.crew()
	for i := range goroutines {
		senders.run(func() error {
			for seq := range items {
				switch err := sender.Send(strategies.NewWord(i, uint64(seq))); err {
				case nil:
				case strategies.ErrFull:
					rejected.Add(1)
					runtime.Gosched()
				default:
					return e.broke(strategies.PromiseOverflow, "Send of a Sender returned %v", err)
				}
				e.alive()
			}
			return nil
		})
	}
	books := ledger.New(e.broke, goroutines, uint64(items))
	e.takeAll(consumer, fan.Consumer(), books)
	err := senders.wait()
	sender.Close()
	if waited := consumer.wait(); err == nil {
		err = waited
	}
	if err != nil {
		return err
	}
	attempted, delivered := uint64(goroutines*items), books.Received()
	if sum := delivered + sender.Dropped() + rejected.Load(); sum != attempted {
		return e.broke(strategies.PromiseOverflow, "a Sender attempted %d, but %d delivered + %d dropped + %d rejected is %d",
			attempted, delivered, sender.Dropped(), rejected.Load(), sum)
	}
	return nil
}

// takeAll has a crew receive and book until the end.
func (e *env) takeAll(consumer *crew, c wordConsumer, books *ledger.Ledger) {
	if e.strategy.SenderOrder() == strategies.OrderNone {
		books.Unordered()
	}
	take := func() error {
		buf := make([]strategies.Word, 16)
		for {
			n, err := c.Recv(buf)
			e.alive()
			atEnd, err := e.received(n, len(buf), err)
			if atEnd || err != nil {
				return err
			}
			for _, w := range buf[:n] {
				if err := books.Take(w); err != nil {
					return err
				}
			}
		}
	}
	consumer.run(func() error {
		err := take()
		if err != nil {
			c.Close() // lets go of who waits for room, or all would wait for them
		}
		return err
	})
}

// senderOpen makes sure that a Sender is one open producer: the fan-in does not end
// before it closes, nor after, if another is open, and it closes once.
func senderOpen(e *env) error {
	const promise = strategies.PromiseDrain
	fan := e.words(4)
	c := fan.Consumer()
	first, second := strategies.NewSender(fan), strategies.NewSender(fan)
	for i, sender := range []strategies.Sender[strategies.Word]{first, second} {
		if err := e.expectNothing(promise, c); err != nil {
			return err
		}
		word := strategies.NewWord(i, 0)
		sent, err := e.ahead(func() error { return sender.Send(word) })
		if err != nil {
			return err
		}
		if err := e.expect(promise, c, 1, word); err != nil {
			return err
		}
		if err := sent(); err != nil {
			return err
		}
		sender.Close()
		sender.Close()
		if err := sender.Send(word); err != strategies.ErrClosed {
			return e.broke(promise, "Send of a Sender that has closed returned %v", err)
		}
	}
	if err := e.expectEnd(promise, c); err != nil {
		return err
	}
	if err := strategies.NewSender(fan).Send(0); err != strategies.ErrClosed {
		return e.broke(promise, "Send of a Sender that was opened after the end returned %v", err)
	}
	return nil
}

// senderCloseBesideSends closes a Sender at every point of the sends of two goroutines:
// what they were told is accepted arrives, and nothing else.
func senderCloseBesideSends(e *env) error {
	const sweep, goroutines, most = 200, 2, 1 << 10
	for round := range e.n(1200) {
		fan := e.words(4)
		sender := strategies.NewSender(fan)
		var accepted atomic.Uint64
		senders, consumer := e.crew(), e.crew()
		for i := range goroutines {
			senders.run(func() error {
				for seq := range most {
					switch err := sender.Send(strategies.NewWord(i, uint64(seq))); err {
					case nil:
						accepted.Add(1)
					case strategies.ErrClosed:
						return nil
					default:
						return e.broke(strategies.PromiseClose, "Send beside the Close of its Sender returned %v", err)
					}
				}
				return nil
			})
		}
		books := ledger.New(e.broke, goroutines, most)
		e.takeAll(consumer, fan.Consumer(), books)
		if round%4 == 0 {
			runtime.Gosched()
		}
		pause(round % sweep)
		e.doing("closing a Sender beside its sends")
		sender.Close()
		if err := senders.wait(); err != nil {
			return err
		}
		if err := consumer.wait(); err != nil {
			return err
		}
		if got, want := books.Received(), accepted.Load(); got != want {
			return e.broke(strategies.PromiseClose, "%d items arrived of a Sender that accepted %d before it closed", got, want)
		}
	}
	return nil
}

// senderCloseBlocked closes a Sender of which several sends wait for room, all of them
// for the same.
func senderCloseBlocked(e *env) error {
	const capacity, blocked = 2, 4
	for _, byConsumer := range []bool{false, true} {
		fan := e.words(capacity)
		sender := strategies.NewSender(fan)
		if _, own := fan.(strategies.SenderOpener[strategies.Word]); !own && e.strategy.Bound == strategies.PerProducer {
			return nil // none of them would wait
		}
		for sender.TrySend(0) == nil {
			e.alive()
		}
		senders := e.crew()
		for i := range blocked {
			senders.run(func() error {
				err := sender.Send(0)
				if i%2 == 0 {
					ctx, cancel := context.WithCancel(context.Background())
					defer cancel()
					err = sender.SendContext(ctx, 0)
				}
				if err == nil {
					return e.broke(strategies.PromiseBound, "a Sender held one item more than the %d that filled it", capacity)
				}
				if err != strategies.ErrClosed {
					return e.broke(strategies.PromiseClose, "a send that waited beside Close returned %v", err)
				}
				return nil
			})
		}
		time.Sleep(time.Millisecond) // for most of them to wait
		e.doing("closing beside the waiting sends of a Sender, by the consumer: %v", byConsumer)
		if byConsumer {
			fan.Consumer().Close()
		} else {
			sender.Close()
		}
		if err := senders.wait(); err != nil {
			return err
		}
	}
	return nil
}

// senderFills has goroutines fill a fan-in to the last item through one Sender, again and
// again, and receives only when all sends have returned: there is room for each, so none
// may wait, whatever the others are doing.
func senderFills(e *env) error {
	const goroutines = 8
	for round := range e.n(2000) {
		items := 1 + round%32
		fan := e.words(goroutines * items)
		sender := strategies.NewSender(fan)
		for range 2 { // then what was received has left room in the lanes, if there are any
			e.doing("%d goroutines fill a capacity of %d through a Sender", goroutines, goroutines*items)
			if err := e.crowd(strategies.PromiseWake, fan, sender, goroutines, items); err != nil {
				return err
			}
		}
		sender.Close()
	}
	return nil
}

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
