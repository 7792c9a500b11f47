package plots

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// transitHistogram answers which transit times are typical: the distribution of each
// strategy as a ridge of its own, so that none hides another.
var transitHistogram = Figure{
	Name:     "histogram",
	Question: "Which transit times are typical?",
	About:    Closed,
	Read:     "A narrow ridge is predictable, a second hump or a long right side is waiting.",
	Draw:     drawTransitHistogram,
}

func drawTransitHistogram(s *Scene) (*Drawing, error) {
	places := s.places(transitTimes.timed)
	if len(places) == 0 {
		return nil, noData("too few messages were timed")
	}
	d := &Drawing{
		subtitle: append(s.subtitle(), "share of messages by transit time, from the send call to the receive; each ridge scaled to its own peak"),
		notes:    []string{"line: median · dotted line: 99th percentile · times beyond the 99.9th are cut off, the spectrum shows them"},
		columns:  len(places),
	}
	xs := span{}
	for _, series := range s.ranked() {
		for _, p := range places {
			if c := p.cell(series); transitTimes.timed(c) {
				xs.add(max(1, float64(c.Histogram(results.Transit).ValueAtQuantile(0.1))), max(1, float64(c.Histogram(results.Transit).ValueAtQuantile(99.9))))
			}
		}
	}
	xs = xs.widened(1.1, 10)
	shown := slices.DeleteFunc(s.ranked(), func(x Series) bool {
		return !slices.ContainsFunc(places, func(p place) bool { return transitTimes.timed(p.cell(x)) })
	})
	d.gutter, d.rowNames = 10, nameWidth(shown)
	all := kinds(shown)
	for _, kind := range all {
		for i, at := range places {
			p := ridgePanel(kind.series, at, xs)
			if i > 0 {
				p.plot.Y.Tick.Marker = plot.ConstantTicks(nil)
			} else {
				p.indent = d.rowNames - nameWidth(kind.series)
				if len(all) > 1 {
					p.section = kind.title[0]
				}
			}
			d.panels = append(d.panels, p)
		}
	}
	for i := range places {
		d.panels[len(d.panels)-1-i].xLabel = "transit time"
	}
	return d.finish(), nil
}

// nameWidth returns how much room the names of some rows take.
func nameWidth(rows []Series) vg.Length {
	widest := vg.Length(0)
	for _, x := range rows {
		widest = max(widest, textStyle(textSize, inkColor).Width(x.Name)+6)
	}
	return widest
}

// ridgePanel stacks the ridges of one place, the first series on top.
func ridgePanel(rows []Series, at place, xs span) panel {
	const rowHeight = 34
	out := panel{plot: newPlot(), title: at.title(), height: vg.Length(len(rows))*rowHeight + 22}
	out.reading.producers = at.producers
	p := out.plot
	setRange(&p.X, xs, everyOther(decadeTicks(xs, timeText)))
	p.Y.Scale = plot.LinearScale{}
	var ticks []plot.Tick
	p.Add(grid{})
	for i, x := range rows {
		base := float64(len(rows) - 1 - i)
		ticks = append(ticks, plot.Tick{Value: base, Label: x.Name})
		if c := at.cell(x); transitTimes.timed(c) {
			p.Add(ridge{c.Histogram(results.Transit), base, x.Look})
		}
	}
	setRange(&p.Y, span{-0.15, float64(len(rows))}, ticks)
	p.Y.LineStyle.Width = 0
	p.Y.Tick.LineStyle.Width = 0
	return out
}

// everyOther keeps decades labelled and, where they would be crowded, only
// every second of them: a column is a third of the figure.
func everyOther(ticks []plot.Tick) []plot.Tick {
	const fits = 4
	labelled := 0
	for i := range ticks {
		if ticks[i].Label != "" && !isDecade(ticks[i].Value) {
			ticks[i].Label = ""
		}
		if ticks[i].Label != "" {
			labelled++
		}
	}
	if labelled <= fits {
		return ticks
	}
	keep := false
	for i := range ticks {
		if ticks[i].Label == "" {
			continue
		}
		if keep = !keep; !keep {
			ticks[i].Label = ""
		}
	}
	return ticks
}

func isDecade(v float64) bool {
	e := math.Log10(v)
	return math.Abs(e-math.Round(e)) < 1e-9
}

// ridge is one distribution standing on a base line.
type ridge struct {
	histogram *histogram.Histogram
	base      float64
	look      look
}

// Plot implements plot.Plotter.
func (r ridge) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	bins := density(r.histogram, span{p.X.Min, p.X.Max})
	peak := 0.0
	for _, b := range bins {
		peak = max(peak, b)
	}
	if peak == 0 {
		return
	}
	at := func(ns, height float64) vg.Point { return vg.Point{X: x(ns), Y: y(r.base + 0.85*height/peak)} }
	edge := func(i int) float64 {
		return p.X.Min * math.Pow(p.X.Max/p.X.Min, float64(i)/float64(len(bins)))
	}
	outline := []vg.Point{at(p.X.Min, 0)}
	for i, b := range bins {
		outline = append(outline, at(math.Sqrt(edge(i)*edge(i+1)), b))
	}
	outline = append(outline, at(p.X.Max, 0))
	page := annotate(c)
	page.enter(r.look.owner, 0)
	defer page.leave()
	c.FillPolygon(faded(r.look.line.Color), outline)
	c.StrokeLines(draw.LineStyle{Color: r.look.line.Color, Width: 1.1}, outline)
	page.note(r.look.owner, at(r.quantile(50), 0.3*peak), "median "+units.Nanoseconds(r.quantile(50)))
	page.note(r.look.owner, at(min(r.quantile(99), p.X.Max), 0.3*peak), "p99 "+units.Nanoseconds(r.quantile(99)))
	mark := draw.LineStyle{Color: inkColor, Width: 0.9}
	for _, q := range []float64{50, 99} {
		ns := r.quantile(q)
		if ns >= p.X.Min && ns <= p.X.Max {
			c.StrokeLines(mark, []vg.Point{at(ns, 0), at(ns, 0.6*peak)})
		}
		mark.Dashes = []vg.Length{1.5, 1.5}
	}
}

// quantile returns a percentile in ns, no less than the clock resolves.
func (r ridge) quantile(q float64) float64 { return max(1, float64(r.histogram.ValueAtQuantile(q))) }

func faded(c color.Color) color.Color {
	// Mixed with white instead of transparent: the same in every renderer.
	return wash(color.NRGBAModel.Convert(c).(color.NRGBA), color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF})
}

// ridgeBins is how finely a ridge is drawn; the eye sees no more in a column.
const ridgeBins = 72

// density shares the counts out to bins even on the logarithm of time. The
// histogram's own bars are wider than a bin near 1 ns and narrower above, so
// each is shared out to the bins it covers.
func density(h *histogram.Histogram, s span) []float64 {
	bins := make([]float64, ridgeBins)
	width := math.Log(s.hi/s.lo) / ridgeBins
	place := func(ns float64) float64 { return math.Log(ns/s.lo) / width }
	for _, bar := range h.Distribution() {
		if bar.Count == 0 {
			continue
		}
		lo := place(max(float64(bar.From), 1))
		hi := place(max(float64(bar.To)+1, 2))
		for i := max(0, int(lo)); i < ridgeBins && float64(i) < hi; i++ {
			covered := min(hi, float64(i+1)) - max(lo, float64(i))
			if covered > 0 {
				bins[i] += float64(bar.Count) * covered / (hi - lo)
			}
		}
	}
	return bins
}
