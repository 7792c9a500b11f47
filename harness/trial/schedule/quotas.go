package schedule

import (
	"math"

	"github.com/fanin-bench/fanin-bench/results"
)

// WeightsOf returns each producer's share of a cell's messages; they add up to 1.
// It is nil where all are equal.
func WeightsOf(cell results.Cell) []float64 {
	if cell.HotShare == 0 && cell.Zipf == 0 || cell.Producers == 1 {
		return nil
	}
	weights := make([]float64, cell.Producers)
	sum := 0.0
	for id := range weights {
		switch {
		case cell.Zipf > 0:
			weights[id] = math.Pow(float64(id+1), -cell.Zipf)
		case id == 0:
			weights[id] = cell.HotShare
		default:
			weights[id] = (1 - cell.HotShare) / float64(cell.Producers-1)
		}
		sum += weights[id]
	}
	for id := range weights {
		weights[id] /= sum
	}
	return weights
}

// QuotasOf splits messages among a cell's producers by their weights; each gets at
// least one, and their sum is otherwise right.
func QuotasOf(cell results.Cell, messages int64) []uint64 {
	weights := WeightsOf(cell)
	if weights == nil {
		return Share(messages, cell.Producers)
	}
	quotas := make([]uint64, len(weights))
	due, given := 0.0, 0.0
	for id, weight := range weights {
		due += weight * float64(messages)
		quotas[id] = uint64(max(1, math.Round(due-given)))
		given += math.Round(due - given)
	}
	return quotas
}

// Share splits messages among the producers as evenly as whole numbers allow;
// each gets at least one.
func Share(messages int64, producers int) []uint64 {
	quotas := make([]uint64, producers)
	each, over := messages/int64(producers), messages%int64(producers)
	for id := range quotas {
		quotas[id] = uint64(max(1, each))
		if int64(id) < over && each > 0 {
			quotas[id]++
		}
	}
	return quotas
}
