package plots

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// heatmap answers which strategy gets the most through at how many producers: a
// row for each strategy, under its kind, and a column for each number of producers.
var heatmap = Figure{
	Name:     "heatmap",
	Question: "Which strategy is fastest, at how many producers?",
	About:    Closed,
	Read: "Look down a column for your number of producers: the framed cells of a kind are the ones to choose from. " +
		"A row that keeps its shade is as fast with more producers.",
	Draw: drawHeatmap,
}

func drawHeatmap(s *Scene) (*Drawing, error) {
	if len(s.Producers) < 2 {
		return nil, noData("a single number of producers makes no map")
	}
	h := heat{s: s, framed: map[*results.CellSummary]bool{}}
	for _, x := range s.Series {
		if x.Look.floor {
			h.rows = append(h.rows, heatRow{Series: x})
		}
	}
	for _, kind := range kinds(s.ranked()) {
		h.rows = append(h.rows, heatRow{heading: kind.title[0]})
		if len(kind.series) > 1 { // the only one is the best of nothing
			h.frame(kind.series)
		}
		for _, x := range kind.labelled() {
			h.rows = append(h.rows, heatRow{Series: x})
			for _, c := range x.Cells {
				if v := c.Number(results.Throughput); v != nil {
					h.scale.add(*v)
				}
			}
		}
	}
	if h.scale.empty() {
		return nil, noData("no trial has a throughput")
	}
	d := &Drawing{
		subtitle: append(s.subtitle(), "median over repetitions, higher is better"),
		panels:   []panel{h.panel()},
		notes: []string{
			fmt.Sprintf("darker is more, on a logarithmic scale from %s to %s million messages per second",
				units.Significant(h.scale.lo/1e6), units.Significant(h.scale.hi/1e6)),
			"framed: the highest of its kind in the column, and every cell within 10 % of it or without a clear difference",
		},
		gutter: margin,
	}
	if len(failureNote(s.Series, s)) > 0 {
		d.notes = append(d.notes, "×: every trial failed, see summary.md")
	}
	return d.finish(), nil
}

// heat is the map: cells of rows and columns.
type heat struct {
	s      *Scene
	rows   []heatRow
	scale  span // of all throughputs but the floor's
	framed map[*results.CellSummary]bool
}

// heatRow is a series, or a heading above some.
type heatRow struct {
	Series
	heading string
}

// frame frames the most of some series in each column, by the rule of stat.Rank;
// with fewer repetitions than that needs, only the one with the highest median.
func (h heat) frame(series []Series) {
	for _, producers := range h.s.Producers {
		var cells []*results.CellSummary
		var samples []stat.Sample
		for _, x := range series {
			if c := x.Cells[producers]; c != nil && c.Number(results.Throughput) != nil {
				cells, samples = append(cells, c), append(samples, c.Sample(results.NsPerMsg))
			}
		}
		for i, r := range stat.Rank(samples) {
			if i == 0 || r.Place == 1 && r.Value.Lo != nil {
				h.framed[cells[r.Index]] = true
			}
		}
	}
}

func (h heat) panel() panel {
	const rowHeight = 17
	out := panel{plot: newPlot(), yLabel: "million messages per second", xLabel: "producers", height: vg.Length(len(h.rows))*rowHeight + 28}
	out.reading.counts, out.reading.unit = h.s.Producers, out.yLabel
	p := out.plot
	p.X.Scale, p.Y.Scale = plot.LinearScale{}, plot.LinearScale{}
	names := make([]plot.Tick, 0, len(h.rows))
	widest := vg.Length(0)
	for i, r := range h.rows {
		names = append(names, plot.Tick{Value: h.y(i), Label: r.Name})
		widest = max(widest, textStyle(textSize, inkColor).Width(r.Name))
	}
	columns := len(h.s.Producers)
	width := (figureWidth - 3*margin - widest - 10) / vg.Length(columns)
	setRange(&p.X, span{-0.5, float64(columns) - 0.5}, fittingTicks(h.s.Producers, strconv.Itoa, func(i int) (float64, vg.Length) {
		return float64(i), (vg.Length(i) + 0.5) * width
	}))
	setRange(&p.Y, span{-0.7, float64(len(h.rows)) - 0.5}, names)
	p.X.LineStyle.Width, p.X.Tick.LineStyle.Width = 0, 0
	p.Y.LineStyle.Width, p.Y.Tick.LineStyle.Width = 0, 0
	out.plot.Add(h)
	return out
}

// y returns the middle of the i-th row, from above.
func (h heat) y(i int) float64 { return float64(len(h.rows) - 1 - i) }

