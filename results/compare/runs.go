package compare

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Diff is the comparison of two runs: what compare --format json prints.
type Diff struct {
	Schema int  `json:"schema"`
	Base   Side `json:"base"`
	New    Side `json:"new"`
	// InTurns says that run --against made both: ratios are then of trials of the
	// same block, which ran right after each other.
	InTurns     bool           `json:"in_turns"`
	Differences []Difference   `json:"differences,omitempty"` // of machine, runtime and settings
	Cells       []CellDiff     `json:"cells"`                 // those of both runs, in the order of NEW
	OnlyBase    []results.Cell `json:"only_base,omitempty"`
	OnlyNew     []results.Cell `json:"only_new,omitempty"`
	NotMade     []NotMade      `json:"not_made,omitempty"` // what would gate and could not be compared
	// Outcome is the verdict, and Reasons why there is none; they, and Gate, are absent
	// before CloseOn.
	Outcome  Outcome  `json:"outcome,omitempty"`
	Reasons  []string `json:"reasons,omitempty"`
	Gate     *Gate    `json:"gate,omitempty"`
	Warnings []string `json:"warnings,omitempty"`

	// Strategies are those of NEW, for figures; they are not part of the file.
	Strategies []results.Strategy `json:"-"`
}

// Side is one of the runs compared.
type Side struct {
	Dir     string    `json:"dir"`
	Label   string    `json:"label,omitempty"`
	Version string    `json:"version"`
	Commit  string    `json:"commit,omitempty"`
	Started time.Time `json:"started"`
	Trials  int       `json:"trials"` // stored, of cells of both runs
	Failed  int       `json:"failed"`

	Expected int `json:"failed_as_expected,omitempty"` // of Failed: see Manifest.Expect
}

// CellDiff is a cell in both runs.
type CellDiff struct {
	results.Cell
	Label   string       `json:"label"` // what tells it apart from the others
	Metrics []MetricDiff `json:"metrics,omitempty"`

	ended bool // in both runs every trial, as expected: there is nothing to compare
}

// sliced reports whether both runs took turns slice by slice in the cell.
func (c CellDiff) sliced() bool {
	return slices.ContainsFunc(c.Metrics, func(m MetricDiff) bool { return m.sliced })
}

// MetricDiff is a metric of a cell in both runs.
type MetricDiff struct {
	Metric string        `json:"metric"` // the Name of a Quantity
	Base   stat.Interval `json:"base"`
	New    stat.Interval `json:"new"`
	BaseN  int           `json:"base_trials"` // that have a value
	NewN   int           `json:"new_trials"`
	// Ratio is NEW over BASE. In turns it is the median of the ratios within blocks
	// with the interval of stat.Pairs, otherwise the ratio of the medians with a
	// bootstrap interval. Absent where BASE has a value of 0.
	Ratio     *stat.Interval `json:"ratio,omitempty"`
	P         float64        `json:"p"`          // of the Mann-Whitney test, or, of slices in turns, of Student's: see stat.Pairs
	PAdjusted float64        `json:"p_adjusted"` // by Holm's method, over all that gate or all that do not
	Verdict   Verdict        `json:"verdict"`
	Gates     bool           `json:"gates"`             // counts for the gate
	Regressed bool           `json:"regressed"`         // and fails it
	Open      bool           `json:"open,omitempty"`    // counts for the gate, which it neither shuts nor opens
	Excused   string         `json:"excused,omitempty"` // why it does not, where others of the metric do

	lower  bool // is better
	sliced bool // both took turns within blocks, too

	baseText, newText string // the medians, with the marks that a reader should see beside them
}

