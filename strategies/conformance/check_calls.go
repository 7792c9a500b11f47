package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/schedule"
)

// trySendNeverWaits tries to send into a full fan-in, alone and beside senders
// that wait. If it waits, the watchdog ends it.
func trySendNeverWaits(e *env) error {
	const promise, blocked = strategies.PromiseTry, 3
	for _, capacity := range []int{1, 4} {
		fan := e.words(capacity)
		p := fan.Producer()
		e.doing("filling a fan-in of capacity %d with TrySend", capacity)
		if n := e.fill(p, 0, capacity); n != e.room(capacity, 1) {
			return e.broke(promise, "TrySend was accepted %d times with capacity %d", n, capacity)
		}
		senders := e.crew()
		for i := range blocked {
			// A bound per producer leaves each its own room, and one more.
			items := sequence(1+i, 0, capacity+1)
			q := fan.Producer()
			senders.run(func() error { _, err := q.SendBatch(items); return ignoreClosed(err) })
		}
		for range 20 {
			e.doing("trying to send to a full fan-in")
			if err := p.TrySend(0); err != strategies.ErrFull {
				return e.broke(promise, "TrySend to a full fan-in returned %v", err)
			}
			n, err := p.TrySendBatch(sequence(0, 0, 3))
			if err := e.mustBe(promise, "TrySendBatch to a full fan-in", n, err, result{0, strategies.ErrFull}); err != nil {
				return err
			}
			time.Sleep(100 * time.Microsecond)
		}
		fan.Consumer().Close()
		if err := senders.wait(); err != nil {
			return err
		}
	}
	return nil
}

func ignoreClosed(err error) error {
	if err == strategies.ErrClosed {
		return nil
	}
	return err
}

// tryRecvNeverWaits tries to receive from what is empty, has one item, and is
// empty again.
func tryRecvNeverWaits(e *env) error {
	const promise = strategies.PromiseTry
	fan := e.words(4)
	p, c := fan.Producer(), fan.Consumer()
	for i := range 20 {
		e.doing("trying to receive from an empty fan-in")
		if err := e.expectNothing(promise, c); err != nil {
			return err
		}
		sent, err := e.ahead(func() error { return e.accept(p, sequence(0, i, i+1)...) })
		if err != nil {
			return err
		}
		if err := e.tryNext(c, strategies.NewWord(0, uint64(i)), "with one item sent"); err != nil {
			return err
		}
		if err := sent(); err != nil {
			return err
		}
	}
	return e.expectNothing(promise, c)
}

const (
	// tryLimit is how long half of the tries may take at most. One takes a
	// microsecond, unless the processor went to somebody else meanwhile.
	tryLimit = 5 * time.Millisecond
	tries    = 15
)

// tryTakesNoTime times the Try variants where they have something to do, and where
// they have not: one that waits for a while returns what it should.
func tryTakesNoTime(e *env) error {
	const promise = strategies.PromiseTry
	fan := e.words(4)
	p, c := fan.Producer(), fan.Consumer()
	buf := make([]strategies.Word, 4)
	// What is there is received after each try, so that all meet the same.
	drain := func() { _, _ = c.TryRecv(buf) }
	held := sequence(0, 0, e.room(4, 1))
	calls := []struct {
		name          string
		before, timed func()
	}{
		{"TryRecv of nothing", drain, drain},
		{"TrySend of an item", drain, func() { _ = p.TrySend(0) }},
		{"TrySendBatch of items", drain, func() { _, _ = p.TrySendBatch(held) }},
		{"TryRecv of items", func() { _, _ = p.TrySendBatch(held) }, drain},
		{"TrySend to a full fan-in", func() { _, _ = p.TrySendBatch(held) }, func() { _ = p.TrySend(0) }},
		{"TrySendBatch to a full fan-in", func() { _, _ = p.TrySendBatch(held) }, func() { _, _ = p.TrySendBatch(held) }},
	}
	for _, call := range calls {
		e.doing("timing a %s", call.name)
		took := make([]time.Duration, tries)
		for i := range took {
			call.before()
			start := time.Now()
			call.timed()
			took[i] = time.Since(start)
			e.alive()
		}
		if m := median(took); m > tryLimit {
			return e.broke(promise, "half of %d tries took %v or longer: %s", tries, m, call.name)
		}
	}
	return nil
}

// randomSchedules runs random operations one after the other, and holds each result
// against a model of the contract.
func randomSchedules(e *env) error {
	for i := range e.n(160) {
		s := schedule.Random(e.strategy.Descriptor, e.seed+uint64(i), false)
		if s.Suits(e.strategy.Descriptor) != nil {
			continue
		}
		e.doing("running the random schedule of seed %d", s.Seed)
		if _, f := s.Run(context.Background(), e.strategy, schedule.Limits{Time: 1, Patience: max(e.watchdog/2, time.Second/2)}); f != nil {
			return e.broke(f.Promise, "%s (in the random schedule of seed %d)", f.Detail, s.Seed)
		}
	}
	return nil
}

