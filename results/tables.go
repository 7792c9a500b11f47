package results

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/sheet"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Table is one table of a run. Its columns are quantities if it lists them in
// Columns; otherwise Text fills a column for each number of neighbours and what they
// do, where these vary, else for each number of producers, or, with ByLoad, for each
// load where these vary.
type Table struct {
	Title   string
	Note    string // what a number is, one paragraph
	About   func(Cell) bool
	Of      func([]Cell) bool // of which of these cells there is a table at all; nil for all
	ByLoad  bool
	Columns []Column
	// Text returns what a cell shows, empty if it has nothing.
	Text func(*CellSummary) string
	// Number returns the number in it, in its base unit and the first of several, by
	// which rows can be sorted; nil if the cell has none.
	Number func(*CellSummary) *float64
	// Point returns the number in it, for a line over the columns; nil if the
	// table has no use for one.
	Point func(*CellSummary) *stat.Interval
}

// Column is a column of a table.
type Column struct {
	Head   string
	Text   func(*CellSummary) string
	Number func(*CellSummary) *float64 // as Table.Number; nil for a column of words

	ofFailed  bool            // it has something to show of cells without a measurement
	of        func(Cell) bool // which cells it shows; nil for all
	producers int             // whose these are, 0 if of several
}

// Tables lists the tables of summary.md and of the HTML page.
func Tables() []Table {
	return slices.Concat(closedTables(), openTables(), busyTables(), overloadTables(), workTables(), otherTables())
}

const spread = "± is the farther end of the 95 % order-statistic interval."

func closedTables() []Table {
	return []Table{
		{
			Title: "Throughput", About: Cell.IsClosed,
			Note:   "Million messages received per second, median over repetitions; " + spread,
			Text:   func(c *CellSummary) string { return c.Throughput.WithSpread(units.Millions) },
			Number: func(c *CellSummary) *float64 { return medianOf(c.Throughput) },
			Point:  func(c *CellSummary) *stat.Interval { return c.Throughput },
		},
		{
			Title: "Speed-up over " + Baseline, About: Cell.IsClosed,
			Note: "Ratio of throughputs, median over blocks; ± is the farther end of the 95 % bootstrap interval over blocks. " +
				"Over the channel under the same conditions; of several the one that blocks and holds the most.",
			Text:   func(c *CellSummary) string { return c.Speedup.WithSpread(units.Significant) },
			Number: func(c *CellSummary) *float64 { return medianOf(c.Speedup) },
		},
		{
			Title: "Transit time, p50 / p99", About: Cell.IsClosed,
			Note: "From the send call to the receive, all repetitions together.", Text: transitText, Number: transitNumber,
		},
	}
}

// transitText writes the p50 and the p99 of the transit time.
func transitText(c *CellSummary) string {
	if c.Transit == nil || c.Transit.P50 == nil {
		return ""
	}
	text := units.Nanoseconds(float64(*c.Transit.P50))
	if c.Transit.P99 != nil {
		text += " / " + units.Nanoseconds(float64(*c.Transit.P99))
	}
	return text
}

// transitNumber is the p50.
func transitNumber(c *CellSummary) *float64 {
	if c.Transit == nil {
		return nil
	}
	return asNumber(c.Transit.P50)
}

// medianOf returns the median of an interval, nil of none.
func medianOf(i *stat.Interval) *float64 {
	if i == nil {
		return nil
	}
	return &i.Median
}

// asNumber returns a whole number as others are, nil for none.
func asNumber(n *int64) *float64 {
	if n == nil {
		return nil
	}
	return new(float64(*n))
}

// openTables has a table for each quantile of the response time.
func openTables() []Table {
	const note = "From when a message was due to its receive, all repetitions together. ≤: no more than the pacer's own error, " +
		"which the harness floor shows. †: the producers missed the offered rate by over 1 %."
	var tables []Table
	for i, title := range []string{"p50", "", "p99", "p99.9"} {
		if title == "" {
			continue // p90 says little beside its neighbours
		}
		tables = append(tables, Table{
			Title: "Response time, " + title, Note: note, About: Cell.IsOpen, ByLoad: true,
			Text:   func(c *CellSummary) string { return responseText(c, i) },
			Number: func(c *CellSummary) *float64 { return responseNumber(c, i) },
		})
	}
	return append(tables, Table{
		Title: "Recovery from overload", About: func(c Cell) bool { return c.IsOpen() && c.Overload > 0 }, ByLoad: true,
		Note: "From the end of the overload until the backlog was as before it, median over repetitions.",
		Text: func(c *CellSummary) string {
			if c.RecoveryNs == nil {
				return ""
			}
			return units.Nanoseconds(c.RecoveryNs.Median)
		},
		Number: func(c *CellSummary) *float64 { return medianOf(c.RecoveryNs) },
	})
}

