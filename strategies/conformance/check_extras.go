package conformance

import (
	"cmp"
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

// singly sends a producer's items one by one.
func (b *dropBooks) singly(send func(strategies.Word) error, id, items int) error {
	for seq := range items {
		if err := send(strategies.NewWord(id, uint64(seq))); err != nil {
			return b.e.broke(strategies.PromiseOverflow, "a send returned %v", err)
		}
		if seq%8 == 0 {
			runtime.Gosched() // to let the consumer receive some
		}
	}
	return nil
}

// inBatches sends them so many at a time.
func (b *dropBooks) inBatches(p wordProducer, id, items, batch int) error {
	for seq := 0; seq < items; seq += batch {
		part := sequence(id, seq, min(items, seq+batch))
		if n, err := p.SendBatch(part); n != len(part) || err != nil {
			return b.e.broke(strategies.PromiseOverflow, "a batch of %d returned %d, %v", len(part), n, err)
		}
	}
	return nil
}

// receive books what is received until the end.
func (b *dropBooks) receive() error {
	buf := make([]strategies.Word, 8)
	for {
		n, err := b.fan.Consumer().Recv(buf)
		b.e.alive()
		if atEnd, err := b.e.received(n, len(buf), err); atEnd || err != nil {
			return err
		}
		for _, w := range buf[:n] {
			b.book(w)
		}
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
	crew, consumer := e.crew(), e.crew()
	crew.run(func() error { return b.singly(single.Send, 0, items) })
	crew.run(func() error { return b.inBatches(batches, 1, items, batch) })
	crew.run(func() error { return b.singly(sender.Send, 2, items) })
	crew.run(func() error { return b.singly(sender.TrySend, 3, items) })
	consumer.run(b.receive)
	err := crew.wait()
	sender.Close()
	single.Close()
	batches.Close()
	if err = cmp.Or(err, consumer.wait(), b.err); err != nil {
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
	const capacity, lives = 8, 3
	if e.strategy.Bound == strategies.Rendezvous {
		return nil
	}
	return e.underEach(func(policy strategies.Policy) error {
		b := &statsBooks{e: e, fan: e.under(policy, capacity)}
		keeper := b.fan.Producer()
		for life := range lives {
			if err := b.live(life, 3*capacity); err != nil {
				return err
			}
		}
		keeper.Close()
		if err := e.expectEnd(strategies.PromiseBacklog, b.fan.Consumer()); err != nil {
			return err
		}
		if err := e.mustCount(b.fan, "after the end", b.want); err != nil {
			return err
		}
		if s := b.fan.(strategies.StatsKeeper).Stats(); s.HighWater < b.most {
			return e.broke(strategies.PromiseBacklog, "the largest backlog is %d, although it was %d when asked", s.HighWater, b.most)
		}
		return nil
	})
}

// statsBooks are what a fan-in must have counted.
type statsBooks struct {
	e    *env
	fan  words
	want account
	most int // the largest backlog when asked
}

// live opens a producer and a Sender, tries to send items, and receives what was accepted.
// In every other life both close before that.
func (b *statsBooks) live(life, items int) error {
	const some = 5
	p, sender := b.fan.Producer(), strategies.NewSender(b.fan)
	for i := range items {
		w := strategies.NewWord(life, uint64(i))
		for _, send := range []func(strategies.Word) error{p.TrySend, sender.TrySend} {
			if send(w) == nil {
				b.want.accepted++
			}
			b.e.alive()
		}
	}
	b.want.dropped += p.Dropped() + sender.Dropped()
	if life%2 == 0 {
		p.Close()
		sender.Close()
	}
	b.want.backlog = int(b.want.accepted - b.want.dropped - b.want.delivered)
	b.most = max(b.most, b.want.backlog)
	if err := b.e.mustCount(b.fan, "with items in it", b.want); err != nil {
		return err
	}
	if err := b.receive(1, b.want.backlog-some); err != nil {
		return err
	}
	if err := b.e.mustCount(b.fan, "after receives", b.want); err != nil {
		return err
	}
	if err := b.receive(3, 0); err != nil {
		return err
	}
	p.Close()
	sender.Close()
	return b.e.mustCount(b.fan, "when all is received", b.want)
}

// receive receives up to a number of items at once until a backlog is left.
func (b *statsBooks) receive(most, left int) error {
	for b.want.backlog > left {
		n, err := b.fan.Consumer().Recv(make([]strategies.Word, most))
		if err != nil {
			return b.e.broke(strategies.PromiseBacklog, "Recv returned %d, %v", n, err)
		}
		b.want.delivered += uint64(n)
		b.want.backlog -= n
	}
	return nil
}

// statsMoving asks for what is counted again and again while producers come and go: no
// number goes back, and at rest they agree with the books.
func statsMoving(e *env) error {
	const goroutines, lives = 3, 6
	items := e.n(6000) / lives
	return e.underEach(func(policy strategies.Policy) error {
		fan := e.under(policy, 16)
		keeper := fan.Producer()
		var accepted, dropped atomic.Uint64
		senders, consumer, asking := e.crew(), e.crew(), e.crew()
		for i := range goroutines {
			senders.run(func() error {
				for life := range lives {
					p := fan.Producer()
					accepted.Add(e.sendSome(p, i*lives+life, items))
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
		sent := senders.wait()
		keeper.Close()
		received := consumer.wait()
		over.Store(true)
		if err := cmp.Or(sent, received, asking.wait()); err != nil {
			return err
		}
		want := account{accepted: accepted.Load(), delivered: books.Received(), dropped: dropped.Load()}
		if policy == strategies.DropOldest || e.strategy.Lossy {
			want.dropped = want.accepted - want.delivered
		}
		return e.mustCount(fan, "after the end", want)
	})
}

// sendSome sends items and returns how many were accepted.
func (e *env) sendSome(p wordProducer, id, items int) (accepted uint64) {
	for seq := range items {
		err := p.Send(strategies.NewWord(id, uint64(seq)))
		if err == nil {
			accepted++
		}
		if err != nil || seq%16 == 0 {
			runtime.Gosched() // for who receives, and who asks
		}
		e.alive()
	}
	return accepted
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
