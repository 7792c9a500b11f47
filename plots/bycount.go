package plots

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// byCount draws an interval of each cell against what the scene counts, mostly the
// producers: what the figures of throughput, speed-up, memory and fairness have in
// common.
type byCount struct {
	series []Series
	value  func(*results.CellSummary) *stat.Interval
	unit   float64              // values are divided by it
	named  bool                 // the unit has a name: the label of the vertical axis
	linear bool                 // the vertical axis
	text   func(float64) string // of its values; nil for numbers
	finish func(*panel, group)
}

// quoted is what the summary quotes of a quantity, for byCount.
func quoted(q *results.Quantity) func(*results.CellSummary) *stat.Interval {
	return func(c *results.CellSummary) *stat.Interval { return c.Interval(q) }
}

// quantileOf is a quantile over all trials, for byCount.
func quantileOf(q *results.Quantity, name string) func(*results.CellSummary) *stat.Interval {
	return func(c *results.CellSummary) *stat.Interval {
		ns := c.Quantile(q, name)
		if ns == nil {
			return nil
		}
		return &stat.Interval{Median: *ns}
	}
}

// lines is what a panel shows.
type lines struct {
	group
	named  []namedCurve
	ghosts []curve
	failed crosses
	ys     span
}

// lines returns a curve for each series of a group that has a value, and a cross for
// each cell that failed.
func (b byCount) lines(s *Scene, g group) lines {
	out := lines{group: g}
	shown := slices.Concat(g.references, g.series)
	for i, series := range shown {
		k := b.curve(s, series, i, len(shown))
		for j, p := range s.counts() {
			if series.failed(p) && !series.reference {
				out.failed.at = append(out.failed.at, newCross(k.points[j].x, series.Look, series.Cells[p]))
			}
		}
		if _, ok := k.last(); ok {
			out.named = append(out.named, namedCurve{k, series.Name})
			out.see(k)
		}
	}
	for i, series := range g.others {
		k := b.curve(s, series, i, len(g.others))
		if _, ok := k.last(); ok && len(s.counts()) > 1 {
			k.look = series.Look.ghost()
			for j := range k.points { // whoever wants their intervals looks at their own panel
				k.points[j].lo, k.points[j].hi = 0, 0
			}
			out.ghosts = append(out.ghosts, k)
		}
	}
	return out
}

// see makes room for a curve.
func (l *lines) see(k curve) {
	for _, pt := range k.points {
		l.ys.add(pt.y, pt.lo, pt.hi)
	}
}

// curve returns the i-th of n series beside each other.
func (b byCount) curve(s *Scene, series Series, i, n int) curve {
	k := curve{look: series.Look}
	for _, p := range s.counts() {
		k.points = append(k.points, b.point(dodge(s, i, n, p), series.Cells[p]))
	}
	return k
}

func (b byCount) point(x float64, c *results.CellSummary) point {
	if c == nil {
		return point{x: x, missing: true}
	}
	v := b.value(c)
	if v == nil || v.Median <= 0 {
		return point{x: x, missing: true}
	}
	return pointOf(x, v, b.unit)
}

// pointOf returns an interval as a point, its values divided by a unit.
func pointOf(x float64, v *stat.Interval, unit float64) point {
	pt := point{x: x, y: v.Median / unit}
	if v.Lo != nil && v.Hi != nil {
		pt.lo, pt.hi = *v.Lo/unit, *v.Hi/unit
	}
	return pt
}

// dodge puts the series beside each other when there is only one count: else all
// would stand in one column.
func dodge(s *Scene, i, n, count int) float64 {
	if len(s.counts()) > 1 {
		return float64(count)
	}
	return float64(count) * math.Exp2(0.8*((float64(i)+0.5)/float64(n)-0.5))
}

