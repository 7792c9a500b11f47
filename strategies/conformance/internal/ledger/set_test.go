package ledger

import (
	"math/rand/v2"
	"testing"
)

// A set is equal to a map of numbers, whatever their order.
func TestSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var sets [2]set
		var maps [2]map[uint64]bool
		for i := range sets {
			maps[i] = map[uint64]bool{}
			for next, n := uint64(rng.IntN(70)*i), rng.IntN(300); n > 0; n-- {
				number := next
				if next++; rng.IntN(20) == 0 {
					number = rng.Uint64N(400)
				}
				if fresh := sets[i].add(number); fresh == maps[i][number] {
					t.Fatalf("add(%d) returned %v", number, fresh)
				}
				maps[i][number] = true
			}
		}
		least, found := uint64(0), false
		for i := range uint64(1000) {
			if sets[0].has(i) != maps[0][i] {
				t.Fatalf("has(%d) returned %v", i, sets[0].has(i))
			}
			if both := maps[0][i] && maps[1][i]; both && !found {
				least, found = i, true
			}
		}
		if got, common := sets[0].common(&sets[1]); got != least || common != found {
			t.Fatalf("common returned %d, %v instead of %d, %v", got, common, least, found)
		}
	}
}
