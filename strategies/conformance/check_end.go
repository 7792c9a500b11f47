package conformance

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// end looks at everything that holds after the end: io.EOF by every receive
// and again, ErrClosed by every send, closes that do nothing.
func end(e *env) error {
	const promise = strategies.PromiseDrain
	fan := e.words(8)
	c := fan.Consumer()
	if fan.Consumer() != c {
		return e.broke(promise, "Consumer returned another consumer the second time")
	}
	p, q := fan.Producer(), fan.Producer()
	sent, err := e.ahead(func() error {
		if err := e.accept(p, sequence(0, 0, 3)...); err != nil {
			return err
		}
		p.Close()
		p.Close() // must not count twice: q is still open
		return e.accept(q, sequence(1, 0, 3)...)
	})
	if err != nil {
		return err
	}
	if err := e.expectTogether(c, 2, sequence(0, 0, 3), sequence(1, 0, 3)); err != nil {
		return err
	}
	if err := sent(); err != nil {
		return err
	}
	if err := e.expectNothing(promise, c); err != nil {
		return err
	}
	if err := e.allClosed(promise, p, "a closed producer"); err != nil {
		return err
	}
	q.Close()
	if err := e.allEnded(c, io.EOF); err != nil {
		return err
	}
	late := fan.Producer()
	if err := e.allClosed(promise, late, "a producer opened after the end"); err != nil {
		return err
	}
	late.Close()
	late.Close()
	return e.allEnded(c, io.EOF)
}

// expectTogether receives the items of several producers, in any order between
// them.
func (e *env) expectTogether(c wordConsumer, size int, sequences ...[]strategies.Word) error {
	want, got := slices.Concat(sequences...), make([]strategies.Word, 0, 16)
	buf := make([]strategies.Word, size)
	for len(got) < len(want) {
		n, err := c.Recv(buf)
		e.alive()
		if err != nil || n < 1 || n > len(buf) {
			return e.endedShort(e.check.promise, c, n, err, len(got), len(want))
		}
		got = append(got, buf[:n]...)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) { // sequences are given in ascending order
		return e.broke(strategies.PromiseExactlyOnce, "received %v instead of %v", got, want)
	}
	return nil
}

// allClosed makes sure that every send on p returns ErrClosed.
func (e *env) allClosed(promise strategies.Promise, p wordProducer, what string) error {
	for _, w := range e.usable(sends.Every) {
		n, err := sends.Call(context.Background(), p, w, sequence(9, 0, 2))
		e.alive()
		if err := e.mustBe(promise, fmt.Sprintf("%v on %s", w, what), n, err, result{0, strategies.ErrClosed}); err != nil {
			return err
		}
	}
	return nil
}

// allEnded makes sure that every receive returns 0 and the given error, and
// again.
func (e *env) allEnded(c wordConsumer, want error) error {
	buf := make([]strategies.Word, 2)
	for range 2 {
		n, err := c.Recv(buf)
		if err := e.mustBe(e.check.promise, "Recv after the end", n, err, result{0, want}); err != nil {
			return err
		}
		e.alive()
		if n, err = c.TryRecv(buf); e.strategy.Keeps(strategies.PromiseTry) {
			if err := e.mustBe(e.check.promise, "TryRecv after the end", n, err, result{0, want}); err != nil {
				return err
			}
		}
		if !e.strategy.Keeps(strategies.PromiseContext) {
			continue
		}
		n, err = c.RecvContext(context.Background(), buf)
		if err := e.mustBe(e.check.promise, "RecvContext after the end", n, err, result{0, want}); err != nil {
			return err
		}
	}
	return nil
}

