// Package observetest has fan-ins to observe, for the tests of who exports them.
package observetest

import (
	"sync"
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/observe"
)

// Sent is how many words go through each fan-in of AtWork.
const Sent = 1000

// AtWork adds a fan-in of every strategy to a Set, under its name. In the background two
// producers send through each what its consumer receives, for which the caller waits.
func AtWork(t *testing.T, set *observe.Set) *sync.WaitGroup {
	t.Helper()
	var work sync.WaitGroup
	for _, s := range strategies.All() {
		f := s.Word(strategies.Options{Capacity: 16, Policy: s.DefaultPolicy()})
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
