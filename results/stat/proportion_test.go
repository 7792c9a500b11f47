package stat_test

import (
	"math"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/stat"
)

// The limits are those of published tables, and of qbeta in R.
func TestProportion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		k, n           int
		median, lo, hi float64
	}{
		{0, 20, 0, 0, 0.1684},
		{1, 20, 0.05, 0.0013, 0.2487},
		{10, 20, 0.5, 0.2720, 0.7280},
		{16, 20, 0.8, 0.5634, 0.9427},
		{20, 20, 1, 0.8316, 1},
		{1, 1, 1, 0.0250, 1},
	} {
		got := stat.Proportion(test.k, test.n)
		if got.Median != test.median || math.Abs(*got.Lo-test.lo) > 1e-4 || math.Abs(*got.Hi-test.hi) > 1e-4 {
			t.Errorf("%d of %d: %v from %.4f to %.4f, want %v from %v to %v", test.k, test.n, got.Median, *got.Lo, *got.Hi, test.median, test.lo, test.hi)
		}
	}
	for _, none := range [][2]int{{0, 0}, {3, 2}, {-1, 2}} {
		if got := stat.Proportion(none[0], none[1]); got != nil {
			t.Errorf("%d of %d: %+v", none[0], none[1], got)
		}
	}
}
