package plots

import (
	"math"

	"gonum.org/v1/plot"

	"github.com/fanin-bench/fanin-bench/results"
)

// byProducers draws an interval of each cell against the producers: what the
// figures of throughput, speed-up, memory and fairness have in common.
type byProducers struct {
	series []Series
	value  func(*results.CellSummary) *results.Interval
	unit   float64 // values are divided by it
	linear bool    // the vertical axis
}

// curves returns a curve for each series that has a value, and a cross for each
// cell that failed.
func (b byProducers) curves(s *Scene) (names []string, curves []curve, failed crosses) {
	for i, series := range b.series {
		k := curve{look: series.Look}
		for _, p := range s.Producers {
			x := b.dodge(s, i, p)
			k.points = append(k.points, b.point(x, series.Cells[p]))
			if series.failed(p) {
				failed.at = append(failed.at, cross{x, series.Look})
			}
		}
		if _, ok := k.last(); ok {
			names, curves = append(names, series.Name), append(curves, k)
		}
	}
	return names, curves, failed
}

func (b byProducers) point(x float64, c *results.CellSummary) point {
	if c == nil {
		return point{x: x, missing: true}
	}
	v := b.value(c)
	if v == nil || v.Median <= 0 {
		return point{x: x, missing: true}
	}
	pt := point{x: x, y: v.Median / b.unit}
	if v.Lo != nil && v.Hi != nil {
		pt.lo, pt.hi = *v.Lo/b.unit, *v.Hi/b.unit
	}
	return pt
}

// dodge puts the series beside each other when there is only one number of
// producers: else all would stand in one column.
func (b byProducers) dodge(s *Scene, i, producers int) float64 {
	if len(s.Producers) > 1 {
		return float64(producers)
	}
	return float64(producers) * math.Exp2(0.8*((float64(i)+0.5)/float64(len(b.series))-0.5))
}

// panel puts curves into a panel with both axes.
func (b byProducers) panel(s *Scene, yLabel string, y func(span) span) (panel, bool) {
	names, curves, failed := b.curves(s)
	xs, ys := span{}, span{}
	for _, p := range s.Producers {
		xs.add(float64(p))
	}
	for _, k := range curves {
		for _, pt := range k.points {
			ys.add(pt.y, pt.lo, pt.hi)
		}
	}
	if ys.empty() {
		return panel{}, false
	}
	xs = xs.widened(1.12, 2.2)
	ys = y(ys)
	if !b.linear {
		ys.lo /= failureMargin(failed)
	}
	out := panel{plot: newPlot(), xLabel: "producers", yLabel: yLabel, height: labelledHeight(len(curves), 300)}
	out.reading.counts = s.Producers
	setRange(&out.plot.X, xs, producerTicks(s.Producers, xs, figureWidth-marginFor(names)-5*margin))
	if b.linear { // it may begin at 0, where a logarithm has no ticks
		out.plot.Y.Scale = plot.LinearScale{}
		setRange(&out.plot.Y, ys, evenTicks(ys))
	} else {
		setRange(&out.plot.Y, ys, decadeTicks(ys, plainNumber))
	}
	out.plot.Add(grid{})
	for i, k := range curves {
		out.plot.Add(k)
		end, _ := k.last()
		if k.look.floor && len(s.Producers) == 1 {
			// It has no marker, and a line needs two points.
			out.plot.Add(across{end.y, k.look.line})
			end.x = xs.hi
		}
		out.lines = append(out.lines, lineEnd{names[i], k.look, end.x, end.y})
	}
	out.plot.Add(failed)
	return out, true
}

// failureNote explains the crosses if there are any.
func failureNote(series []Series, s *Scene) []string {
	for _, x := range series {
		for _, p := range s.Producers {
			if x.failed(p) {
				return []string{"× at the lower edge: every trial failed, see summary.md"}
			}
		}
	}
	return nil
}
