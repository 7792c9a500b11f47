package conformance

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// sparseSends sends one item at a time to a consumer that is about to park, is
// parking, or has parked.
func sparseSends(e *env) error {
	const sweep = 200
	ways := e.usable(sends.Every)
	if e.strategy.Bound == strategies.Rendezvous {
		ways = e.usable(sends.Waiting) // TrySend fails until the consumer waits
	}
	for _, capacity := range []int{1, 64} {
		fan := e.words(capacity)
		p, c := fan.Producer(), fan.Consumer()
		e.doing("sending single items to a waiting consumer")
		err := e.together(e.n(24_000), func(round int) (mine, theirs, after func() error) {
			word := strategies.NewWord(0, uint64(round))
			theirs = func() error {
				pause(round % sweep)
				w := ways[round%len(ways)]
				n, err := sends.Call(context.Background(), p, w, []strategies.Word{word})
				return e.mustBe(strategies.PromiseWake, w.String()+" to an empty fan-in", n, err, result{1, nil})
			}
			mine = func() error {
				pause(round / sweep % 4 * sweep / 4)
				return e.expect(strategies.PromiseWake, c, 2, word)
			}
			return mine, theirs, nil
		})
		if err != nil {
			return err
		}
		p.Close()
		if err := e.expectEnd(strategies.PromiseDrain, c); err != nil {
			return err
		}
	}
	return nil
}

// sparseProducers has many producers send now and then, each after the other's
// item was received, so that each meets a waiting consumer.
func sparseProducers(e *env) error {
	const producers = 50
	fan := e.words(4)
	c := fan.Consumer()
	senders := e.crew()
	var turns [producers]chan struct{}
	for i := range turns {
		turns[i] = make(chan struct{}, 1)
		p := fan.Producer()
		senders.run(func() error {
			defer p.Close()
			for seq := uint64(0); ; seq++ {
				if _, open := <-turns[i]; !open {
					return nil
				}
				if err := p.Send(strategies.NewWord(i, seq)); err != nil {
					return fmt.Errorf("Send returned %w", err)
				}
			}
		})
	}
	e.doing("receiving single items of producers in turn")
	for round := range e.n(400) {
		for i := range turns {
			turns[i] <- struct{}{}
			if err := e.expect(strategies.PromiseWake, c, 2, strategies.NewWord(i, uint64(round))); err != nil {
				return err
			}
		}
	}
	for i := range turns {
		close(turns[i])
	}
	if err := senders.wait(); err != nil {
		return err
	}
	return e.expectEnd(strategies.PromiseDrain, c)
}

// blockedProducer receives one item of a full fan-in at every point of a send
// that is about to park, is parking, or has parked.
func blockedProducer(e *env) error {
	const sweep = 200
	ways := e.usable(sends.Waiting)
	for _, capacity := range []int{1, 3} {
		fan := e.words(capacity)
		p, c := fan.Producer(), fan.Consumer()
		held := e.room(capacity, 1)
		if err := e.accept(p, sequence(0, 0, held)...); err != nil {
			return err
		}
		e.doing("sending to a full fan-in of capacity %d while one item is received", capacity)
		err := e.together(e.n(16_000), func(round int) (mine, theirs, after func() error) {
			theirs = func() error {
				pause(round / sweep % 4 * sweep / 4)
				w := ways[round%len(ways)]
				n, err := sends.Call(context.Background(), p, w, sequence(0, held+round, held+round+1))
				return e.mustBe(strategies.PromiseWake, w.String()+" beside a receive", n, err, result{1, nil})
			}
			mine = func() error {
				pause(round % sweep)
				return e.expect(strategies.PromiseWake, c, 1, strategies.NewWord(0, uint64(round)))
			}
			return mine, theirs, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// roomForSeveral receives several items at once while many senders are blocked:
// as many must get on, without another receive.
func roomForSeveral(e *env) error {
	const capacity, blocked = 8, 32
	for range e.n(60) {
		fan := e.words(capacity)
		c := fan.Consumer()
		filler := fan.Producer()
		if err := e.accept(filler, sequence(blocked, 0, capacity)...); err != nil {
			return err
		}
		var sent atomic.Int64
		senders := e.crew()
		for i := range blocked {
			p := fan.Producer()
			senders.run(func() error {
				defer p.Close()
				err := p.Send(strategies.NewWord(i, 0))
				sent.Add(1)
				return err
			})
		}
		time.Sleep(time.Millisecond) // for most of them to block
		buf := make([]strategies.Word, capacity)
		for got := 0; got < blocked+capacity; {
			n, err := c.Recv(buf)
			if _, err := e.received(n, len(buf), err); err != nil {
				return err
			}
			got += n
			room := int64(min(got, blocked))
			err = e.until(fmt.Sprintf("%d of %d senders have used the room that was made", room, blocked),
				func() bool { return sent.Load() >= room })
			if err != nil {
				return err
			}
		}
		if err := senders.wait(); err != nil {
			return err
		}
	}
	return nil
}

// cancelledWaiter cancels one of two blocked senders at the moment that room
// for one is made. If the cancelled one does not use the room, the other must.
//
// One goroutine cancels and receives, in both orders: the sender that it woke
// needs longer to run than it needs to go on.
func cancelledWaiter(e *env) error {
	fan := e.words(1)
	c := fan.Consumer()
	filler, a, b := fan.Producer(), fan.Producer(), fan.Producer()
	full := strategies.NewWord(0, 0)
	for round := range e.n(8000) {
		e.doing("waiting for two senders of which one was cancelled, with room for one")
		if err := e.accept(filler, full); err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(context.Background())
		first, second := make(chan error, 1), make(chan error, 1)
		start := []func(){
			func() { first <- a.SendContext(ctx, strategies.NewWord(1, 0)) },
			func() { second <- b.Send(strategies.NewWord(2, 0)) },
		}
		for i := range start { // either may be the one that waits longer
			go start[(i+round/2)%2]()
		}
		for range round % 16 {
			runtime.Gosched() // for them to park
		}
		steps := []func() error{
			func() error { cancel(); return nil },
			func() error { return e.expect(strategies.PromiseWake, c, 1, full) },
		}
		for i := range steps {
			if err := steps[(i+round)%2](); err != nil {
				return err
			}
			pause(round / 16 % 16)
		}
		if err := e.afterCancel(c, first, second); err != nil {
			return err
		}
	}
	return nil
}

// afterCancel waits for both senders and receives what they have sent.
func (e *env) afterCancel(c wordConsumer, first, second <-chan error) error {
	buf := make([]strategies.Word, 1)
	switch err := <-first; {
	case err == nil: // its item has the room; the other may need to wait for more
		n, err := c.Recv(buf)
		if _, err := e.received(n, 1, err); err != nil {
			return err
		}
	case err != context.Canceled:
		return e.broke(strategies.PromiseContext, "a cancelled SendContext returned %v", err)
	}
	if err := <-second; err != nil {
		return fmt.Errorf("a blocked Send returned %w", err)
	}
	n, err := c.Recv(buf)
	if _, err := e.received(n, 1, err); err != nil {
		return err
	}
	return e.expectNothing(strategies.PromiseContext, c)
}
