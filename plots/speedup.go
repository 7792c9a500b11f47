package plots

import (
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
)

// speedup answers how much faster each strategy is than a Go channel in the
// same block of trials.
func speedup(s *Scene) (*Drawing, error) {
	b := byProducers{series: s.ranked(), value: func(c *results.CellSummary) *results.Interval { return c.Speedup }, unit: 1}
	body, ok := b.panel(s, "throughput over that of "+results.Baseline, func(y span) span {
		y.add(1) // the line at 1× is always in view
		return y.widened(1.2, 4)
	})
	if !ok {
		return nil, noData("no strategy can be compared with " + results.Baseline)
	}
	y := &body.plot.Y
	setRange(y, span{y.Min, y.Max}, octaveTicks(span{y.Min, y.Max}))
	base := lookOf(0, 0)
	if c := s.Manifest.Strategy(results.Baseline); c != nil {
		base = lookOf(c.Index, 0)
	}
	body.plot.Add(across{1, draw.LineStyle{Color: base.line.Color, Width: 1.2}})
	// An unmarked line: at 1 by definition, not by measurement.
	base.marker.Radius = 0
	body.lines = append(body.lines, lineEnd{results.Baseline + " = 1×", base, body.plot.X.Max, 1})
	d := &Drawing{
		Question: "How much faster than a Go channel?",
		subtitle: append(s.subtitle(), "ratio within each block of trials, median over blocks; "+s.intervals("bootstrap interval over blocks")),
		panels:   []panel{body},
		notes:    failureNote(b.series, s),
	}
	return d.finish(), nil
}
