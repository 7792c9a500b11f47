package record

import (
	"math/bits"

	"github.com/fanin-bench/fanin-bench/results/histogram"
)

// Counts is what times are recorded in while a round is on: the buckets of an
// HdrHistogram of two significant digits without its bookkeeping, which took two
// thirds of the time. It becomes one afterwards.
type Counts struct {
	buckets [countBuckets]int64
	Total   int64
}

// Values up to 2^countBits have a bucket each; above, every doubling is split
// into half as many, so a value is known to within 1 %.
const (
	countBits    = 8
	countHalf    = 1 << (countBits - 1)
	countBuckets = (64 - countBits + 2) * countHalf
)

// Record counts one time in ns; a negative one counts as 0.
func (c *Counts) Record(ns int64) {
	value := uint64(max(ns, 0))
	shift := max(0, bits.Len64(value)-countBits)
	c.buckets[shift*countHalf+int(value>>shift)]++
	c.Total++
}

// Histogram returns what was counted.
func (c *Counts) Histogram() *histogram.Histogram {
	h := histogram.New()
	for i, n := range c.buckets {
		if n > 0 {
			shift := max(0, i/countHalf-1)
			h.RecordMany(int64(i-shift*countHalf)<<shift, n)
		}
	}
	return h
}
