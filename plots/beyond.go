package plots

import (
	"cmp"
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
	relative     bool // to the baseline: there are lines at leastShare and 1
}

func tolls(m *results.Manifest) []toll {
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
			beside: rate, relative: true,
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
	p.Add(grid{})
	xs := span{}
	if t.relative {
		xs.add(leastShare, 1)
		firm := draw.LineStyle{Color: quietColor, Width: 1}
		dashed := firm
		dashed.Dashes = []vg.Length{5, 3}
		p.Add(upright{leastShare, dashed}, upright{1, firm})
	}
	var heads sideTexts
	for i, place := range places {
		heads.texts = append(heads.texts, sideText{s.countText(place), vg.Length(i+1) * tollColumn})
	}
	heads.y = float64(len(rows)) - 0.35
	p.Add(heads)
	some := false
	layRows(p, rows, func(y float64, row Series) {
		texts := sideTexts{y: y}
		for j, place := range places {
			c := row.Cells[place]
			text := t.text(c)
			texts.texts = append(texts.texts, sideText{text, vg.Length(j+1) * tollColumn})
			if c == nil {
				continue
			}
			if v := t.value(c); v != nil {
				some = true
				xs.add(v.Median)
				p.Add(paid{*v, y + (float64(len(places)-1)/2-float64(j))*0.24, row.Look, text + " of " + s.countText(place) + " bytes"})
			}
		}
		p.Add(texts)
	})
	if !some {
		return panel{}, false
	}
	xs = xs.widened(1.3, 10)
	setRange(&p.X, xs, t.ticks(xs))
	return out, true
}

// text is what stands beside the row of a cell.
func (t toll) text(c *results.CellSummary) string {
	switch {
	case failed(c):
		return "× failed"
	case c == nil:
		return "–"
	default:
		return cmp.Or(t.beside(c), "–")
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
