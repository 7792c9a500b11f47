package conformance

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/inflight"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// allocsPerItem is the most that counts as none: the runtime allocates a little
// on its own account, such as a waiting goroutine's list entry after a
// collection.
const allocsPerItem = 0.01

// allocations counts what a fan-in in steady state allocates: in one goroutine
// by every way to send, if it holds what that sends, then between goroutines
// that park.
func allocations(e *env) error {
	if e.strategy.Bound != strategies.Rendezvous {
		if err := e.allocationsAlone(); err != nil {
			return err
		}
	}
	return e.allocationsParking()
}

// allocationsAlone sends and receives in one goroutine.
func (e *env) allocationsAlone() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	const room = 64
	for _, w := range e.usable(sends.Every) {
		fan := e.words(room)
		p, c := fan.Producer(), fan.Consumer()
		items, buf := sequence(0, 0, room), make([]strategies.Word, room)
		err := e.countAllocs(w.String()+" and Recv", func(total int) error {
			for done := 0; done < total; {
				n, err := sends.Call(ctx, p, w, items)
				if err != nil && (err != strategies.ErrFull || !slices.Contains(sends.NeverWaiting, w)) {
					return e.broke(strategies.PromiseNoAlloc, "%v returned %d, %v", w, n, err)
				}
				for received := 0; received < n; {
					k, err := c.Recv(buf)
					if _, err := e.received(k, len(buf), err); err != nil {
						return err
					}
					received += k
				}
				if done += n; n > 0 {
					e.alive()
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// allocationsParking moves items from two producers that find no room most of
// the time to a consumer that finds no item most of the time.
func (e *env) allocationsParking() error {
	const producers = 2
	fan := e.words(2)
	senders := e.crew()
	var turns [producers]chan int
	for i := range turns {
		turns[i] = make(chan int, 1)
		p := fan.Producer()
		senders.run(func() error {
			defer p.Close()
			for n := range turns[i] {
				for seq := range n {
					if err := p.Send(strategies.NewWord(i, uint64(seq))); err != nil {
						return ignoreClosed(err)
					}
				}
			}
			return nil
		})
	}
	buf := make([]strategies.Word, 2)
	err := e.countAllocs("Send and Recv that park", func(total int) error {
		total = total / 2 / producers * producers
		for i := range turns {
			turns[i] <- total / producers
		}
		for received := 0; received < total; {
			n, err := fan.Consumer().Recv(buf)
			if _, err := e.received(n, len(buf), err); err != nil {
				return err
			}
			received += n
			e.alive()
		}
		return nil
	})
	fan.Consumer().Close()
	for i := range turns {
		close(turns[i])
	}
	if err != nil {
		return err
	}
	return senders.wait()
}

// countAllocs measures a way to move items, after warming it up, and takes the
// best of a few runs: the rest of the process may allocate too.
func (e *env) countAllocs(what string, move func(items int) error) error {
	e.doing("counting the allocations of %s", what)
	items := e.n(50_000)
	best := float64(items)
	for range 4 {
		if err := move(items); err != nil { // warms up, the first time for good
			return err
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := move(items)
		runtime.ReadMemStats(&after)
		if err != nil {
			return err
		}
		best = min(best, float64(after.Mallocs-before.Mallocs)/float64(items))
		if best < allocsPerItem {
			return nil
		}
	}
	return e.broke(strategies.PromiseNoAlloc, "%s: %.3f allocations per item", what, best)
}

// little is what may be kept in any case: contexts, timers, records of the runtime.
const little = 32 << 10

// mostKeptTime is how long a fan-in may take to let go of what is gone: a second, and
// another one for a machine that is busy. A short watchdog shortens it.
const mostKeptTime = 2 * time.Second

// longestLook is the most time between two looks at the heap, each of which collects.
const longestLook = 150 * time.Millisecond

func (e *env) keptTime() time.Duration { return min(mostKeptTime, e.watchdog/8) }

// above returns by how much the heap has grown.
func above(now, before uint64) uint64 { return now - min(now, before) }

// kept weighs the heap until it is at most allowed above before, or the time is up,
// and returns by how much it is above. Until then one collection at a time is enough: each
// look goes on where the one before it ended.
func (e *env) kept(before, allowed uint64) uint64 {
	wait := 5 * time.Millisecond
	for deadline := time.Now().Add(e.keptTime()); time.Now().Before(deadline); wait = min(2*wait, longestLook) {
		kept := above(process.HeapAtMost(), before)
		e.alive()
		if kept <= allowed {
			return kept
		}
		time.Sleep(wait)
	}
	return above(process.Heap(), before)
}

// slope runs a stretch of work, of so many units as it returns, again and again and
// weighs what is left after each. What grows by more than a little for each unit, over
// several stretches and whenever it is looked at, is a leak; what grows once is not.
func (e *env) slope(perUnit float64, unit string, stretch func() (units int, err error)) error {
	const stretches, tries = 3, 4
	if _, err := stretch(); err != nil { // warms up
		return err
	}
	grown, units := 0.0, 0
	for try := range tries {
		before := process.Heap()
		units = 0
		for range stretches {
			n, err := stretch()
			if err != nil {
				return err
			}
			units += n
		}
		allowed := perUnit * float64(units)
		if grown = float64(above(process.HeapAtMost(), before)); grown > allowed {
			grown = float64(above(process.Heap(), before))
		}
		if grown > allowed && try == tries-1 {
			grown = float64(e.kept(before, uint64(allowed)))
		}
		if grown <= allowed {
			return nil
		}
	}
	return e.broke(strategies.PromiseShrink, "%.2g bytes more on the heap for each %s of one fan-in, without end", grown/float64(units), unit)
}

// closedAreCollected opens, uses and closes thousands of producers, at once and one
// by one, while another stays open: nothing of them may stay.
func closedAreCollected(e *env) error {
	if err := e.closedAtOnce(); err != nil {
		return err
	}
	fan := e.words(2)
	keeper, c := fan.Producer(), fan.Consumer()
	defer keeper.Close()
	const perComer = 8 // half of the least that an object takes
	comers := 3000
	if e.short {
		comers /= 2
	}
	e.doing("replacing producers one by one")
	return e.slope(perComer, "producer that came and went", func() (int, error) {
		for i := range comers {
			if err := e.passThrough(fan, c, i); err != nil {
				return 0, err
			}
		}
		return comers, nil
	})
}

// passThrough opens a producer, moves an item and closes it.
func (e *env) passThrough(fan words, c wordConsumer, i int) error {
	p := fan.Producer()
	defer p.Close()
	item := strategies.NewWord(i, 0)
	sent, err := e.ahead(func() error { return e.accept(p, item) })
	if err != nil {
		return err
	}
	if err := e.expect(strategies.PromiseShrink, c, 1, item); err != nil {
		return err
	}
	return sent()
}

// closedAtOnce weighs thousands of producers while they are open and after: an eighth
// may stay, and a second time adds nothing.
func (e *env) closedAtOnce() error {
	producers := 2000
	if e.short {
		producers /= 2 // an eighth of fewer is less than what may be kept in any case
	}
	if e.strategy.Scans != "" {
		producers = 200
	}
	fan := e.words(2)
	keeper, c := fan.Producer(), fan.Consumer()
	defer keeper.Close()
	process.StartMany(2 * producers)
	before := process.Heap()
	var parts []string
	for range 2 {
		ps := make([]wordProducer, producers)
		for i := range ps {
			ps[i] = fan.Producer()
		}
		for i, p := range ps {
			item := strategies.NewWord(i, 0)
			sent, err := e.ahead(func() error { return e.accept(p, item) })
			if err != nil {
				return err
			}
			if err := e.expect(strategies.PromiseShrink, c, 1, item); err != nil {
				return err
			}
			if err := sent(); err != nil {
				return err
			}
		}
		open := process.Heap()
		closeAll(ps)
		allowed := (open-min(open, before))/8 + little
		kept := e.kept(before, allowed)
		parts = append(parts, fmt.Sprint(kept))
		if kept > allowed {
			return e.broke(strategies.PromiseShrink,
				"%s bytes more than before %d producers, which are closed and drained while another is open; %d are allowed",
				strings.Join(parts, ", then "), producers, allowed)
		}
	}
	return nil
}

// undeliveredAreCollected closes the consumer with items waiting, some of a batch
// that it has begun to receive, and weighs what they point to: all of it may go, while
// the fan-in, its producers and its consumer are still at hand.
func undeliveredAreCollected(e *env) error {
	for _, producers := range []int{2, 1000} {
		if e.strategy.Scans != "" {
			producers = min(producers, 50)
		}
		payloads := 1 << 13
		if e.short {
			payloads /= 2
		}
		capacity := payloads
		if e.strategy.Bound == strategies.PerProducer && e.strategy.Keeps(strategies.PromiseBound) {
			capacity /= producers // and one more, where that leaves a rest
			capacity++
		}
		fan := inflight.FreeAtOnce(e.strategy.Descriptor, e.strategy.Message)(strategies.Options{Capacity: capacity, Policy: e.strategy.DefaultPolicy()})
		c := fan.Consumer()
		ps := make([]strategies.Producer[strategies.Message], producers)
		for i := range ps {
			ps[i] = fan.Producer()
		}
		before, allowed := process.Heap(), uint64(payloads*payloadSize/8)
		for i := range payloads {
			if err := ps[i%producers].Send(heavyMessage(i)); err != nil {
				return e.broke(strategies.PromiseShrink, "Send %d of %d returned %v although there was room", i+1, payloads, err)
			}
			e.alive()
		}
		few := make([]strategies.Message, 3)
		if n, err := c.Recv(few); err != nil || n < 1 {
			return e.broke(strategies.PromiseShrink, "Recv with %d items waiting returned %d, %v", payloads, n, err)
		}
		clear(few)
		for _, p := range ps[:producers/2] {
			p.Close()
		}
		c.Close()
		e.doing("weighing the items that the consumer left behind")
		if kept := e.kept(before, allowed); kept > allowed {
			return e.broke(strategies.PromiseShrink, "%d bytes of %d, sent by %d producers and never received, are kept after the consumer's Close; %d are allowed",
				kept, payloads*payloadSize, producers, allowed)
		}
		runtime.KeepAlive(ps)
		runtime.KeepAlive(fan)
		runtime.KeepAlive(c)
	}
	return nil
}

// longLived moves items through one fan-in, singly and in batches, and weighs what
// is left of each stretch. One that is slow moves fewer.
func longLived(e *env) error {
	const leaked = 0.032 // bytes per item: half of 64 in a thousand
	const least, most = 100_000, 600_000
	enough := 200 * time.Millisecond
	if e.short {
		enough /= 4
	}
	fan := e.words(livedBatch)
	p, c := fan.Producer(), fan.Consumer()
	defer p.Close()
	items, buf := sequence(0, 0, livedBatch), make([]strategies.Word, livedBatch)
	e.doing("weighing a fan-in that lives long")
	return e.slope(leaked, "item", func() (int, error) {
		start, done := time.Now(), 0
		for ; done < least || done < most && time.Since(start) < enough; done += livedBatch {
			if err := e.moveBatch(p, c, items, buf, done/livedBatch%2 == 0); err != nil {
				return 0, err
			}
			e.alive()
		}
		return done, nil
	})
}

const livedBatch = 64

// moveBatch sends items, as a batch or singly, and receives as many.
func (e *env) moveBatch(p wordProducer, c wordConsumer, items, buf []strategies.Word, batch bool) error {
	sent, err := e.ahead(func() error {
		if !batch {
			return e.accept(p, items...)
		}
		n, err := p.SendBatch(items)
		return e.mustBe(strategies.PromiseShrink, "SendBatch with room", n, err, result{len(items), nil})
	})
	if err != nil {
		return err
	}
	for received := 0; received < len(items); {
		n, err := c.Recv(buf)
		if atEnd, err := e.received(n, len(buf), err); err != nil {
			return err
		} else if atEnd {
			return e.broke(strategies.PromiseExactlyOnce, "io.EOF with %d of %d items received and the producer open", received, len(items))
		}
		received += n
	}
	return sent()
}
