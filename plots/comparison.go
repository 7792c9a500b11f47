package plots

import (
	"fmt"
	"image/color"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
)

// WriteComparison draws a comparison into path.svg and path.png, and returns the
// files written. The error wraps ErrNoData if there is nothing to draw.
func WriteComparison(diff *compare.Diff, path string) ([]string, error) {
	drawing, err := comparison(diff)
	if err != nil {
		return nil, err
	}
	picture, err := newPicture(filepath.Base(path), drawing)
	if err != nil {
		return nil, err
	}
	return picture.write(path, DPI)
}

// comparison answers what differs between two runs: a forest plot with a row for
// each cell and a panel for each metric that gates.
func comparison(diff *compare.Diff) (*Drawing, error) {
	d := &Drawing{
		Question: "What differs between BASE and NEW?",
		subtitle: []string{
			fmt.Sprintf("BASE: %s (%s) · NEW: %s (%s)", diff.Base.Dir, diff.Base.Version, diff.New.Dir, diff.New.Version),
			"NEW over BASE, 95 % intervals, one row per cell",
		},
		notes: []string{
			"filled: significant, better or worse as the text says · hollow: undecided (~) · p: corrected for the number of comparisons",
		},
		gutter: changeGutter,
	}
	if len(diff.Differences) > 0 {
		d.subtitle = append(d.subtitle, "THE CONDITIONS ARE NOT THE SAME: "+whats(diff.Differences))
	}
	if diff.Gate != nil {
		d.notes = append(d.notes, fmt.Sprintf("grey: losses of up to %.3g %%, which the gate allows", 100*diff.Gate.FailOn))
	}
	for _, metric := range results.Compared() {
		if rows := comparisonRows(diff, metric); metric.Gates && len(rows) > 0 {
			d.panels = append(d.panels, forestPanel(diff, metric, rows))
		}
	}
	if len(d.panels) == 0 {
		return nil, noData("no metric that gates was measured in both runs")
	}
	return d.finish(), nil
}

func whats(differences []compare.Difference) string {
	var names []string
	for _, d := range differences {
		names = append(names, d.What)
	}
	return strings.Join(names, ", ")
}

// comparisonRow is a row with its look and its place.
type comparisonRow struct {
	compare.Row
	look look
	y    float64
}

// comparisonRows returns the rows that have a ratio, from the bottom up.
func comparisonRows(diff *compare.Diff, metric *results.Quantity) []comparisonRow {
	var rows []comparisonRow
	for _, row := range slices.Backward(diff.Rows(metric)) {
		if row.Ratio == nil || row.Ratio.Median <= 0 {
			continue
		}
		looks := floorLook()
		for _, s := range diff.Strategies {
			if s.Name == row.Cell.Strategy && !s.Floor {
				looks = lookOf(s.Index, 0)
			}
		}
		rows = append(rows, comparisonRow{row, looks, float64(len(rows))})
	}
	return rows
}

// maxRowLabel is how long the name of a row may be: half of the figure.
const maxRowLabel = 52

// shortened cuts a label in its middle: its ends tell it apart.
func shortened(label string) string {
	runes := []rune(label)
	if len(runes) <= maxRowLabel {
		return label
	}
	half := maxRowLabel / 2
	return string(runes[:half]) + "…" + string(runes[len(runes)-half+1:])
}

// The columns of text to the right of the panel: where each ends.
const (
	changeGutter = 150
	changeEnds   = 92
	pEnds        = 144
)

