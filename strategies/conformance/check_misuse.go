package conformance

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// wrongOptions builds fan-ins with options that Validate has something to say
// about: each constructor must panic with that sentence. What would take gigabytes if
// it did not comes last.
func wrongOptions(e *env) error {
	d := e.strategy.Descriptor
	wrong := []strategies.Options{{Capacity: -1, Policy: d.DefaultPolicy()}, {Lanes: -1, Policy: d.DefaultPolicy()}}
	for _, p := range append(strategies.Policies(), 200) {
		wrong = append(wrong, strategies.Options{Policy: p})
	}
	wrong = append(wrong,
		strategies.Options{Capacity: strategies.MaxCapacity + 1, Policy: d.DefaultPolicy()},
		strategies.Options{Lanes: strategies.MaxLanes + 1, Policy: d.DefaultPolicy()})
	s := e.strategy
	builds := slices.Concat(building(s.Word), building(s.Message), building(s.Blocks.Block64), building(s.Blocks.Block1K),
		building(s.Blocks.Block16K), building(s.Blocks.Block64K))
	for _, o := range wrong {
		want := o.Validate(d)
		if want == nil {
			continue
		}
		for _, build := range builds {
			got, panicked := panics(func() { build(o) })
			switch {
			case !panicked:
				return e.broke(strategies.PromiseMisuse, "a constructor took %+v; Validate says: %v", o, want)
			case fmt.Sprint(got) != want.Error():
				return e.broke(strategies.PromiseMisuse, "a constructor panicked with %q instead of %q", fmt.Sprint(got), want)
			}
			e.alive()
		}
	}
	return nil
}

// building returns what calls a constructor, if the strategy has got it.
func building[T any](construct strategies.Constructor[T]) []func(strategies.Options) {
	if construct == nil {
		return nil
	}
	return []func(strategies.Options){func(o strategies.Options) { construct(o) }}
}

// panics calls f and returns what it panicked with.
func panics(f func()) (value any, panicked bool) {
	panicked = true
	defer func() { value = recover() }()
	f()
	return nil, false
}

// nilContext makes every call that takes a context with none, where it could go on,
// and where it could not: it must panic, and leave the fan-in as it was.
func nilContext(e *env) error {
	var none context.Context
	for _, state := range []string{"open", "closed"} {
		fan := e.words(8)
		p, c := fan.Producer(), fan.Consumer()
		if state == "closed" {
			p.Close()
		}
		calls := map[string]func(){
			"SendContext":                    func() { _ = p.SendContext(none, 0) },
			"SendBatchContext":               func() { _, _ = p.SendBatchContext(none, sequence(0, 0, 2)) },
			"SendBatchContext of nothing":    func() { _, _ = p.SendBatchContext(none, nil) },
			"RecvContext":                    func() { _, _ = c.RecvContext(none, make([]strategies.Word, 1)) },
			"RecvContext for an empty place": func() { _, _ = c.RecvContext(none, nil) },
		}
		for name, call := range calls {
			e.doing("calling %s with a nil context on a fan-in that is %s", name, state)
			if _, panicked := panics(call); !panicked {
				return e.broke(strategies.PromiseMisuse, "%s with a nil context did not panic on a fan-in that is %s", name, state)
			}
		}
		if state == "closed" {
			continue
		}
		e.doing("sending after calls with a nil context")
		sent, err := e.ahead(func() error { return e.accept(p, sequence(0, 0, 1)...) })
		if err != nil {
			return err
		}
		if err := e.expect(strategies.PromiseMisuse, c, 2, sequence(0, 0, 1)...); err != nil {
			return err
		}
		if err := sent(); err != nil {
			return err
		}
	}
	return nil
}

// emptyBuffer receives into no place: nil while the fan-in goes on, io.EOF at the
// end and ErrClosed after the consumer's Close.
func emptyBuffer(e *env) error {
	fan := e.words(4)
	p, c := fan.Producer(), fan.Consumer()
	if err := e.receivesNothing(c, nil, "while open"); err != nil {
		return err
	}
	held := sequence(0, 0, e.room(3, 1))
	if err := e.accept(p, held...); err != nil {
		return err
	}
	if err := e.receivesNothing(c, nil, "with items waiting"); err != nil {
		return err
	}
	p.Close()
	if len(held) > 0 {
		if err := e.receivesNothing(c, nil, "with items waiting after the last Close"); err != nil {
			return err
		}
	}
	for len(held) > 0 { // what lies ready after a receive that was too short for it is not passed over
		if err := e.expect(strategies.PromiseMisuse, c, 1, held[0]); err != nil {
			return err
		}
		if held = held[1:]; len(held) == 0 {
			break
		}
		if err := e.receivesNothing(c, nil, "with items left after the last Close"); err != nil {
			return err
		}
	}
	// A goroutine of the fan-in may have to pass the end on.
	settles(func() bool { n, err := c.Recv(nil); return n != 0 || err != nil })
	if err := e.receivesNothing(c, io.EOF, "at the end"); err != nil {
		return err
	}
	c.Close()
	return e.receivesNothing(c, strategies.ErrClosed, "after Close")
}

