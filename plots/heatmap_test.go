package plots

import (
	"fmt"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// Framed is what the page calls the best of a column: the fastest, and what is not
// slower than that by the rule of stat.Rank, however far its interval reaches.
func TestHeatmapFrames(t *testing.T) {
	t.Parallel()
	series := func(ns float64, blocks int) Series {
		c := &results.CellSummary{}
		c.Set(results.Throughput, stat.NewSample(1e9/ns))
		var times stat.Sample
		for i := range blocks {
			times = times.With(2*i, ns*(1+0.01*float64(i%3))) // a run that is not finished may lack blocks
		}
		c.Set(results.NsPerMsg, times)
		return Series{Cells: map[int]*results.CellSummary{16: c}}
	}
	for _, test := range []struct {
		blocks int
		want   string
	}{
		{10, "[true true false]"}, // a tie is within 10 %
		{stat.MinReps - 1, "[true false false]"},
	} {
		all := []Series{series(10, test.blocks), series(10.7, test.blocks), series(15, test.blocks)}
		h := heat{s: &Scene{Producers: []int{16}}, framed: map[*results.CellSummary]bool{}}
		h.frame(all)
		var framed []bool
		for _, x := range all {
			framed = append(framed, h.framed[x.Cells[16]])
		}
		if got := fmt.Sprint(framed); got != test.want {
			t.Errorf("%d blocks: framed %s, want %s", test.blocks, got, test.want)
		}
	}
}
