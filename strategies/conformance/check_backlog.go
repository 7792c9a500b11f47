package conformance

import (
	"cmp"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/ledger"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// backlogAtRest compares the backlog with what was sent and received, where
// nothing moves.
func backlogAtRest(e *env) error {
	const capacity = 100
	fan := e.words(capacity)
	c := fan.Consumer()
	ps := []wordProducer{fan.Producer(), fan.Producer(), fan.Producer()}
	buf := make([]strategies.Word, capacity)
	want := 0
	for step := range e.n(2000) {
		if err := e.holds(fan, want, "at rest"); err != nil {
			return err
		}
		e.alive()
		if most := e.rng.IntN(12); e.rng.IntN(2) == 0 && want+most <= capacity {
			n, err := ps[step%3].SendBatch(sequence(step%3, step, step+most))
			if err := e.mustBe(strategies.PromiseBacklog, "SendBatch with room", n, err, result{most, nil}); err != nil {
				return err
			}
			want += n
		} else if want > 0 {
			n, err := c.Recv(buf[:1+most])
			if _, err := e.received(n, 1+most, err); err != nil {
				return err
			}
			want -= n
		}
	}
	for _, p := range ps {
		p.Close()
	}
	total := want
	for n := 0; want > 0; want -= n {
		var err error
		if n, err = c.Recv(buf); err != nil {
			return e.endedShort(strategies.PromiseBacklog, c, n, err, total-want, total)
		}
	}
	return e.holds(fan, 0, "after the drain")
}

// backlogByAnyone reads the backlog from several goroutines during a flood. The
// race detector judges; and no backlog is ever less than nothing, or more than
// was sent.
func backlogByAnyone(e *env) error {
	const senders = 3
	items := e.n(80_000)
	var ended atomic.Bool
	watchers := e.crew()
	build := func(o strategies.Options) words {
		fan := e.strategy.Word(o)
		for range 2 {
			watchers.run(func() error {
				for !ended.Load() {
					if b := fan.Backlog(); b < 0 || b > senders*items {
						return e.broke(strategies.PromiseBacklog, "backlog %d of %d items", b, senders*items)
					}
					time.Sleep(time.Microsecond)
				}
				return nil
			})
		}
		return fan
	}
	for _, capacity := range []int{2, 1000} {
		ended.Store(false)
		_, err := run(e, build, plainWords(), flood{
			options: strategies.Options{Capacity: capacity}, ways: sends.Plain,
			senders: senders, items: items, maxBatch: 10, maxRecv: 64,
		})
		ended.Store(true)
		if err != nil {
			return err
		}
		if err := watchers.wait(); err != nil {
			return err
		}
	}
	return nil
}

// backlogMoving holds the backlog against the counts of both sides while items
// move. A backlog read between two looks at the counts is at least what was
// accepted before it and not asked for after it, and at most what was begun after
// it and not received before it, but for what is in the hands of the calls and of
// goroutines of the fan-in's own.
func backlogMoving(e *env) error {
	m := &moving{e: e, fan: e.words(movingMost)}
	return m.run(e.n(400_000) / movingSenders)
}

const (
	movingSenders = 4
	movingRecv    = 8
	// movingLeast is what the consumer lets pile up, and movingMost what senders do.
	movingLeast, movingMost = 200, 256
	// movingHands is how many items may be in hands, beside a quarter of the backlog:
	// twice a backlog of movingLeast is more than that with all of movingMost.
	movingHands = 48
)

// moving is a fan-in with a backlog, and the counts of it. begun and asked run ahead of
// the calls, accepted and received behind.
type moving struct {
	e                                *env
	fan                              words
	begun, accepted, asked, received atomic.Int64
	ended                            atomic.Bool
}

func (m *moving) run(items int) error {
	e := m.e
	e.doing("comparing the backlog with the items sent and received")
	senders, consumer := e.crew(), e.crew()
	for i := range movingSenders {
		p := m.fan.Producer()
		senders.run(func() error { defer p.Close(); return m.send(p, i, items) })
	}
	consumer.run(m.consume)
	err := m.watch()
	if err != nil {
		m.fan.Consumer().Close() // and releases the senders
	}
	if failed := senders.wait(); err == nil {
		err = failed
	}
	if failed := consumer.wait(); err == nil {
		err = failed
	}
	return err
}

func (m *moving) send(p wordProducer, id, items int) error {
	for seq := range items {
		for m.begun.Load()-m.received.Load() >= movingMost && !m.ended.Load() {
			runtime.Gosched() // an unbounded fan-in would take all
		}
		m.begun.Add(1)
		if err := p.Send(strategies.NewWord(id, uint64(seq))); err != nil {
			return ignoreClosed(err) // the consumer says why it left
		}
		m.accepted.Add(1)
	}
	return nil
}

// consume lets a backlog grow, until nobody sends any more.
func (m *moving) consume() error {
	defer m.ended.Store(true)
	c, buf := m.fan.Consumer(), make([]strategies.Word, movingRecv)
	for waited := 0; ; waited = 0 {
		for ; waited < 1000 && m.accepted.Load()-m.received.Load() < movingLeast; waited++ {
			runtime.Gosched()
		}
		m.asked.Add(movingRecv)
		n, err := c.Recv(buf)
		m.e.alive()
		if err == strategies.ErrClosed {
			return nil // the watcher says why
		}
		if atEnd, err := m.e.received(n, movingRecv, err); atEnd || err != nil {
			return err
		}
		m.received.Add(int64(n))
		m.asked.Add(int64(n - movingRecv))
	}
}

func (m *moving) watch() error {
	counts := func() string {
		return fmt.Sprintf("with %d items accepted and %d received about then", m.accepted.Load(), m.received.Load())
	}
	for !m.ended.Load() {
		accepted, received := m.accepted.Load(), m.received.Load()
		backlog := int64(m.fan.Backlog())
		begun, asked := m.begun.Load(), m.asked.Load()
		switch {
		case backlog > (begun-received)*5/4+movingHands:
			return m.e.broke(strategies.PromiseBacklog, "backlog %d instead of at most %d %s", backlog, begun-received, counts())
		case backlog < (accepted-asked)*3/4-movingHands && !m.e.strategy.Lossy:
			return m.e.broke(strategies.PromiseBacklog, "backlog %d instead of at least %d %s", backlog, accepted-asked, counts())
		}
		runtime.Gosched()
	}
	return nil
}

// backlogOfOneMoment has more goroutines read the backlog than there are processors, so that
// some lose theirs in the midst of that, and 10 ms later find another fan-in than they began
// with. Whatever they read, no more than what the one sender sends ahead ever waited.
func backlogOfOneMoment(e *env) error {
	const ahead, recv = 1024, 64
	m := &moving{e: e, fan: e.words(2 * ahead)}
	sender, consumer, watchers := e.crew(), e.crew(), e.crew()
	for range 2 * runtime.GOMAXPROCS(0) {
		watchers.run(func() error {
			for !m.ended.Load() {
				if b := m.fan.Backlog(); b < 0 || b > ahead+ahead/4+recv {
					m.ended.Store(true)
					return e.broke(strategies.PromiseBacklog, "backlog %d, where 0 to %d items wait", b, ahead)
				}
			}
			return nil
		})
	}
	p := m.fan.Producer()
	sender.run(func() error { defer p.Close(); return m.sendFor(p, time.Duration(e.n(400))*time.Millisecond, ahead) })
	consumer.run(func() error {
		buf := make([]strategies.Word, recv)
		for {
			n, err := m.fan.Consumer().Recv(buf)
			e.alive()
			if atEnd, err := e.received(n, recv, err); atEnd || err != nil {
				return err
			}
			m.received.Add(int64(n))
		}
	})
	return cmp.Or(sender.wait(), consumer.wait(), watchers.wait())
}

// sendFor sends for some time, so many items ahead of the consumer, and ends the watch.
func (m *moving) sendFor(p wordProducer, d time.Duration, ahead int64) error {
	defer m.ended.Store(true)
	over := time.Now().Add(d)
	for sent := int64(0); !m.ended.Load(); {
		if sent%64 == 0 && time.Now().After(over) {
			break
		}
		if sent-m.received.Load() >= ahead {
			runtime.Gosched()
			continue
		}
		if err := p.Send(strategies.NewWord(0, uint64(sent))); err != nil {
			return err
		}
		sent++
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
		var returned, accepted, dropped atomic.Uint64
		if timer, times := fan.(strategies.WaitTimer); times {
			timer.TimeWaits()
		}
		senders, consumer, asking := e.crew(), e.crew(), e.crew()
		for i := range goroutines {
			senders.run(func() error {
				for life := range lives {
					p := fan.Producer()
					e.sendSome(p, i*lives+life, items, &returned, &accepted)
					p.Close()
					if policy != strategies.DropOldest { // under which it grows later, too
						dropped.Add(p.Dropped())
					}
				}
				return nil
			})
		}
		books := ledger.New(e.broke, goroutines*lives, uint64(items))
		full := fullOnce(e.strategy.Descriptor, policy, &returned, &accepted, uint64(goroutines*lives*items))
		if err := e.until("sends find no room", full); err != nil {
			return err
		}
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
		want.rejected = uint64(goroutines*lives*items) - want.accepted
		if policy == strategies.DropOldest || e.strategy.Lossy {
			want.dropped = want.accepted - want.delivered
		}
		return e.mustCount(fan, "after the end", want)
	})
}

