package plots

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// rest answers what a fan-in costs that is not under load: how long a parked
// consumer takes to wake, and beside that its idle CPU and what memory it keeps.
var rest = Figure{
	Name:     "rest",
	Question: "What does waiting cost, and how fast does it wake?",
	About:    Rest,
	Read: "Further left wakes faster. Idle CPU is what waiting costs: a fan-in that spins holds a core. Kept is " +
		"memory that a burst leaves behind.",
	Draw: drawRest,
}

func drawRest(s *Scene) (*Drawing, error) {
	places := s.places(probed)
	if len(places) == 0 {
		return nil, noData("no probe was measured")
	}
	d := &Drawing{
		subtitle: append(s.subtitle(), "time from the send to a parked consumer to its receive, all repetitions together; lower is better"),
		notes: []string{
			"marker: p50 · bar: p99 · idle CPU: of one core, with the consumer parked · kept: heap still held after a burst was drained",
		},
		gutter: restGutter,
	}
	xs := span{}
	var shown []Series
	for _, series := range s.ranked() {
		some := false
		for _, p := range places {
			c := p.cell(series)
			some = some || c != nil
			if c != nil && probed(c) {
				xs.add(*c.Quantile(results.Wake, results.P50), *c.Quantile(results.Wake, results.P99))
			}
		}
		if some {
			shown = append(shown, series)
		}
	}
	rows := sectioned(kinds(shown))
	for _, p := range places {
		d.panels = append(d.panels, restPanel(p, rows, xs.widened(1.3, 10)))
	}
	d.panels[len(d.panels)-1].xLabel = "wake latency"
	return d.finish(), nil
}

func probed(c *results.CellSummary) bool {
	return c.Quantile(results.Wake, results.P50) != nil && c.Quantile(results.Wake, results.P99) != nil
}

// The columns of text to the right of the panel: where each ends.
const (
	restGutter = 132
	idleEnds   = 62
	keptEnds   = 126
)

// sectionRow is a row of a panel: a series, or a heading above some.
type sectionRow struct {
	Series
	heading string
}

// sectioned puts kinds below each other, with headings if there are several.
func sectioned(all []parted) []sectionRow {
	var rows []sectionRow
	for _, kind := range all {
		if len(all) > 1 {
			rows = append(rows, sectionRow{heading: kind.title[0]})
		}
		for _, x := range kind.series {
			rows = append(rows, sectionRow{Series: x})
		}
	}
	return rows
}

// heading is written over the left end of a row.
type heading struct {
	y    float64
	text string
}

// Plot implements plot.Plotter.
func (h heading) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	c.FillText(boldStyle(textSize, inkColor), vg.Point{X: c.Min.X, Y: y(h.y) - 1}, h.text)
}

// layRows gives a panel a row for each series, from the top down, with its name, and the
// headings; lay fills a row in.
func layRows(p *plot.Plot, rows []sectionRow, lay func(y float64, series Series)) {
	p.Y.Scale = plot.LinearScale{}
	var ticks []plot.Tick
	for i, row := range rows {
		y := float64(len(rows) - 1 - i)
		if row.heading != "" {
			p.Add(heading{y, row.heading})
			continue
		}
		ticks = append(ticks, plot.Tick{Value: y, Label: row.Name})
		lay(y, row.Series)
	}
	setRange(&p.Y, span{-0.6, float64(len(rows)) - 0.1}, ticks)
	p.Y.LineStyle.Width, p.Y.Tick.LineStyle.Width = 0, 0
}

func restPanel(at place, rows []sectionRow, xs span) panel {
	const rowHeight = 19
	out := panel{
		plot: newPlot(), title: at.title(),
		height: vg.Length(len(rows))*rowHeight + 34,
	}
	out.reading.producers = at.producers
	p := out.plot
	p.Add(grid{})
	p.Add(restTexts(float64(len(rows))-0.35, "idle CPU", "kept"))
	layRows(p, rows, func(y float64, series Series) {
		c := at.cell(series)
		switch {
		case failed(c):
			p.Add(restTexts(y, "× failed", ""))
		case c != nil && probed(c):
			p.Add(wake{*c.Quantile(results.Wake, results.P50), *c.Quantile(results.Wake, results.P99), y, series.Look})
			p.Add(restTexts(y, units.IdleCPU(*c.Number(results.IdleCPU)), units.Bytes(*c.Number(results.Retained))))
		}
	})
	setRange(&p.X, xs, decadeTicks(xs, timeText))
	return out
}

// wake draws the p50 and the p99 of a row.
type wake struct {
	p50, p99 float64
	y        float64
	look     look
}

// Plot implements plot.Plotter.
func (w wake) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	from, to, at := x(w.p50), x(w.p99), y(w.y)
	page := annotate(c)
	page.enter(w.look.owner, 0)
	defer page.leave()
	page.note(w.look.owner, vg.Point{X: from, Y: at}, "wakes in "+units.Nanoseconds(w.p50)+" (median)")
	page.note(w.look.owner, vg.Point{X: to, Y: at}, "wakes in "+units.Nanoseconds(w.p99)+" (p99)")
	line := draw.LineStyle{Color: w.look.line.Color, Width: 1.6}
	c.StrokeLine2(line, from, at, to, at)
	c.StrokeLine2(line, to, at-4, to, at+4)
	glyph := w.look.marker
	glyph.Radius = 3.4
	c.DrawGlyph(glyph, vg.Point{X: from, Y: at})
}

// restTexts writes idle CPU and kept memory beside a row.
func restTexts(y float64, idle, kept string) sideTexts {
	return sideTexts{y, []sideText{{idle, idleEnds}, {kept, keptEnds}}}
}