// receivesNothing receives into nil and empty buffers by every way.
func (e *env) receivesNothing(c wordConsumer, want error, when string) error {
	e.doing("receiving into an empty buffer %s", when)
	for _, nothing := range [][]strategies.Word{nil, {}} {
		n, err := c.Recv(nothing)
		if err := e.mustBe(strategies.PromiseMisuse, "Recv into an empty buffer "+when, n, err, result{0, want}); err != nil {
			return err
		}
		if e.strategy.Keeps(strategies.PromiseTry) {
			n, err := c.TryRecv(nothing)
			if err := e.mustBe(strategies.PromiseMisuse, "TryRecv into an empty buffer "+when, n, err, result{0, want}); err != nil {
				return err
			}
		}
		if e.strategy.Keeps(strategies.PromiseContext) {
			n, err := c.RecvContext(context.Background(), nothing)
			if err := e.mustBe(strategies.PromiseMisuse, "RecvContext into an empty buffer "+when, n, err, result{0, want}); err != nil {
				return err
			}
		}
	}
	return nil
}

// emptySends sends nothing where nothing can be sent any more, and anything under a
// context that is done, which comes before all else.
func emptySends(e *env) error {
	fan := e.words(4)
	open, closed := fan.Producer(), fan.Producer()
	closed.Close()
	if err := e.sendsNothing(closed, strategies.ErrClosed, "a closed producer"); err != nil {
		return err
	}
	if err := e.doneFirst(open, "an open producer"); err != nil {
		return err
	}
	if err := e.doneFirst(closed, "a closed producer"); err != nil {
		return err
	}
	if err := e.sendsNothing(open, nil, "an open producer"); err != nil {
		return err
	}
	fan.Consumer().Close()
	if err := e.sendsNothing(open, strategies.ErrClosed, "a fan-in whose consumer closed"); err != nil {
		return err
	}
	if err := e.sendsNothing(fan.Producer(), strategies.ErrClosed, "a producer opened after the consumer closed"); err != nil {
		return err
	}
	return e.doneFirst(open, "a fan-in whose consumer closed")
}

func (e *env) sendsNothing(p wordProducer, want error, to string) error {
	for _, w := range e.usable(sends.Batches) {
		for _, nothing := range [][]strategies.Word{nil, {}} {
			e.doing("sending an empty batch to %s", to)
			n, err := sends.Call(context.Background(), p, w, nothing)
			if err := e.mustBe(strategies.PromiseMisuse, fmt.Sprintf("%v of nothing to %s", w, to), n, err, result{0, want}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *env) doneFirst(p wordProducer, to string) error {
	for _, w := range e.usable(sends.Contexts) {
		for _, items := range [][]strategies.Word{nil, sequence(0, 0, 2)} {
			if w == sends.SendContext && items == nil {
				continue
			}
			n, err := sends.Call(canceled(), p, w, items)
			what := fmt.Sprintf("%v of %d items with a context that is done to %s", w, len(items), to)
			if err := e.mustBe(strategies.PromiseMisuse, what, n, err, result{0, context.Canceled}); err != nil {
				return err
			}
		}
	}
	return nil
}

// backlogAfterClose looks at the backlog of a consumer that left items behind.
func backlogAfterClose(e *env) error {
	for _, drained := range []bool{false, true} {
		fan := e.words(8)
		p, c := fan.Producer(), fan.Consumer()
		if err := e.accept(p, sequence(0, 0, e.room(6, 1))...); err != nil {
			return err
		}
		if drained && e.room(6, 1) > 0 {
			if err := e.expect(strategies.PromiseMisuse, c, 2, sequence(0, 0, 2)...); err != nil {
				return err
			}
		}
		c.Close()
		for range 2 {
			if !settles(func() bool { return fan.Backlog() == 0 }) {
				return e.broke(strategies.PromiseMisuse, "backlog %d after the consumer's Close", fan.Backlog())
			}
			_ = p.Send(0) // is refused, and counts for nothing
			p.Close()
		}
	}
	return nil
}
