package stat

import (
	"math"
	"slices"

	"github.com/aclements/go-moremath/stats"
)

// NewInterpolated returns the median with the interval at Confidence that lies between
// two of order statistics (T. Hettmansperger, S. Sheather: Confidence intervals based on
// interpolated order statistics, Statistics & Probability Letters 4, 1986). The interval from
// the d-th smallest to the d-th largest value holds the median of any distribution with a
// probability that n and d alone decide, such as 0.979 and 0.891 for ten values and a d of 2
// and 3; NewInterval takes the first, this one goes as far towards the second
// as leaves 0.95. How far hardly depends on the distribution as long as it is smooth
// there, so the ends go no farther where values have two humps and the step to the
// next one crosses the gap between them. It is nil without values and
// has no bounds for fewer than MinReps.
func NewInterpolated(values []float64) *Interval {
	center := Median(values)
	if center == nil {
		return nil
	}
	interval := &Interval{Median: *center}
	n := len(values)
	if n < MinReps {
		return interval
	}
	sorted := slices.Sorted(slices.Values(values))
	d := 1
	for coverage(n, d+1) >= Confidence {
		d++
	}
	wide, narrow := coverage(n, d), coverage(n, d+1)
	share := (wide - Confidence) / (wide - narrow)
	// The weight of the inner value, from the paper's equation for a smooth density.
	inner := float64(n-d) * share / (float64(d) + float64(n-2*d)*share)
	between := func(outer, next float64) *float64 {
		if math.Abs(next-outer) > gapShare*(sorted[n-1]-sorted[0]) {
			return &outer
		}
		return new(outer + inner*(next-outer))
	}
	interval.Lo, interval.Hi = between(sorted[d-1], sorted[d]), between(sorted[n-d], sorted[n-d-1])
	return interval
}

// gapShare is which share of the range a step between neighbours takes at least to be a
// gap between two humps: 0.5 is rare where there is one hump.
const gapShare = 0.5

// coverage returns the probability that the median of a distribution lies between the
// d-th smallest and the d-th largest of n values.
func coverage(n, d int) float64 {
	return 1 - 2*stats.BinomialDist{N: n, P: 0.5}.CDF(float64(d-1))
}
