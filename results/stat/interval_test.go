package stat_test

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/results/stat"
)

// TestIntervalKnownValues pins the order statistics. At n=8 either end of the
// range may be left out and benchmath leaves out the upper one.
func TestIntervalKnownValues(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][3]float64{ // median, lo, hi; lo 0 for none
		1: {1, 0, 0}, 2: {1.5, 0, 0}, 5: {3, 0, 0},
		6: {3.5, 1, 6}, 7: {4, 1, 7}, 8: {4.5, 1, 7}, 9: {5, 2, 8}, 10: {5.5, 2, 9}, 20: {10.5, 6, 15},
	} {
		var values []float64
		for i := range n {
			values = append(values, float64(n-i)) // not in order
		}
		got := stat.NewInterval(values)
		if got.Median != want[0] {
			t.Errorf("n=%d: median %v, want %v", n, got.Median, want[0])
		}
		if values[0] != float64(n) {
			t.Errorf("n=%d: the values were sorted in place", n)
		}
		if want[1] == 0 {
			if got.Lo != nil || got.Hi != nil {
				t.Errorf("n=%d: an interval", n)
			}
			continue
		}
		if got.Lo == nil || got.Hi == nil || *got.Lo != want[1] || *got.Hi != want[2] {
			t.Errorf("n=%d: %v..%v, want %v..%v", n, *got.Lo, *got.Hi, want[1], want[2])
		}
	}
	if stat.NewInterval(nil) != nil {
		t.Error("an interval of nothing")
	}
}
