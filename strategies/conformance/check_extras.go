package conformance

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

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
	accepted, delivered, dropped, rejected uint64
	backlog                                int
}

// mustCount compares what a fan-in counts at rest with what it must.
func (e *env) mustCount(fan words, when string, want account) error {
	const promise = strategies.PromiseBacklog
	var s strategies.Stats
	agree := func() bool {
		s = fan.(strategies.StatsKeeper).Stats()
		return s.Backlog == want.backlog && s.Dropped == want.dropped && s.Rejected == want.rejected &&
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
			switch err := send(w); err {
			case nil:
				b.want.accepted++
			case strategies.ErrFull:
				b.want.rejected++
			default:
				return b.e.broke(strategies.PromiseTry, "TrySend returned %v", err)
			}
			b.e.alive()
		}
	}
	for _, batch := range []int{1, 3} {
		n, err := p.TrySendBatch(sequence(life, items, items+batch))
		b.want.accepted += uint64(n)
		if err == strategies.ErrFull {
			b.want.rejected += uint64(batch - n)
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

// noTimes is for strategies that do not time how long sends wait.
func noTimes(s strategies.Strategy) string {
	if _, times := s.Word(strategies.Options{Policy: s.DefaultPolicy()}).(strategies.WaitTimer); !times {
		return "it is no WaitTimer"
	}
	return noStats(s)
}

// statsBlocked has sends wait for room, each in another way, and holds the time that they are
// said to have waited against the clock: while they wait, when one has given up, and when all
// are through.
func statsBlocked(e *env) error {
	fan := e.words(1)
	if s := fan.(strategies.StatsKeeper).Stats(); s.BlockedKnown || s.Blocked != 0 {
		return e.broke(strategies.PromiseBacklog, "Stats returned %+v before TimeWaits", s)
	}
	fan.(strategies.WaitTimer).TimeWaits()
	b := &blockedBooks{e: e, keeper: fan.(strategies.StatsKeeper), began: time.Now()}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	senders, consumer := e.crew(), e.crew()
	b.send(senders, fan, ctx)
	watched := error(nil)
	if neverFull(e.strategy.Descriptor) == "" {
		watched = b.watch(cancel)
	}
	books := ledger.New(e.broke, b.senders, 2)
	e.takeAll(consumer, fan.Consumer(), books)
	if err := cmp.Or(senders.wait(), consumer.wait(), watched); err != nil {
		return err
	}
	return b.atRest(account{accepted: b.accepted.Load(), delivered: b.accepted.Load()}, fan)
}

// blockedBooks is what is known of sends that wait.
type blockedBooks struct {
	e        *env
	keeper   strategies.StatsKeeper
	began    time.Time
	senders  int
	accepted atomic.Uint64
}

// send sends two items in each way, to a fan-in of one place: all wait, or those that have a
// place of their own do with their second. One waits under ctx.
func (b *blockedBooks) send(senders *crew, fan words, ctx context.Context) {
	start := func(p strategies.Sender[strategies.Word], send func(items []strategies.Word) (int, error)) {
		items := sequence(b.senders, 0, 2)
		b.senders++
		senders.run(func() error {
			defer p.Close()
			n, err := send(items)
			b.accepted.Add(uint64(n))
			if err != nil && err != ctx.Err() {
				return b.e.broke(strategies.PromiseBacklog, "a send that waited returned %v", err)
			}
			return nil
		})
	}
	single, batches, sender := fan.Producer(), fan.Producer(), strategies.NewSender(fan)
	if b.e.strategy.Keeps(strategies.PromiseContext) {
		gives := fan.Producer()
		start(gives, func(items []strategies.Word) (int, error) { return gives.SendBatchContext(ctx, items) })
	}
	start(single, func(items []strategies.Word) (int, error) { return each(items, single.Send) })
	start(batches, batches.SendBatch)
	start(sender, func(items []strategies.Word) (int, error) { return each(items, sender.Send) })
}

// each sends items one by one.
func each(items []strategies.Word, send func(strategies.Word) error) (int, error) {
	for i, item := range items {
		if err := send(item); err != nil {
			return i, err
		}
	}
	return len(items), nil
}

// watch sees that the time grows by that of all who wait, and by that of one less when one has
// given up.
func (b *blockedBooks) watch(giveUp func()) error {
	if err := b.grows(b.senders); err != nil || !b.e.strategy.Keeps(strategies.PromiseContext) {
		return err
	}
	giveUp()
	return b.grows(b.senders - 1)
}

// grows returns when the time grows as it does while so many wait. More than all cannot.
func (b *blockedBooks) grows(waiting int) error {
	const look, longest = 5 * time.Millisecond, 5 * time.Second
	patience := min(longest, b.e.watchdog)
	b.e.doing("timing %d sends that wait", waiting)
	n := time.Duration(waiting)
	for {
		began, first, from := b.look()
		time.Sleep(look)
		until, second, ended := b.look()
		grown, least, most := second.Blocked-first.Blocked, until.Sub(from), ended.Sub(began)
		b.e.alive()
		switch {
		case !second.BlockedKnown:
			return b.e.broke(strategies.PromiseBacklog, "Stats returned %+v after TimeWaits", second)
		case grown > time.Duration(b.senders)*most || second.Blocked > time.Duration(b.senders)*ended.Sub(b.began):
			return b.e.broke(strategies.PromiseBacklog, "the time that %d sends have waited grew by %v in %v, to %v",
				b.senders, grown, most, second.Blocked)
		case grown >= n*least && grown <= n*most:
			return nil
		case ended.Sub(b.began) > patience:
			return b.e.broke(strategies.PromiseBacklog, "the time that sends have waited grew by %v in %v to %v, while %d wait",
				grown, most, least, waiting)
		}
	}
}

// look returns what is known, and the times before and after.
func (b *blockedBooks) look() (before time.Time, s strategies.Stats, after time.Time) {
	before = time.Now()
	s = b.keeper.Stats()
	return before, s, time.Now()
}

// atRest sees that the time stands still when nobody waits, and that no wait was rejected.
func (b *blockedBooks) atRest(want account, fan words) error {
	if err := b.e.mustCount(fan, "after sends that waited", want); err != nil {
		return err
	}
	_, first, _ := b.look()
	time.Sleep(time.Millisecond)
	_, second, ended := b.look()
	if most := time.Duration(b.senders) * ended.Sub(b.began); first.Blocked != second.Blocked || !second.BlockedKnown || second.Blocked > most {
		return b.e.broke(strategies.PromiseBacklog, "when no send waits any more Stats returned %+v and then %+v, %v at most", first, second, most)
	}
	return nil
}
