package report

import (
	"cmp"
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
)

// leastEffect is by how much a median must exceed the best one to be called worse:
// a smaller difference may be real, and is no reason to prefer a strategy.
const leastEffect = 0.1

// ranked is one of the samples that were given to rank.
type ranked struct {
	index  int // which of the samples
	median float64
	tied   bool // not shown to be worse than the best, which is itself tied
	// against is the sample over the best one, block by block; nil for the best, and
	// for one with which it shares no block.
	against *results.Interval
}

// rank puts samples in order, the lowest median first, and says which are as good
// as the first. A sample holds a value of each block, 0 where it is missing. One is
// worse if the Mann-Whitney test, at a level of Alpha for all comparisons with the
// best together, and the interval of the ratios by block both say so, and its median
// is over leastEffect higher. Samples without values are left out.
func rank(samples [][]float64) []ranked {
	var order []ranked
	for i, s := range samples {
		if interval := results.NewInterval(present(s)); interval != nil {
			order = append(order, ranked{index: i, median: interval.Median})
		}
	}
	slices.SortStableFunc(order, func(a, b ranked) int { return cmp.Compare(a.median, b.median) })
	if len(order) == 0 {
		return nil
	}
	order[0].tied = true
	best := samples[order[0].index]
	ps := make([]float64, len(order)-1)
	for i := range ps {
		r := &order[i+1]
		sample := samples[r.index]
		r.against = results.NewBootstrap(ratios(sample, best), compareSeed)
		ps[i] = results.Compare(present(best), present(sample)).P
	}
	for i, p := range holm(ps) {
		r := &order[i+1]
		shown := r.against != nil && r.against.Lo != nil && *r.against.Lo > 1
		r.tied = p >= results.Alpha || !shown || r.median <= (1+leastEffect)*order[0].median
	}
	return order
}

// compareSeed is any number: it makes equal samples give equal intervals.
const compareSeed = 1

// holm adjusts p-values of several tests for being several: those that are then
// below a level hold all together at that level (S. Holm: A simple sequentially
// rejective multiple test procedure, 1979).
func holm(ps []float64) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ps[a], ps[b]) })
	adjusted := make([]float64, len(ps))
	highest := 0.0
	for i, at := range order {
		highest = max(highest, min(1, ps[at]*float64(len(ps)-i)))
		adjusted[at] = highest
	}
	return adjusted
}

// present returns the values that are there.
func present(sample []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(sample), func(v float64) bool { return v <= 0 })
}

// ratios returns a over b in the blocks in which both have a value.
func ratios(a, b []float64) []float64 {
	var out []float64
	for i := range a {
		if a[i] > 0 && b[i] > 0 {
			out = append(out, a[i]/b[i])
		}
	}
	return out
}
