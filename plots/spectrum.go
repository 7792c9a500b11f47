package plots

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"

	"github.com/fanin-bench/fanin-bench/results"
)

// maxPanels is how many numbers of producers the figures of transit times show:
// the smallest, the largest and those between them fill a page.
const maxPanels = 3

// spectrum answers how long a message takes, by percentile, for the smallest,
// a middle and the largest number of producers.
func spectrum(s *Scene) (*Drawing, error) {
	d := &Drawing{
		Question: "How long does a message take, up to the rare slow one?",
		subtitle: append(s.subtitle(), "transit time, from the send call to the receive, all repetitions together; lower is better"),
	}
	counts := timedProducers(s)
	if len(counts) == 0 {
		return nil, noData("too few messages were timed")
	}
	xs, ratio := span{}, 10.0
	for _, p := range counts {
		x, y := extent(spectra(s, p))
		xs.add(x.lo, x.hi)
		ratio = max(ratio, y.hi/y.lo*1.3)
	}
	for _, p := range counts {
		d.panels = append(d.panels, spectrumPanel(s, p, xs, ratio))
	}
	d.panels[len(d.panels)-1].xLabel = "percentile of messages"
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

// spectrumPanel draws one number of producers. The panels begin at different
// times but all span the same ratio, so that slopes can be compared by eye.
func spectrumPanel(s *Scene, producers int, xs span, ratio float64) panel {
	curves := spectra(s, producers)
	_, ys := extent(curves)
	ys = ys.widened(1, ratio)
	out := panel{
		plot: newPlot(), yLabel: "transit time", title: results.Plural(producers, "producer"),
		height: labelledHeight(len(curves), 200),
	}
	setRange(&out.plot.X, xs, percentileTicks(xs))
	setRange(&out.plot.Y, ys, decadeTicks(ys, timeText))
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

// spectra returns the percentile curve of each series that was timed.
func spectra(s *Scene, producers int) []namedCurve {
	var out []namedCurve
	for _, series := range s.ranked() {
		if c := series.Cells[producers]; timed(c) {
			look := series.Look
			look.marker.Radius = 0 // a curve of many points, not of cells
			out = append(out, namedCurve{curve{percentileCurve(c.TransitHistogram), look}, series.Name})
		}
	}
	return out
}

// percentileCurve reads a histogram at x = 1/(1-p), evenly on its logarithm,
// from the median as far as ten samples lie beyond. What is below the median is
// for the histogram to show.
func percentileCurve(h *results.Histogram) []point {
	const perDecade, median = 24, 2.0
	farthest := float64(h.TotalCount()) / 10
	steps := int(math.Ceil(math.Log10(farthest/median) * perDecade))
	var points []point
	for i := 0; i <= steps; i++ {
		x := median * math.Pow(farthest/median, float64(i)/float64(steps))
		// A time of 0 is below what the clock resolves; 1 ns is the axis' end.
		y := max(float64(h.ValueAtQuantile(100-100/x)), 1)
		points = append(points, point{x: x, y: y})
	}
	return points
}

// percentileTicks labels 50, 90, 99, 99.9... on an axis of 1/(1-p).
func percentileTicks(s span) []plot.Tick {
	ticks := []plot.Tick{{Value: 2, Label: "50 %"}, {Value: 4, Label: "75 %"}}
	for e := 1; math.Pow10(e) <= s.hi*1.0001; e++ {
		x := math.Pow10(e)
		ticks = append(ticks, plot.Tick{Value: min(x, s.hi), Label: fmt.Sprintf("%.*f %%", max(0, e-2), 100-100/x)})
	}
	return ticks
}

// timed reports whether a cell has enough transit times to draw: a few do not
// make a shape.
func timed(c *results.CellSummary) bool { return c != nil && c.Transit != nil && c.Transit.P90 != nil }

// timedProducers picks the numbers of producers to show: the smallest and the
// largest, and evenly between them, of those where the most series have times.
func timedProducers(s *Scene) []int {
	most := 0
	var counts []int
	for _, p := range s.Producers {
		n := 0
		for _, series := range s.ranked() {
			if timed(series.Cells[p]) {
				n++
			}
		}
		if n > most {
			most, counts = n, nil
		}
		if n == most && n > 0 {
			counts = append(counts, p)
		}
	}
	if len(counts) <= maxPanels {
		return counts
	}
	var picked []int
	for i := range maxPanels {
		picked = append(picked, counts[i*(len(counts)-1)/(maxPanels-1)])
	}
	return picked
}