// batchEqualsSingles sends the same items in batches of every size, one by one,
// and in turn, and expects the same to come.
func batchEqualsSingles(e *env) error {
	const items = 60
	for _, w := range e.usable(sends.Batches) {
		for size := 1; size <= items; size += 7 {
			fan := e.words(items)
			p, c := fan.Producer(), fan.Consumer()
			if err := e.sendInTurn(p, w, size, items); err != nil {
				return err
			}
			if err := e.holds(fan, items, "after batches"); err != nil {
				return err
			}
			if err := e.expect(strategies.PromiseBatch, c, size, sequence(0, 0, items)...); err != nil {
				return err
			}
			if err := e.expectNothing(strategies.PromiseBatch, c); err != nil {
				return err
			}
			leave(fan, p)
		}
	}
	return nil
}

// sendInTurn sends so many items, a batch of the given size and a single one in
// turn, into a fan-in with room for them.
func (e *env) sendInTurn(p wordProducer, w sends.Way, size, items int) error {
	for seq := 0; seq < items; {
		batch := sequence(0, seq, min(seq+size, items))
		n, err := sends.Call(context.Background(), p, w, batch)
		what := fmt.Sprintf("%v of %d items with room", w, len(batch))
		if err := e.mustBe(strategies.PromiseBatch, what, n, err, result{len(batch), nil}); err != nil {
			return err
		}
		if seq += n; seq < items {
			if err := e.accept(p, sequence(0, seq, seq+1)...); err != nil {
				return err
			}
			seq++
		}
	}
	return nil
}

// batchInPart stops batches halfway: for want of room, by a context, by the
// consumer's Close. The count returned says exactly which items were sent.
func batchInPart(e *env) error {
	const capacity, free, batch = 6, 4, 9
	ways := map[sends.Way]error{sends.TrySendBatch: strategies.ErrFull, sends.SendBatchContext: context.DeadlineExceeded}
	for _, w := range e.usable([]sends.Way{sends.TrySendBatch, sends.SendBatchContext}) {
		fan := e.words(capacity)
		p := fan.Producer()
		if err := e.accept(p, sequence(0, 0, capacity-free)...); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		n, err := sends.Call(ctx, p, w, sequence(0, capacity-free, capacity-free+batch))
		cancel()
		if err := e.mustBe(strategies.PromiseBatch, fmt.Sprintf("%v of %d items into room for %d", w, batch, free), n, err, result{free, ways[w]}); err != nil {
			return err
		}
		p.Close()
		if err := e.expect(strategies.PromiseBatch, fan.Consumer(), 4, sequence(0, 0, capacity)...); err != nil {
			return err
		}
		if err := e.expectEnd(strategies.PromiseBatch, fan.Consumer()); err != nil {
			return err
		}
	}
	if !e.strategy.Keeps(strategies.PromiseConsumerClose) {
		return nil // the consumer's Close stops no batch
	}
	fan := e.words(capacity)
	p := fan.Producer()
	returned := make(chan result, 1)
	go func() {
		n, err := p.SendBatch(sequence(0, 0, batch))
		returned <- result{n, err}
	}()
	if err := e.expect(strategies.PromiseBatch, fan.Consumer(), 1, sequence(0, 0, 1)...); err != nil {
		return err
	}
	if err := e.until("a blocked SendBatch has filled the room", func() bool { return fan.Backlog() == capacity }); err != nil {
		return err
	}
	fan.Consumer().Close()
	r := <-returned
	return e.mustBe(strategies.PromiseBatch, "SendBatch stopped by the consumer's Close", r.n, r.err, result{capacity + 1, strategies.ErrClosed})
}

// emptyBatch sends nothing, to a waiting consumer and to a full fan-in.
func emptyBatch(e *env) error {
	const promise = strategies.PromiseBatch
	fan := e.words(2)
	p, c := fan.Producer(), fan.Consumer()
	for round := range 4 {
		returned := make(chan result, 1)
		go func() {
			n, err := c.Recv(make([]strategies.Word, 2))
			returned <- result{n, err}
		}()
		time.Sleep(2 * time.Millisecond) // for it to park
		if err := e.sendNothing(p); err != nil {
			return err
		}
		select {
		case r := <-returned:
			return e.broke(promise, "empty batches woke the consumer: Recv returned %d, %v", r.n, r.err)
		case <-time.After(10 * time.Millisecond):
		}
		if err := e.accept(p, sequence(0, round, round+1)...); err != nil {
			return err
		}
		e.doing("receiving after empty batches")
		r := <-returned
		if err := e.mustBe(promise, "Recv of one item after empty batches", r.n, r.err, result{1, nil}); err != nil {
			return err
		}
	}
	held := sequence(0, 0, e.room(2, 1))
	if err := e.accept(p, held...); err != nil {
		return err
	}
	if e.strategy.Bound != strategies.Unbounded {
		e.doing("sending empty batches to a full fan-in")
		if err := e.sendNothing(p); err != nil {
			return err
		}
	}
	n, err := c.Recv(nil)
	if err := e.mustBe(promise, "Recv into an empty buffer", n, err, result{}); err != nil {
		return err
	}
	return e.expect(promise, c, 2, held...)
}

// sendNothing sends nil and empty batches by every way.
func (e *env) sendNothing(p wordProducer) error {
	for _, w := range e.usable(sends.Batches) {
		for _, nothing := range [][]strategies.Word{nil, {}} {
			n, err := sends.Call(context.Background(), p, w, nothing)
			if err := e.mustBe(strategies.PromiseBatch, w.String()+" of nothing", n, err, result{}); err != nil {
				return err
			}
			e.alive()
		}
	}
	return nil
}
