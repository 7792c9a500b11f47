// Package observetest has fan-ins to observe, for the tests of who exports them.
package observetest

import (
	"sync"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/observe"
)

// Sent is how many words go through each fan-in of AtWork.
const Sent = 1000

// AtWork adds a fan-in of every strategy to a Set, under its name, with waits timed. In the
// background two producers send through each what its consumer receives, for which the caller
// waits.
func AtWork(t *testing.T, set *observe.Set) *sync.WaitGroup {
	t.Helper()
	var work sync.WaitGroup
	for _, s := range strategies.All() {
		f := s.Word(strategies.Options{Capacity: 16, Policy: s.DefaultPolicy()})
		f.(strategies.WaitTimer).TimeWaits()
		if err := set.Add(s.Name, f); err != nil {
			t.Fatal(err)
		}
		for id := range 2 {
			p := f.Producer()
			work.Go(func() {
				defer p.Close()
				for seq := range Sent / 2 {
					if err := p.Send(strategies.NewWord(id, uint64(seq))); err != nil {
						t.Errorf("%s: %v", s.Name, err)
					}
				}
			})
		}
		work.Go(func() {
			c := f.Consumer()
			defer c.Close()
			for buf := make([]strategies.Word, 8); ; {
				if _, err := c.Recv(buf); err != nil {
					return
				}
			}
		})
	}
	return &work
}

// Blocked adds a fan-in of one place to a Set under a name, in which one item was rejected and
// a send waits. It returns after some time that wait has lasted for.
func Blocked(t *testing.T, set *observe.Set, name string) time.Duration {
	t.Helper()
	f := strategies.NewMPSCRing[int](strategies.Options{Capacity: 1})
	f.(strategies.WaitTimer).TimeWaits()
	if err := set.Add(name, f); err != nil {
		t.Fatal(err)
	}
	p := f.Producer()
	if err := p.Send(1); err != nil {
		t.Fatal(err)
	}
	if err := p.TrySend(2); err != strategies.ErrFull {
		t.Fatalf("TrySend into a full fan-in returned %v", err)
	}
	var waits sync.WaitGroup
	waits.Go(func() {
		if err := p.Send(3); err != strategies.ErrClosed {
			t.Errorf("a send that the consumer's Close releases returned %v", err)
		}
	})
	t.Cleanup(func() {
		f.Consumer().Close()
		waits.Wait()
	})
	const some = 5 * time.Millisecond
	for began := time.Now(); f.(strategies.StatsKeeper).Stats().Blocked < some; time.Sleep(some / 5) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("no time passes for a send that waits")
		}
	}
	return some
}
