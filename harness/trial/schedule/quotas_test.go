package schedule

import (
	"slices"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// Quotas follow the weights, and nobody is left out.
func TestQuotas(t *testing.T) {
	for _, test := range []struct {
		cell     results.Cell
		messages int64
		want     []uint64
	}{
		{results.Cell{Producers: 4}, 10, []uint64{3, 3, 2, 2}},
		{results.Cell{Producers: 5, HotShare: 0.8}, 1000, []uint64{800, 50, 50, 50, 50}},
		{results.Cell{Producers: 3, HotShare: 0.9}, 10, []uint64{9, 1, 1}},
		{results.Cell{Producers: 4, Zipf: 1}, 250, []uint64{120, 60, 40, 30}},
		{results.Cell{Producers: 2, Zipf: 10}, 50, []uint64{50, 1}},
		{results.Cell{Producers: 1, HotShare: 0.5}, 7, []uint64{7}},
	} {
		if got := QuotasOf(test.cell, test.messages); !slices.Equal(got, test.want) {
			t.Errorf("%d messages of %+v: %v; want %v", test.messages, test.cell, got, test.want)
		}
	}
	sum := uint64(0)
	for _, q := range QuotasOf(results.Cell{Producers: 1000, Zipf: 1.1}, 1_000_000) {
		sum += q
	}
	if sum != 1_000_000 {
		t.Errorf("%d messages shared out; want 1000000", sum)
	}
}

func TestShare(t *testing.T) {
	for _, test := range []struct {
		messages  int64
		producers int
		want      uint64 // in total
	}{{10, 1, 10}, {10, 3, 10}, {3, 3, 3}, {2, 3, 3}, {1, 1, 1}, {1_000_003, 1000, 1_000_003}} {
		total, least, most := uint64(0), ^uint64(0), uint64(0)
		for _, q := range Share(test.messages, test.producers) {
			total += q
			least, most = min(least, q), max(most, q)
		}
		if total != test.want || least < 1 || most-least > 1 {
			t.Errorf("share(%d, %d): %d in total, %d to %d each; want %d, as even as can be",
				test.messages, test.producers, total, least, most, test.want)
		}
	}
}
