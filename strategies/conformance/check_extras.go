package conformance

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/ledger"
)

// dropping is the policies that drop.
var dropping = []strategies.Policy{strategies.DropNewest, strategies.DropOldest}

func dropsNone(d strategies.Descriptor) string {
	if !slices.ContainsFunc(dropping, d.Offers) {
		return "offers no policy that drops"
	}
	return ""
}

// noOnDrop is for strategies that do not tell what they drop.
func noOnDrop(s strategies.Strategy) string {
	if _, tells := s.Word(strategies.Options{Policy: s.DefaultPolicy()}).(strategies.DropObserver[strategies.Word]); !tells {
		return "it is no DropObserver"
	}
	return ""
}

// tellsWhatItDrops books what is received and what is told to be dropped in one ledger:
// together that is each item, once.
func tellsWhatItDrops(e *env) error {
	for _, policy := range dropping {
		if !e.strategy.Offers(policy) {
			continue
		}
		for _, capacity := range []int{1, 2, 100} {
			e.doing("sending under policy %v with capacity %d to who is told what is dropped", policy, capacity)
			if err := e.bookDrops(policy, capacity, e.n(12_000)/capacity+200); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropBooks is the ledger of what was received and what was told to be dropped.
type dropBooks struct {
	e   *env
	fan words

	mu     sync.Mutex // guards what follows
	ledger *ledger.Ledger
	err    error
	told   atomic.Uint64
}

// tell is called with what is dropped. It asks the fan-in for something, for which who
// holds a lock would wait.
func (b *dropBooks) tell(w strategies.Word) {
	b.told.Add(1)
	b.e.alive()
	b.fan.Backlog()
	b.book(w)
}

func (b *dropBooks) book(w strategies.Word) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.ledger.Take(w); err != nil && b.err == nil {
		b.err = err
	}
}

// bookDrops has two producers, one of batches, and the goroutines of a Sender send.
func (e *env) bookDrops(policy strategies.Policy, capacity, items int) error {
	const senders, batch = 4, 5
	b := &dropBooks{e: e, fan: e.under(policy, capacity), ledger: ledger.New(e.broke, senders, uint64(items))}
	b.ledger.Unordered()
	strategies.OnDrop(b.fan, b.tell)
	sender := strategies.NewSender(b.fan)
	single, batches := b.fan.Producer(), b.fan.Producer()
	each := func(send func(strategies.Word) error, id int) func() error {
		return func() error {
			for seq := range items {
				if err := send(strategies.NewWord(id, uint64(seq))); err != nil {
					return e.broke(strategies.PromiseOverflow, "a send under policy %v returned %v", policy, err)
				}
				if seq%8 == 0 {
					runtime.Gosched() // to let the consumer receive some
				}
			}
			return nil
		}
	}
	crew, consumer := e.crew(), e.crew()
	crew.run(each(single.Send, 0))
	crew.run(func() error {
		for seq := 0; seq < items; seq += batch {
			part := sequence(1, seq, min(items, seq+batch))
			if n, err := batches.SendBatch(part); n != len(part) || err != nil {
				return e.broke(strategies.PromiseOverflow, "a batch of %d under policy %v returned %d, %v", len(part), policy, n, err)
			}
		}
		return nil
	})
	crew.run(each(sender.Send, 2))
	crew.run(each(sender.TrySend, 3))
	consumer.run(func() error {
		buf := make([]strategies.Word, 8)
		for {
			n, err := b.fan.Consumer().Recv(buf)
			e.alive()
			if atEnd, err := e.received(n, len(buf), err); atEnd || err != nil {
				return err
			}
			for _, w := range buf[:n] {
				b.book(w)
			}
		}
	})
	err := crew.wait()
	sender.Close()
	single.Close()
	batches.Close()
	if waited := consumer.wait(); err == nil {
		err = waited
	}
	if err == nil {
		err = b.err
	}
	if err != nil {
		return err
	}
	dropped := single.Dropped() + batches.Dropped() + sender.Dropped()
	if told := b.told.Load(); told != dropped {
		return e.broke(strategies.PromiseOverflow, "under policy %v %d items were told to be dropped of %d", policy, told, dropped)
	}
	if got, want := b.ledger.Received(), uint64(senders*items); got != want {
		return e.broke(strategies.PromiseOverflow, "under policy %v %d items were received or told to be dropped of %d", policy, got, want)
	}
	return nil
}

// noStats is for strategies that keep none.
func noStats(s strategies.Strategy) string {
	if _, keeps := s.Word(strategies.Options{Policy: s.DefaultPolicy()}).(strategies.StatsKeeper); !keeps {
		return "it is no StatsKeeper"
	}
	return ""
}

// account is what a check knows of a fan-in at rest, in items.
type account struct {
	accepted, delivered, dropped uint64
	backlog                      int
}

// mustCount compares what a fan-in counts at rest with what it must.
func (e *env) mustCount(fan words, when string, want account) error {
	const promise = strategies.PromiseBacklog
	var s strategies.Stats
	agree := func() bool {
		s = fan.(strategies.StatsKeeper).Stats()
		return s.Backlog == want.backlog && s.Dropped == want.dropped &&
			(!s.Counted || s.Accepted == want.accepted && s.Delivered == want.delivered)
	}
	if !settles(agree) {
		return e.broke(promise, "%s Stats returned %+v; want %+v", when, s, want)
	}
	if s.HighWater < s.Backlog {
		return e.broke(promise, "%s the largest backlog is %d, although it is %d", when, s.HighWater, s.Backlog)
	}
	return nil
}

// statsAtRest holds what a fan-in counts against the books, at rest: with items in it,
// after its producers have closed, others have come, and all is drained.
func statsAtRest(e *env) error {
	const capacity, lives, some = 8, 3, 5
	for _, policy := range strategies.Policies() {
		if !e.strategy.Offers(policy) || e.strategy.Bound == strategies.Rendezvous {
			continue
		}
		fan := e.under(policy, capacity)
		keeper, c := fan.Producer(), fan.Consumer()
		var want account
		most := 0
		for life := range lives {
			p, sender := fan.Producer(), strategies.NewSender(fan)
			for i := range 3 * capacity {
				w := strategies.NewWord(life, uint64(i))
				for _, send := range []func(strategies.Word) error{p.TrySend, sender.TrySend} {
					if send(w) == nil {
						want.accepted++
					}
					e.alive()
				}
			}
			want.dropped += p.Dropped() + sender.Dropped()
			if life%2 == 0 {
				p.Close()
				sender.Close()
			}
			want.backlog = int(want.accepted - want.dropped - want.delivered)
			most = max(most, want.backlog)
			if err := e.mustCount(fan, "with items in it", want); err != nil {
				return err
			}
			for range some {
				n, err := c.Recv(make([]strategies.Word, 1))
				if err != nil {
					return e.broke(strategies.PromiseBacklog, "Recv returned %d, %v", n, err)
				}
				want.delivered++
				want.backlog--
			}
			if err := e.mustCount(fan, "after receives", want); err != nil {
				return err
			}
			for want.backlog > 0 {
				n, err := c.Recv(make([]strategies.Word, 3))
				if err != nil {
					return e.broke(strategies.PromiseBacklog, "Recv returned %d, %v", n, err)
				}
				want.delivered += uint64(n)
				want.backlog -= n
			}
			p.Close()
			sender.Close()
			if err := e.mustCount(fan, "when all is received", want); err != nil {
				return err
			}
		}
		keeper.Close()
		if err := e.expectEnd(strategies.PromiseBacklog, c); err != nil {
			return err
		}
		if err := e.mustCount(fan, "after the end", want); err != nil {
			return err
		}
		if s := fan.(strategies.StatsKeeper).Stats(); s.HighWater < most {
			return e.broke(strategies.PromiseBacklog, "the largest backlog is %d, although it was %d when asked", s.HighWater, most)
		}
	}
	return nil
}

// statsMoving asks for what is counted again and again while producers come and go: no
// number goes back, and at rest they agree with the books.
func statsMoving(e *env) error {
	const goroutines, lives = 3, 6
	for _, policy := range strategies.Policies() {
		if !e.strategy.Offers(policy) {
			continue
		}
		fan := e.under(policy, 16)
		keeper := fan.Producer()
		items := e.n(6000) / lives
		var accepted, dropped atomic.Uint64
		senders, consumer, asking := e.crew(), e.crew(), e.crew()
		for i := range goroutines {
			senders.run(func() error {
				for life := range lives {
					p := fan.Producer()
					for seq := range items {
						err := p.Send(strategies.NewWord(i*lives+life, uint64(seq)))
						if err == nil {
							accepted.Add(1)
						}
						if err != nil || seq%16 == 0 {
							runtime.Gosched() // for who receives, and who asks
						}
						e.alive()
					}
					p.Close()
					if policy != strategies.DropOldest { // under which it grows later, too
						dropped.Add(p.Dropped())
					}
				}
				return nil
			})
		}
		books := ledger.New(e.broke, goroutines*lives, uint64(items))
		e.takeAll(consumer, fan.Consumer(), books)
		var over atomic.Bool
		asking.run(func() error { return e.neverBack(fan, &over) })
		err := senders.wait()
		keeper.Close()
		if waited := consumer.wait(); err == nil {
			err = waited
		}
		over.Store(true)
		if asked := asking.wait(); err == nil {
			err = asked
		}
		if err != nil {
			return err
		}
		want := account{accepted: accepted.Load(), delivered: books.Received(), dropped: dropped.Load()}
		if policy == strategies.DropOldest || e.strategy.Lossy {
			want.dropped = want.accepted - want.delivered
		}
		if err := e.mustCount(fan, "after the end", want); err != nil {
			return err
		}
	}
	return nil
}

// neverBack asks until it is over.
func (e *env) neverBack(fan words, over *atomic.Bool) error {
	var last strategies.Stats
	for !over.Load() {
		s := fan.(strategies.StatsKeeper).Stats()
		if s.Accepted < last.Accepted || s.Delivered < last.Delivered || s.Dropped < last.Dropped || s.HighWater < last.HighWater {
			return e.broke(strategies.PromiseBacklog, "Stats went back from %+v to %+v", last, s)
		}
		if s.Counted && s.Delivered > s.Accepted {
			return e.broke(strategies.PromiseBacklog, "Stats counts more delivered than accepted: %+v", s)
		}
		last = s
		runtime.Gosched()
	}
	return nil
}
