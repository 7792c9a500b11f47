package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// contextDone calls with a context that is done beforehand: nothing happens,
// even where it could.
func contextDone(e *env) error {
	const promise = strategies.PromiseContext
	fan := e.words(8)
	p, c := fan.Producer(), fan.Consumer()
	buf := make([]strategies.Word, 4)
	refused := result{0, context.Canceled}
	for _, w := range sends.Contexts {
		n, err := sends.Call(canceled(), p, w, sequence(0, 5, 7))
		if err := e.mustBe(promise, w.String()+" with a context that is done", n, err, refused); err != nil {
			return err
		}
	}
	if err := e.expectNothing(promise, c); err != nil {
		return err
	}
	sent, err := e.ahead(func() error { return e.accept(p, sequence(0, 0, 2)...) })
	if err != nil {
		return err
	}
	n, err := c.RecvContext(canceled(), buf)
	if err := e.mustBe(promise, "RecvContext with a context that is done", n, err, refused); err != nil {
		return err
	}
	if n, err = c.RecvContext(context.Background(), nil); err != nil || n != 0 {
		return e.broke(promise, "RecvContext into an empty buffer returned %d, %v", n, err)
	}
	if err := e.expect(promise, c, 4, sequence(0, 0, 2)...); err != nil {
		return err
	}
	return sent()
}

// interrupts are the ways in which a waiting call's context becomes done.
var interrupts = []struct {
	name string
	with func() (context.Context, context.CancelFunc)
	want error
}{
	{"a deadline", func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.Background(), 2*time.Millisecond)
	}, context.DeadlineExceeded},
	{"a cancel", func() (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(context.Background())
		timer := time.AfterFunc(2*time.Millisecond, cancel)
		return ctx, func() { timer.Stop(); cancel() }
	}, context.Canceled},
	{"a cause", func() (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(context.Background())
		timer := time.AfterFunc(2*time.Millisecond, func() { cancel(fmt.Errorf("not to be returned")) })
		return ctx, func() { timer.Stop(); cancel(nil) }
	}, context.Canceled},
}

// contextRecv interrupts a receive that has parked, and then races an item
// against the cancel: either the call returns it, or it stays for the next.
func contextRecv(e *env) error {
	fan := e.words(2)
	p, c := fan.Producer(), fan.Consumer()
	buf := make([]strategies.Word, 2)
	for _, in := range interrupts {
		e.doing("interrupting a RecvContext by %s", in.name)
		ctx, cancel := in.with()
		n, err := c.RecvContext(ctx, buf)
		cancel()
		if err := e.mustBe(strategies.PromiseContext, "RecvContext interrupted by "+in.name, n, err, result{0, in.want}); err != nil {
			return err
		}
	}
	return e.recvCancelledWhileSent(p, c)
}

// recvCancelledWhileSent cancels a receive at the moment that an item is sent: it
// returns either the item or the context's error, and then the item comes next.
func (e *env) recvCancelledWhileSent(p wordProducer, c wordConsumer) error {
	const sweep = 100
	buf := make([]strategies.Word, 2)
	e.doing("cancelling a RecvContext while an item is sent")
	return e.together(e.n(12_000), func(round int) (mine, theirs, after func() error) {
		word := strategies.NewWord(0, uint64(round))
		ctx, cancel := context.WithCancel(context.Background())
		var sent func() error
		theirs = func() (err error) {
			pause(round % sweep)
			if round%2 == 0 {
				cancel()
			} else {
				defer cancel()
			}
			sent, err = e.ahead(func() error { return e.accept(p, word) })
			return err
		}
		var got result
		mine = func() error {
			pause(round / sweep % 3 * sweep / 3)
			got.n, got.err = c.RecvContext(ctx, buf)
			return nil
		}
		after = func() error {
			switch {
			case got == result{0, context.Canceled}:
				if err := e.tryNext(c, word, "after a cancelled RecvContext"); err != nil {
					return err
				}
			case got != result{1, nil} || buf[0] != word:
				return e.broke(strategies.PromiseContext, "a RecvContext cancelled while an item was sent returned %d, %v", got.n, got.err)
			}
			if err := sent(); err != nil {
				return err
			}
			return e.expectNothing(strategies.PromiseContext, c)
		}
		return mine, theirs, after
	})
}

// contextSend interrupts a send that has parked.
func contextSend(e *env) error {
	fan := e.words(1)
	p := fan.Producer()
	if err := e.accept(p, sequence(0, 0, e.room(1, 1))...); err != nil {
		return err
	}
	for _, in := range interrupts {
		for _, w := range sends.Contexts {
			e.doing("interrupting a %v by %s", w, in.name)
			ctx, cancel := in.with()
			n, err := sends.Call(ctx, p, w, sequence(0, 9, 11))
			cancel()
			if err := e.mustBe(strategies.PromiseContext, w.String()+" interrupted by "+in.name, n, err, result{0, in.want}); err != nil {
				return err
			}
		}
	}
	return nil
}

// contextSendRace cancels a send that waits while room is made: the item is
// there if and only if the call returned nil.
func contextSendRace(e *env) error {
	fan := e.words(1)
	p, c := fan.Producer(), fan.Consumer()
	full := strategies.NewWord(0, 0)
	if err := e.accept(p, full); err != nil {
		return err
	}
	const sweep = 100
	e.doing("cancelling a send while room is made")
	return e.together(e.n(12_000), func(round int) (mine, theirs, after func() error) {
		ctx, cancel := context.WithCancel(context.Background())
		var sent result
		theirs = func() error {
			pause(round / sweep % 3 * sweep / 3)
			sent.n, sent.err = sends.Call(ctx, p, sends.Contexts[round%2], sequence(0, 1+round, 2+round))
			return nil
		}
		mine = func() error {
			pause(round % sweep)
			if round%4 < 2 {
				defer cancel()
			} else {
				cancel()
			}
			return e.expect(strategies.PromiseContext, c, 1, full)
		}
		after = func() error {
			switch sent {
			case result{1, nil}:
				full = strategies.NewWord(0, uint64(1+round))
				return nil
			case result{0, context.Canceled}:
				if err := e.expectNothing(strategies.PromiseContext, c); err != nil {
					return err
				}
				return e.accept(p, full)
			}
			return e.broke(strategies.PromiseContext, "%v cancelled while room was made returned %d, %v", sends.Contexts[round%2], sent.n, sent.err)
		}
		return mine, theirs, after
	})
}

// contextRaces cancels calls on both sides at random during a flood.
func contextRaces(e *env) error {
	for _, capacity := range []int{1, 20} {
		err := e.floodWords(flood{
			options: strategies.Options{Capacity: capacity}, ways: append([]sends.Way{sends.Send}, sends.Contexts...),
			senders: 6, items: e.n(8000), maxBatch: 4, maxRecv: 8, cancels: true,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