func forestPanel(diff *compare.Diff, metric *results.Quantity, rows []comparisonRow) panel {
	const rowHeight = 17
	better := "further left is better"
	if metric.HigherIsBetter {
		better = "further right is better"
	}
	out := panel{
		plot: newPlot(), title: metric.Title, yLabel: better, xLabel: "NEW / BASE",
		height: vg.Length(len(rows))*rowHeight + 46,
	}
	p := out.plot
	p.Y.Scale = plot.LinearScale{}
	xs := comparisonSpan(rows)
	if diff.Gate != nil {
		p.Add(allowed{diff.Gate.FailOn, !metric.HigherIsBetter})
	}
	p.Add(grid{}, unchanged{})
	aside := func(y float64, change, p string) sideTexts {
		return sideTexts{y, []sideText{{change, changeEnds}, {p, pEnds}}}
	}
	p.Add(aside(float64(len(rows))-0.35, "change", "p"))
	var ticks []plot.Tick
	for _, row := range rows {
		ticks = append(ticks, plot.Tick{Value: row.y, Label: shortened(row.Label)})
		p.Add(row, aside(row.y, row.Change(), fmt.Sprintf("%.2g", row.PAdjusted)))
	}
	setRange(&p.X, xs, ratioTicks(xs))
	setRange(&p.Y, span{-0.6, float64(len(rows)) - 0.1}, ticks)
	p.Y.LineStyle.Width = 0
	p.Y.Tick.LineStyle.Width = 0
	return out
}

// widestInterval is how far from no change the axis reaches at most: the interval
// of one wild cell should not squeeze all others.
const widestInterval = 8

func comparisonSpan(rows []comparisonRow) span {
	xs := span{1, 1}
	for _, row := range rows {
		xs.add(row.Ratio.Median)
		if row.Ratio.Lo != nil && row.Ratio.Hi != nil {
			xs.add(*row.Ratio.Lo, *row.Ratio.Hi)
		}
	}
	xs = span{max(xs.lo, 1.0/widestInterval), min(xs.hi, widestInterval)}
	return xs.widened(1.04, 1.3)
}

// ratioTicks labels changes that are easily read, fewer the wider the axis.
func ratioTicks(s span) []plot.Tick {
	step := 0.05
	for _, wider := range []float64{0.1, 0.2, 0.5, 1} {
		if (s.hi-s.lo)/step <= 8 {
			break
		}
		step = wider
	}
	var ticks []plot.Tick
	for i := math.Ceil(s.lo / step); i*step <= s.hi; i++ {
		if i > 0 {
			ticks = append(ticks, plot.Tick{Value: i * step, Label: plainNumber(i * step)})
		}
	}
	if step == 1 { // all below 1 would have no label
		for _, v := range []float64{0.125, 0.25, 0.5} {
			if v >= s.lo {
				ticks = append(ticks, plot.Tick{Value: v, Label: plainNumber(v)})
			}
		}
	}
	return ticks
}

// Plot implements plot.Plotter.
func (r comparisonRow) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	at := y(r.y)
	// What lies beyond the axis ends at it.
	inside := func(v float64) vg.Length { return x(min(max(v, p.X.Min), p.X.Max)) }
	if r.Ratio.Lo != nil && r.Ratio.Hi != nil {
		from, to := inside(max(*r.Ratio.Lo, math.SmallestNonzeroFloat64)), inside(*r.Ratio.Hi)
		line := draw.LineStyle{Color: r.look.line.Color, Width: 1.4}
		c.StrokeLine2(line, from, at, to, at)
		c.StrokeLine2(line, from, at-3, from, at+3)
		c.StrokeLine2(line, to, at-3, to, at+3)
	}
	glyph := draw.GlyphStyle{Color: r.look.line.Color, Radius: 3.2, Shape: draw.CircleGlyph{}}
	if r.Verdict == compare.Undecided {
		glyph.Shape = hollow{draw.CircleGlyph{}}
	}
	c.DrawGlyph(glyph, vg.Point{X: inside(r.Ratio.Median), Y: at})
}

// allowed shades the changes for the worse that the gate lets pass.
type allowed struct {
	share float64
	lower bool // is better
}

// Plot implements plot.Plotter.
func (a allowed) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	worst := 1 - a.share
	if a.lower {
		worst = 1 + a.share
	}
	from, to := x(1), x(min(max(worst, p.X.Min), p.X.Max))
	c.FillPolygon(bandColor, []vg.Point{{X: from, Y: c.Min.Y}, {X: to, Y: c.Min.Y}, {X: to, Y: c.Max.Y}, {X: from, Y: c.Max.Y}})
}

// unchanged is the line at 1.
type unchanged struct{}

// Plot implements plot.Plotter.
func (unchanged) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	c.StrokeLine2(draw.LineStyle{Color: color.Black, Width: 0.8}, x(1), c.Min.Y, x(1), c.Max.Y)
}
