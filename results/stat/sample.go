package stat

import (
	"maps"
	"slices"
)

// InOrder returns the values of some blocks in the order of these.
func InOrder(blocks map[int]float64) []float64 {
	var out []float64
	for _, block := range slices.Sorted(maps.Keys(blocks)) {
		out = append(out, blocks[block])
	}
	return out
}

// RatiosByBlock divides within the blocks that both have, in their order.
func RatiosByBlock(of, by map[int]float64) []float64 {
	var ratios []float64
	for _, block := range slices.Sorted(maps.Keys(of)) {
		if b, ok := by[block]; ok {
			ratios = append(ratios, of[block]/b)
		}
	}
	return ratios
}