// Plot implements plot.Plotter.
func (h heat) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	fits := h.textFits(c, p)
	for i, row := range h.rows {
		if row.heading != "" {
			// In the column of the names, which ends where the cells begin.
			c.FillText(boldStyle(textSize+1, inkColor), vg.Point{X: c.Min.X, Y: y(h.y(i)) + textRise - 2}, row.heading)
			continue
		}
		for j, producers := range h.s.Producers {
			if cell := row.Cells[producers]; cell != nil {
				h.drawCell(c, h.box(c, p, i, j), row, cell, fits)
			}
		}
	}
}

// box returns the rectangle of a cell.
func (h heat) box(c draw.Canvas, p *plot.Plot, row, column int) vg.Rectangle {
	const gap = 0.75
	x, y := p.Transforms(&c)
	return vg.Rectangle{
		Min: vg.Point{X: x(float64(column)-0.5) + gap, Y: y(h.y(row)-0.5) + gap},
		Max: vg.Point{X: x(float64(column)+0.5) - gap, Y: y(h.y(row)+0.5) - gap},
	}
}

// textFits reports whether the widest number fits a cell: a map with some of its
// numbers only would hide the largest.
func (h heat) textFits(c draw.Canvas, p *plot.Plot) bool {
	style := boldStyle(textSize, inkColor)
	box := h.box(c, p, 0, 0)
	for _, row := range h.rows {
		for _, cell := range row.Cells {
			if cell.Number(results.Throughput) != nil && style.Width(heatText(cell)) > box.Max.X-box.Min.X-3 {
				return false
			}
		}
	}
	return true
}

func heatText(c *results.CellSummary) string {
	return units.Significant(*c.Number(results.Throughput) / 1e6)
}

func (h heat) drawCell(c draw.Canvas, box vg.Rectangle, row heatRow, cell *results.CellSummary, withText bool) {
	middle := vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}
	page := annotate(c)
	page.enter(row.Look.owner, cell.Producers)
	defer page.leave()
	style := textStyle(textSize, inkColor)
	text, fill := "", color.Color(bandColor)
	switch {
	case failed(cell):
		text, withText = "×", true
		page.note(row.Look.owner, middle, "every trial failed")
	case cell.Number(results.Throughput) == nil:
		return
	default:
		text = heatText(cell)
		page.point(row.Look.owner, middle, pointOf(float64(cell.Producers), cell.Interval(results.Throughput), 1e6))
		if !row.Look.floor {
			shade := h.shade(*cell.Number(results.Throughput))
			fill, style.Color = heatColor(shade), heatInk(shade)
		}
	}
	c.SetColor(fill)
	c.Fill(box.Path())
	if h.framed[cell] {
		frame := vg.Rectangle{Min: box.Min.Add(vg.Point{X: 0.8, Y: 0.8}), Max: box.Max.Sub(vg.Point{X: 0.8, Y: 0.8})}
		c.SetLineStyle(draw.LineStyle{Color: frameColor, Width: 1.8})
		c.Stroke(frame.Path())
		style.Font = boldStyle(textSize, inkColor).Font
	}
	if withText {
		style.XAlign = draw.XCenter
		c.FillText(style, vg.Point{X: middle.X, Y: middle.Y + textRise}, text)
	}
}

// shade returns where a throughput is between the lowest, 0, and the highest, 1.
func (h heat) shade(v float64) float64 {
	if h.scale.hi == h.scale.lo {
		return 1
	}
	return math.Log(v/h.scale.lo) / math.Log(h.scale.hi/h.scale.lo)
}

// frameColor is the palette's orange: it stands out from the lightest and the
// darkest blue, whoever looks.
var frameColor = palette[4]

// heatStops are blues of falling lightness, so that the order is seen without
// colour too.
var heatStops = []color.NRGBA{
	{0xEE, 0xF4, 0xFA, 0xFF}, {0xB5, 0xD4, 0xE9, 0xFF}, {0x62, 0xA8, 0xD2, 0xFF}, {0x1F, 0x6E, 0xB3, 0xFF}, {0x08, 0x2F, 0x6B, 0xFF},
}

// heatColor returns the colour of a shade from 0 to 1.
func heatColor(shade float64) color.NRGBA {
	at := shade * float64(len(heatStops)-1)
	i := min(max(int(at), 0), len(heatStops)-2)
	a, b, t := heatStops[i], heatStops[i+1], at-float64(i)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-t) + float64(b)*t)) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xFF}
}

// heatInk returns the colour of text on a shade.
func heatInk(shade float64) color.Color {
	if shade > 0.6 {
		return color.White
	}
	return inkColor
}
