package results

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// workTables are about what a consumer does besides receiving, and how a trial may
// end that is to end.
func workTables() []Table {
	return []Table{
		{
			Title: "Pipeline", About: func(c Cell) bool { return !c.Stages.IsZero() },
			Note: "From the producers through each stage to the last. Blocked: the share of its time in sends to the next. " +
				"Waiting: before it, mean over time and highest.",
			Columns: pipelineColumns(),
		},
		{
			Title: "In flight, mean / highest", About: Cell.IsLoad, ByLoad: true,
			Note: "Items waiting or being worked on, of strategies that bound both together.",
			Text: func(c *CellSummary) string {
				if c.Number(InFlightMean) == nil {
					return ""
				}
				return levelText(*c.Number(InFlightMean), *c.Number(InFlightMax))
			},
			Number: func(c *CellSummary) *float64 { return c.Number(InFlightMean) },
		},
		{
			Title: "Sink", About: func(c Cell) bool { return c.Sink != "" && c.Kind == "" },
			Note: "What the consumer wrote, medians over repetitions. Every byte was checked at the other end.",
			Columns: []Column{
				columnOf("write calls per message", WritesPerMsg), columnOf("messages per receive", BatchMean), columnOf("per second", BytesWritten),
			},
		},
		{
			Title: "Between processes", About: func(c Cell) bool { return c.Processes > 0 && c.IsLoad() },
			Note: "What becomes of messages, at worst, when a process that carries them ends suddenly, and whose end costs none that was confirmed. " +
				"Then what was counted, all repetitions together, and the processor time of all processes per message, median over repetitions.",
			Columns: []Column{
				{Head: "delivery", Text: func(c *CellSummary) string { return c.strategy.Delivery }},
				{Head: "survives the end of", Text: func(c *CellSummary) string { return c.strategy.Surviving() }},
				columnOf("attempted", Attempted), columnOf("dropped", Dropped), columnOf(Confirmed.Name, Confirmed),
				columnOf(Duplicated.Name, Duplicated), columnOf(Late.Name, Late),
				columnOf("CPU per message", CPUPerMsg),
			},
		},
		{
			Title: "Ended as expected", About: func(Cell) bool { return true },
			Note: "Trials that came to the end that the run is to show: how long the process lived, median, and the highest of its resident memory.",
			Columns: []Column{
				{Head: "how", ofFailed: true, Text: func(c *CellSummary) string { return strings.Join(c.ends, "; ") }},
				endColumn("after", units.Nanoseconds, func(c *CellSummary) *float64 {
					var lives []float64
					for _, end := range c.Ends {
						if end.Expected {
							lives = append(lives, float64(end.LifeNs))
						}
					}
					return stat.Median(lives)
				}),
				endColumn("memory", units.Bytes, func(c *CellSummary) *float64 { return c.Number(MemoryPeak) }),
			},
		},
	}
}

// numberColumn is a column of a number.
func numberColumn(head string, text func(float64) string, number func(*CellSummary) *float64) Column {
	return Column{Head: head, Number: number, Text: func(c *CellSummary) string {
		v := number(c)
		if v == nil {
			return ""
		}
		return text(*v)
	}}
}

// columnOf is a column of what is quoted of a quantity.
func columnOf(head string, q *Quantity) Column {
	return numberColumn(head, q.Unit.Text, func(c *CellSummary) *float64 { return c.Number(q) })
}

// quantileColumn is a column of a quantile of some times.
func quantileColumn(head string, q *Quantity, name string) Column {
	return numberColumn(head, q.Unit.Text, func(c *CellSummary) *float64 { return c.Quantile(q, name) })
}

// endColumn is a column about cells of which some trials ended as expected.
func endColumn(head string, text func(float64) string, number func(*CellSummary) *float64) Column {
	out := numberColumn(head, text, func(c *CellSummary) *float64 {
		if c.Expected == 0 {
			return nil
		}
		return number(c)
	})
	out.ofFailed = true
	return out
}

func pipelineColumns() []Column {
	part := func(head string, text func(StageSummary) string, number func(StageSummary) *float64) Column {
		return Column{
			Head: head,
			Text: func(c *CellSummary) string {
				return c.eachStage(" → ", func(s StageSummary) string {
					if number(s) == nil {
						return "–"
					}
					return text(s)
				})
			},
			Number: func(c *CellSummary) *float64 {
				for _, s := range c.PerStage {
					if v := number(s); v != nil {
						return v
					}
				}
				return nil
			},
		}
	}
	return []Column{
		part("messages per second", func(s StageSummary) string { return units.Significant(s.Throughput.Median) },
			func(s StageSummary) *float64 {
				if s.Throughput == nil {
					return nil
				}
				return &s.Throughput.Median
			}),
		part("blocked", func(s StageSummary) string { return fmt.Sprintf("%.0f %%", 100**s.BlockedShare) },
			func(s StageSummary) *float64 { return s.BlockedShare }),
		part("waiting", func(s StageSummary) string { return levelText(s.Backlog.Mean, float64(s.Backlog.Max)) },
			func(s StageSummary) *float64 {
				if s.Backlog == nil {
					return nil
				}
				return &s.Backlog.Mean
			}),
	}
}

// eachStage writes something of every stage of a pipeline; nothing of other cells.
func (s *CellSummary) eachStage(between string, text func(StageSummary) string) string {
	parts := make([]string, len(s.PerStage))
	for i, stage := range s.PerStage {
		parts[i] = text(stage)
	}
	return strings.Join(parts, between)
}

// levelText writes how full something was: mean / highest.
func levelText(mean, highest float64) string {
	return fmt.Sprintf("%s / %.0f", units.Significant(mean), highest)
}

// busyTables are of loads beside neighbours.
func busyTables() []Table {
	isBusy := func(c Cell) bool { return c.Busy > 0 && c.Kind == "" }
	return []Table{
		{
			Title: "Transit time at a rate, p50 / p99", About: Cell.IsOpen,
			Of: func(cells []Cell) bool { return slices.ContainsFunc(cells, isBusy) },
			Note: "From the send call to the receive, all repetitions together. " +
				"Beside busy neighbours a producer that sleeps wakes late, which is in the response time and not in this one.",
			Text: transitText, Number: transitNumber,
		},
		Table{
			Title: "Work of the neighbours", About: isBusy,
			Note: "What the busy neighbours of the fan-in get done, as a share of what they get done alone; median over repetitions, " + spread,
		}.showing(NeighbourShare),
	}
}
