package conformance

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// room returns how many items a fan-in of a capacity may hold with so many
// producers sending.
func (e *env) room(capacity, producers int) int {
	switch e.strategy.Bound {
	case strategies.PerProducer:
		return capacity * producers
	case strategies.Rendezvous:
		return 0
	}
	return capacity
}

// stoppedConsumer counts what is accepted while nobody receives, by one
// producer and by several, and again after some or all was received.
func stoppedConsumer(e *env) error {
	for _, lanes := range e.lanes() {
		for _, capacity := range []int{1, 2, 3, 5, 8, 100, 1023} {
			for _, producers := range []int{1, 3} {
				fan := e.scripted(strategies.Options{Capacity: capacity, Lanes: lanes})
				if err := e.fillAndReceive(fan, capacity, producers); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (e *env) fillAndReceive(fan words, capacity, producers int) error {
	ps := make([]wordProducer, producers)
	for i := range ps {
		ps[i] = fan.Producer()
	}
	room := e.room(capacity, producers)
	buf := make([]strategies.Word, room)
	held := 0
	for _, take := range []int{0, 1, capacity/2 + 1, room} {
		for received := 0; received < min(take, held); {
			n, err := fan.Consumer().Recv(buf[:min(take, held)-received])
			if _, err := e.received(n, len(buf), err); err != nil {
				return err
			}
			received += n
		}
		held -= min(take, held)
		for i, p := range ps {
			held += e.fill(p, i, room)
		}
		if held != room {
			return e.broke(strategies.PromiseBound, "%d producers with capacity %d held %d items instead of %d after %d were received",
				producers, capacity, held, room, take)
		}
	}
	if n, err := ps[0].TrySendBatch(sequence(0, 0, 2)); n != 0 || err != strategies.ErrFull {
		return e.broke(strategies.PromiseBound, "TrySendBatch to a full fan-in returned %d, %v", n, err)
	}
	leave(fan, ps...)
	return nil
}

// leave closes both sides of a fan-in that is not used any more: the goroutines that it may
// have would be in the lists and collections of all checks that follow.
func leave(fan words, ps ...wordProducer) {
	fan.Consumer().Close()
	for _, p := range ps {
		p.Close()
	}
}

// racingForRoom has many producers try to send into little room at once.
func racingForRoom(e *env) error {
	const producers = 4
	for round := range e.n(400) {
		capacity := 1 + round%4
		fan := e.words(capacity)
		var accepted atomic.Int64
		start := make(chan struct{})
		senders := e.crew()
		var ps [producers]wordProducer
		for i := range ps {
			ps[i] = fan.Producer()
			senders.run(func() error {
				<-start
				accepted.Add(int64(e.fill(ps[i], i, producers*capacity)))
				return nil
			})
		}
		close(start)
		if err := senders.wait(); err != nil {
			return err
		}
		if got, room := int(accepted.Load()), e.room(capacity, producers); got != room {
			return e.broke(strategies.PromiseBound, "%d producers at once with capacity %d held %d items instead of %d", producers, capacity, got, room)
		}
		leave(fan, ps[:]...)
	}
	return nil
}

// sendCounting has a crew send, and counts what was accepted.
func (e *env) sendCounting(senders *crew, fan words, producers int, accepted *atomic.Int64) {
	for i := range producers {
		p := fan.Producer()
		senders.run(func() error {
			defer p.Close()
			for seq := range e.n(10_000) {
				if err := p.Send(strategies.NewWord(i, uint64(seq))); err != nil {
					return err
				}
				accepted.Add(1)
			}
			return nil
		})
	}
}

// boundUnderLoad watches the bound while items move. Backlog may be off by the
// items in hand; the count of what was accepted and received is not.
func boundUnderLoad(e *env) error {
	const producers = 4
	for _, capacity := range []int{1, 6} {
		fan := e.words(capacity)
		room := int64(e.room(capacity, producers))
		// Every item counted as accepted was, and every item received is
		// counted: taken runs ahead of the receive.
		var accepted, taken atomic.Int64
		senders, consumer := e.crew(), e.crew()
		e.sendCounting(senders, fan, producers, &accepted)
		e.doing("watching the bound of %d items", room)
		var ended atomic.Bool
		consumer.run(func() error { defer ended.Store(true); return e.consumeCounting(fan.Consumer(), &taken) })
		for !ended.Load() {
			in := accepted.Load()
			if out := taken.Load(); in-out > room {
				return e.broke(strategies.PromiseBound, "%d items accepted and at most %d received exceed capacity %d", in, out, capacity)
			}
			// In hand: one item per Send, and one in the receive.
			if b := int64(fan.Backlog()); b > room+producers+1 {
				return e.broke(strategies.PromiseBound, "backlog %d with capacity %d and %d producers", b, capacity, producers)
			}
			runtime.Gosched()
		}
		if err := senders.wait(); err != nil {
			return err
		}
		if err := consumer.wait(); err != nil {
			return err
		}
	}
	return nil
}

func (e *env) consumeCounting(c wordConsumer, taken *atomic.Int64) error {
	defer c.Close()
	buf := make([]strategies.Word, 1)
	for {
		taken.Add(1)
		n, err := c.Recv(buf)
		e.alive()
		if atEnd, err := e.received(n, 1, err); atEnd || err != nil {
			return err
		}
	}
}

// failWhenFull sends to a full fan-in under policy fail, by every way.
func failWhenFull(e *env) error {
	for _, capacity := range []int{1, 5} {
		fan := e.under(strategies.Fail, capacity)
		p := fan.Producer()
		n, err := p.SendBatch(sequence(0, 0, capacity+3))
		if err := e.mustBe(strategies.PromiseOverflow, "a batch larger than the capacity", n, err, result{capacity, strategies.ErrFull}); err != nil {
			return err
		}
		for _, w := range e.usable(sends.Every) {
			n, err := sends.Call(context.Background(), p, w, sequence(7, 0, 1))
			if err := e.mustBe(strategies.PromiseOverflow, w.String()+" under policy fail when full", n, err, result{0, strategies.ErrFull}); err != nil {
				return err
			}
			e.alive()
		}
		if err := e.after(fan, p, 0, sequence(0, 0, capacity)...); err != nil {
			return err
		}
	}
	return nil
}

// after makes sure of what remains of an overflow: what p counts as dropped,
// the backlog, and the items that survive.
func (e *env) after(fan words, p wordProducer, dropped int, survivors ...strategies.Word) error {
	if got := p.Dropped(); got != uint64(dropped) {
		return e.broke(strategies.PromiseOverflow, "%d items counted as dropped instead of %d", got, dropped)
	}
	if err := e.holds(fan, len(survivors), "after an overflow"); err != nil {
		return err
	}
	if err := e.expect(strategies.PromiseOverflow, fan.Consumer(), 3, survivors...); err != nil {
		return err
	}
	return e.expectNothing(strategies.PromiseOverflow, fan.Consumer())
}

// overflowBy fills a fan-in and sends more, in turn by every way.
func (e *env) overflowBy(p wordProducer, from, to int) error {
	ways := e.usable(sends.Every)
	for seq := from; seq < to; {
		w := ways[seq%len(ways)]
		n := min(1+seq%3, to-seq)
		if slices.Contains(sends.Single, w) {
			n = 1
		}
		got, err := sends.Call(context.Background(), p, w, sequence(0, seq, seq+n))
		if err := e.mustBe(strategies.PromiseOverflow, w.String()+" under a policy that drops", got, err, result{n, nil}); err != nil {
			return err
		}
		e.alive()
		seq += n
	}
	return nil
}

func dropNewest(e *env) error {
	for _, capacity := range []int{1, 2, 7} {
		for extra := range 12 {
			fan := e.under(strategies.DropNewest, capacity)
			p := fan.Producer()
			if err := e.overflowBy(p, 0, capacity+extra); err != nil {
				return err
			}
			if err := e.after(fan, p, extra, sequence(0, 0, capacity)...); err != nil {
				return err
			}
			leave(fan, p)
		}
	}
	return nil
}

// dropOldest overflows by more and less than the capacity, also after a part
// was received, which may have moved the rest to where the consumer keeps it.
func dropOldest(e *env) error {
	for _, capacity := range []int{1, 2, 7} {
		for extra := range 2 * capacity {
			for received := range capacity {
				fan := e.under(strategies.DropOldest, capacity)
				p := fan.Producer()
				if err := e.overflowBy(p, 0, capacity); err != nil {
					return err
				}
				if err := e.expect(strategies.PromiseOverflow, fan.Consumer(), 1, sequence(0, 0, received)...); err != nil {
					return err
				}
				last := capacity + received + extra
				if err := e.overflowBy(p, capacity, last); err != nil {
					return err
				}
				if err := e.after(fan, p, extra, sequence(0, last-capacity, last)...); err != nil {
					return err
				}
				leave(fan, p)
			}
		}
	}
	return nil
}

// dropOldestBlame has one producer's sends push out another's items: they count
// against the one that sent them. With a bound per producer they push out none.
func dropOldestBlame(e *env) error {
	const capacity, extra = 6, 4
	fan := e.under(strategies.DropOldest, capacity)
	p, q := fan.Producer(), fan.Producer()
	if err := e.accept(p, sequence(0, 0, capacity)...); err != nil {
		return err
	}
	if err := e.accept(q, sequence(1, 0, extra)...); err != nil {
		return err
	}
	dropped := extra
	if e.strategy.Bound == strategies.PerProducer {
		dropped = 0
	}
	if got := q.Dropped(); got != 0 {
		return e.broke(strategies.PromiseOverflow, "%d dropped items counted against the producer whose sends dropped them", got)
	}
	if got := p.Dropped(); got != uint64(dropped) {
		return e.broke(strategies.PromiseOverflow, "%d dropped items counted against the producer of the oldest, instead of %d", got, dropped)
	}
	return e.expectTogether(fan.Consumer(), 4, sequence(0, dropped, capacity), sequence(1, 0, extra))
}

// conservation settles the account of every producer under every policy.
func conservation(e *env) error {
	return e.underEach(func(policy strategies.Policy) error {
		for _, lanes := range e.lanes() {
			for _, capacity := range []int{1, 3, 100} {
				err := e.floodWords(flood{
					options: strategies.Options{Capacity: capacity, Policy: policy, Lanes: lanes}, ways: sends.Every,
					senders: 5, items: e.n(12_000), lives: 2, maxBatch: 1 + e.rng.IntN(2*capacity), maxRecv: 8,
				})
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
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
