package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// sureness is how far a verdict is to be trusted.
type sureness string

const (
	sure   sureness = "sure"
	tie    sureness = "tie"
	unsure sureness = "not sure" // too few repetitions
	alone  sureness = "alone"    // nothing to compare with
)

// verdict is the answer to a question for one class under some conditions.
type verdict struct {
	Class  class
	Sure   sureness
	Best   []entry // the best one first, then those not told apart from it
	Reason string
	Behind remark // how far the next one is
	Notes  []remark
}

// remark is something said of one strategy, or of several if it names none.
type remark struct{ Strategy, Text string }

// atOnce is how many of a tie are shown before the rest has to be asked for.
const atOnce = 4

// First returns those of the best to show at once.
func (v *verdict) First() []entry { return v.Best[:v.cut()] }

// More returns the rest of them.
func (v *verdict) More() []entry { return v.Best[v.cut():] }

func (v *verdict) cut() int {
	if len(v.Best) <= atOnce+1 { // one more takes no more room than saying so
		return len(v.Best)
	}
	return atOnce
}

// entry is a strategy with one choice of its own parameters.
type entry struct {
	Strategy, Name string
	Value          string
	Lacks          []string // promises that it does not keep

	sample  stat.Sample
	cell    *results.CellSummary
	limited bool // its value is the pacer's
}

// answer is a row of a question's table.
type answer struct {
	Producers  int
	Conditions string
	Verdicts   []*verdict // one for each of the question's classes; nil if it has none
	Figure     string     // where to see it; empty if nowhere
}

// answers is all there is to say about a question.
type answers struct {
	question
	Shared  string // conditions of all rows
	Classes []class
	Rows    []answer
}

// judge answers a question from a run; nil if the run does not tell.
func judge(q question, run *results.Run, summary *results.Summary, pictures *plots.Pictures) *answers {
	var cells []*results.CellSummary
	var keys []results.Cell
	for i := range summary.Cells {
		c := &summary.Cells[i]
		if s := run.Manifest.Strategy(c.Strategy); q.about(c.Cell) && !s.Floor {
			cells, keys = append(cells, c), append(keys, c.Cell)
		}
	}
	varying := results.Varying(keys)
	shared, own := split(varying)
	out := &answers{question: q, Shared: sharedConditions(keys, varying)}
	type group struct {
		producers  int
		conditions string
	}
	groups := map[group]map[class][]entry{}
	var order []group
	for _, c := range cells {
		s := run.Manifest.Strategy(c.Strategy)
		at, in := group{c.Producers, c.Label(shared, " ")}, classOf(s, c.Cell)
		if groups[at] == nil {
			groups[at], order = map[class][]entry{}, append(order, at)
		}
		if !slices.Contains(out.Classes, in) {
			out.Classes = append(out.Classes, in)
		}
		groups[at][in] = append(groups[at][in], entry{
			Strategy: c.Strategy, Name: strings.TrimSpace(c.Strategy + " " + c.Label(own, " ")),
			Lacks: slices.Sorted(maps.Keys(s.Lacks)), sample: q.sample(c), cell: c,
			limited: q.of.IsTiming() && slices.Contains(c.PlatformLimited, "p99"),
		})
	}
	slices.SortStableFunc(order, func(a, b group) int { return a.producers - b.producers })
	for _, at := range order {
		row := answer{Producers: at.producers, Conditions: at.conditions, Figure: pictureOf(q.Figure, groups[at], pictures)}
		some := false
		for _, in := range out.Classes {
			v := newVerdict(q, in, groups[at][in])
			row.Verdicts, some = append(row.Verdicts, v), some || v != nil
		}
		if some {
			out.Rows = append(out.Rows, row)
		}
	}
	if len(out.Rows) == 0 {
		return nil
	}
	return out
}

// split separates the parameters that all strategies have from choices of their own.
func split(parameters []results.Parameter) (shared, own []results.Parameter) {
	for _, p := range parameters {
		if p.Shared() {
			shared = append(shared, p)
		} else {
			own = append(own, p)
		}
	}
	return shared, own
}

// sharedConditions names what is the same for all cells, as far as all have it.
func sharedConditions(cells []results.Cell, varying []results.Parameter) string {
	if len(cells) == 0 {
		return ""
	}
	same := slices.DeleteFunc(results.Parameters(), func(p results.Parameter) bool {
		return !p.Shared() || slices.ContainsFunc(varying, func(v results.Parameter) bool { return v.Name == p.Name }) ||
			slices.ContainsFunc(cells, func(c results.Cell) bool { return p.Value(c) != p.Value(cells[0]) })
	})
	return cells[0].Label(same, " · ")
}

// newVerdict compares the entries of a class; nil if none has a value.
func newVerdict(q question, in class, entries []entry) *verdict {
	v := &verdict{Class: in}
	fit := v.fit(q, entries)
	if len(fit) == 0 {
		return nil
	}
	samples := make([]stat.Sample, len(fit))
	for i, e := range fit {
		samples[i] = e.sample
		if q.of.HigherIsBetter {
			samples[i] = e.sample.Each(func(v float64) float64 { return 1 / v })
		}
	}
	order := stat.Rank(samples)
	best := &fit[order[0].Index]
	var next *stat.Ranked
	for i, r := range order {
		e := &fit[r.Index]
		if r.Place == 1 || best.limited && e.limited {
			e.Value = quote(q, e)
			v.Best = append(v.Best, *e)
		} else if next == nil {
			next = &order[i]
		}
	}
	v.weigh(q, fit, next)
	return v
}

