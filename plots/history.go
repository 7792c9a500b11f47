package plots

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/history"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// WriteHistory draws a figure for each metric of a history into dir, as SVG and
// PNG, and returns the files.
func WriteHistory(h *history.History, dir string) ([]string, error) {
	var files []string
	for _, metric := range h.Metrics {
		picture, err := newPicture("history_"+metric.Name, drawHistory(h, metric))
		if err != nil {
			return nil, err
		}
		written, err := picture.write(filepath.Join(dir, picture.Name), DPI)
		if err != nil {
			return nil, err
		}
		files = append(files, written...)
	}
	return files, nil
}

// drawHistory answers how a quantity changed from run to run: a panel for some numbers
// of producers, a line for each strategy, and a mark where the environment did.
func drawHistory(h *history.History, metric history.MetricHistory) *Drawing {
	d := &Drawing{
		subtitle: []string{
			fmt.Sprintf("%d runs, evenly spaced, from %s to %s", len(h.Runs), date(h.Runs[0].Started), date(h.Runs[len(h.Runs)-1].Started)),
			"median over the repetitions of each run; bars: 95 % order-statistic interval, where there are 6 or more",
		},
	}
	q := metric.Quantity
	title, quantile := q.Parts()
	d.Question = "How did the " + title + " change from run to run?"
	unit, yLabel, text := q.Unit.Scale, cmp.Or(q.Unit.Heading, q.Title), plainNumber
	if quantile != "" {
		yLabel = quantile + " of a trial, lower is better"
	}
	if q.Unit.Key == units.Times.Key {
		text = timeText
	}
	ys := span{}
	for _, c := range metric.Cells {
		for _, p := range c.Points {
			if p != nil {
				at := pointOf(0, p, unit)
				ys.add(at.y, at.lo, at.hi)
			}
		}
	}
	ys = ys.widened(1.2, 4)
	for _, producers := range historyProducers(metric) {
		p := historyPanel(h, metric, producers, unit)
		p.yLabel = yLabel
		setRange(&p.plot.Y, ys, decadeTicks(ys, text))
		d.panels = append(d.panels, p)
	}
	d.panels[len(d.panels)-1].xLabel = "runs"
	d.notes = historyNotes(h)
	return d.finish()
}

func date(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// historyProducers picks the numbers of producers that have a panel.
func historyProducers(m history.MetricHistory) []int {
	var all []int
	for _, c := range m.Cells {
		all = append(all, c.Producers)
	}
	slices.Sort(all)
	return spaced(slices.Compact(all))
}

func historyPanel(h *history.History, metric history.MetricHistory, producers int, unit float64) panel {
	out := panel{plot: newPlot(), title: units.Plural(producers, "producer")}
	label := metric.Label()
	var names []string
	variants := map[string]int{}
	var curves []curve
	here := slices.DeleteFunc(slices.Clone(metric.Cells), func(c history.CellHistory) bool { return c.Producers != producers })
	for at, c := range here {
		k := curve{look: historyLook(h, c.Strategy, variants[c.Strategy])}
		name := label(c.Cell)
		if k.look.floor {
			name = floorName + strings.TrimPrefix(name, c.Strategy)
		}
		names = append(names, name)
		variants[c.Strategy]++
		for i, p := range c.Points {
			// Beside each other, so that no bar hides another.
			x := float64(i+1) + 0.4*((float64(at)+0.5)/float64(len(here))-0.5)
			if p == nil || p.Median <= 0 {
				k.points = append(k.points, point{x: x, missing: true})
				continue
			}
			k.points = append(k.points, pointOf(x, p, unit))
		}
		curves = append(curves, k)
	}
	out.height = labelledHeight(len(curves), 190)
	out.plot.X.Scale = plot.LinearScale{}
	xs := span{0.5, float64(len(h.Runs)) + 0.5}
	setRange(&out.plot.X, xs, runTicks(h, xs, figureWidth-marginFor(names)-5*margin))
	out.plot.Add(grid{})
	for i, run := range h.Runs {
		if len(run.Changes) > 0 {
			out.plot.Add(upright{float64(i) + 0.5, draw.LineStyle{Color: quietColor, Width: 1, Dashes: []vg.Length{4, 3}}})
		}
	}
	for i, k := range curves {
		out.plot.Add(k)
		if end, ok := k.last(); ok {
			out.lines = append(out.lines, lineEnd{names[i], k.look, end.x, end.y})
		}
	}
	return out
}

func historyLook(h *history.History, strategy string, variant int) look {
	i := slices.IndexFunc(h.Strategies, func(s results.Strategy) bool { return s.Name == strategy })
	if i < 0 || h.Strategies[i].Floor {
		return floorLook()
	}
	return lookOf(h.Strategies[i].Index, variant)
}

// runTicks labels as many runs as fit side by side with their numbers.
func runTicks(h *history.History, s span, length vg.Length) []plot.Tick {
	style := textStyle(textSize, inkColor)
	var ticks []plot.Tick
	free := vg.Length(-1)
	for i := range h.Runs {
		tick := plot.Tick{Value: float64(i + 1)}
		text := fmt.Sprintf("#%d", i+1)
		at := length * vg.Length((tick.Value-s.lo)/(s.hi-s.lo))
		if half := style.Width(text) / 2; free < 0 || at-half > free {
			tick.Label = text
			free = at + half + 5
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// maxNotes is how many changes of the environment are told below a figure.
const maxNotes = 12

// historyNotes says what changed where the dashed lines are.
func historyNotes(h *history.History) []string {
	var notes []string
	changed := 0
	for i, run := range h.Runs {
		if len(run.Changes) == 0 {
			continue
		}
		if changed++; changed > maxNotes {
			continue
		}
		notes = append(notes, fmt.Sprintf("dashed before #%d (%s): %s", i+1, date(run.Started), strings.Join(run.Changes, ", ")))
	}
	if changed > maxNotes {
		notes = append(notes, fmt.Sprintf("... and %d more changes of the environment", changed-maxNotes))
	}
	return notes
}
