package stat

// Paired is two samples whose values come in pairs, one pair of each block.
type Paired struct {
	// Ratio is the median over blocks of b's value over a's, with its
	// order-statistic interval. Both of a pair run in the same block, so a machine
	// that slows down over minutes does not widen it.
	Ratio Interval
	P     float64 // of the Mann-Whitney U test: see Compare
}

// ComparePaired compares values that are above 0; a[i] and b[i] are of the same
// block, and there is at least one.
func ComparePaired(a, b []float64) Paired {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = b[i] / a[i]
	}
	return Paired{Ratio: *NewInterval(ratios), P: MannWhitney(a, b).P}
}

// Differ reports whether both the test, at level Alpha, and the interval of the
// ratios say so. The test alone, at a level of 5 %, is bound to find two or more
// differences in 20 comparisons of equal samples in every fourth run of such 20;
// both together are wrong in under 2 % of comparisons (TestCompareAA in harness).
func (p Paired) Differ() bool {
	return p.P < Alpha && p.Ratio.Excludes(1)
}

// RatioByBlock returns the median over blocks of b's value over a's with its
// order-statistic interval, nil if they share none. Only values
// above 0 count.
func RatioByBlock(a, b Sample) *Interval {
	as, bs := a.Positive().inCommon(b.Positive())
	if len(as) == 0 {
		return nil
	}
	ratio := ComparePaired(as, bs).Ratio
	return &ratio
}
