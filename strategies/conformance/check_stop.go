package conformance

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/ledger"
)

// noStop is for strategies whose consumer has no Stop.
func noStop(s strategies.Strategy) string {
	if _, stops := s.Word(strategies.Options{Policy: s.DefaultPolicy()}).Consumer().(strategies.Stopper); !stops {
		return "its consumer is no Stopper"
	}
	return ""
}

// stopBesideSends stops a fan-in at every point of the sends of producers and of a
// Sender: what was accepted is received, then comes the end.
func stopBesideSends(e *env) error {
	const sweep, goroutines, most = 200, 3, 1 << 10
	for round := range e.n(800) {
		fan := e.strategy.Word(strategies.Options{Capacity: 4, Policy: e.strategy.DefaultPolicy()})
		c := fan.Consumer()
		sender := strategies.NewSender(fan)
		sends := []func(strategies.Word) error{sender.Send, fan.Producer().Send, fan.Producer().Send}
		var accepted atomic.Uint64
		senders, consumer := e.crew(), e.crew()
		for i := range goroutines {
			senders.run(func() error {
				for seq := range most {
					if err := sends[i](strategies.NewWord(i, uint64(seq))); err == strategies.ErrClosed {
						return nil
					} else if err != nil {
						return e.broke(strategies.PromiseDrain, "a send beside Stop returned %v", err)
					}
					accepted.Add(1)
				}
				return nil
			})
		}
		books := ledger.New(e.broke, goroutines, most)
		books.Unordered()
		e.takeAll(consumer, c, books)
		pause(round % sweep)
		e.doing("stopping beside sends")
		c.(strategies.Stopper).Stop()
		if err := senders.wait(); err != nil {
			return err
		}
		if err := consumer.wait(); err != nil {
			return err
		}
		if got, want := books.Received(), accepted.Load(); got != want {
			return e.broke(strategies.PromiseDrain, "%d items arrived of %d that were accepted before Stop", got, want)
		}
	}
	return nil
}

// stopBlocked stops a full fan-in beside sends that wait: they are refused at once, and
// what is in it is received before the end.
func stopBlocked(e *env) error {
	const capacity, blocked, promise = 2, 3, strategies.PromiseDrain
	fan := e.strategy.Word(strategies.Options{Capacity: capacity, Policy: e.strategy.DefaultPolicy()})
	c := fan.Consumer()
	p := fan.Producer()
	held := e.fill(p, 0, capacity)
	senders := e.crew()
	for i := range blocked {
		q := fan.Producer()
		room := e.room(capacity, 2) - e.room(capacity, 1) // of its own
		senders.run(func() error {
			n, err := q.SendBatch(sequence(1+i, 0, room+1))
			return e.mustBe(promise, "a batch that waited beside Stop", n, err, result{room, strategies.ErrClosed})
		})
		held += room
	}
	time.Sleep(time.Millisecond) // for most of them to wait
	e.doing("stopping beside sends that wait")
	stopper := c.(strategies.Stopper)
	stopper.Stop()
	if err := senders.wait(); err != nil {
		return err
	}
	stopper.Stop()
	for _, late := range []strategies.Producer[strategies.Word]{p, fan.Producer()} {
		if err := late.Send(0); err != strategies.ErrClosed {
			return e.broke(promise, "a send after Stop returned %v", err)
		}
	}
	if err := strategies.NewSender(fan).Send(0); err != strategies.ErrClosed {
		return e.broke(promise, "a send of a Sender opened after Stop returned %v", err)
	}
	buf := make([]strategies.Word, held+1)
	for got := 0; ; {
		n, err := c.Recv(buf)
		e.alive()
		if got += n; err == io.EOF && got == held {
			return e.expectEnd(promise, c)
		}
		if err != nil || got > held {
			return e.broke(promise, "after Stop came %d of %d items, then %v", got, held, err)
		}
	}
}

// stopUnopened stops a fan-in whose consumer waits, before and after anybody has opened a
// producer.
func stopUnopened(e *env) error {
	for _, open := range []bool{false, true} {
		fan := e.strategy.Word(strategies.Options{Policy: e.strategy.DefaultPolicy()})
		c := fan.Consumer()
		if open {
			fan.Producer()
		}
		receiver := e.crew()
		receiver.run(func() error {
			n, err := c.Recv(make([]strategies.Word, 1))
			return e.mustBe(strategies.PromiseDrain, "Recv beside Stop", n, err, result{0, io.EOF})
		})
		time.Sleep(time.Millisecond) // for it to wait
		e.doing("stopping a fan-in whose consumer waits")
		c.(strategies.Stopper).Stop()
		if err := receiver.wait(); err != nil {
			return err
		}
	}
	return nil
}
