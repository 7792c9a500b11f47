package record

import (
	"math/rand/v2"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/histogram"
)

// What is counted in buckets becomes the histogram that direct recording makes.
func TestCounts(t *testing.T) {
	var c Counts
	direct := histogram.New()
	rng := rand.New(rand.NewPCG(1, 2))
	values := []int64{-5, 0, 1, 127, 128, 255, 256, 257, 511, 512, 3_600_000_000_000, 1 << 62}
	for range 100_000 {
		values = append(values, int64(rng.Uint64()>>(20+rng.IntN(44))))
	}
	for _, v := range values {
		c.Record(v)
		direct.Record(v)
	}
	if got := c.Histogram(); !got.Equals(direct) {
		t.Errorf("%d values, p50 %d, p99 %d; direct: %d, %d, %d", got.TotalCount(), got.ValueAtQuantile(50), got.ValueAtQuantile(99),
			direct.TotalCount(), direct.ValueAtQuantile(50), direct.ValueAtQuantile(99))
	}
}
