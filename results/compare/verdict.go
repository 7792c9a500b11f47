package compare

import "github.com/fanin-bench/fanin-bench/results/stat"

// Verdict says what came of comparing a quantity of a cell in two runs.
type Verdict string

// The verdicts. Undecided means that the samples do not tell, not that they are
// equal.
const (
	Better    Verdict = "better"
	Worse     Verdict = "worse"
	Undecided Verdict = "undecided"
)

// decide judges a difference by its ratio and by the p value of its test,
// corrected for how many comparisons were made: see Paired.Differ.
func decide(ratio *stat.Interval, adjusted float64, lowerIsBetter bool) Verdict {
	switch {
	case ratio == nil || !(stat.Paired{Ratio: *ratio, P: adjusted}).Differ():
		return Undecided
	case (ratio.Median < 1) == lowerIsBetter:
		return Better
	default:
		return Worse
	}
}
