package conformance

import (
	"context"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"go.uber.org/goleak"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// goroutines uses fan-ins up, by the drain and by the consumer's Close in
// every order, and looks for goroutines that are left.
func goroutines(e *env) error {
	before := goleak.IgnoreCurrent()
	held := e.room(2, 1)
	for range 5 {
		for _, usage := range []func(words, []wordProducer, int) error{e.usedUp, e.leftEarly, e.leftLate} {
			fan := e.words(4)
			ps := []wordProducer{fan.Producer(), fan.Producer()}
			for i, p := range ps {
				if err := e.accept(p, sequence(i, 0, held)...); err != nil {
					return err
				}
			}
			if err := usage(fan, ps, held); err != nil {
				return err
			}
			e.alive()
		}
	}
	err := e.floodWords(flood{
		options: strategies.Options{Capacity: 2}, ways: waitingWays, cancels: true,
		senders: 20, lives: 3, items: 20, maxBatch: 4, maxRecv: 4,
	})
	if err != nil {
		return err
	}
	e.doing("looking for goroutines")
	if err := goleak.Find(before); err != nil {
		lines := strings.SplitN(err.Error(), "\n", 3)
		return e.broke(strategies.PromiseNoLeak, "%s", strings.Join(lines[:min(2, len(lines))], " "))
	}
	return nil
}

// usedUp closes the producers and drains the items held of each.
func (e *env) usedUp(fan words, ps []wordProducer, held int) error {
	for _, p := range ps {
		p.Close()
	}
	if err := e.expectTogether(fan.Consumer(), 3, sequence(0, 0, held), sequence(1, 0, held)); err != nil {
		return err
	}
	return e.expectEnd(strategies.PromiseDrain, fan.Consumer())
}

// leftEarly closes the consumer with items waiting, then the producers.
func (e *env) leftEarly(fan words, ps []wordProducer, _ int) error {
	fan.Consumer().Close()
	for _, p := range ps {
		p.Close()
	}
	return nil
}

// leftLate closes the producers, then the consumer with items waiting.
func (e *env) leftLate(fan words, ps []wordProducer, _ int) error {
	for _, p := range ps {
		p.Close()
	}
	fan.Consumer().Close()
	return nil
}

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
	for _, w := range e.usable(everyWay) {
		fan := e.words(room)
		p, c := fan.Producer(), fan.Consumer()
		items, buf := sequence(0, 0, room), make([]strategies.Word, room)
		err := e.countAllocs(w.String()+" and Recv", func(total int) error {
			for done := 0; done < total; {
				n, err := call(ctx, p, w, items)
				if err != nil && (err != strategies.ErrFull || !slices.Contains(neverWaiting, w)) {
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

func burstOfWords(e *env) error {
	return burst(e, e.strategy.Word, 1<<19, 8, func(i int) strategies.Word { return strategies.NewWord(0, uint64(i)) })
}

// burstOfMessages is about what messages point to: a fan-in that keeps an item
// after it was received keeps its payload.
func burstOfMessages(e *env) error {
	const payload = 1024
	return burst(e, e.strategy.Message, 1<<14, payload, func(i int) strategies.Message {
		return strategies.Message{ID: strategies.NewWord(0, uint64(i)), Payload: make([]byte, payload)}
	})
}

// burst lets items pile up, drains them, waits, and weighs the heap: beside
// what the fan-in had taken before the burst, an eighth may remain. A short run
// does no less: the buffer that a fan-in may keep is as large in both.
func burst[T any](e *env, build strategies.Constructor[T], items, size int, item func(int) T) error {
	const producers = 2
	fan := prompt(e.strategy.Descriptor, build)(strategies.Options{Capacity: items})
	c := fan.Consumer()
	ps := [producers]strategies.Producer[T]{fan.Producer(), fan.Producer()}
	buf := make([]T, 1000)
	before := heap()
	for round := range 2 { // the second burst meets what the first has grown
		for i := range items {
			if err := ps[i%producers].Send(item(i)); err != nil {
				return e.broke(strategies.PromiseShrink, "Send %d of %d returned %v although there was room", i+1, items, err)
			}
			e.alive()
		}
		for received := 0; received < items; {
			n, err := c.Recv(buf)
			if _, err := e.received(n, len(buf), err); err != nil {
				return err
			}
			received += n
			e.alive()
		}
		clear(buf)
		if err := weigh(e, ps[0], c, before, uint64(items*size/8), item(round)); err != nil {
			return err
		}
	}
	runtime.KeepAlive(fan)
	return nil
}

// weigh waits, with the consumer waiting, until the heap is back.
func weigh[T any](e *env, p strategies.Producer[T], c strategies.Consumer[T], before, allowed uint64, last T) error {
	returned := make(chan error, 1)
	go func() {
		n, err := c.Recv(make([]T, 1))
		_, err = e.received(n, 1, err)
		returned <- err
	}()
	kept := uint64(0)
	for range 10 { // until the consumer waits, and others' garbage is gone
		time.Sleep(5 * time.Millisecond)
		now := heap()
		e.alive()
		if kept = now - min(now, before); kept <= allowed {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err := p.Send(last); err != nil {
		return e.broke(strategies.PromiseShrink, "Send after a burst returned %v", err)
	}
	if err := <-returned; err != nil {
		return err
	}
	if kept > allowed {
		return e.broke(strategies.PromiseShrink, "%d bytes more than before a burst, after it was drained and the consumer waits; %d would do", kept, allowed)
	}
	return nil
}

// heap returns the bytes of live objects. It collects until nothing more goes:
// what pools hold, and what only finalizers hold, takes several collections,
// and if it went later it would hide what a fan-in keeps.
func heap() uint64 {
	least := uint64(math.MaxUint64)
	for i := range 10 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if i >= 3 && m.HeapAlloc+1<<12 >= least {
			break
		}
		least = min(least, m.HeapAlloc)
	}
	return least
}
