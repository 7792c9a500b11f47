package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"golang.org/x/perf/benchmath"
)

// Comparison says whether two samples of repetitions differ.
type Comparison struct {
	P         float64  // of the Mann-Whitney U test, two-sided: of such samples if nothing differs
	Delta     float64  // median of b over median of a, minus 1; 0 if that is undefined
	Lo, Hi    *float64 // percentile bootstrap interval of Delta; nil with fewer than MinReps values on a side
	Different bool     // P is below Alpha
	Warnings  []string // why it might not be able to tell
}

// Alpha is how often Compare finds a difference where there is none, at most.
const Alpha = 1 - Confidence

// Compare tests whether two samples, one value of each process, come from the
// same distribution, with the Mann-Whitney U test, which assumes nothing about
// that distribution. The interval of Delta resamples each side on its own and
// only sizes the difference: whether there is one is for P to say. Values must
// be finite. The result depends on nothing but the values.
func Compare(a, b []float64) Comparison {
	tested := MannWhitney(a, b)
	c := Comparison{P: tested.P, Different: tested.P < Alpha}
	for _, w := range tested.Warnings {
		c.Warnings = append(c.Warnings, w.Error())
	}
	from, to := Median(a), Median(b)
	if from == nil || to == nil || *from == 0 {
		c.Warnings = append(c.Warnings, "no relative difference: a side is empty or its median is 0")
		return c
	}
	c.Delta = *to / *from - 1
	if least := min(len(a), len(b)); least < MinReps {
		c.Warnings = append(c.Warnings, FewReps(least))
		return c
	}
	if slices.Min(a) <= 0 {
		return c // a resampled median might be 0
	}
	c.Lo, c.Hi = bootstrap(compareSeed, func(rng *rand.Rand) float64 {
		return resampledMedian(rng, b)/resampledMedian(rng, a) - 1
	})
	return c
}

// MannWhitney tests whether two samples come from the same distribution.
func MannWhitney(a, b []float64) benchmath.Comparison {
	thresholds := &benchmath.Thresholds{CompareAlpha: Alpha}
	// NewSample sorts in place.
	return benchmath.AssumeNothing.Compare(
		benchmath.NewSample(slices.Clone(a), thresholds), benchmath.NewSample(slices.Clone(b), thresholds))
}

// compareSeed is any number: it makes equal samples give equal intervals.
const compareSeed = 1

// String says it in a line: "+12.3 % (p=0.002)", or "no difference (p=0.48)".
func (c Comparison) String() string {
	if !c.Different {
		return fmt.Sprintf("no difference (p=%.2g)", c.P)
	}
	return fmt.Sprintf("%+.1f %% (p=%.2g)", 100*c.Delta, c.P)
}

// LeastP returns the smallest p value that the Mann-Whitney test can give for
// samples of a and b values: two of all the ways to divide them.
func LeastP(a, b int) float64 {
	all, _ := math.Lgamma(float64(a + b + 1))
	one, _ := math.Lgamma(float64(a + 1))
	other, _ := math.Lgamma(float64(b + 1))
	return min(1, 2*math.Exp(one+other-all))
}
