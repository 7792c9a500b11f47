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
