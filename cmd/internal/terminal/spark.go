package terminal

import (
	"math"

	"github.com/fanin-bench/fanin-bench/results/stat"
)

// sparks are the heights of a sparkline.
var sparks = []rune("▁▂▃▄▅▆▇█")

// leastSpan is how far apart the ends of a sparkline are at least: without it,
// noise of a percent would fill its height.
const leastSpan = 1.25

// Sparkline draws the medians from the lowest to the highest, a character each; a
// space stands for what is missing.
func Sparkline(points []*stat.Interval) string {
	lo, hi := math.Inf(1), 0.0
	for _, p := range points {
		if p != nil {
			lo, hi = min(lo, p.Median), max(hi, p.Median)
		}
	}
	hi = max(hi, lo*leastSpan)
	line := make([]rune, len(points))
	for i, p := range points {
		line[i] = ' '
		if p != nil {
			height := 0
			if hi > lo {
				height = int((p.Median - lo) / (hi - lo) * float64(len(sparks)))
			}
			line[i] = sparks[min(height, len(sparks)-1)]
		}
	}
	return string(line)
}
