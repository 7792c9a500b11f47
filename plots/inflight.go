package plots

import (
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// inFlight answers whether a limit on what is in flight holds until the work is done.
var inFlight = Figure{
	Name:     "inflight",
	Question: "How many items are in flight until their work is done?",
	About:    Closed | Open,
	Read:     "A line may touch the dashed line and never pass it. A received item counts until its work is done.",
	Draw:     drawInFlight,
}

func drawInFlight(s *Scene) (*Drawing, error) {
	l := timeline{
		track: func(c *results.CellSummary) *stat.Series { return c.InFlightSeries },
		unit:  1, yLabel: "items", least: 1, words: mostItems,
		axis:  func(y span) axisRange { return evenRange(span{0, 1.12 * y.hi}) },
		limit: func(c *results.CellSummary) float64 { return float64(c.Capacity) },
	}
	at, ok := s.mainPlace(l.sampled)
	if !ok {
		return nil, noData("no strategy that bounds the items in flight was sampled")
	}
	d := &Drawing{
		subtitle: append(s.subtitle(), "items waiting or being worked on at "+at.title()+": highest in each step, median over repetitions"),
		notes:    []string{"dashed: the capacity"},
		gutter:   8,
	}
	l.add(d, s, at)
	return d.finish(), nil
}
