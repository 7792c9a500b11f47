package plots

import (
	"gonum.org/v1/plot"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// backlog answers how many items wait in the fan-in as time goes by.
var backlog = Figure{
	Name:     "backlog",
	Question: "How many items wait, as time goes by?",
	About:    Closed | Open,
	Read: "A line that rises without falling back does not keep up. A tooth is a stall or a burst: its height is memory, " +
		"its width the time to recover.",
	Draw: drawBacklog,
}

func drawBacklog(s *Scene) (*Drawing, error) {
	l := timeline{
		track: func(c *results.CellSummary) *stat.Series { return c.Series },
		unit:  1, yLabel: "items", least: 10, axis: countRange, words: mostItems,
		limit: func(*results.CellSummary) float64 { return 0 }, failures: true, behind: overloadBand,
	}
	at, ok := s.mainPlace(l.sampled)
	if !ok {
		return nil, noData("the backlog was not sampled")
	}
	d := &Drawing{
		subtitle: append(s.subtitle(), "backlog in the fan-in at "+at.title()+": highest in each step, median over repetitions; lower is better"),
		gutter:   8,
	}
	l.add(d, s, at)
	if s.first.Overload > 0 {
		d.notes = append(d.notes, "grey: the overload")
	}
	return d.finish(), nil
}

func mostItems(most float64) string { return "at most " + units.Plural(int(most), "item") }

// overloadBand shades the middle fifth where that is an overload.
func overloadBand(c *results.CellSummary, unit timeUnit) []plot.Plotter {
	if c.Overload == 0 {
		return nil
	}
	horizon := float64(c.DurationNs) / unit.ns
	return []plot.Plotter{band{0.4 * horizon, 0.6 * horizon}}
}

// countRange is an axis of items, that of log(1+n), which has a place for none.
func countRange(s span) axisRange {
	return axisRange{span{0, 1.5 * s.hi}, logPlusOne{}, plusOneTicks(1.5 * s.hi)}
}
