package stat

import (
	"cmp"
	"slices"
)

// Holm adjusts p-values of several tests for being several (S. Holm: A simple
// sequentially rejective multiple test procedure, 1979): the chance that any of those
// is below a level for which nothing differs is at most that level, however many of
// the others differ and however they depend on each other.
func Holm(ps []float64) []float64 {
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