// fit returns the entries that can be compared, and notes why the others cannot.
func (v *verdict) fit(q question, entries []entry) []entry {
	most := 0
	for _, e := range entries {
		most = max(most, len(e.sample))
	}
	var fit []entry
	without := 0
	for _, e := range entries {
		n := len(e.sample)
		unmeasured, ended := e.cell.Unmeasured()
		switch {
		case q.of.IsTiming() && e.cell.MissedRate():
			v.note(e, e.Name+" missed the rate and is left out")
		case unmeasured && ended:
			v.note(e, e.Name+" ended as expected")
		case unmeasured:
			v.note(e, e.Name+" failed")
		case n < stat.MinReps && most >= stat.MinReps:
			v.note(e, fmt.Sprintf("%s has this value in %d of %s and is left out", e.Name, n, units.Plural(e.cell.Trials, "trial")))
		case n > 0:
			fit = append(fit, e)
		default:
			without++
		}
	}
	if without > 0 {
		v.note(entry{}, "too little data on "+units.Plural(without, "other"))
	}
	return fit
}

func (v *verdict) note(of entry, text string) {
	v.Notes = append(v.Notes, remark{of.Strategy, text})
}

// quote writes an entry's median with its interval, and what was lost for it.
func quote(q question, e *entry) string {
	i := e.sample.Interval()
	text := q.of.Unit.Text(i.Median)
	if e.limited {
		text = "≤ " + text
	}
	if spread, ok := i.Spread(); ok && spread <= widest {
		text += fmt.Sprintf(" ±%.0f\u00a0%%", 100*spread)
	} else if ok {
		text += fmt.Sprintf(" (%s to %s)", q.of.Unit.Text(*i.Lo), q.of.Unit.Text(*i.Hi))
	}
	if lost, _ := e.cell.LostShare(); lost > 0 {
		text += fmt.Sprintf(", %.2g\u00a0%% dropped or refused", 100*lost)
	}
	return text
}

// widest is up to which an interval is told by its farther end: a tail's reaches
// much farther up than down.
const widest = 0.5

// weigh says how sure a verdict is, and why. next is the best that is worse.
func (v *verdict) weigh(q question, fit []entry, next *stat.Ranked) {
	least := math.MaxInt
	for _, e := range fit {
		least = min(least, len(e.sample))
	}
	behind := remark{}
	if next != nil && next.Against != nil {
		e := &fit[next.Index]
		behind = remark{e.Strategy, fmt.Sprintf(q.next, e.Name, units.Significant(next.Against.Median))}
		if next.Against.Lo != nil && next.Against.Hi != nil {
			behind.Text += fmt.Sprintf(" (95\u00a0%%: %s to %s)", units.Significant(*next.Against.Lo), units.Significant(*next.Against.Hi))
		}
	}
	switch {
	case len(fit) == 1:
		v.Sure, v.Reason = alone, "no other strategy of its kind was measured"
	case least < stat.MinReps:
		v.Sure, v.Reason = unsure, fmt.Sprintf("%s measured, and a difference needs %d",
			units.Plural(least, "repetition"), stat.MinReps)
		v.Best = v.Best[:1]
	case len(v.Best) > 1:
		v.Sure, v.Reason = tie, fmt.Sprintf("these %d show no clear difference, or are within %.0f\u00a0%%", len(v.Best), 100*stat.LeastEffect)
		if v.Best[0].limited {
			v.Reason = "these are within the pacer's own error"
		}
		v.Behind = behind
	default:
		v.Sure, v.Behind = sure, behind
	}
}

// pictureOf returns the name of the picture of a figure that shows the most of some
// entries' cells, the first of several; "" if none shows any.
func pictureOf(figure string, of map[class][]entry, pictures *plots.Pictures) string {
	best, most := "", 0
	for i := range pictures.All {
		p := &pictures.All[i]
		if p.Figure.Name != figure {
			continue
		}
		shown := 0
		for _, entries := range of {
			for _, e := range entries {
				if p.Shows(e.cell.Cell) {
					shown++
				}
			}
		}
		if shown > most {
			best, most = p.Name, shown
		}
	}
	return best
}

// shortProducers is what the page's first answers are for: nearest to it.
const shortProducers = 16

// inShort picks the rows to begin with: those of one number of producers, of each
// question a few.
func inShort(all []*answers) (producers int, rows []shortRow) {
	far := math.Inf(1)
	for _, a := range all {
		for _, row := range a.Rows {
			if d := math.Abs(math.Log(float64(row.Producers) / shortProducers)); d < far {
				producers, far = row.Producers, d
			}
		}
	}
	for _, a := range all {
		taken := 0
		for _, row := range a.Rows {
			if row.Producers != producers || taken == a.short {
				continue
			}
			taken++
			rows = append(rows, shortRow{a.question, row})
		}
	}
	return producers, rows
}

type shortRow struct {
	Question question
	answer
}
