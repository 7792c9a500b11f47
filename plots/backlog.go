package plots

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
)

// maxColumns is how many small panels stand side by side.
const maxColumns = 3

// backlog answers how many items wait in the fan-in as time goes by: a small
// panel for each strategy, all with the same axes.
func backlog(s *Scene) (*Drawing, error) {
	at, ok := s.mainPlace(hasSeries)
	if !ok {
		return nil, noData("the backlog was not sampled")
	}
	d := &Drawing{
		Question: "How many items wait, as time goes by?",
		subtitle: append(s.subtitle(), "backlog in the fan-in at "+at.title()+": highest in each step, median over repetitions; lower is better"),
		gutter:   8,
	}
	end, top := 0.0, 10.0
	var shown []Series
	for _, series := range s.ranked() {
		c := at.cell(series)
		if c == nil || !failed(c) && !hasSeries(c) {
			continue
		}
		shown = append(shown, series)
		if hasSeries(c) {
			end = max(end, float64(c.Series.StepNs)*float64(len(c.Series.Values)))
			top = max(top, slices.Max(c.Series.Values))
		}
	}
	all := kinds(shown)
	for _, kind := range all {
		for i, series := range kind.series {
			p := backlogPanel(at.cell(series), series, end, top)
			if i == 0 && len(all) > 1 {
				p.section = kind.title[0]
			}
			d.panels = append(d.panels, p)
		}
		d.columns = max(d.columns, min(maxColumns, len(kind.series)))
	}
	if slices.ContainsFunc(shown, func(x Series) bool { return failed(at.cell(x)) }) {
		d.notes = append(d.notes, "×: every trial failed, see summary.md")
	}
	if s.first.Overload > 0 {
		d.notes = append(d.notes, "grey: the overload")
	}
	return d.finish(), nil
}

func hasSeries(c *results.CellSummary) bool { return c.Series != nil && len(c.Series.Values) > 1 }

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

// backlogPanel draws one strategy. The axis of items is that of log(1+n), which
// has a place for none.
func backlogPanel(c *results.CellSummary, series Series, end, top float64) panel {
	unit := timeUnitOf(end)
	out := panel{plot: newPlot(), title: series.Name, yLabel: "items", xLabel: "time, " + unit.name, height: 120}
	p := out.plot
	p.X.Scale, p.Y.Scale = plot.LinearScale{}, logPlusOne{}
	xs := span{0, end / unit.ns}
	ticks := evenTicks(xs)
	for i := range ticks {
		if i%2 == 1 && len(ticks) > 4 { // a column is a third of the figure
			ticks[i].Label = ""
		}
	}
	setRange(&p.X, xs, ticks)
	setRange(&p.Y, span{0, 1.5 * top}, plusOneTicks(1.5*top))
	if c.Overload > 0 {
		horizon := float64(c.DurationNs) / unit.ns
		p.Add(band{0.4 * horizon, 0.6 * horizon})
	}
	p.Add(grid{})
	if failed(c) {
		p.Add(crosses{[]cross{{xs.hi / 2, series.Look}}})
		return out
	}
	p.Add(area{c.Series, unit.ns, series.Look})
	return out
}

// logPlusOne is a logarithmic scale that has a place for 0.
type logPlusOne struct{}

// Normalize implements plot.Normalizer.
func (logPlusOne) Normalize(lo, hi, v float64) float64 {
	return (math.Log1p(v) - math.Log1p(lo)) / (math.Log1p(hi) - math.Log1p(lo))
}

// plusOneTicks labels 0 and the decades, or every second or third of them.
func plusOneTicks(top float64) []plot.Tick {
	ticks := []plot.Tick{{Value: 0, Label: "0"}}
	decades := int(math.Log10(top))
	step := 1 + decades/4
	for e := 1; e <= decades; e++ {
		tick := plot.Tick{Value: math.Pow10(e)}
		if e%step == 0 {
			tick.Label = countText(tick.Value)
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// countText writes 1000000 as 1M.
func countText(n float64) string {
	for _, unit := range []struct {
		name string
		size float64
	}{{"G", 1e9}, {"M", 1e6}, {"k", 1e3}} {
		if n >= unit.size {
			return plainNumber(n/unit.size) + unit.name
		}
	}
	return plainNumber(n)
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
	series *results.Series
	unitNs float64
	look   look
}

// Plot implements plot.Plotter.
func (a area) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	page := annotate(c)
	page.enter(a.look.owner, 0)
	defer page.leave()
	step := float64(a.series.StepNs) / a.unitNs
	page.note(a.look.owner, a.highest(x, y, step), "at most "+results.Plural(int(slices.Max(a.series.Values)), "item"))
	var line []vg.Point
	for i, items := range a.series.Values {
		line = append(line, vg.Point{X: x(float64(i) * step), Y: y(items)}, vg.Point{X: x(float64(i+1) * step), Y: y(items)})
	}
	outline := slices.Concat([]vg.Point{{X: line[0].X, Y: y(0)}}, line, []vg.Point{{X: line[len(line)-1].X, Y: y(0)}})
	c.FillPolygon(faded(a.look.line.Color), outline)
	c.StrokeLines(draw.LineStyle{Color: a.look.line.Color, Width: 1.1}, line)
}

// highest returns where the most items waited.
func (a area) highest(x, y func(float64) vg.Length, step float64) vg.Point {
	most := slices.Max(a.series.Values)
	return vg.Point{X: x((float64(slices.Index(a.series.Values, most)) + 0.5) * step), Y: y(most)}
}
