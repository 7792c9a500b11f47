package plots

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// stages answers how far back the slowest stage of a pipeline throttles it: its pace,
// its blocking and its backlogs, stage by stage from the producers on.
var stages = Figure{
	Name:     "stages",
	Question: "How far back does the slowest stage throttle the pipeline?",
	About:    Closed | Open | ByKind,
	Read: "All stages move at the pace of the slowest (shaded), whatever their own pace (grey). Stages before it are blocked, " +
		"and items wait there; stages after it are idle.",
	Draw: drawStages,
}

func drawStages(s *Scene) (*Drawing, error) {
	at, ok := s.mainPlace(func(c *results.CellSummary) bool { return len(c.PerStage) > 1 })
	if !ok {
		return nil, noData("it is not a pipeline")
	}
	p := newPipeline(s, at)
	d := &Drawing{
		subtitle: append(s.subtitle(), "from the producers to the last stage at "+at.title()+", medians over repetitions; "+s.intervals("order-statistic interval")),
		panels:   alignedPanels(p.pace(), p.blocked(), p.waiting()),
	}
	d.panels[len(d.panels)-1].xLabel = "stage, and its cost per message"
	d.notes = append(d.notes, "grey: the pace of a stage by itself · tick: the highest backlog seen")
	if p.slowest > 0 {
		d.notes[0] = "shaded: the slowest stage · " + d.notes[0]
	}
	d.notes = append(d.notes, outcomes("", p.series, func(x Series) []*results.CellSummary { return []*results.CellSummary{at.cell(x)} })...)
	return d.finish(), nil
}

// pipeline is what the panels of the figure share.
type pipeline struct {
	at      place
	series  []Series
	names   []string // of the stages, the producers first
	costs   []float64
	slowest int // the one stage that takes longest; 0 if there is no one
}

func newPipeline(s *Scene, at place) *pipeline {
	p := &pipeline{at: at, series: s.ranked(), names: []string{"producers"}, costs: []float64{0}}
	for i, cost := range s.first.Stages.Costs() {
		p.names = append(p.names, strconv.Itoa(i+1)+": "+timeText(float64(cost)))
		p.costs = append(p.costs, float64(cost))
	}
	longest := 0.0
	for i, cost := range p.costs {
		switch {
		case cost > longest:
			longest, p.slowest = cost, i
		case cost == longest:
			p.slowest = 0 // several are as slow
		}
	}
	return p
}

// curves returns a curve for each series that has any value, its stages beside each
// other, and makes room for it.
func (p *pipeline) curves(ys *span, value func(results.StageSummary) (point, bool)) []namedCurve {
	var out []namedCurve
	for i, series := range p.series {
		k := namedCurve{curve{look: series.Look}, series.Name}
		c := p.at.cell(series)
		for j := range p.names {
			pt, ok := p.stage(c, j, value)
			pt.x, pt.missing = p.x(i, j), !ok
			ys.add(pt.y, pt.lo, pt.hi)
			k.points = append(k.points, pt)
		}
		if _, ok := k.last(); ok {
			out = append(out, k)
		}
	}
	return out
}

func (*pipeline) stage(c *results.CellSummary, i int, value func(results.StageSummary) (point, bool)) (pt point, ok bool) {
	if c == nil || i >= len(c.PerStage) {
		return pt, false
	}
	return value(c.PerStage[i])
}

// x puts the series beside each other within a stage's column.
func (p *pipeline) x(series, stage int) float64 {
	n := float64(len(p.series))
	return float64(stage) + 0.5*((float64(series)+0.5)/n-0.5)
}

// panel makes a panel with the stages as its horizontal axis.
func (p *pipeline) panel(title, yLabel string, curves []namedCurve, y axisRange, words func(float64) string) panel {
	out := panel{plot: newPlot(), title: title, yLabel: yLabel, height: labelledHeight(len(curves), 118)}
	out.reading = reading{x: p.nameAt, y: words, producers: p.at.producers}
	out.plot.X.Scale, out.plot.Y.Scale = plot.LinearScale{}, y.scale
	setRange(&out.plot.X, span{-0.5, float64(len(p.names)) - 0.5}, p.ticks())
	setRange(&out.plot.Y, y.span, y.ticks)
	if p.slowest > 0 {
		out.plot.Add(band{float64(p.slowest) - 0.5, float64(p.slowest) + 0.5})
	}
	out.plot.Add(grid{})
	return out
}