// responseText writes the i-th quoted quantile with its marks.
func responseText(c *CellSummary, i int) string {
	if c.Response == nil {
		return ""
	}
	q := c.Response.List()[i]
	if q.Ns == nil {
		return ""
	}
	text := units.Nanoseconds(float64(*q.Ns))
	if slices.Contains(c.PlatformLimited, q.Name) {
		text = "≤ " + text
	}
	if c.MissedRate() {
		text += " †"
	}
	return text
}

func responseNumber(c *CellSummary, i int) *float64 {
	if c.Response == nil {
		return nil
	}
	return asNumber(c.Response.List()[i].Ns)
}

// overloadTables are of open loops whose consumer has a cost, and so a capacity that
// can be offered too much.
func overloadTables() []Table {
	about := func(c Cell) bool { return c.IsOpen() && c.Rate > 0 && c.ConsumerCostNs > 0 }
	return []Table{
		{
			Title: "Goodput, and what was lost", About: about, ByLoad: true,
			Note: "Thousand messages received per second, median over repetitions, and the share of all that was dropped or rejected.",
			Text: func(c *CellSummary) string {
				if c.Throughput == nil || c.Counts == nil || c.Attempted == 0 {
					return ""
				}
				text := units.Significant(c.Throughput.Median / 1e3)
				if lost := c.LostShare(); lost > 0 {
					text += fmt.Sprintf(", %s %% lost", units.Significant(100*lost))
				}
				return text
			},
			Number: func(c *CellSummary) *float64 { return medianOf(c.Throughput) },
		},
		{
			Title: "Send call", About: about, ByLoad: true,
			Note: "Mean time of a send call, median over repetitions: how long producers were held up.",
			Text: func(c *CellSummary) string {
				if c.SendCallNs == nil {
					return ""
				}
				return units.Nanoseconds(*c.SendCallNs)
			},
			Number: func(c *CellSummary) *float64 { return c.SendCallNs },
		},
		{
			Title: "Peak memory", About: about, ByLoad: true,
			Note: "Highest resident memory of the process, of all repetitions.",
			Text: func(c *CellSummary) string {
				if c.PeakBytes == nil {
					return ""
				}
				return units.Bytes(float64(*c.PeakBytes))
			},
			Number: func(c *CellSummary) *float64 { return asNumber(c.PeakBytes) },
		},
	}
}

func otherTables() []Table {
	return []Table{
		{
			Title: "Saturation", About: func(c Cell) bool { return c.Kind == KindSearch },
			Note:   "Million messages per second up to which the backlog stays bounded, median over repetitions; " + spread,
			Text:   func(c *CellSummary) string { return c.Saturation.WithSpread(units.Millions) },
			Number: func(c *CellSummary) *float64 { return medianOf(c.Saturation) },
		},
		{
			Title: "At rest", About: func(c Cell) bool { return c.Kind == KindProbe },
			Note: "Wake: from the send to a parked consumer to its receive. Idle CPU: of one core, with the consumer parked. " +
				"Burst: heap held by a burst; kept: heap still held after it was drained.",
			Columns: probeColumns(),
		},
	}
}

func probeColumns() []Column {
	part := func(head string, text func(float64) string, number func(*ProbeSummary) *float64) Column {
		return numberColumn(head, text, func(c *CellSummary) *float64 {
			if c.Probe == nil {
				return nil
			}
			return number(c.Probe)
		})
	}
	wake := func(of func(*histogram.Quantiles) *int64) func(*ProbeSummary) *float64 {
		return func(p *ProbeSummary) *float64 {
			if p.Wake == nil {
				return nil
			}
			return asNumber(of(p.Wake))
		}
	}
	return []Column{
		part("wake p50", units.Nanoseconds, wake(func(q *histogram.Quantiles) *int64 { return q.P50 })),
		part("wake p99", units.Nanoseconds, wake(func(q *histogram.Quantiles) *int64 { return q.P99 })),
		part("idle CPU", units.IdleCPU, func(p *ProbeSummary) *float64 { return &p.IdleCPUShare }),
		part("burst", units.Bytes, func(p *ProbeSummary) *float64 { return &p.BurstBytes }),
		part("kept", units.Bytes, func(p *ProbeSummary) *float64 { return &p.RetainedBytes }),
	}
}

// WriteMarkdown writes a short page for people: what ran where, and the
// tables that matter, as a CI job summary shows them.
func WriteMarkdown(out io.Writer, run *Run, summary *Summary) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "# fanin-bench: %s\n\n%s\n\n", sheet.Markdown(run.Manifest.Scenario), sheet.Markdown(Headline(&run.Manifest)))
	for _, t := range Tables() {
		if sheet := summary.Sheet(t); sheet != nil {
			fmt.Fprintf(w, "## %s\n\n%s\n\n", t.Title, t.Note)
			sheet.WriteMarkdown(w)
		}
	}
	sheet.WriteList(w, "Failed", summary.FailedCells())
	sheet.WriteList(w, "Warnings", summary.warnings())
	return w.Flush()
}
