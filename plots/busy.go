package plots

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// busyName is the parameter that counts neighbours, goroutines that compute beside the
// fan-in. It may be 0, which has no place on a logarithmic axis: each count stands at
// the next whole number.
const busyName = "busy"

func busyPlace(c results.Cell) int { return c.Busy + 1 }

func busyText(place int) string { return strconv.Itoa(place - 1) }

// besideEach returns a cell once for every scene along the neighbours that it belongs
// to: one without any is where the neighbours of each kind begin.
func besideEach(cell results.Cell, all []results.CellSummary) []results.Cell {
	if cell.Busy > 0 {
		return []results.Cell{cell}
	}
	var out []results.Cell
	for i := range all {
		if c := all[i].Cell; c.Busy > 0 {
			cell.BusyKind = c.BusyKind
			if !slices.Contains(out, cell) {
				out = append(out, cell)
			}
		}
	}
	return out
}

// transitAlong draws the transit times of an open loop beside neighbours: the response
// time of a producer that sleeps there is mostly how late it wakes.
func transitAlong(s *Scene) (*Drawing, error) {
	d := &Drawing{subtitle: append(s.subtitle(), "transit time, from the send call to the receive, all repetitions together; lower is better")}
	for _, quantile := range []struct {
		name, label string
		of          func(*histogram.Quantiles) *int64
	}{
		{"p50: half of the messages took no longer", "transit time, p50", func(q *histogram.Quantiles) *int64 { return q.P50 }},
		{"p99: 99 % of the messages took no longer", "transit time, p99", func(q *histogram.Quantiles) *int64 { return q.P99 }},
	} {
		b := byCount{series: s.ranked(), unit: 1, text: timeText, value: func(c *results.CellSummary) *stat.Interval {
			if c.Transit == nil || quantile.of(c.Transit) == nil {
				return nil
			}
			return &stat.Interval{Median: float64(*quantile.of(c.Transit))}
		}}
		first, notes := len(d.panels), d.notes
		if b.add(d, s, quantile.label, func(y span) span { return y.widened(1.2, 4) }) {
			d.panels[first].section = quantile.name
		}
		if len(notes) > 0 { // they are the same again
			d.notes = notes
		}
	}
	if len(d.panels) == 0 {
		return nil, noData("no trial has a transit time")
	}
	return d.finish(), nil
}

// neighbours answers what is left to those who compute beside a fan-in.
func neighbours(s *Scene) (*Drawing, error) {
	b := byCount{series: s.Series, unit: 1, linear: true, value: func(c *results.CellSummary) *stat.Interval { return c.NeighbourShare }}
	d := &Drawing{
		Question: "What do the busy neighbours of a fan-in get done?",
		subtitle: append(s.subtitle(), "their work beside the fan-in over their work alone, median over repetitions; higher is better for them",
			s.intervals("order-statistic interval")),
	}
	if !b.add(d, s, "share of their work alone", func(y span) span { return span{0, 1.05 * max(1, y.hi)} }) {
		return nil, noData("nobody computes beside the fan-in")
	}
	return d.finish(), nil
}

// besideNote says what the neighbours of a scene along them are.
func (s *Scene) besideNote() string {
	does := "compute"
	if s.first.BusyKind == results.BusyAlloc {
		does = "compute and allocate"
	}
	return fmt.Sprintf("busy neighbours: goroutines of the same process that %s, all on %s", does, units.Plural(s.first.GOMAXPROCS, "processor"))
}
