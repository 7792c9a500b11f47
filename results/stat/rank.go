package stat

import (
	"cmp"
	"maps"
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

// Rank puts samples in order, the lowest values first. A sample holds one value of
// each block, above 0 or missing (0); all have as many blocks. One is worse than
// another if the Mann-Whitney test and the interval of the ratios by block both
// say so, the test at a level of Alpha for all comparisons of a place together (see
// Holm), and if its median is over LeastEffect higher. Everything else is a tie. Samples without
// any value are left out.
func Rank(samples [][]float64) []Ranked {
	left := make([]Ranked, 0, len(samples))
	var ranked []Ranked
	for i, s := range samples {
		if value := NewInterval(Present(s)); value != nil {
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
		if a, b := inCommon(samples[ranked[0].Index], samples[ranked[i].Index]); len(a) > 0 {
			against := ComparePaired(a, b)
			ranked[i].Against = &against.Ratio
		}
	}
	return ranked
}

// RankBlocks is Rank of samples that map a block to its value.
func RankBlocks(samples []map[int]float64) []Ranked {
	places := map[int]int{} // of a block, in the samples for Rank
	for _, s := range samples {
		for block := range s {
			places[block] = 0
		}
	}
	for i, block := range slices.Sorted(maps.Keys(places)) {
		places[block] = i
	}
	out := make([][]float64, len(samples))
	for i, s := range samples {
		out[i] = make([]float64, len(places))
		for block, v := range s {
			out[i][places[block]] = v
		}
	}
	return Rank(out)
}

// worseThanFirst tells which of some samples, the lowest median first, are worse
// than the first.
func worseThanFirst(left []Ranked, samples [][]float64) []bool {
	compared := make([]Paired, len(left))
	ps := make([]float64, len(left))
	for i, r := range left {
		a, b := inCommon(samples[left[0].Index], samples[r.Index])
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

// Present returns the values of a sample that are there.
func Present(sample []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(sample), func(v float64) bool { return v <= 0 })
}

// inCommon returns the values of the blocks in which both samples have one.
func inCommon(a, b []float64) (as, bs []float64) {
	for i := range a {
		if a[i] > 0 && b[i] > 0 {
			as, bs = append(as, a[i]), append(bs, b[i])
		}
	}
	return as, bs
}
