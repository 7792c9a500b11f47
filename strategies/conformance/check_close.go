package conformance

import (
	"context"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/ledger"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// closeBlocked closes a producer beside a send of its own that waits for room, by
// every way to wait: it returns ErrClosed, and what another producer's send waits
// for, and what was sent before, stay as they were.
func closeBlocked(e *env) error {
	const capacity = 2
	ways := e.usable(sends.Waiting)
	for round := range max(2*len(ways), e.n(80)) {
		fan := e.words(capacity)
		p, q := fan.Producer(), fan.Producer()
		held := e.room(capacity, 1)
		if err := e.accept(p, sequence(0, 0, held)...); err != nil {
			return err
		}
		returned := [2]chan result{make(chan result, 1), make(chan result, 1)}
		w := ways[round%len(ways)]
		senders := e.crew()
		senders.run(func() error {
			n, err := sends.Call(context.Background(), p, w, sequence(0, held, held+3))
			returned[0] <- result{n, err}
			return nil
		})
		senders.run(func() error { // a bound per producer leaves it its own room
			n, err := q.SendBatch(sequence(1, 0, capacity+1))
			returned[1] <- result{n, err}
			return nil
		})
		// From at once, which races with the send, to blocked.
		time.Sleep(time.Duration(round/len(ways)) * 100 * time.Microsecond)
		e.doing("waiting for a blocked %v to be released by its producer's Close", w)
		p.Close()
		r := <-returned[0]
		what := w.String() + " to a full fan-in beside its producer's Close"
		if err := e.mustBe(strategies.PromiseClose, what, r.n, r.err, result{0, strategies.ErrClosed}); err != nil {
			return err
		}
		if len(returned[1]) > 0 {
			r := <-returned[1]
			return e.broke(strategies.PromiseClose, "SendBatch to a full fan-in returned %d, %v when another producer closed", r.n, r.err)
		}
		e.doing("receiving the items sent before a Close")
		if err := e.expectTogether(fan.Consumer(), 2, sequence(0, 0, held), sequence(1, 0, capacity+1)); err != nil {
			return err
		}
		if err := senders.wait(); err != nil {
			return err
		}
		q.Close()
		if err := e.expectEnd(strategies.PromiseClose, fan.Consumer()); err != nil {
			return err
		}
	}
	return nil
}

// closeBesideSends closes a producer at every point of its running sends, from the
// consumer's goroutine, which then drains: what a send returned nil for comes, once
// and in order, before io.EOF, and nothing else.
func closeBesideSends(e *env) error {
	const sweep = 60
	ways := e.usable(sends.Every)
	return e.together(e.n(20_000), func(round int) (mine, theirs, after func() error) {
		fan := e.words(1 + round%3)
		p, c := fan.Producer(), fan.Consumer()
		w := ways[round%len(ways)]
		var accepted, received []strategies.Word
		left := make(chan struct{})
		leave := sync.OnceFunc(func() { p.Close(); close(left) })
		theirs = func() (err error) {
			accepted, err = e.sendUntilOwnClose(p, w, left)
			return err
		}
		mine = func() (err error) {
			e.doing("closing a producer beside its %v, and draining", w)
			buf := make([]strategies.Word, 4)
			defer leave()
			closeAt := round / len(ways) % 4 // items received before
			for closed := false; ; {
				if !closed && len(received) >= closeAt {
					pause(round / len(ways) % sweep)
					leave()
					closed = true
				}
				n, err := c.Recv(buf)
				e.alive()
				if atEnd, err := e.received(n, len(buf), err); atEnd || err != nil {
					return err
				}
				received = append(received, buf[:n]...)
			}
		}
		after = func() error { return e.sameAfterClose(w, accepted, received) }
		return mine, theirs, after
	})
}

// sendUntilOwnClose sends until a send says that its producer has closed, which left
// tells of as well, and returns the items that were accepted.
func (e *env) sendUntilOwnClose(p wordProducer, w sends.Way, left <-chan struct{}) (accepted []strategies.Word, _ error) {
	const enough = 60 // items; an unbounded fan-in would take millions before it is closed
	for seq := 0; ; seq += 3 {
		if len(accepted) >= enough {
			<-left
		}
		batch := sequence(0, seq, seq+3)
		n, err := sends.Call(context.Background(), p, w, batch)
		if n < 0 || n > len(batch) {
			return nil, e.broke(strategies.PromiseBatch, "%v of %d items returned %d, %v", w, len(batch), n, err)
		}
		accepted = append(accepted, batch[:n]...)
		switch err {
		case nil:
		case strategies.ErrFull:
			runtime.Gosched() // to let the consumer make room
		case strategies.ErrClosed:
			return accepted, e.allClosed(strategies.PromiseClose, p, "a producer closed by another goroutine")
		default:
			return nil, e.broke(strategies.PromiseClose, "%v beside its producer's Close returned %d, %v", w, n, err)
		}
	}
}

// sameAfterClose holds what was received against what was accepted.
func (e *env) sameAfterClose(w sends.Way, accepted, received []strategies.Word) error {
	for i, item := range accepted {
		switch {
		case i >= len(received):
			return e.broke(strategies.PromiseClose, "%v returned nil for item %d beside its producer's Close, and it was never received", w, item.Seq())
		case received[i] != item && !slices.Contains(accepted, received[i]):
			return e.broke(strategies.PromiseClose, "%v returned an error for item %d beside its producer's Close, and it was received", w, received[i].Seq())
		case received[i] != item:
			return e.broke(strategies.PromiseClose, "item %d was received instead of item %d beside its producer's Close", received[i].Seq(), item.Seq())
		}
	}
	if len(received) > len(accepted) {
		return e.broke(strategies.PromiseClose, "item %d was received although its %v, beside its producer's Close, returned an error",
			received[len(accepted)].Seq(), w)
	}
	return nil
}

// closeWaitingConsumer closes the consumer beside a receive of its own that is about
// to wait, or waits: it returns ErrClosed.
func closeWaitingConsumer(e *env) error {
	const sweep = 100
	ways := []string{"Recv", "RecvContext"}
	if !e.strategy.Keeps(strategies.PromiseContext) {
		ways = ways[:1]
	}
	return e.together(e.n(8000), func(round int) (mine, theirs, after func() error) {
		fan := e.words(2)
		keeper, c := fan.Producer(), fan.Consumer()
		w := ways[round%len(ways)]
		mine = func() error {
			e.doing("waiting for a %s to be released by its consumer's Close", w)
			buf := make([]strategies.Word, 1)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			receive := c.Recv
			if w == "RecvContext" {
				receive = func(buf []strategies.Word) (int, error) { return c.RecvContext(ctx, buf) }
			}
			n, err := receive(buf)
			return e.mustBe(strategies.PromiseClose, w+" beside its consumer's Close", n, err, result{0, strategies.ErrClosed})
		}
		theirs = func() error {
			if round%50 == 0 {
				time.Sleep(time.Millisecond) // for it to park
			}
			pause(round / len(ways) % sweep)
			c.Close()
			return nil
		}
		after = func() error { keeper.Close(); return e.allEnded(c, strategies.ErrClosed) }
		return mine, theirs, after
	})
}

// closeUnopened closes the consumer of a fan-in without producers beside a receive that
// asks again and again, or waits: it returns ErrClosed. Nothing has ended, so io.EOF is
// wrong at every point.
func closeUnopened(e *env) error {
	const sweep = 100
	type receive struct {
		name string
		call func(wordConsumer, []strategies.Word) (int, error)
		buf  []strategies.Word
	}
	ways := []receive{
		{"Recv into an empty buffer", wordConsumer.Recv, nil},
		{"Recv", wordConsumer.Recv, make([]strategies.Word, 1)},
	}
	if e.strategy.Keeps(strategies.PromiseTry) {
		ways = append(ways, receive{"TryRecv", wordConsumer.TryRecv, make([]strategies.Word, 1)})
	}
	return e.together(e.n(20_000), func(round int) (mine, theirs, after func() error) {
		c := e.words(2).Consumer()
		w := ways[round%len(ways)]
		mine = func() error {
			e.doing("receiving by %s beside the consumer's Close, without producers", w.name)
			n, err := w.call(c, w.buf)
			for n == 0 && err == nil && w.name != "Recv" {
				n, err = w.call(c, w.buf)
			}
			what := w.name + " beside its consumer's Close, without producers,"
			return e.mustBe(strategies.PromiseClose, what, n, err, result{0, strategies.ErrClosed})
		}
		theirs = func() error { pause(round / len(ways) % sweep); c.Close(); return nil }
		return mine, theirs, func() error { return e.allEnded(c, strategies.ErrClosed) }
	})
}

// closeBesideReceives closes the consumer at every point of its running receives,
// from the sender's goroutine: what it has received was sent, once and in order.
func closeBesideReceives(e *env) error {
	const sweep, enough = 60, 6
	return e.together(e.n(8000), func(round int) (mine, theirs, after func() error) {
		fan := e.words(1 + round%3)
		p, c := fan.Producer(), fan.Consumer()
		theirs = func() error {
			defer p.Close()
			for seq := range enough {
				if seq == round%enough {
					pause(round / enough % sweep)
					c.Close()
				}
				err := p.Send(strategies.NewWord(0, uint64(seq)))
				if closed := seq >= round%enough; closed != (err == strategies.ErrClosed) || !closed && err != nil {
					return e.broke(strategies.PromiseClose, "Send returned %v with the consumer closed: %v", err, closed)
				}
			}
			return nil
		}
		mine = func() error {
			e.doing("receiving beside the consumer's Close")
			return e.receiveUntilOwnClose(c)
		}
		return mine, theirs, nil
	})
}

// receiveUntilOwnClose receives what one producer sends, in order, until a receive
// says that the consumer has closed.
func (e *env) receiveUntilOwnClose(c wordConsumer) error {
	buf := make([]strategies.Word, 2)
	for next := 0; ; {
		n, err := c.Recv(buf)
		e.alive()
		if n == 0 && err == strategies.ErrClosed {
			return nil
		}
		if err != nil || n < 1 || n > len(buf) {
			return e.broke(strategies.PromiseClose, "Recv beside its consumer's Close returned %d, %v", n, err)
		}
		for _, w := range buf[:n] {
			if w != strategies.NewWord(0, uint64(next)) {
				return e.broke(strategies.PromiseClose, "received %#x instead of item %d beside the consumer's Close", uint64(w), next)
			}
			next++
		}
	}
}

// closeBeforeEnd closes the consumer and then the last producer, beside receives of
// which one may see neither and then both: the fan-in has not ended, as what was sent
// is thrown away.
func closeBeforeEnd(e *env) error {
	const sweep = 100
	return e.together(e.n(8000), func(round int) (mine, theirs, after func() error) {
		fan := e.words(1 + round%3)
		p, c := fan.Producer(), fan.Consumer()
		theirs = func() error {
			pause(round / 2 % sweep)
			c.Close()
			p.Close()
			return nil
		}
		mine = func() error {
			e.doing("receiving beside the consumer's Close and the last producer's")
			buf := make([]strategies.Word, round%2) // into none, too
			for looks := 1; ; looks++ {
				n, err := c.TryRecv(buf)
				if n == 0 && err == strategies.ErrClosed {
					return nil
				}
				if n != 0 || err != nil {
					return e.broke(strategies.PromiseClose, "TryRecv beside its consumer's Close and then the last producer's returned %d, %v", n, err)
				}
				if looks%256 == 0 {
					runtime.Gosched() // it may have the only processor
				}
			}
		}
		return mine, theirs, nil
	})
}

// closesAtOnce closes each end by several goroutines at once, beside sends and a
// receive. A producer closed twice counts once: another one that is open goes on.
func closesAtOnce(e *env) error {
	const closers = 2
	for round := range e.n(1600) {
		fan := e.words(1)
		p, keeper, c := fan.Producer(), fan.Producer(), fan.Consumer()
		leaves := round%2 == 1 // the consumer closes as well
		e.doing("closing both ends by several goroutines at once")
		start := make(chan struct{})
		all := e.crew()
		for i := range closers {
			all.run(func() error { <-start; pause(round / 2 % 50 * i); p.Close(); return nil })
			if leaves {
				all.run(func() error { <-start; pause(round / 3 % 50 * i); c.Close(); return nil })
			}
		}
		all.run(func() error {
			<-start
			for p.Send(0) == nil { // until it is closed, which a send that waits must notice
				e.alive()
			}
			return nil
		})
		received := e.crew()
		received.run(func() error { <-start; return e.receiveUntilEnd(c, leaves) })
		close(start)
		if err := all.wait(); err != nil {
			return err
		}
		if err := keeper.Send(1); leaves != (err == strategies.ErrClosed) || !leaves && err != nil {
			return e.broke(strategies.PromiseClose, "Send on a producer that is open returned %v after another was closed twice at once; consumer closed: %v",
				err, leaves)
		}
		keeper.Close()
		if err := received.wait(); err != nil {
			return err
		}
	}
	return nil
}

// receiveUntilEnd receives until the end, which is ErrClosed if the consumer leaves,
// and otherwise comes after the word 1: last of its producer, not last of all.
func (e *env) receiveUntilEnd(c wordConsumer, leaves bool) error {
	buf := make([]strategies.Word, 1)
	most := strategies.Word(0)
	for {
		n, err := c.Recv(buf)
		e.alive()
		switch {
		case err == strategies.ErrClosed && leaves:
			return nil
		case err == io.EOF && !leaves && most == 1:
			return nil
		case err != nil:
			return e.broke(strategies.PromiseClose, "Recv returned %d, %v after a producer was closed twice at once and another is open", n, err)
		}
		most = max(most, buf[0])
	}
}

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
	var accepted atomic.Int64 // of batches that may have come too late for their room
	senders := e.crew()
	for i := range blocked {
		q := fan.Producer()
		room := e.room(capacity, 2) - e.room(capacity, 1) // of its own
		senders.run(func() error {
			n, err := q.SendBatch(sequence(1+i, 0, room+1))
			accepted.Add(int64(n))
			if n > room || err != strategies.ErrClosed {
				return e.broke(promise, "a batch beside Stop returned %d, %v; want at most %d, %v", n, err, room, strategies.ErrClosed)
			}
			return nil
		})
	}
	time.Sleep(time.Millisecond) // for most of them to wait
	e.doing("stopping beside sends that wait")
	stopper := c.(strategies.Stopper)
	stopper.Stop()
	if err := senders.wait(); err != nil {
		return err
	}
	stopper.Stop()
	held += int(accepted.Load())
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