// noEarlyEnd asks for the end where there is none: before any producer, with an
// idle one, and after some but not all have closed.
func noEarlyEnd(e *env) error {
	fan := e.words(4)
	c := fan.Consumer()
	if err := e.expectWaiting(c, "before any producer was opened"); err != nil {
		return err
	}
	p, q := fan.Producer(), fan.Producer()
	if err := e.expectWaiting(c, "with idle producers"); err != nil {
		return err
	}
	p.Close()
	if err := e.expectWaiting(c, "with one of two producers open"); err != nil {
		return err
	}
	r := fan.Producer()
	q.Close()
	if err := e.expectWaiting(c, "with a third producer open"); err != nil {
		return err
	}
	sent, err := e.ahead(func() error {
		defer r.Close()
		return e.accept(r, sequence(2, 0, 1)...)
	})
	if err != nil {
		return err
	}
	if err := e.expect(strategies.PromiseDrain, c, 1, sequence(2, 0, 1)...); err != nil {
		return err
	}
	if err := sent(); err != nil {
		return err
	}
	return e.expectEnd(strategies.PromiseDrain, c)
}

// expectWaiting makes sure that a receive would wait.
func (e *env) expectWaiting(c wordConsumer, when string) error {
	e.doing("receiving %s", when)
	buf := make([]strategies.Word, 1)
	if e.strategy.Keeps(strategies.PromiseTry) {
		n, err := c.TryRecv(buf)
		if err := e.mustBe(strategies.PromiseDrain, "TryRecv "+when, n, err, result{}); err != nil {
			return err
		}
	}
	if !e.strategy.Keeps(strategies.PromiseContext) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Millisecond)
	defer cancel()
	n, err := c.RecvContext(ctx, buf)
	return e.mustBe(strategies.PromiseDrain, "RecvContext "+when, n, err, result{0, context.DeadlineExceeded})
}

// drainAfterClose closes everything first and receives afterwards, in pieces of
// every size.
func drainAfterClose(e *env) error {
	const producers, items = 3, 40
	for size := 1; size <= items+1; size += 3 {
		fan := e.words(producers * items)
		var sent [][]strategies.Word
		var ps []wordProducer
		for i := range producers {
			p := fan.Producer()
			if err := e.accept(p, sequence(i, 0, items)...); err != nil {
				return err
			}
			sent, ps = append(sent, sequence(i, 0, items)), append(ps, p)
		}
		for _, p := range ps {
			p.Close()
		}
		if err := e.expectTogether(fan.Consumer(), size, sent...); err != nil {
			return err
		}
		if err := e.expectEnd(strategies.PromiseDrain, fan.Consumer()); err != nil {
			return err
		}
	}
	return nil
}

// closeAfterSend closes producers at every point of the consumer's last look
// for items. What was sent before must come, then the end.
func closeAfterSend(e *env) error {
	const sweep = 60
	return e.together(e.n(24_000), func(round int) (mine, theirs, after func() error) {
		fan := e.words(4)
		items := 1 + round%2
		p, q := fan.Producer(), fan.Producer()
		theirs = func() error {
			pause(round % sweep)
			q.Close()
			if err := e.accept(p, sequence(0, 0, items)...); err != nil {
				return err
			}
			pause(round / sweep % sweep / 4)
			p.Close()
			return nil
		}
		mine = func() error {
			c := fan.Consumer()
			if err := e.expect(strategies.PromiseDrain, c, 1+round%3, sequence(0, 0, items)...); err != nil {
				return err
			}
			return e.expectEnd(strategies.PromiseDrain, c)
		}
		return mine, theirs, nil
	})
}

// closeWakesConsumer closes the last producer while the consumer parks.
func closeWakesConsumer(e *env) error {
	const sweep = 100
	e.doing("closing the last producer of a waiting consumer")
	return e.together(e.n(8000), func(round int) (mine, theirs, after func() error) {
		fan := e.words(1)
		p := fan.Producer()
		theirs = func() error {
			pause(round % sweep)
			p.Close()
			return nil
		}
		return func() error { return e.expectEnd(strategies.PromiseDrain, fan.Consumer()) }, theirs, nil
	})
}