// Runs compares every chosen cell that two runs have in common. Cells are the same
// if all their parameters are; none in common is an error that wraps ErrNotDecided.
func Runs(base, next *results.Run, choice results.Choice) (*Diff, error) {
	d := &Diff{
		Schema: results.SchemaVersion, Base: newSide(base), New: newSide(next),
		Differences: differences(&base.Manifest, &next.Manifest), Strategies: next.Manifest.Strategies,
	}
	c := &comparer{Diff: d, base: newCompared(base), next: newCompared(next)}
	d.InTurns = c.pair(base.Manifest.Pair, next.Manifest.Pair)
	var common []results.Cell
	common, d.OnlyNew = c.base.divide(choice.Cells(&next.Manifest))
	_, d.OnlyBase = c.next.divide(choice.Cells(&base.Manifest))
	if len(common) == 0 {
		return nil, notComparable{fmt.Sprintf("%q and %q have no cell in common: for example BASE has (%s), NEW has (%s)",
			base.Dir, next.Dir, anyOf(d.OnlyBase), anyOf(d.OnlyNew))}
	}
	varying := results.Varying(common)
	for _, cell := range common {
		d.Cells = append(d.Cells, c.cell(cell, diffLabel(cell, varying), &next.Manifest))
	}
	c.missing(&base.Manifest, &next.Manifest)
	c.judge()
	c.warn()
	return d, nil
}

// anyOf describes the first of some cells.
func anyOf(cells []results.Cell) string {
	if len(cells) == 0 {
		return "none"
	}
	return cells[0].String()
}

func newSide(run *results.Run) Side {
	m := &run.Manifest
	return Side{Dir: run.Dir, Label: m.Label, Version: m.Version, Commit: m.Environment.Commit, Started: m.Started}
}

// diffLabel names a cell among those compared.
func diffLabel(c results.Cell, varying []results.Parameter) string {
	label := fmt.Sprintf("%s %s=%d", c.Strategy, results.ProducersName, c.Producers)
	if rest := c.Label(varying, " "); rest != "" {
		label += " " + rest
	}
	return label
}

// comparer fills in a Diff.
type comparer struct {
	*Diff
	base, next *compared
}

// compared is a run as a comparer uses it.
type compared struct {
	summary *results.Summary
	cells   map[results.Cell]*results.CellSummary
}

func newCompared(run *results.Run) *compared {
	c := &compared{cells: map[results.Cell]*results.CellSummary{}}
	c.summary = results.SummarizeCells(run)
	for i := range c.summary.Cells {
		c.cells[c.summary.Cells[i].Cell] = &c.summary.Cells[i]
	}
	return c
}

// divide tells the cells that the run has from those that it does not.
func (c *compared) divide(cells []results.Cell) (has, lacks []results.Cell) {
	for _, cell := range cells {
		if c.cells[cell] != nil {
			has = append(has, cell)
		} else {
			lacks = append(lacks, cell)
		}
	}
	return has, lacks
}

// pair reports whether two runs were measured in turns.
func (c *comparer) pair(base, next *results.Pair) bool {
	if base == nil || next == nil || base.ID != next.ID {
		c.Warnings = append(c.Warnings, "the runs were not measured in turns: changes of the machine between them "+
			"count as differences; run --against measures in turns")
		return false
	}
	if base.Side == results.SideNew && next.Side == results.SideBase {
		c.Warnings = append(c.Warnings, "the runs are the wrong way round: run --against made the first as NEW and the second as BASE")
	}
	return true
}

// cell compares all that both runs measured of a cell.
func (c *comparer) cell(cell results.Cell, label string, m *results.Manifest) CellDiff {
	out := CellDiff{Cell: cell, Label: label}
	before, after := c.base.cells[cell], c.next.cells[cell]
	c.Base.count(before)
	c.New.count(after)
	_, out.ended = before.Unmeasured()
	if _, ended := after.Unmeasured(); !ended {
		out.ended = false
	}
	for _, metric := range results.Compared() {
		if !metric.Compared(cell) {
			continue
		}
		a, b := metric.Comparable(before.Sample(metric)), metric.Comparable(after.Sample(metric))
		if len(a) == 0 || len(b) == 0 {
			if metric.Gates && !m.IsFloor(cell.Strategy) && !out.ended {
				c.notMade(metric, label, c.unmeasured(cell, len(a) > 0, len(b) > 0))
			}
			continue
		}
		diff := c.compare(a, b)
		diff.Metric, diff.lower, diff.Gates = metric.Name, !metric.HigherIsBetter, metric.Gates
		diff.baseText = before.Mark(metric, metric.Unit.Text(diff.Base.Median))
		diff.newText = after.Mark(metric, metric.Unit.Text(diff.New.Median))
		if metric.Gates {
			diff.Excused = c.excuse(metric, cell, m)
			if diff.Gates = diff.Excused == ""; !diff.Gates && !excusable(diff.Excused) {
				c.notMade(metric, label, diff.Excused)
			}
		}
		out.Metrics = append(out.Metrics, diff)
	}
	return out
}

