package conformance

import (
	"runtime"
	"sync/atomic"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/ledger"
)

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
