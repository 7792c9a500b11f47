package plots

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// beyond answers what it costs when producers are in other processes, by the size of
// messages: a row for each way, for there are more of them than lines can be followed.
var beyond = Figure{
	Name:     "beyond",
	Question: "What does it cost to leave the process?",
	About:    Swept,
	Read: "Compare a way between processes with those within one: where its markers are to the right of the dashed line, it " +
		"gets at least half of a channel's messages through. Processor time is that of all processes together.",
	Draw: drawBeyond,
}

// leastShare is the share of the baseline's throughput at which a way between processes is
// called enough.
const leastShare = 0.5

// toll is what is paid for leaving the process, in one respect.
type toll struct {
	title, label string
	value        func(*results.CellSummary) *stat.Interval
	beside       func(*results.CellSummary) string // a row; empty if there is nothing to say
	ticks        func(span) []plot.Tick
	lines        []draw.LineStyle // at leastShare and 1; none where there is no baseline
}

func tolls(m *results.Manifest) []toll {
	firm, dashed := draw.LineStyle{Color: quietColor, Width: 1}, draw.LineStyle{Color: quietColor, Width: 1, Dashes: []vg.Length{5, 3}}
	over := func(c *results.CellSummary) *stat.Interval {
		if c.Strategy == m.Baseline() {
			return &stat.Interval{Median: 1}
		}
		return c.Interval(m.Speedup())
	}
	nanoseconds := func(value func(*results.CellSummary) *stat.Interval) func(*results.CellSummary) string {
		return func(c *results.CellSummary) string {
			if v := value(c); v != nil {
				return units.Nanoseconds(v.Median)
			}
			return ""
		}
	}
	rate := func(c *results.CellSummary) string {
		if v := c.Number(results.Throughput); v != nil {
			return strings.TrimSuffix(units.PerSecond(*v), " msg/s")
		}
		return ""
	}
	transit, cpu := quantileOf(results.Transit, results.P50), quoted(results.CPUPerMsg)
	times := func(s span) []plot.Tick { return decadeTicks(s, timeText) }
	return []toll{
		{
			title: "throughput, higher is better", label: "times " + m.Baseline(), value: over,
			ticks: func(s span) []plot.Tick {
				return decadeTicks(s, func(v float64) string { return plainNumber(v) + "×" })
			},
			beside: rate, lines: []draw.LineStyle{dashed, firm},
		},
		{title: "transit time, p50, lower is better", label: results.TransitP50.Title, value: transit, beside: nanoseconds(transit), ticks: times},
		{
			title: "processor time of all processes per message, lower is better", label: results.CPUPerMsg.Title,
			value: cpu, beside: nanoseconds(cpu), ticks: times,
		},
	}
}

func drawBeyond(s *Scene) (*Drawing, error) {
	switch {
	case !slices.ContainsFunc(s.Series, func(x Series) bool { return x.first.Processes > 0 }):
		return nil, noData("no strategy leaves the process")
	case !s.along("payload") || !s.first.IsClosed():
		return nil, noData("it goes along the size of messages in a closed loop")
	}
	d := &Drawing{subtitle: append(s.subtitle(), "medians over repetitions; "+s.intervals("intervals"))}
	places := s.counts()
	if len(places) > mostTolls {
		return nil, noData("there are too many sizes for the columns")
	}
	d.gutter = vg.Length(len(places))*tollColumn + 8
	rows := sectioned(kinds(s.ranked()))
	for _, t := range tolls(s.Manifest) {
		if p, ok := s.tollPanel(t, rows); ok {
			d.panels = append(d.panels, p)
		}
	}
	if len(d.panels) == 0 {
		return nil, noData("nothing was measured")
	}
	var sizes []string
	for _, place := range places {
		sizes = append(sizes, s.countText(place))
	}
	d.notes = append(d.notes,
		"the markers of a row, from the upper to the lower: messages of "+strings.Join(sizes, ", ")+" bytes",
		fmt.Sprintf("dashed: %g× the messages of %s of that size; beside the rows: messages per second, up to which rate a way is enough",
			leastShare, s.Manifest.Baseline()))
	return d.finish(), nil
}

// The places of texts and rows.
const (
	tollColumn = 50 // of texts beside the rows, for each size
	tollRow    = 19
	mostTolls  = 5 // sizes
)

// tollPanel draws one respect, false if no row has a value.
func (s *Scene) tollPanel(t toll, rows []sectionRow) (panel, bool) {
	places := s.counts()
	out := panel{plot: newPlot(), title: t.title, xLabel: t.label, height: vg.Length(len(rows))*tollRow + 44}
	p := out.plot
	p.Y.Scale = plot.LinearScale{}
	p.Add(grid{})
	xs := span{}
	if t.lines != nil {
		xs.add(leastShare, 1)
		p.Add(downward{leastShare, t.lines[0]}, downward{1, t.lines[1]})
	}
	var heads sideTexts
	for i, place := range places {
		heads.texts = append(heads.texts, sideText{s.countText(place), vg.Length(i+1) * tollColumn})
	}
	heads.y = float64(len(rows)) - 0.35
	p.Add(heads)
	some := false
	var ticks []plot.Tick
	for i, row := range rows {
		y := float64(len(rows) - 1 - i)
		if row.heading != "" {
			p.Add(heading{y, row.heading})
			continue
		}
		ticks = append(ticks, plot.Tick{Value: y, Label: row.Name})
		texts := sideTexts{y: y}
		for j, place := range places {
			c := row.Cells[place]
			texts.texts = append(texts.texts, sideText{t.text(c), vg.Length(j+1) * tollColumn})
			if c == nil || t.value(c) == nil {
				continue
			}
			v := t.value(c)
			some = true
			xs.add(v.Median)
			p.Add(paid{*v, y + (float64(len(places)-1)/2-float64(j))*0.24, row.Look, t.text(c) + " of " + s.countText(place) + " bytes"})
		}
		p.Add(texts)
	}
	if !some {
		return panel{}, false
	}
	xs = xs.widened(1.3, 10)
	setRange(&p.X, xs, t.ticks(xs))
	setRange(&p.Y, span{-0.6, float64(len(rows)) - 0.1}, ticks)
	p.Y.LineStyle.Width, p.Y.Tick.LineStyle.Width = 0, 0
	return out, true
}

// text is what stands beside the row of a cell.
func (t toll) text(c *results.CellSummary) string {
	switch {
	case failed(c):
		return "× failed"
	case c == nil || t.beside(c) == "":
		return "–"
	default:
		return t.beside(c)
	}
}

// paid is a value with its interval, in a row.
type paid struct {
	stat.Interval
	y    float64
	look look
	text string
}

// Plot implements plot.Plotter.
func (v paid) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	at := vg.Point{X: x(v.Median), Y: y(v.y)}
	page := annotate(c)
	page.enter(v.look.owner, 0)
	defer page.leave()
	page.note(v.look.owner, at, v.text)
	if v.Lo != nil && v.Hi != nil {
		within := func(value float64) vg.Length { return x(min(max(value, p.X.Min), p.X.Max)) }
		c.StrokeLine2(draw.LineStyle{Color: v.look.line.Color, Width: 0.8}, within(*v.Lo), at.Y, within(*v.Hi), at.Y)
	}
	glyph := v.look.marker
	glyph.Radius = 2
	c.DrawGlyph(glyph, at)
}

// downward is a vertical line through the whole panel.
type downward struct {
	x    float64
	line draw.LineStyle
}

// Plot implements plot.Plotter.
func (l downward) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	c.StrokeLine2(l.line, x(l.x), c.Min.Y, x(l.x), c.Max.Y)
}