func (s *Side) count(c *results.CellSummary) {
	s.Trials += c.Trials
	s.Failed += c.Failed
	s.Expected += c.Expected
}

// compare compares the values that the blocks of a cell gave.
func (c *comparer) compare(base, next stat.Sample) MetricDiff {
	a, b := base.Values(), next.Values()
	diff := MetricDiff{
		Base: *stat.NewInterval(a), New: *stat.NewInterval(b), BaseN: len(a), NewN: len(b), P: stat.MannWhitney(a, b).P, Verdict: Undecided,
	}
	pairs := stat.NewPairs(next, base)
	switch {
	case slices.Min(a) <= 0:
	case c.InTurns && pairs.InTurns():
		diff.Ratio, diff.P, diff.sliced = pairs.Ratio(), pairs.P(), true
	case c.InTurns:
		diff.Ratio = pairs.Ratio()
	default:
		test := stat.Compare(a, b)
		diff.Ratio = &stat.Interval{Median: 1 + test.Delta}
		if test.Lo != nil && test.Hi != nil {
			diff.Ratio.Lo, diff.Ratio.Hi = new(1+*test.Lo), new(1+*test.Hi)
		}
	}
	return diff
}

// maxOfferedApart is how far the rates may be apart that a cell was offered in two
// runs: beyond, its response times belong to different loads.
const maxOfferedApart = 0.02

// excuse says why a cell does not count for the gate, or nothing if it does.
func (c *comparer) excuse(metric *results.Quantity, cell results.Cell, m *results.Manifest) string {
	before, after := c.base.cells[cell], c.next.cells[cell]
	offered, now := before.Number(results.Offered), after.Number(results.Offered)
	switch {
	case m.IsFloor(cell.Strategy):
		return excusedFloor
	case !metric.IsTiming():
		return ""
	case metric.LimitedIn(before) && metric.LimitedIn(after):
		return excusedLimited
	case offered != nil && now != nil && math.Abs(*now / *offered - 1) > maxOfferedApart:
		return fmt.Sprintf("%s were offered in BASE and %s in NEW, where --rate would offer the same",
			units.PerSecond(*offered), units.PerSecond(*now))
	default:
		return ""
	}
}

// judge corrects the p values and decides. What gates is one family of comparisons,
// what is shown beside it another, so that showing more does not weaken the gate.
func (c *comparer) judge() {
	for _, gates := range []bool{true, false} {
		family := c.family(gates)
		p := make([]float64, len(family))
		for i, diff := range family {
			p[i] = diff.P
		}
		for i, adjusted := range stat.Holm(p) {
			family[i].PAdjusted = adjusted
			family[i].Verdict = decide(family[i].Ratio, adjusted, family[i].lower)
		}
	}
}

// family returns the comparisons that gate, or those that do not.
func (d *Diff) family(gates bool) []*MetricDiff {
	var family []*MetricDiff
	for i := range d.Cells {
		for j := range d.Cells[i].Metrics {
			if diff := &d.Cells[i].Metrics[j]; diff.Gates == gates {
				family = append(family, diff)
			}
		}
	}
	return family
}

// Why a cell need not gate: the floor is no strategy, and what is hidden by the pacer's
// error in both runs did not get worse by more than that error. Any other excuse leaves
// the gate without a comparison that it needs.
const (
	excusedFloor   = "it is the harness floor"
	excusedLimited = "it is no more than the pacer's own error"
)

func excusable(why string) bool { return why == excusedFloor || why == excusedLimited }
