package stat

import (
	"cmp"
	"slices"
)

// LeastEffect is by how much a median must exceed the best one to be called
// worse. It is below what ten repetitions can tell on a shared machine (doctor says 20 %
// of the reference one), so that it decides only where the machine is quiet; a
// difference of a tenth is then real, and no reason to prefer one.
const LeastEffect = 0.1

// Ranked is the place of one of the samples that were given to Rank.
type Ranked struct {
	Index int // which of the samples
	// Place counts from 1. Samples of the same place are a tie: none of them was
	// shown to be worse than the first of them.
	Place int
	Value Interval // of the sample's values
	// Against is the sample's values over those of the first of place 1, which has
	// the lowest median, block by block; nil for that one itself, and for one with
	// which it shares no block.
	Against *Interval
}

// Rank puts samples in order, the lowest values first. Values that are not above 0 count
// as missing. One is worse than
// another if the Mann-Whitney test and the interval of the ratios by block both
// say so, the test at a level of Alpha for all comparisons of a place together (see
// Holm), and if its median is over LeastEffect higher. Everything else is a tie. Samples without
// any value are left out.
func Rank(all []Sample) []Ranked {
	samples := make([]Sample, len(all))
	left := make([]Ranked, 0, len(samples))
	var ranked []Ranked
	for i, s := range all {
		samples[i] = s.Positive()
		if value := samples[i].Interval(); value != nil {
			left = append(left, Ranked{Index: i, Value: *value})
		}
	}
	slices.SortStableFunc(left, func(a, b Ranked) int { return cmp.Compare(a.Value.Median, b.Value.Median) })
	for place := 1; len(left) > 0; place++ {
		worse := worseThanFirst(left, samples)
		var rest []Ranked
		for i, r := range left {
			if worse[i] {
				rest = append(rest, r)
				continue
			}
			r.Place = place
			ranked = append(ranked, r)
		}
		left = rest
	}
	for i := 1; i < len(ranked); i++ {
		if a, b := samples[ranked[0].Index].inCommon(samples[ranked[i].Index]); len(a) > 0 {
			against := ComparePaired(a, b)
			ranked[i].Against = &against.Ratio
		}
	}
	return ranked
}

// worseThanFirst tells which of some samples, the lowest median first, are worse
// than the first.
func worseThanFirst(left []Ranked, samples []Sample) []bool {
	compared := make([]Paired, len(left))
	ps := make([]float64, len(left))
	for i, r := range left {
		a, b := samples[left[0].Index].inCommon(samples[r.Index])
		if ps[i] = 1; i > 0 && len(a) >= MinReps {
			compared[i] = ComparePaired(a, b)
			ps[i] = compared[i].P
		}
	}
	worse := make([]bool, len(left))
	for i, p := range Holm(ps[1:]) {
		c := compared[i+1]
		c.P = p
		worse[i+1] = c.Differ() && c.Ratio.Median > 1 && left[i+1].Value.Median > (1+LeastEffect)*left[0].Value.Median
	}
	return worse
}
