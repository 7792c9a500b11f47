package question

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Column is a question under some conditions.
type Column struct {
	Question
	Baseline   string // the strategy that others are compared with
	Producers  int
	Conditions string // what tells it from other columns of the question, in words; empty if there is one
	Short      string // the same in as few letters as there are: "16", "50 %"

	under results.Cell           // what all its cells share
	bases []*results.CellSummary // the baseline's
}

// ByProducers ends the heads of columns that are told apart by their producers.
const ByProducers = " by producers"

// most is how many columns a question has: the first, the last and one between them
// tell how it goes.
const most = 3

// Columns lists what a run asks, of the questions with a Head, where a baseline was
// measured: without it there is nothing to compare with. That is mostly the run's own; runs
// of several machines are compared over one that all have.
func Columns(summary *results.Summary, baseline string) []Column {
	var all []Column
	for _, q := range All() {
		if q.Head == "" {
			continue
		}
		var asked []Column
		for i := range summary.Cells {
			c := &summary.Cells[i]
			if c.Strategy != baseline || !q.About(c.Cell) || len(q.Sample(c)) == 0 {
				continue
			}
			under := c.Cell.Shared()
			at := slices.IndexFunc(asked, func(column Column) bool { return column.under == under })
			if at < 0 {
				at, asked = len(asked), append(asked, Column{Question: q, Baseline: baseline, Producers: c.Producers, under: under})
			}
			asked[at].bases = append(asked[at].bases, c)
		}
		all = append(all, name(spaced(asked))...)
	}
	return all
}

// name says of the columns of a question what tells them apart.
func name(columns []Column) []Column {
	var cells []results.Cell
	for _, c := range columns {
		cells = append(cells, c.under)
	}
	varying := results.Varying(cells)
	several := slices.ContainsFunc(columns, func(c Column) bool { return c.Producers != columns[0].Producers })
	for i, c := range cells {
		var words, short []string
		if several {
			words, short = append(words, units.Plural(c.Producers, "producer")), append(short, strconv.Itoa(c.Producers))
		}
		if c.IsOpen() {
			words, short = append(words, c.Step().String()), append(short, c.Step().Short())
		}
		for _, p := range varying {
			if v := p.Value(c); v != "" && p.Role != parameter.Offer {
				words, short = append(words, p.Name+"="+v), append(short, v)
			}
		}
		if several {
			columns[i].Head += ByProducers
		}
		columns[i].Conditions, columns[i].Short = strings.Join(words, ", "), strings.Join(short, " ")
	}
	return columns
}

// spaced picks most of a list, the first, the last and evenly between them.
func spaced(all []Column) []Column {
	if len(all) <= most {
		return all
	}
	var picked []Column
	for i := range most {
		picked = append(picked, all[i*(len(all)-1)/(most-1)])
	}
	return picked
}

// Has reports whether a cell is one of the column's.
func (c *Column) Has(cell results.Cell) bool { return cell.Shared() == c.under }

// Share returns whose saturation rate is shared out in a column: of results.LoadsOf, empty
// where none is.
func (c *Column) Share() string {
	if c.under.Load == 0 {
		return ""
	}
	return cmp.Or(c.under.LoadOf, results.LoadOfOwn)
}

// Outcome is what became of a strategy in a column.
type Outcome int

// The outcomes. Only the first two have a ratio.
const (
	Apart    Outcome = iota // clearly better or worse than the baseline
	Tied                    // not clearly either
	Itself                  // it is the baseline
	Absent                  // there is no such cell
	Failed                  // every trial failed
	Missed                  // the producers missed the offered rate
	Few                     // too few messages or repetitions for the number
	Baseless                // the baseline has no number to compare with
)

// Entry is a strategy in a column.
type Entry struct {
	Outcome Outcome
	// Times is how many times as good as the baseline it is: over 1 is better, whether
	// more or less of the quantity is. It is nil without a ratio.
	Times *stat.Interval
	Value *float64 // the median, in the quantity's own unit; nil if there is none

	cell  *results.CellSummary
	shows *results.Quantity // what marks of the cell are about
}

// Mark adds to a text of the entry's ratio, or of the baseline's own value, the marks that
// a reader should see beside it, as results.CellSummary has them.
func (e Entry) Mark(text string) string {
	if e.cell == nil || e.shows == nil {
		return text
	}
	return e.cell.Mark(e.shows, text)
}

// Entry compares a cell of the column, nil if there is none, with the baseline's.
func (c *Column) Entry(run *results.Manifest, cell *results.CellSummary) Entry {
	if cell == nil {
		return Entry{Outcome: Absent}
	}
	sample := c.Sample(cell)
	out := Entry{Value: stat.Median(cell.Sample(c.Of).Values()), cell: cell, shows: c.Of}
	if c.Of == results.Throughput && cell.Strategy != c.Baseline {
		out.shows = nil // a ratio to a baseline that is not the run's
		if c.Baseline == run.Baseline() {
			out.shows = run.Speedup()
		}
	}
	base := c.base(run, cell)
	unmeasured, _ := cell.Unmeasured()
	switch {
	case unmeasured:
		out.Outcome = Failed
	case c.Of.IsTiming() && cell.MissedRate():
		out.Outcome = Missed
	case out.Value == nil:
		out.Outcome = Few
	case base == nil || c.Of.IsTiming() && base.MissedRate():
		out.Outcome = Baseless
	case base.Cell == cell.Cell:
		out.Outcome = Itself
	default:
		out.Times = c.times(run, cell, sample, c.Sample(base))
		if out.Outcome = Few; out.Times != nil {
			out.Outcome = apart(out.Times)
		}
		if c.Of.LimitedIn(cell) && c.Of.LimitedIn(base) {
			out.Outcome = Tied // both show the pacer
		}
	}
	return out
}

// base returns the baseline's cell under a cell's conditions.
func (c *Column) base(run *results.Manifest, cell *results.CellSummary) *results.CellSummary {
	if len(c.bases) == 1 {
		return c.bases[0]
	}
	want, _ := run.Under(cell.Cell, c.Baseline)
	i := slices.IndexFunc(c.bases, func(b *results.CellSummary) bool { return b.Cell == want })
	if i < 0 {
		return nil
	}
	return c.bases[i]
}

// times returns how many times as good as its baseline a cell is.
func (c *Column) times(run *results.Manifest, cell *results.CellSummary, of, base stat.Sample) *stat.Interval {
	if c.Of == results.Throughput && c.Baseline == run.Baseline() {
		if speedup := cell.Interval(run.Speedup()); speedup != nil {
			return speedup
		}
	}
	if !c.Of.HigherIsBetter {
		of, base = base, of
	}
	return stat.NewPairs(of, base).Bootstrap(run.Seed)
}

// apart reports whether an interval of ratios tells two strategies apart, by the rule of
// verdicts: it excludes 1, and the difference is one that matters.
func apart(times *stat.Interval) Outcome {
	if times.Excludes(1) && max(times.Median, 1/times.Median) > 1+stat.LeastEffect {
		return Apart
	}
	return Tied
}