// maxNamedStages is how many stages fit side by side with their names; of more,
// every so many has its number.
const maxNamedStages = 8

func (p *pipeline) ticks() []plot.Tick {
	var ticks []plot.Tick
	every := 1 + len(p.names)/20
	for i, name := range p.names {
		if len(p.names) > maxNamedStages {
			if name = strconv.Itoa(i); i%every > 0 {
				name = ""
			}
		}
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: name})
	}
	return ticks
}

// nameAt returns whose column a place on the horizontal axis is in.
func (p *pipeline) nameAt(x float64) string {
	return p.names[min(max(int(math.Round(x)), 0), len(p.names)-1)]
}

// draw puts curves with their labels into a panel.
func (*pipeline) draw(out *panel, curves []namedCurve) {
	for _, k := range curves {
		out.plot.Add(k.curve)
		end, _ := k.last()
		out.lines = append(out.lines, lineEnd{k.name, k.look, end.x, end.y})
	}
}

// pace is what goes through each stage, beside what it could do.
func (p *pipeline) pace() panel {
	ys := span{}
	curves := p.curves(&ys, func(s results.StageSummary) (point, bool) {
		if s.Throughput == nil {
			return point{}, false
		}
		return pointOf(0, s.Throughput, 1), true
	})
	var able []plot.Plotter
	for i, cost := range p.costs {
		if cost > 0 {
			ys.add(1e9 / cost)
			able = append(able, dash{float64(i) - 0.4, float64(i) + 0.4, 1e9 / cost, ableLine()})
		}
	}
	if ys.empty() {
		ys.add(1)
	}
	ys = ys.widened(1.4, 10)
	out := p.panel("Pace", "messages per second", curves, axisRange{ys, plot.LogScale{}, decadeTicks(ys, countText)}, units.PerSecond)
	out.plot.Add(able...)
	p.draw(&out, curves)
	return out
}

// blocked is which share of its time each stage spends in sends.
func (p *pipeline) blocked() panel {
	curves := p.curves(&span{}, func(s results.StageSummary) (point, bool) {
		if s.BlockedShare == nil {
			return point{}, false
		}
		return point{y: 100 * *s.BlockedShare}, true
	})
	y := axisRange{span{-4, 104}, plot.LinearScale{}, evenTicks(span{0, 100})}
	out := p.panel("Blocked", "% of its time in sends to the next stage", curves, y, func(v float64) string { return units.Significant(v) + " %" })
	p.draw(&out, curves)
	return out
}

// waiting is what waits before each stage.
func (p *pipeline) waiting() panel {
	ys := span{}
	curves := p.curves(&ys, func(s results.StageSummary) (point, bool) {
		if s.Backlog == nil {
			return point{}, false
		}
		return point{y: s.Backlog.Mean}, true
	})
	var highest []plot.Plotter
	for i, series := range p.series {
		for j := range p.names {
			if pt, ok := p.stage(p.at.cell(series), j, func(s results.StageSummary) (point, bool) {
				if s.Backlog == nil {
					return point{}, false
				}
				return point{y: float64(s.Backlog.Max)}, true
			}); ok {
				ys.add(pt.y)
				x := p.x(i, j)
				highest = append(highest, dash{x - 0.08, x + 0.08, pt.y, draw.LineStyle{Color: series.Look.line.Color, Width: 1.1}})
			}
		}
	}
	out := p.panel("Waiting", "items before it, mean over time", curves, evenRange(span{0, 1.12 * max(1, ys.hi)}), nil)
	out.plot.Add(highest...)
	p.draw(&out, curves)
	return out
}

// dash is a short horizontal line.
type dash struct {
	from, to, y float64
	line        draw.LineStyle
}

// Plot implements plot.Plotter.
func (d dash) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	c.StrokeLine2(d.line, x(d.from), y(d.y), x(d.to), y(d.y))
}

// ableLine is how a stage's own speed is drawn.
func ableLine() draw.LineStyle {
	return draw.LineStyle{Color: floorColor, Width: 2.5, Dashes: []vg.Length{2, 2}}
}