// add gives a drawing a panel for each group of series, all with the same axes, and
// the notes that explain them. It reports whether there is anything to show.
func (b byCount) add(d *Drawing, s *Scene, yLabel string, y func(span) span) bool {
	var all []lines
	xs, ys, deepest := span{}, span{}, 1.0
	for _, g := range groups(b.series) {
		l := b.lines(s, g)
		if len(l.named) == 0 || !slices.ContainsFunc(g.series, b.shown) && len(l.failed.at) == 0 {
			continue
		}
		all = append(all, l)
		ys.add(l.ys.lo, l.ys.hi)
		deepest = max(deepest, failureMargin(l.failed))
	}
	if ys.empty() {
		return false
	}
	for _, p := range s.counts() {
		xs.add(float64(p))
	}
	xs, ys = xs.widened(1.12, 2.2), y(ys)
	if !b.linear {
		ys.lo /= deepest
	}
	for _, l := range all {
		d.panels = append(d.panels, b.panel(s, l, yLabel, xs, ys, len(all)))
	}
	d.panels[len(d.panels)-1].xLabel = s.countLabel()
	d.notes = append(d.notes, b.notes(s, all)...)
	return true
}

// shown reports whether a series has any value.
func (b byCount) shown(series Series) bool {
	for _, c := range series.Cells {
		if v := b.value(c); v != nil && v.Median > 0 {
			return true
		}
	}
	return false
}

// panel draws one of several panels.
func (b byCount) panel(s *Scene, l lines, yLabel string, xs, ys span, of int) panel {
	least := vg.Length(300)
	if of > 1 {
		least = 190
	}
	out := panel{plot: newPlot(), title: l.title, yLabel: yLabel, height: labelledHeight(len(l.named), least)}
	var names []string
	for _, k := range l.named {
		names = append(names, k.name)
	}
	out.reading = s.reading()
	out.reading.y = b.text
	if b.named {
		out.reading.unit = yLabel
	}
	setRange(&out.plot.X, xs, countTicks(s.counts(), s.countText, xs, figureWidth-marginFor(names)-5*margin))
	if b.linear { // it may begin at 0, where a logarithm has no ticks
		out.plot.Y.Scale = plot.LinearScale{}
		setRange(&out.plot.Y, ys, evenTicks(ys))
	} else {
		text := b.text
		if text == nil {
			text = plainNumber
		}
		setRange(&out.plot.Y, ys, decadeTicks(ys, text))
	}
	out.plot.Add(grid{})
	for _, k := range l.ghosts {
		out.plot.Add(k)
	}
	for _, k := range l.named {
		out.plot.Add(k.curve)
		end, _ := k.last()
		if k.look.floor && len(s.counts()) == 1 {
			// It has no marker, and a line needs two points.
			out.plot.Add(across{end.y, k.look.line})
			end.x = xs.hi
		}
		out.lines = append(out.lines, lineEnd{k.name, k.look, end.x, end.y})
	}
	out.plot.Add(l.failed)
	if b.finish != nil {
		b.finish(&out, l.group)
	}
	return out
}

// notes explains what is grey, and the crosses.
func (b byCount) notes(s *Scene, all []lines) []string {
	var notes []string
	base := slices.ContainsFunc(all, func(l lines) bool {
		return slices.ContainsFunc(l.references, func(x Series) bool { return x.reference && b.shown(x) })
	})
	if base {
		notes = append(notes, "grey with dots: "+results.Baseline+", for reference; its bound is named where it differs from the panel's")
	}
	if slices.ContainsFunc(all, func(l lines) bool { return len(l.ghosts) > 0 }) {
		notes = append(notes, "thin and grey: strategies of the same kind from other panels")
	}
	notes = append(notes, failureNote(b.series, s)...)
	if s.swept != nil && s.swept.once {
		notes = append(notes, "not swept: the strategy does not take --"+s.swept.parameter+", and was measured once")
	}
	return notes
}

// failureNote explains the crosses if there are any.
func failureNote(series []Series, s *Scene) []string {
	return outcomes("× at the lower edge: ", series, func(x Series) []*results.CellSummary {
		var cells []*results.CellSummary
		for _, p := range s.counts() {
			cells = append(cells, x.Cells[p])
		}
		return cells
	})
}
