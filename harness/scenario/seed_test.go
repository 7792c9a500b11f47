package scenario

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// Every seed that is drawn or accepted survives a reader that holds numbers as float64.
func TestSeedsAreExact(t *testing.T) {
	var seeds []uint64
	for range 1000 {
		seeds = append(seeds, NewSeed())
	}
	plan := Plan{Cells: []results.Cell{{Strategy: "chan"}, {Strategy: "lanes"}}, Reps: 500, Seed: MaxSeed}
	different := map[uint64]bool{}
	for _, slot := range plan.Slots() {
		seeds = append(seeds, slot.Seed)
		different[slot.Seed] = true
	}
	if len(different) != 1000 {
		t.Errorf("%d different seeds of 1000 trials", len(different))
	}
	for _, seed := range append(seeds, MaxSeed) {
		text, err := json.Marshal(seed)
		if err != nil {
			t.Fatal(err)
		}
		var number float64
		if err := json.Unmarshal(text, &number); err != nil || uint64(number) != seed {
			t.Errorf("seed %d becomes %.0f (%v)", seed, number, err)
		}
		if same, err := ParseSeed(string(text)); err != nil || same != seed {
			t.Errorf("seed %d is read as %d (%v)", seed, same, err)
		}
	}
	for _, wrong := range []string{"9007199254740993", "18446744073709551615", "-1", "1.5", "x", ""} {
		if _, err := ParseSeed(wrong); err == nil || !strings.Contains(err.Error(), "from 0 to 2^53") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
