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
			Title: "In flight, mean / highest", About: func(c Cell) bool { return c.Kind == "" }, ByLoad: true,
			Note: "Items waiting or being worked on, of strategies that bound both together.",
			Text: func(c *CellSummary) string { return levelText(c.InFlight) },
		},
		{
			Title: "Sink", About: func(c Cell) bool { return c.Sink != "" && c.Kind == "" },
			Note: "What the consumer wrote, medians over repetitions. Every byte was checked at the other end.",
			Columns: []Column{
				{Head: "write calls per message", Text: func(c *CellSummary) string { return significantText(c.WritesPerMsg) }},
				{Head: "messages per receive", Text: func(c *CellSummary) string { return significantText(c.BatchMean) }},
				{Head: "per second", Text: func(c *CellSummary) string {
					if c.SinkBytesPerS == nil {
						return ""
					}
					return units.Bytes(*c.SinkBytesPerS)
				}},
			},
		},
		{
			Title: "Ended as expected", About: func(Cell) bool { return true },
			Note: "Trials that came to the end that the run is to show: how long the process lived, median, and the highest of its resident memory.",
			Columns: []Column{
				endColumn("how", func(c *CellSummary) string { return strings.Join(c.ends, "; ") }),
				endColumn("after", func(c *CellSummary) string {
					var lives []float64
					for _, end := range c.Ends {
						if end.Expected {
							lives = append(lives, float64(end.LifeNs))
						}
					}
					return units.Nanoseconds(*stat.Median(lives))
				}),
				endColumn("memory", func(c *CellSummary) string {
					if c.Memory == nil {
						return ""
					}
					return units.Bytes(float64(c.Memory.PeakBytes))
				}),
			},
		},
	}
}

// endColumn is a column about cells of which some trials ended as expected.
func endColumn(head string, text func(*CellSummary) string) Column {
	return Column{Head: head, ofFailed: true, Text: func(c *CellSummary) string {
		if c.Expected == 0 {
			return ""
		}
		return text(c)
	}}
}

func pipelineColumns() []Column {
	part := func(head string, text func(StageSummary) string) Column {
		return Column{Head: head, Text: func(c *CellSummary) string { return c.eachStage(" → ", text) }}
	}
	return []Column{
		part("messages per second", func(s StageSummary) string {
			if s.Throughput == nil {
				return "–"
			}
			return units.Significant(s.Throughput.Median)
		}),
		part("blocked", func(s StageSummary) string {
			if s.BlockedShare == nil {
				return "–"
			}
			return fmt.Sprintf("%.0f %%", 100**s.BlockedShare)
		}),
		part("waiting", func(s StageSummary) string {
			if s.Backlog == nil {
				return "–"
			}
			return levelText(s.Backlog)
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
func levelText(b *BacklogSummary) string {
	if b == nil {
		return ""
	}
	return fmt.Sprintf("%s / %d", units.Significant(b.Mean), b.Max)
}

func significantText(v *float64) string {
	if v == nil {
		return ""
	}
	return units.Significant(*v)
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
			Text: transitText,
		},
		{
			Title: "Work of the neighbours", About: isBusy,
			Note: "What the busy neighbours of the fan-in get done, as a share of what they get done alone; median over repetitions, " + spread,
			Text: func(c *CellSummary) string { return c.NeighbourShare.WithSpread(units.Significant) },
		},
	}
}
