package conformance

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/inflight"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
)

// closedAreCollected opens, uses and closes thousands of producers, at once and one
// by one, while another stays open: nothing of them may stay.
func closedAreCollected(e *env) error {
	if err := e.closedAtOnce(); err != nil {
		return err
	}
	fan := e.words(2)
	keeper, c := fan.Producer(), fan.Consumer()
	defer keeper.Close()
	const comers, perComer = 3000, 8 // half of the least that an object takes
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
		const payloads = 1 << 13
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
	const least, most, enough = 100_000, 600_000, 200 * time.Millisecond
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
