package plots

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// overload answers what becomes of data when more arrives than the consumer can
// take: a plane of how old and how much of it is lost, and below it what that
// costs against the load.
var overload = Figure{
	Name:     "overload",
	Question: "What happens to data when more arrives than the consumer can take?",
	About:    Open,
	Read: "Beyond 1× data is lost (up) or late (to the right), and the panels below show the price. A policy that " +
		"loses nothing lets all data grow old; a policy that drops the oldest delivers the freshest.",
	Draw: drawOverload,
}

func drawOverload(s *Scene) (*Drawing, error) {
	if s.first.ConsumerCostNs == 0 {
		return nil, noData("the consumer's capacity is not known: it has no cost per message")
	}
	o := newOverloaded(s)
	if o.beyond == 0 {
		return nil, noData("no rate is beyond the consumer's capacity")
	}
	plane, ok := o.plane()
	if !ok {
		return nil, noData("too few messages were timed")
	}
	d := &Drawing{
		subtitle: append(s.subtitle(), fmt.Sprintf("%s; the consumer takes %s per message: its capacity, 1×, is %s",
			units.Plural(o.producers, "producer"), units.Nanoseconds(float64(s.first.ConsumerCostNs)), units.PerSecond(o.capacity))),
		panels: []panel{plane},
		notes: []string{fmt.Sprintf("dots grow with the load, %s to %s the capacity · medians over repetitions; the age is of all repetitions together",
			timesText(o.steps[0].Rate/o.capacity), timesText(o.steps[len(o.steps)-1].Rate/o.capacity))},
	}
	for _, a := range overloadAspects() {
		if body, ok := o.against(a); ok {
			d.panels = append(d.panels, body)
		}
	}
	d.panels[len(d.panels)-1].xLabel = "offered, times the consumer's capacity"
	d.panels = alignedPanels(d.panels...)
	d.notes = append(d.notes, o.failures()...)
	return d.finish(), nil
}

// overloaded is what the panels of the figure share.
type overloaded struct {
	series    []Series
	producers int
	capacity  float64        // of the consumer, messages per second
	steps     []results.Step // given as rates, ascending
	beyond    int            // how many of them are above the capacity
}

func newOverloaded(s *Scene) overloaded {
	o := overloaded{
		series: s.ranked(), producers: s.Producers[len(s.Producers)/2], capacity: 1e9 / float64(s.first.ConsumerCostNs),
	}
	for _, step := range s.Steps {
		if step.Rate == 0 {
			continue // a share of what each strategy takes: not one load for all
		}
		o.steps = append(o.steps, step)
		if step.Rate > o.capacity {
			o.beyond++
		}
	}
	return o
}

// cell returns a series' cell at a step, or nil.
func (o overloaded) cell(series Series, step results.Step) *results.CellSummary {
	return series.offers[offer{o.producers, step}]
}

// age is the response time of the middle one of the messages that were delivered.
func age(c *results.CellSummary) (float64, bool) {
	if c == nil || c.Quantile(results.Response, results.P50) == nil {
		return 0, false
	}
	return max(1, *c.Quantile(results.Response, results.P50)), true
}

// plane draws what is lost against the age of what is not.
func (o overloaded) plane() (panel, bool) {
	var curves []namedCurve
	xs := span{}
	for _, series := range o.series {
		k := namedCurve{curve{look: series.Look}, series.Name}
		for i, step := range o.steps {
			c := o.cell(series, step)
			x, ok := age(c)
			lost, counted := lostShare(c)
			if !ok || !counted {
				k.points = append(k.points, point{missing: true})
			} else {
				k.points = append(k.points, point{x: x, y: 100 * lost, size: 0.6 + 1.1*vg.Length(i)/vg.Length(max(1, len(o.steps)-1))})
				xs.add(x)
			}
		}
		if _, ok := k.last(); ok {
			curves = append(curves, k)
		}
	}
	if xs.empty() {
		return panel{}, false
	}
	out := panel{
		plot: newPlot(), title: "Lost or late", yLabel: "% of the messages dropped or rejected, against the age of those delivered",
		xLabel: "age when delivered, p50 of the response time", height: labelledHeight(len(curves), 210),
	}
	out.reading = reading{
		x: func(ns float64) string { return units.Nanoseconds(ns) + " old when delivered" },
		y: func(percent float64) string { return units.Significant(percent) + " % dropped or rejected" },
	}
	xs = xs.widened(1.5, 10)
	setRange(&out.plot.X, xs, decadeTicks(xs, timeText))
	out.linearY(span{-4, 104}, span{0, 100})
	o.draw(&out, curves)
	return out, true
}

