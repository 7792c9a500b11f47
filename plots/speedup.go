package plots

import (
	"slices"

	"gonum.org/v1/plot/vg/draw"
)

// speedup answers how much faster each strategy is than a Go channel in the
// same block of trials.
var speedup = Figure{
	Name:     "speedup",
	Question: "How much faster than a Go channel?",
	About:    Closed,
	Read:     "Above 1× is faster than a Go channel, below it slower. Each step of the axis doubles.",
	Draw:     drawSpeedup,
}

func drawSpeedup(s *Scene) (*Drawing, error) {
	b := byCount{series: s.ranked(), value: quoted(s.Manifest.Speedup()), unit: 1}
	b.finish = func(p *panel, g group) {
		y := &p.plot.Y
		setRange(y, span{y.Min, y.Max}, octaveTicks(span{y.Min, y.Max}))
		base := look{}.reference()
		// Solid and unmarked: at 1 by definition, not by measurement.
		base.line.Dashes, base.marker.Radius = nil, 0
		p.plot.Add(across{1, draw.LineStyle{Color: base.line.Color, Width: 1}})
		p.lines = append(p.lines, lineEnd{s.baselineOf(g) + " = 1×", base, p.plot.X.Max, 1})
	}
	d := &Drawing{
		subtitle: append(s.subtitle(), "ratio within each block of trials, median over blocks; "+s.intervals("bootstrap interval over blocks")),
	}
	ok := b.add(d, s, "throughput over that of "+s.Manifest.Baseline(), func(y span) span {
		y.add(1) // the line at 1× is always in view
		return y.widened(1.2, 4)
	})
	if !ok {
		return nil, noData("no strategy can be compared with " + s.Manifest.Baseline())
	}
	return d.finish(), nil
}

// baselineOf names what the speed-ups of a group are over.
func (s *Scene) baselineOf(g group) string {
	var names []string
	for _, x := range g.series {
		base, ok := s.Manifest.BaselineOf(x.first)
		if !ok {
			continue
		}
		for _, b := range s.Series {
			if c := b.Cells[base.Producers]; c != nil && c.Cell == base {
				name := b.Name
				if b.kind() != x.kind() {
					name += " · " + b.bound()
				}
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	if len(names) == 1 {
		return names[0]
	}
	return s.Manifest.Baseline() + ", its like"
}
