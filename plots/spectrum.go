package plots

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// spectrumOf says which times a figure of percentiles is about.
type spectrumOf struct {
	subtitle string
	times    *results.Quantity
}

var transitTimes = spectrumOf{
	"transit time, from the send call to the receive, all repetitions together; lower is better",
	results.Transit,
}

// spectrum answers how long a message takes, by percentile, at a few places.
var spectrum = Figure{
	Name:     "spectrum",
	Question: "How long does a message take, up to the rare slow one?",
	About:    Closed | ByKind,
	Read:     "Further right are rarer messages: at 99 %, one in a hundred took longer than the line shows.",
	Draw:     drawSpectrum,
}

func drawSpectrum(s *Scene) (*Drawing, error) { return transitTimes.draw(s) }

// timed reports whether a cell has enough times to draw: a few do not make a
// shape.
func (f spectrumOf) timed(c *results.CellSummary) bool {
	return c != nil && c.Quantile(f.times, "p90") != nil
}

func (f spectrumOf) draw(s *Scene) (*Drawing, error) {
	places := s.places(f.timed)
	if len(places) == 0 {
		return nil, noData("too few messages were timed")
	}
	d := &Drawing{subtitle: append(s.subtitle(), f.subtitle)}
	xs, ratio := span{}, 10.0
	for _, p := range places {
		x, y := extent(f.curves(s, p))
		xs.add(x.lo, x.hi)
		ratio = max(ratio, y.hi/y.lo*1.3)
	}
	missed, disturbed := false, false
	for _, p := range places {
		d.panels = append(d.panels, f.panel(s, p, xs, ratio))
		for _, series := range s.ranked() {
			c := p.cell(series)
			missed = missed || c != nil && c.MissedRate()
			disturbed = disturbed || c != nil && c.Disturbed > 0
		}
	}
	d.panels[len(d.panels)-1].xLabel = "percentile of messages"
	if s.Kind == Open {
		d.notes = append(d.notes, "grey, where one floor fits all lines: the harness floor at about the same rate; "+
			"a line in it shows the pacer, not the strategy")
	}
	if missed {
		d.notes = append(d.notes, "†: the producers missed the offered rate by over 1 %")
	}
	if disturbed {
		d.notes = append(d.notes, results.DisturbedMark+": the machine disturbed a trial")
	}
	return d.finish(), nil
}

func extent(curves []namedCurve) (x, y span) {
	for _, k := range curves {
		for _, pt := range k.points {
			x.add(pt.x)
			y.add(pt.y)
		}
	}
	return x, y
}

// panel draws one place. The panels begin at different times but all span the
// same ratio, so that slopes can be compared by eye.
func (f spectrumOf) panel(s *Scene, p place, xs span, ratio float64) panel {
	curves := f.curves(s, p)
	_, ys := extent(curves)
	ys = ys.widened(1, ratio)
	out := panel{
		plot: newPlot(), yLabel: f.times.Title, title: p.title(), height: labelledHeight(len(curves), 200),
	}
	out.reading = reading{
		x: func(x float64) string { return fmt.Sprintf("%.4g %%", 100-100/x) }, y: units.Nanoseconds, producers: p.producers,
	}
	var names []string
	for _, k := range curves {
		names = append(names, k.name)
	}
	setRange(&out.plot.X, xs, percentileTicks(xs, figureWidth-marginFor(names)-5*margin))
	setRange(&out.plot.Y, ys, decadeTicks(ys, timeText))
	for _, k := range curves {
		if k.look.floor {
			out.plot.Add(shade{k.points})
		}
	}
	out.plot.Add(grid{})
	for _, k := range curves {
		out.plot.Add(k.curve)
		end, _ := k.last()
		out.lines = append(out.lines, lineEnd{k.name, k.look, end.x, end.y})
	}
	return out
}

type namedCurve struct {
	curve
	name string
}

// curves returns the percentile curve of each series that was timed and, of an
// open loop, that of the pacer.
func (f spectrumOf) curves(s *Scene, p place) []namedCurve {
	var out []namedCurve
	var floors []*results.CellSummary
	for _, series := range s.ranked() {
		c := p.cell(series)
		if !f.timed(c) {
			continue
		}
		look := series.Look
		look.marker.Radius = 0 // a curve of many points, not of cells
		name := series.Name
		if c.MissedRate() {
			name += " †"
		}
		if c.Disturbed > 0 {
			name += " " + results.DisturbedMark
		}
		out = append(out, namedCurve{curve{percentileCurve(c.Histogram(f.times)), look}, name})
		floors = append(floors, s.summary.FloorOf(c, s.Manifest))
	}
	// At an equal load strategies run at rates of their own: a pacer's error that is
	// not that of every line would be read against the wrong ones.
	if floors = slices.Compact(floors); len(floors) == 1 && f.timed(floors[0]) {
		look := floorLook()
		look.owner = owner{floors[0].Strategy, pacerName}
		out = append(out, namedCurve{curve{percentileCurve(floors[0].Histogram(f.times)), look}, pacerName})
	}
	return out
}

// pacerName labels the harness floor of an open loop.
const pacerName = "pacer's own error"

// percentileCurve reads a histogram at x = 1/(1-p), evenly on its logarithm,
// from the median as far as ten samples lie beyond. What is below the median is
// for the histogram to show.
func percentileCurve(h *histogram.Histogram) []point {
	const perDecade, median = 24, 2.0
	farthest := float64(h.TotalCount()) / 10
	steps := int(math.Ceil(math.Log10(farthest/median) * perDecade))
	counts := h.Counts() // unfolded once for all points
	var points []point
	for i := 0; i <= steps; i++ {
		x := median * math.Pow(farthest/median, float64(i)/float64(steps))
		// A time of 0 is below what the clock resolves; 1 ns is the axis' end.
		y := max(float64(counts.ValueAtQuantile(100-100/x)), 1)
		points = append(points, point{x: x, y: y})
	}
	return points
}

// percentileTicks marks 50, 75, 90, 99, 99.9... on an axis of 1/(1-p) of the given length, and
// labels as many as fit.
func percentileTicks(s span, length vg.Length) []plot.Tick {
	marks := []float64{2, 4}
	for e := 1; math.Pow10(e) <= s.hi*1.0001; e++ {
		marks = append(marks, math.Pow10(e))
	}
	text := func(x float64) string {
		return fmt.Sprintf("%.*f %%", max(0, int(math.Round(math.Log10(x)))-2), 100-100/x)
	}
	return fittingTicks(marks, text, func(i int) (float64, vg.Length) {
		value := min(marks[i], s.hi)
		return value, length * vg.Length(plot.LogScale{}.Normalize(s.lo, s.hi, value))
	})
}