// fullOnce returns what reports whether so many sends have found no room, under a policy by
// which they are rejected or wait: beside a consumer that is fast it may be none.
func fullOnce(d strategies.Descriptor, policy strategies.Policy, returned, accepted *atomic.Uint64, all uint64) func() bool {
	last, since := uint64(0), time.Now()
	return func() bool {
		now := returned.Load()
		if now != last {
			last, since = now, time.Now()
		}
		switch {
		case neverFull(d) != "" || now == all:
			return true
		case policy == strategies.Block:
			return time.Since(since) > 2*time.Millisecond
		case policy == strategies.Fail:
			return now > accepted.Load()
		}
		return true
	}
}

// sendSome sends items, and counts whose sends have returned, and which were accepted.
func (e *env) sendSome(p wordProducer, id, items int, returned, accepted *atomic.Uint64) {
	for seq := range items {
		err := p.Send(strategies.NewWord(id, uint64(seq)))
		if err == nil {
			accepted.Add(1)
		}
		returned.Add(1)
		if err != nil || seq%16 == 0 {
			runtime.Gosched() // for who receives, and who asks
		}
		e.alive()
	}
}

// neverBack asks until it is over, and a few times after that: on a busy machine all may
// have been sent and received before it gets a turn.
func (e *env) neverBack(fan words, over *atomic.Bool) error {
	var last strategies.Stats
	for left := 16; left > 0; {
		if over.Load() {
			left--
		}
		s := fan.(strategies.StatsKeeper).Stats()
		if s.Accepted < last.Accepted || s.Delivered < last.Delivered || s.Dropped < last.Dropped || s.HighWater < last.HighWater ||
			s.Rejected < last.Rejected || s.Blocked < last.Blocked {
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
