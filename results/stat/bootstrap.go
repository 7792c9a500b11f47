package stat

import (
	"math"
	"math/rand/v2"
	"slices"
)

// resamples is how many bootstrap samples an interval is read from: what Efron
// and Tibshirani recommend for percentiles is a thousand at least.
const resamples = 2000

// NewBootstrap returns the median of one value per block with its percentile
// bootstrap interval at Confidence (Efron & Tibshirani, An Introduction to the
// Bootstrap, 1993, chapter 13): blocks are drawn with replacement, as many as
// there are, 2000 times, and the interval reaches from the 2.5th to the 97.5th
// percentile of the medians. What is drawn is a block, that is a pair of
// processes, never a message: messages of one process are not independent. No
// value is left out. The same seed gives the same interval. Without values it
// is nil; with fewer than MinReps it has no bounds.
func NewBootstrap(values []float64, seed uint64) *Interval {
	center := Median(values)
	if center == nil {
		return nil
	}
	interval := &Interval{Median: *center}
	if len(values) >= MinReps {
		interval.Lo, interval.Hi = bootstrap(seed, func(rng *rand.Rand) float64 { return resampledMedian(rng, values) })
	}
	return interval
}

// bootstrap returns the percentiles of a statistic over its resamples.
func bootstrap(seed uint64, statistic func(*rand.Rand) float64) (lo, hi *float64) {
	rng := rand.New(rand.NewPCG(seed, resamples))
	drawn := make([]float64, resamples)
	for i := range drawn {
		drawn[i] = statistic(rng)
	}
	slices.Sort(drawn)
	beyond := int(math.Round(resamples * (1 - Confidence) / 2)) // at either end
	return &drawn[beyond], &drawn[resamples-1-beyond]
}

// resampledMedian returns the median of as many values drawn with replacement.
func resampledMedian(rng *rand.Rand, values []float64) float64 {
	var few [32]float64 // as many repetitions as anyone makes cost no allocation
	sample := few[:0]
	for range values {
		sample = append(sample, values[rng.IntN(len(values))])
	}
	slices.Sort(sample)
	half := len(sample) / 2
	if len(sample)%2 == 1 {
		return sample[half]
	}
	return (sample[half-1] + sample[half]) / 2
}
