package results

import (
	"math"
)

// Verdict says what came of comparing a quantity of a cell in two runs.
type Verdict string

// The verdicts. Undecided means that the samples do not tell, not that they are
// equal.
const (
	Better    Verdict = "better"
	Worse     Verdict = "worse"
	Undecided Verdict = "undecided"
)

// Excludes reports whether the interval has bounds and v lies beyond them.
func (i *Interval) Excludes(v float64) bool {
	return i != nil && i.Lo != nil && i.Hi != nil && (*i.Lo > v || *i.Hi < v)
}

// decide judges a difference by its ratio and by the p value of the Mann-Whitney
// test, corrected for how many comparisons were made: see Paired.Differ.
func decide(ratio *Interval, adjusted float64, lowerIsBetter bool) Verdict {
	switch {
	case ratio == nil || !(Paired{*ratio, adjusted}).Differ():
		return Undecided
	case (ratio.Median < 1) == lowerIsBetter:
		return Better
	default:
		return Worse
	}
}

// leastP returns the smallest p value that the Mann-Whitney test can give for
// samples of a and b values: two of all the ways to divide them.
func leastP(a, b int) float64 {
	all, _ := math.Lgamma(float64(a + b + 1))
	one, _ := math.Lgamma(float64(a + 1))
	other, _ := math.Lgamma(float64(b + 1))
	return min(1, 2*math.Exp(one+other-all))
}