// afterConsumerClose looks at everything that holds after the consumer left.
func afterConsumerClose(e *env) error {
	const promise = strategies.PromiseConsumerClose
	for _, waiting := range []int{0, e.room(3, 1)} {
		fan := e.words(4)
		c := fan.Consumer()
		p := fan.Producer()
		if err := e.accept(p, sequence(0, 0, waiting)...); err != nil {
			return err
		}
		c.Close()
		c.Close()
		if err := e.allClosed(promise, p, "a fan-in whose consumer closed"); err != nil {
			return err
		}
		if err := e.allClosed(promise, fan.Producer(), "a producer opened after the consumer closed"); err != nil {
			return err
		}
		if err := e.allEnded(c, strategies.ErrClosed); err != nil {
			return err
		}
		p.Close()
		if err := e.allEnded(c, strategies.ErrClosed); err != nil {
			return err
		}
	}
	return nil
}

// blockedReleased closes the consumer of a full fan-in with senders blocked in
// every way. Nothing was received, so none of them may find room.
func blockedReleased(e *env) error {
	const capacity = 2
	ways := e.usable(sends.Waiting)
	for round := range e.n(40) {
		fan := e.words(capacity)
		blocked := e.crew()
		for i := range 4 * len(ways) {
			p := fan.Producer()
			blocked.run(func() error {
				defer p.Close()
				e.fill(p, i, 4*len(ways)*capacity)
				w := ways[i%len(ways)]
				n, err := sends.Call(context.Background(), p, w, sequence(i, 0, 3))
				return e.mustBe(strategies.PromiseConsumerClose, w.String()+" to a full fan-in that the consumer left", n, err, result{0, strategies.ErrClosed})
			})
		}
		// From at once, which races with their first sends, to all blocked.
		time.Sleep(time.Duration(round) * 100 * time.Microsecond)
		e.doing("waiting for blocked senders to be released by the consumer's Close")
		fan.Consumer().Close()
		if err := blocked.wait(); err != nil {
			return err
		}
	}
	return nil
}

// consumerCloseRace closes the consumer at every point of a send, which may
// succeed only if it began before Close returned.
func consumerCloseRace(e *env) error {
	const sweep = 60
	ways := e.usable(sends.Every)
	return e.together(e.n(8000), func(round int) (mine, theirs, after func() error) {
		fan := e.words(1 + round%3)
		p := fan.Producer()
		left := make(chan struct{})
		theirs = func() error { return e.sendUntilClosed(p, ways[round%len(ways)], left) }
		mine = func() error {
			pause(round / len(ways) % sweep)
			fan.Consumer().Close()
			close(left)
			return nil
		}
		return mine, theirs, nil
	})
}

// sendUntilClosed sends until a send says that the consumer has left, which
// those that begin after it has must do.
func (e *env) sendUntilClosed(p wordProducer, w sends.Way, left <-chan struct{}) error {
	const enough = 20 // calls; then nobody but the consumer is waited for
	defer p.Close()
	for i := 0; ; i++ {
		isLeft := false
		if i >= enough {
			<-left
			isLeft = true
		}
		n, err := sends.Call(context.Background(), p, w, sequence(0, 0, 3))
		switch {
		case err == strategies.ErrClosed && n < 3:
			return e.allClosed(strategies.PromiseConsumerClose, p, "a fan-in whose consumer closed")
		case isLeft, err == strategies.ErrClosed, err != nil && err != strategies.ErrFull:
			return e.broke(strategies.PromiseConsumerClose, "%v to a fan-in that the consumer leaves returned %d, %v", w, n, err)
		}
	}
}

// consumerLeaves leaves in the middle of a flood.
func consumerLeaves(e *env) error {
	for i := range e.n(40) {
		err := e.floodWords(flood{
			options: strategies.Options{Capacity: 1 + i%5}, ways: sends.Every,
			senders: 1 + i%20, items: 1000, maxBatch: 9, maxRecv: 5, leave: 1 + 10*i,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
