package plots

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// load answers up to which load the response times stay short: p99 and p50
// against the offered load, a panel for each number of producers.
var load = Figure{
	Name:     "load",
	Question: "Up to which load do response times stay short?",
	About:    Open | ByKind,
	Read: "Follow a line to the right: where it turns upward is its knee, and beyond the tick of its colour at the lower edge " +
		"it does not keep up for long. Below its knee one strategy is as good as another unless the lines are apart there too.",
	Draw: drawLoad,
}

func drawLoad(s *Scene) (*Drawing, error) {
	if len(s.Steps) < 2 {
		return nil, noData("a single load has no knee")
	}
	panels := map[int]*loadPanel{}
	var shown []int
	for _, p := range s.Producers {
		if k := newLoadPanel(s, p); len(k.medians) > 0 {
			panels[p], shown = k, append(shown, p)
		}
	}
	if len(shown) == 0 {
		return nil, noData("too few messages were timed")
	}
	shown = spaced(shown)
	d := &Drawing{
		subtitle: append(s.subtitle(),
			"response time from when a message was due, all repetitions together: p99, and p50 thinner; lower is better"),
	}
	xs := span{}
	for _, p := range shown {
		xs.add(panels[p].xs.lo, panels[p].xs.hi)
	}
	for _, p := range shown {
		d.panels = append(d.panels, panels[p].panel(p, xs.widened(1.1, 4)))
		for _, note := range panels[p].notes(p) {
			if !slices.Contains(d.notes, note) {
				d.notes = append(d.notes, note)
			}
		}
	}
	d.panels[len(d.panels)-1].xLabel = "offered, million messages per second"
	return d.finish(), nil
}

// notes explains the marks of a panel.
func (k *loadPanel) notes(producers int) []string {
	var notes []string
	if len(k.ticks) > 0 {
		notes = append(notes, "tick at the lower edge: the saturation rate that the search found, where the backlog begins to grow")
	}
	if k.ringed {
		notes = append(notes, "circled: the producers missed the offered rate by over 1 %")
	}
	if len(k.failed.at) > 0 {
		notes = append(notes, "× at the lower edge: every trial failed, see summary.md")
	}
	if len(k.unplaced) > 0 {
		notes = append(notes, fmt.Sprintf("× every trial failed at %s, see summary.md: %s",
			units.Plural(producers, "producer"), strings.Join(k.unplaced, ", ")))
	}
	return notes
}

// loadPanel collects what a panel shows before its axes are known.
type loadPanel struct {
	curves   []namedCurve // p99
	medians  []curve
	ticks    []lowerTick
	failed   crosses
	unplaced []string // series that failed at a load nobody knows the rate of
	xs, ys   span
	ringed   bool
}

func newLoadPanel(s *Scene, producers int) *loadPanel {
	k := &loadPanel{}
	for _, series := range s.Series {
		name := series.Name
		if series.Look.floor {
			name = pacerName
		} else if rate := series.saturation(producers); rate > 0 {
			k.ticks = append(k.ticks, lowerTick{rate / 1e6, series.Look.line})
			k.xs.add(rate / 1e6)
		}
		tail := loadCurve(s, series, producers, results.P99)
		if _, ok := tail.last(); !ok {
			continue
		}
		k.see(tail)
		k.curves = append(k.curves, namedCurve{tail, name})
		if series.Look.floor {
			continue
		}
		middle := loadCurve(s, series, producers, results.P50)
		middle.look.line.Width, middle.look.line.Dashes, middle.look.marker.Radius = 0.8, []vg.Length{2, 2}, 0
		middle.look.owner.series += ", p50"
		for i := range middle.points {
			middle.points[i].ringed = false // once is enough
		}
		k.see(middle)
		k.medians = append(k.medians, middle)
	}
	for _, series := range s.ranked() {
		for _, step := range s.Steps {
			if failed(series.offers[offer{producers, step}]) {
				k.fail(series, step, producers)
			}
		}
	}
	return k
}

// loadCurve returns a quantile against what was offered. Rates and loads, which take
// turns on the axis, make one line.
func loadCurve(s *Scene, series Series, producers int, quantile string) curve {
	out := curve{look: series.Look}
	for _, step := range s.Steps {
		pt := point{x: series.offered(step, producers) / 1e6, missing: true}
		c := series.offers[offer{producers, step}]
		if c == nil {
			continue // not asked for
		}
		if rate, ns := c.Number(results.Offered), c.Quantile(results.Response, quantile); rate != nil && ns != nil {
			pt = point{x: *rate / 1e6, y: max(1, *ns), ringed: c.MissedRate()}
		}
		out.points = append(out.points, pt)
	}
	slices.SortStableFunc(out.points, func(a, b point) int { return cmp.Compare(a.x, b.x) })
	return out
}

// saturation returns the rate that the search found, or 0.
func (s *Series) saturation(producers int) float64 {
	c := s.searches[producers]
	if c == nil || c.Number(results.Saturation) == nil {
		return 0
	}
	return *c.Number(results.Saturation)
}

// offered returns the rate that a step comes to, or 0 if nobody knows.
func (s *Series) offered(step results.Step, producers int) float64 {
	if step.Load > 0 {
		return step.Load * s.saturation(producers)
	}
	return step.Rate
}

// see makes room for a curve.
func (k *loadPanel) see(c curve) {
	for _, pt := range c.points {
		k.xs.add(pt.x)
		k.ys.add(pt.y)
		k.ringed = k.ringed || pt.ringed
	}
}

// fail marks a failed cell where it would have stood, if that is known.
func (k *loadPanel) fail(series Series, step results.Step, producers int) {
	x := series.offered(step, producers)
	if x > 0 {
		k.failed.at = append(k.failed.at, newCross(x/1e6, series.Look, series.offers[offer{producers, step}]))
		k.xs.add(x / 1e6)
	} else if !slices.Contains(k.unplaced, series.Name) {
		k.unplaced = append(k.unplaced, series.Name)
	}
}

func (k *loadPanel) panel(producers int, xs span) panel {
	ys := k.ys.widened(1.3, 10)
	ys.lo /= failureMargin(k.failed)
	out := panel{
		plot: newPlot(), yLabel: "response time", title: units.Plural(producers, "producer"),
		height: labelledHeight(len(k.curves), 230),
	}
	out.reading = reading{
		x: func(x float64) string { return "offered " + units.PerSecond(1e6*x) }, y: units.Nanoseconds, producers: producers,
	}
	setRange(&out.plot.X, xs, decadeTicks(xs, plainNumber))
	setRange(&out.plot.Y, ys, decadeTicks(ys, timeText))
	out.plot.Add(grid{})
	for _, t := range k.ticks {
		out.plot.Add(t)
	}
	for _, c := range k.medians {
		out.plot.Add(c)
	}
	for _, c := range k.curves {
		out.plot.Add(c.curve)
		end, _ := c.last()
		out.lines = append(out.lines, lineEnd{c.name, c.look, end.x, end.y})
	}
	out.plot.Add(k.failed)
	return out
}
