package plots

import (
	"math"

	"gonum.org/v1/plot"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// backlog answers how many items wait in the fan-in as time goes by.
func backlog(s *Scene) (*Drawing, error) {
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
		Question: "How many items wait, as time goes by?",
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

// logPlusOne is a logarithmic scale that has a place for 0.
type logPlusOne struct{}

// Normalize implements plot.Normalizer.
func (logPlusOne) Normalize(lo, hi, v float64) float64 {
	return (math.Log1p(v) - math.Log1p(lo)) / (math.Log1p(hi) - math.Log1p(lo))
}

// plusOneTicks labels 0 and the decades, or every second or third of them.
func plusOneTicks(top float64) []plot.Tick {
	ticks := []plot.Tick{{Value: 0, Label: "0"}}
	decades := int(math.Log10(top))
	step := 1 + decades/4
	for e := 1; e <= decades; e++ {
		tick := plot.Tick{Value: math.Pow10(e)}
		if e%step == 0 {
			tick.Label = countText(tick.Value)
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// countText writes 1000000 as 1M.
func countText(n float64) string {
	for _, unit := range []struct {
		name string
		size float64
	}{{"G", 1e9}, {"M", 1e6}, {"k", 1e3}} {
		if n >= unit.size {
			return plainNumber(n/unit.size) + unit.name
		}
	}
	return plainNumber(n)
}
