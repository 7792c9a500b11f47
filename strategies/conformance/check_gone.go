package conformance

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/fanin-bench/fanin-bench/strategies"
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
	return e.slope(comers, perComer, "producer that came and went", func() error {
		for i := range comers {
			if err := e.passThrough(fan, c, i); err != nil {
				return err
			}
		}
		return nil
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
	const little = 32 << 10
	producers := 2000
	if e.strategy.Scans != "" {
		producers = 200
	}
	fan := e.words(2)
	keeper, c := fan.Producer(), fan.Consumer()
	defer keeper.Close()
	before := heap()
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
		open := heap()
		for i, p := range ps {
			p.Close()
			ps[i] = nil
		}
		allowed := (open-min(open, before))/8 + little
		kept := e.kept(before, allowed)
		parts = append(parts, fmt.Sprint(kept))
		if kept > allowed {
			return e.broke(strategies.PromiseShrink, "%s bytes more than before %d producers came, after they have closed and were drained and another is open; %d would do",
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
		fan := comingBack(e.strategy.Descriptor, e.strategy.Message)(strategies.Options{Capacity: payloads, Policy: e.strategy.DefaultPolicy()})
		c := fan.Consumer()
		ps := make([]strategies.Producer[strategies.Message], producers)
		for i := range ps {
			ps[i] = fan.Producer()
		}
		before, allowed := heap(), uint64(payloads*payloadSize/8)
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
		e.doing("weighing what the consumer left behind")
		if kept := e.kept(before, allowed); kept > allowed {
			return e.broke(strategies.PromiseShrink, "%d bytes of %d, sent by %d producers and never received, are kept after the consumer's Close; %d would do",
				kept, payloads*payloadSize, producers, allowed)
		}
		runtime.KeepAlive(ps)
		runtime.KeepAlive(fan)
		runtime.KeepAlive(c)
	}
	return nil
}

// longLived moves items through one fan-in, singly and in batches, and weighs what
// is left of each stretch.
func longLived(e *env) error {
	const batch, leaked = 64, 0.032 // bytes per item: half of 64 in a thousand
	fan := e.words(batch)
	p, c := fan.Producer(), fan.Consumer()
	defer p.Close()
	items, buf := sequence(0, 0, batch), make([]strategies.Word, batch)
	stretch := max(100_000, e.n(600_000))
	e.doing("weighing a fan-in that lives long")
	send := func(k int) (int, error) {
		if k%2 == 0 {
			return p.SendBatch(items)
		}
		for i, item := range items {
			if err := p.Send(item); err != nil {
				return i, err
			}
		}
		return batch, nil
	}
	return e.slope(stretch, leaked, "item", func() error {
		for k := range stretch / batch {
			sent, err := e.ahead(func() error {
				if n, err := send(k); err != nil {
					return e.broke(strategies.PromiseShrink, "sending %d items returned %d, %v although there was room", batch, n, err)
				}
				return nil
			})
			if err != nil {
				return err
			}
			for received := 0; received < batch; {
				n, err := c.Recv(buf)
				if atEnd, err := e.received(n, batch, err); err != nil || atEnd {
					return err
				}
				received += n
			}
			if err := sent(); err != nil {
				return err
			}
			e.alive()
		}
		return nil
	})
}
