package results

import (
	"bufio"
	"fmt"
	"io"
	"slices"

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

const (
	spread  = "± is the farther end of the 95 % order-statistic interval."
	humped  = " " + HumpsNote + "."
	floored = " " + FloorNote + "."
)

// showing makes a table show what is quoted of a quantity.
func (t Table) showing(q *Quantity) Table {
	t.Number = func(c *CellSummary) *float64 { return c.Number(q) }
	t.Text = textOf(q)
	return t
}

// textOf writes what is quoted of a quantity, empty if it was not measured.
func textOf(q *Quantity) func(*CellSummary) string {
	if q.Quoted == AsSpread {
		return func(c *CellSummary) string { return c.Mark(q, c.Interval(q).WithSpread(q.Unit.Short)) }
	}
	return numberColumn("", q.Unit.Text, func(c *CellSummary) *float64 { return c.Number(q) }).Text
}

func closedTables() []Table {
	throughput := Table{
		Title: "Throughput", About: Cell.IsClosed,
		Note:  "Million messages received per second, median over repetitions; " + spread + humped + floored,
		Point: func(c *CellSummary) *stat.Interval { return c.Interval(Throughput) },
	}
	transit := Table{
		Title: "Transit time, p50 / p99", About: Cell.IsClosed,
		Note: "From the send call to the receive, all repetitions together.", Text: transitText, Number: transitNumber,
	}
	return slices.Concat([]Table{throughput.showing(Throughput)}, speedupTables(), []Table{transit})
}

// speedupTables has a table for each baseline, of which a run has one.
func speedupTables() []Table {
	var tables []Table
	for i, b := range baselines {
		note := "Ratio of throughputs, median over blocks, and within them over turns where they were taken; ± is the farther end of " +
			"the 95 % interval over blocks. " +
			"Over the channel under the same conditions; of several the one that blocks and holds the most."
		if i > 0 {
			note += " The run has no " + baselines[0].name + ", the channel that people write."
		}
		note += humped + floored + " " + OtherFloorNote + "."
		speedup := Table{Title: "Speed-up over " + b.name, About: Cell.IsClosed, Note: note}
		tables = append(tables, speedup.showing(b.speedup))
	}
	return tables
}

// transitText writes the p50 and the p99 of the transit time, of which there may be too
// few for the latter.
func transitText(c *CellSummary) string {
	middle, tail := c.Quantile(Transit, P50), c.Quantile(Transit, P99)
	if middle == nil {
		return ""
	}
	if tail == nil {
		return units.Nanoseconds(*middle) + sheet.NoTail
	}
	return units.Nanoseconds(*middle) + " / " + units.Nanoseconds(*tail)
}

// transitNumber is the p50.
func transitNumber(c *CellSummary) *float64 { return c.Quantile(Transit, P50) }

// openTables has a table for each quantile of the response time.
func openTables() []Table {
	const note = "From when a message was due to its receive, all repetitions together. ≤: no more than the pacer's own error, " +
		"which the harness floor shows. †: the producers missed the offered rate by over 1 %. " +
		DisturbedMark + ": the machine disturbed a trial, of which a warning tells."
	var tables []Table
	for _, quantile := range []struct{ name, title string }{{P50, P50}, {P99, P99}, {"p999", "p99.9"}} { // p90 says little beside its neighbours
		tables = append(tables, Table{
			Title: "Response time, " + quantile.title, Note: note, About: Cell.IsOpen, ByLoad: true,
			Text:   func(c *CellSummary) string { return responseText(c, quantile.name) },
			Number: func(c *CellSummary) *float64 { return c.Quantile(Response, quantile.name) },
		})
	}
	recovery := Table{
		Title: "Recovery from overload", About: func(c Cell) bool { return c.IsOpen() && c.Overload > 0 }, ByLoad: true,
		Note: "From the end of the overload until the backlog was as before it, median over repetitions.",
	}.showing(Recovery)
	recovery.Text = numberColumn("", Recovery.Unit.Text, recovery.Number).Text
	return append(tables, recovery)
}

// responseText writes a quantile with its marks.
func responseText(c *CellSummary, name string) string {
	ns := c.Quantile(Response, name)
	if ns == nil {
		return ""
	}
	text := units.Nanoseconds(*ns)
	if slices.Contains(c.PlatformLimited, name) {
		text = "≤ " + text
	}
	if c.MissedRate() {
		text += " †"
	}
	if c.Disturbed > 0 {
		text += " " + DisturbedMark
	}
	return text
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
				goodput := c.Number(Throughput)
				lost, sent := c.LostShare()
				if goodput == nil || !sent {
					return ""
				}
				text := units.Significant(*goodput / 1e3)
				if lost > 0 {
					text += fmt.Sprintf(", %s %% lost", units.Significant(100*lost))
				}
				return text
			},
			Number: func(c *CellSummary) *float64 { return c.Number(Throughput) },
		},
		Table{
			Title: "Send call", About: about, ByLoad: true,
			Note: "Mean time of a send call, median over repetitions: how long producers were held up.",
		}.showing(SendCall),
		Table{
			Title: "Peak memory", About: about, ByLoad: true,
			Note: "Highest resident memory of the process, of all repetitions.",
		}.showing(PeakMemory),
	}
}

func otherTables() []Table {
	return []Table{
		Table{
			Title: "Saturation", About: Cell.isSearch,
			Note: "Million messages per second up to which the backlog stays bounded, median over repetitions; " + spread,
		}.showing(Saturation),
		{
			Title: "At rest", About: Cell.isProbe,
			Note: "Wake: from the send to a parked consumer to its receive. Idle CPU: of one core, with the consumer parked. " +
				"Burst: heap held by a burst; kept: heap still held after it was drained.",
			Columns: []Column{
				quantileColumn("wake p50", Wake, P50), quantileColumn("wake p99", Wake, P99),
				columnOf("idle CPU", IdleCPU), columnOf("burst", Burst), columnOf("kept", Retained),
			},
		},
	}
}

// WriteMarkdown writes a short page for people: what ran where, and the
// tables that matter, as a CI job summary shows them.
func WriteMarkdown(out io.Writer, run *Run, summary *Summary) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "# fanin-bench: %s\n\n%s\n\n", sheet.Markdown(run.Manifest.Scenario), sheet.Markdown(Headline(&run.Manifest)))
	for _, t := range Tables() {
		if laid := summary.Sheet(t); laid != nil {
			fmt.Fprintf(w, "## %s\n\n%s\n\n", t.Title, t.Note)
			laid.WriteMarkdown(w)
		}
	}
	sheet.WriteList(w, "Failed", summary.FailedCells())
	sheet.WriteList(w, "Warnings", summary.warnings())
	return w.Flush()
}
