package stat

import (
	"github.com/aclements/go-moremath/stats"
)

// Proportion returns the share of n independent cases that k are, with the exact interval
// at Confidence (C. Clopper, E. Pearson: The use of confidence or fiducial limits illustrated
// in the case of the binomial, Biometrika 26, 1934): from the share of which so many
// or more come in 2.5 of 100 cases to the one of which so many or fewer do. It is nil
// without cases.
func Proportion(k, n int) *Interval {
	if n <= 0 || k < 0 || k > n {
		return nil
	}
	tail := (1 - Confidence) / 2
	atMost := func(p float64, k int) float64 { return stats.BinomialDist{N: n, P: p}.CDF(float64(k)) }
	lo, hi := 0.0, 1.0
	if k > 0 {
		lo = falls(func(p float64) float64 { return atMost(p, k-1) }, 1-tail)
	}
	if k < n {
		hi = falls(func(p float64) float64 { return atMost(p, k) }, tail)
	}
	return &Interval{Median: float64(k) / float64(n), Lo: &lo, Hi: &hi}
}

// falls returns where a function of a share that falls from 1 to 0 is as high as a value.
func falls(f func(float64) float64, value float64) float64 {
	lo, hi := 0.0, 1.0
	for range 60 {
		if middle := lo + (hi-lo)/2; f(middle) > value {
			lo = middle
		} else {
			hi = middle
		}
	}
	return hi
}
