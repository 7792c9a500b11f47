package conformance

import (
	"context"
	"runtime"
	"slices"

	"github.com/fanin-bench/fanin-bench/strategies"
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