// aspect is one quantity against the load.
type aspect struct {
	title, yLabel string
	linear        bool
	of            *results.Quantity
	value         func(o overloaded, v float64) float64
	ticks         func(float64) string // of a logarithmic axis
}

func overloadAspects() []aspect {
	return []aspect{
		{
			"Goodput", "delivered per second, times the consumer's capacity", true,
			results.Throughput, func(o overloaded, v float64) float64 { return v / o.capacity }, nil,
		},
		{"Producers held up", "mean time of a send call", false, results.SendCall, func(_ overloaded, v float64) float64 { return max(1, v) }, timeText},
		{
			"Memory", "highest resident memory of the process, MiB", false,
			results.PeakMemory, func(_ overloaded, v float64) float64 { return v / mebibyte }, plainNumber,
		},
	}
}

// against draws an aspect against the offered load.
func (o overloaded) against(a aspect) (panel, bool) {
	var curves []namedCurve
	xs, ys := span{}, span{}
	for _, series := range o.series {
		k := namedCurve{curve{look: series.Look}, series.Name}
		for _, step := range o.steps {
			pt := point{x: step.Rate / o.capacity, missing: true}
			if c := o.cell(series, step); c != nil {
				if v := c.Number(a.of); v != nil {
					pt.y, pt.missing = a.value(o, *v), false
					ys.add(pt.y)
				}
			}
			xs.add(pt.x)
			k.points = append(k.points, pt)
		}
		if _, ok := k.last(); ok {
			curves = append(curves, k)
		}
	}
	if ys.empty() {
		return panel{}, false
	}
	out := panel{plot: newPlot(), title: a.title, yLabel: a.yLabel, height: labelledHeight(len(curves)-3, 84)}
	xs = xs.widened(1.05, 2)
	setRange(&out.plot.X, xs, loadTicks(o.steps, o.capacity, xs))
	if a.linear {
		out.linearY(span{0, 1.1 * max(1, ys.hi)}, span{0, max(1, ys.hi)})
	} else {
		ys = ys.widened(1.3, 10)
		setRange(&out.plot.Y, ys, decadeTicks(ys, a.ticks))
	}
	o.draw(&out, curves)
	return out, true
}

// draw puts curves with their labels into a panel.
func (overloaded) draw(out *panel, curves []namedCurve) {
	out.plot.Add(grid{})
	for _, k := range curves {
		out.plot.Add(k.curve)
		end, _ := k.last()
		out.lines = append(out.lines, lineEnd{k.name, k.look, end.x, end.y})
	}
}

// linearY makes the vertical axis linear, with ticks in part of it.
func (p *panel) linearY(shown, ticked span) {
	p.plot.Y.Scale = plot.LinearScale{}
	setRange(&p.plot.Y, shown, evenTicks(ticked))
}

// loadTicks marks the loads, as 0.5×, and labels those that are far enough apart.
func loadTicks(steps []results.Step, capacity float64, s span) []plot.Tick {
	var ticks []plot.Tick
	last := 0.0
	for _, step := range steps {
		tick := plot.Tick{Value: step.Rate / capacity}
		if last == 0 || tick.Value/last > math.Pow(s.hi/s.lo, 0.07) {
			tick.Label, last = timesText(tick.Value), tick.Value
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

func timesText(v float64) string { return plainNumber(math.Round(v*100)/100) + "×" }

// lostShare returns which share of what was attempted was dropped or rejected.
func lostShare(c *results.CellSummary) (float64, bool) {
	if c == nil {
		return 0, false
	}
	return c.LostShare()
}

// failures names the series and loads of which every trial failed.
func (o overloaded) failures() []string {
	var all []string
	for _, series := range o.series {
		var at []string
		for _, step := range o.steps {
			if failed(o.cell(series, step)) {
				at = append(at, timesText(step.Rate/o.capacity))
			}
		}
		if len(at) > 0 {
			all = append(all, series.Name+" at "+strings.Join(at, ", "))
		}
	}
	if len(all) == 0 {
		return nil
	}
	return []string{"every trial failed, see summary.md: " + strings.Join(all, "; ")}
}
