package plots

import (
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// maxColumns is how many small panels stand side by side.
const maxColumns = 3

// timeline is a quantity over time in small panels, one for each strategy, all with
// the same axes.
type timeline struct {
	track  func(*results.CellSummary) *stat.Series
	unit   float64 // values are divided by it
	yLabel string
	least  float64              // how far up the vertical axis goes at least, in the unit
	axis   func(span) axisRange // the vertical axis for values from 0 up
	words  func(most float64) string
	limit  func(*results.CellSummary) float64 // a dashed line, in the unit; 0 is none

	failures bool                                                // a cell without a measurement has a panel too, with a cross
	ends     bool                                                // of such trials, where they stand on the track
	behind   func(*results.CellSummary, timeUnit) []plot.Plotter // below the grid
}

// axisRange is what an axis shows.
type axisRange struct {
	span
	scale plot.Normalizer
	ticks []plot.Tick
}

// evenRange is a linear axis with few labels.
func evenRange(s span) axisRange {
	return axisRange{s, plot.LinearScale{}, fewer(evenTicks(s), 6)}
}

// fewer takes the label from every second tick if there are more than so many.
func fewer(ticks []plot.Tick, most int) []plot.Tick {
	for i := range ticks {
		if i%2 == 1 && len(ticks) > most {
			ticks[i].Label = ""
		}
	}
	return ticks
}

// sampled reports whether a cell has a track to draw.
func (l timeline) sampled(c *results.CellSummary) bool {
	track := l.track(c)
	return track != nil && len(track.Values) > 1
}

// add gives a drawing a panel for each strategy at a place, by kind.
func (l timeline) add(d *Drawing, s *Scene, at place) {
	end, top := 0.0, l.least
	var shown []Series
	for _, series := range s.ranked() {
		c := at.cell(series)
		switch {
		case c == nil:
			continue
		case l.sampled(c):
			track := l.track(c)
			end = max(end, float64(track.StepNs)*float64(len(track.Values)))
			top = max(top, slices.Max(track.Values)/l.unit, l.limit(c))
		case !l.failures || !failed(c):
			continue
		}
		shown = append(shown, series)
	}
	all := kinds(shown)
	for _, kind := range all {
		for i, series := range kind.series {
			p := l.panel(at.cell(series), series, end, top)
			if i == 0 && len(all) > 1 {
				p.section = kind.title[0]
			}
			d.panels = append(d.panels, p)
		}
		d.columns = max(d.columns, min(maxColumns, len(kind.series)))
	}
	if l.failures {
		d.notes = append(d.notes, outcomes("×: ", shown, func(x Series) []*results.CellSummary { return []*results.CellSummary{at.cell(x)} })...)
	}
}

func (l timeline) panel(c *results.CellSummary, series Series, end, top float64) panel {
	unit := timeUnitOf(end)
	out := panel{plot: newPlot(), title: series.Name, yLabel: l.yLabel, xLabel: "time, " + unit.name, height: 120}
	p := out.plot
	xs := span{0, end / unit.ns}
	y := l.axis(span{0, top})
	p.X.Scale, p.Y.Scale = plot.LinearScale{}, y.scale
	setRange(&p.X, xs, fewer(evenTicks(xs), 4)) // a column is a third of the figure
	setRange(&p.Y, y.span, y.ticks)
	if l.behind != nil {
		p.Add(l.behind(c, unit)...)
	}
	p.Add(grid{})
	if limit := l.limit(c); limit > 0 {
		p.Add(across{limit, limitLine()})
	}
	if !l.sampled(c) {
		p.Add(crosses{[]cross{newCross(xs.hi/2, series.Look, c)}})
		return out
	}
	p.Add(area{l.track(c), unit.ns, l.unit, series.Look, l.words})
	if l.ends {
		p.Add(ends{c.Ends, unit.ns, l.unit, series.Look})
	}
	return out
}

// limitLine is how a bound is drawn that nothing may pass.
func limitLine() draw.LineStyle {
	return draw.LineStyle{Color: inkColor, Width: 0.9, Dashes: []vg.Length{5, 3}}
}

// timeUnit is what an axis of time counts in.
type timeUnit struct {
	name string
	ns   float64
}

// timeUnitOf returns the unit in which a span of ns has few digits.
func timeUnitOf(ns float64) timeUnit {
	if ns >= 20e9 {
		return timeUnit{"s", 1e9}
	}
	if ns < 2e6 {
		return timeUnit{"µs", 1e3}
	}
	return timeUnit{"ms", 1e6}
}

// band is a stretch of the horizontal axis.
type band struct{ from, to float64 }

// Plot implements plot.Plotter.
func (b band) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	from, to := x(b.from), min(x(b.to), c.Max.X)
	c.FillPolygon(bandColor, []vg.Point{{X: from, Y: c.Min.Y}, {X: from, Y: c.Max.Y}, {X: to, Y: c.Max.Y}, {X: to, Y: c.Min.Y}})
}

// area draws a series as steps with the ground below them filled.
type area struct {
	series *stat.Series
	unitNs float64
	unit   float64 // of the values
	look   look
	words  func(most float64) string
}

// Plot implements plot.Plotter.
func (a area) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	page := annotate(c)
	page.enter(a.look.owner, 0)
	defer page.leave()
	step := float64(a.series.StepNs) / a.unitNs
	most := slices.Max(a.series.Values)
	highest := vg.Point{X: x((float64(slices.Index(a.series.Values, most)) + 0.5) * step), Y: y(most / a.unit)}
	page.note(a.look.owner, highest, a.words(most))
	var line []vg.Point
	for i, v := range a.series.Values {
		line = append(line, vg.Point{X: x(float64(i) * step), Y: y(v / a.unit)}, vg.Point{X: x(float64(i+1) * step), Y: y(v / a.unit)})
	}
	outline := slices.Concat([]vg.Point{{X: line[0].X, Y: y(0)}}, line, []vg.Point{{X: line[len(line)-1].X, Y: y(0)}})
	c.FillPolygon(faded(a.look.line.Color), outline)
	c.StrokeLines(draw.LineStyle{Color: a.look.line.Color, Width: 1.1}, line)
}

// ending says how a trial without a measurement ended.
func ending(e results.End) string {
	if e.Expected {
		return e.Kind.Ended() + ", as expected"
	}
	return "failed: " + string(e.Kind)
}

// ends marks where trials without a measurement stood when they ended.
type ends struct {
	all          []results.End
	unitNs, unit float64
	look         look
}

// Plot implements plot.Plotter.
func (e ends) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	page := annotate(c)
	page.enter(e.look.owner, 0)
	defer page.leave()
	for _, end := range e.all {
		if end.AtNs == 0 {
			continue
		}
		at := vg.Point{X: min(x(end.AtNs/e.unitNs), c.Max.X), Y: min(y(end.Bytes/e.unit), c.Max.Y)}
		page.note(e.look.owner, at, ending(end)+", at "+units.Bytes(end.Bytes)+" after "+units.Nanoseconds(float64(end.LifeNs)))
		drawCross(c, at, inkColor)
	}
}
