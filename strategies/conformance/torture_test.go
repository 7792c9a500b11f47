package conformance

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Where each receive looks at every producer, no round has so many items and
// producers that it takes seconds; every other strategy gets the rounds in full.
func TestRoundsInProportion(t *testing.T) {
	shapes := func(d strategies.Descriptor, seed uint64) shape {
		s := strategies.Strategy{Descriptor: d, Word: strategies.NewMutexSwap[strategies.Word]}
		return newKit(s, Options{Seed: seed}).shape()
	}
	longest, thousands, lessened := 0, 0, 0
	for seed := range uint64(1000) {
		full := shapes(strategies.Descriptor{Name: "lanes"}, seed)
		s := shapes(strategies.Descriptor{Name: "scans", Scans: "it does"}, seed)
		work := s.senders * s.senders * s.items * s.lives
		longest = max(longest, work)
		if s.senders >= 1000 {
			thousands++
		}
		if s.items*s.lives < full.items*full.lives {
			lessened++
		}
		if s.senders != full.senders || s.options != full.options {
			t.Errorf("seed %d: %+v became %+v", seed, full, s)
		}
	}
	// 3000 producers of an item each are the least that thousands of producers are.
	if longest > 3000*3000 {
		t.Errorf("a round looks at producers %d times", longest)
	}
	if thousands < 200 || lessened < 100 {
		t.Errorf("of 1000 rounds %d have thousands of producers, %d have fewer items", thousands, lessened)
	}
}
