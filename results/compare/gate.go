package compare

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Outcome is what a gate says of a comparison as a whole.
type Outcome string

// The outcomes. The last two are one to a script: there is no verdict.
const (
	NoRegression  Outcome = "no regression"  // every comparison that gates excludes one
	Regression    Outcome = "regression"     // at least one was found
	NotDecided    Outcome = "not decided"    // none was found, and not all could be excluded
	NotComparable Outcome = "not comparable" // the conditions are not the same
)

// Gate is the verdict on a comparison as a whole.
type Gate struct {
	FailOn         float64 `json:"fail_on"` // the share of a change for the worse that is allowed
	AllowDifferent bool    `json:"allow_different,omitempty"`
	Regressions    int     `json:"regressions"` // changes for the worse that may be beyond that; above 0 the gate is shut
	Open           int     `json:"open"`        // comparisons that neither found nor excluded one
	NotMade        int     `json:"not_made"`    // comparisons that would gate and could not be made
	// Excludes is the least share that every comparison excludes a loss of; absent where
	// one has too few repetitions to exclude any.
	Excludes *float64 `json:"excludes,omitempty"`
	// Reps is how many repetitions of each cell would decide, about; absent where they
	// would not, or where nothing is open.
	Reps int `json:"needed_reps,omitempty"`
}

// ErrRegression says that a gate is shut, ErrNotDecided that it can be neither shut
// nor opened.
var (
	ErrRegression = errors.New("regression")
	ErrNotDecided = errors.New("not decided")
)

// CloseOn gives the verdict. A metric that gates is cleared if its interval excludes a loss
// of more than a share. The gate is shut if one is not, and its verdict is Worse: it did get
// worse, and maybe by more. To ask for an interval beyond the share itself would let most
// losses of twice the share through, to ask for a ratio beyond it every second loss of just
// the share. The gate is open if every comparison was made, under the same conditions, and
// is cleared. In between nothing is decided. The error
// wraps ErrRegression or ErrNotDecided. Under allowDifferent conditions may differ.
func (d *Diff) CloseOn(share float64, allowDifferent bool) error {
	d.Gate = &Gate{FailOn: share, AllowDifferent: allowDifferent}
	made := d.family(true)
	for _, m := range made {
		cleared := m.MostLost() <= share
		m.Regressed, m.Open = !cleared && m.Verdict == Worse, !cleared && m.Verdict != Worse
		if m.Regressed {
			d.Gate.Regressions++
		} else if m.Open {
			d.Gate.Open++
		}
	}
	d.Gate.NotMade = len(d.NotMade)
	d.Gate.measure(made)
	d.Reasons = d.reasons()
	switch {
	case len(d.Differences) > 0 && !allowDifferent:
		d.Outcome = NotComparable
	case d.Gate.Regressions > 0:
		d.Outcome = Regression
		return fmt.Errorf("%w: %s", ErrRegression, d.sentence())
	case len(d.Reasons) > 0:
		d.Outcome = NotDecided
	default:
		d.Outcome = NoRegression
		return nil
	}
	if d.Outcome == NotComparable {
		return notComparable{d.sentence()}
	}
	return fmt.Errorf("%w: %s", ErrNotDecided, d.sentence())
}

// notComparable is ErrNotDecided in other words.
type notComparable struct{ why string }

func (e notComparable) Error() string        { return string(NotComparable) + ": " + e.why }
func (e notComparable) Is(target error) bool { return target == ErrNotDecided }

func (m *MetricDiff) lossAt(ratio float64) float64 {
	if m.lower {
		return ratio - 1
	}
	return 1 - ratio
}

// MostLost returns the highest loss in the interval, as a share, which is NaN where there is
// none; Ratio must be there.
func (m *MetricDiff) MostLost() float64 {
	switch {
	case !m.Ratio.Bounded():
		return math.NaN()
	case m.lower:
		return m.lossAt(*m.Ratio.Hi)
	default:
		return m.lossAt(*m.Ratio.Lo)
	}
}

const (
	// certainly is by how many times the repetitions must exceed those whose interval
	// is as wide as the share: then a run of equal programs is decided in four of five
	// cases, for ((1.96+0.84)/1.96)² = 2.04.
	certainly = 2
	// mostReps is the most repetitions that are worth a proposal.
	mostReps = 1000
)

// measure says what the comparisons exclude and what would decide those left open. An
// interval narrows with the root of the repetitions.
func (g *Gate) measure(comparisons []*MetricDiff) {
	most, open := 0.0, 0
	need := enoughReps(comparisons)
	for _, m := range comparisons {
		if most = max(most, m.MostLost()); !m.Open {
			continue
		}
		open++
		if !m.Ratio.Bounded() || *m.Ratio.Lo <= 0 || g.FailOn == 0 {
			continue
		}
		limit := -math.Log1p(-g.FailOn)
		if m.lower {
			limit = math.Log1p(g.FailOn)
		}
		half := math.Log(*m.Ratio.Hi / *m.Ratio.Lo) / 2
		made := min(m.BaseN, m.NewN)
		exact := certainly * float64(made) * (half / limit) * (half / limit)
		// Where the interval is narrow and lies badly, twice as many show which way.
		need = max(need, certainly*made, int(math.Ceil(min(exact, 10*mostReps))))
	}
	if len(comparisons) > 0 && !math.IsNaN(most) {
		g.Excludes = new(math.Ceil(1000*most) / 1000)
		if most > 0.1 {
			g.Excludes = new(math.Ceil(100*most) / 100)
		}
	}
	if open > 0 && g.FailOn > 0 && need <= mostReps {
		g.Reps = need
		if need > 20 {
			g.Reps = (need + 9) / 10 * 10
		}
	}
}

// enoughReps returns with how many repetitions the least of some comparisons can be
// significant at all. Student's test has no least p.
func enoughReps(comparisons []*MetricDiff) int {
	enough := stat.MinReps
	if !slices.ContainsFunc(comparisons, func(m *MetricDiff) bool { return !m.sliced }) {
		return enough
	}
	for stat.LeastP(enough, enough)*float64(len(comparisons)) >= stat.Alpha {
		enough++
	}
	return enough
}

// reasons says what keeps the comparison from a verdict, nothing if there is one.
func (d *Diff) reasons() []string {
	reasons := d.uncomparable()
	if open := d.open(); len(open) > 0 {
		reasons = append(reasons, fmt.Sprintf("a loss of more than %s %% is not excluded by %d of %s: %s", shareText(d.Gate.FailOn),
			d.Gate.Open, units.Plural(len(d.family(true)), "comparison"), strings.Join(open, ", ")), d.needs())
	}
	return reasons
}

// uncomparable says which comparisons were not made that gate, or that none counts. They
// are named in full, however many they are.
func (d *Diff) uncomparable() []string {
	var reasons []string
	if len(d.Differences) > 0 && !d.Gate.AllowDifferent {
		var names []string
		for _, difference := range d.Differences {
			names = append(names, difference.What)
		}
		reasons = append(reasons, "the conditions are not the same ("+strings.Join(names, ", ")+"); --allow-different compares them anyway")
	}
	if len(d.family(true)) == 0 && len(d.NotMade) == 0 {
		reasons = append(reasons, "no gating comparison was made")
	}
	about := map[string][]string{}
	var whys []string
	for _, n := range d.NotMade {
		if about[n.Why] == nil {
			whys = append(whys, n.Why)
		}
		about[n.Why] = append(about[n.Why], n.name())
	}
	for _, why := range whys {
		reasons = append(reasons, fmt.Sprintf("not compared, because %s: %s", why, strings.Join(about[why], ", ")))
	}
	return reasons
}

// open names the comparisons that were made and decide nothing, or counts them by
// metric if they are many.
func (d *Diff) open() []string {
	var lines []string
	for _, metric := range results.Compared() {
		var labels []string
		for _, row := range d.Rows(metric) {
			if row.Open {
				labels = append(labels, row.Label)
			}
		}
		if len(labels) > 0 {
			lines = append(lines, metric.Title+" of "+results.Naming(labels))
		}
	}
	return lines
}

// needs says what would decide what is open.
func (d *Diff) needs() string {
	g := d.Gate
	if g.FailOn == 0 {
		return "to decide: give a --fail-on above 0, because no measurement excludes every loss"
	}
	text := fmt.Sprintf("to decide: use a quieter machine or longer trials, because this spread needs over %d repetitions", mostReps)
	if g.Reps > 0 {
		text = fmt.Sprintf("to decide: run about --reps %d, or use a quieter machine", g.Reps)
		if g.Excludes == nil {
			text = fmt.Sprintf("to decide: run --reps %d or more, because fewer give no interval; small differences need more", g.Reps)
		}
	}
	if g.Excludes != nil {
		text += fmt.Sprintf(" (excluded already: a loss of more than %s %%)", shareText(*g.Excludes))
	}
	return text
}

// sentence is what came of the gate, without the word for it. Who is told of a
// regression, or of other conditions, need not know what would decide the rest.
func (d *Diff) sentence() string {
	parts := d.Reasons
	if d.Outcome != NotDecided {
		parts = d.uncomparable()
	}
	if n := d.Gate.Regressions; n > 0 {
		found := fmt.Sprintf("%s for the worse, a loss of more than %s %% not excluded", units.Plural(n, "significant change"), shareText(d.Gate.FailOn))
		if d.Outcome == NotComparable {
			return strings.Join(append(parts, "across them, "+found), "; ")
		}
		parts = append([]string{found}, parts...)
	}
	return strings.Join(parts, "; ")
}

// shareText writes a share as a number of percents, without what binary fractions add.
func shareText(share float64) string {
	return strconv.FormatFloat(math.Round(1e8*share)/1e6, 'f', -1, 64)
}

// NotMade is a comparison that would gate and could not be made.
type NotMade struct {
	Metric string `json:"metric"` // the Name of a Quantity
	Label  string `json:"label"`  // of its cell
	Why    string `json:"why"`

	title string // of the metric
}

func (n NotMade) name() string { return n.title + " of " + n.Label }

// gating returns the quantities by which a strategy's cell gates.
func gating(m *results.Manifest, cell results.Cell) []*results.Quantity {
	if m.IsFloor(cell.Strategy) {
		return nil
	}
	return slices.DeleteFunc(results.Compared(), func(q *results.Quantity) bool { return !q.Gates || !q.Compared(cell) })
}

func (c *comparer) notMade(q *results.Quantity, label, why string) {
	c.NotMade = append(c.NotMade, NotMade{Metric: q.Name, Label: label, Why: why, title: q.Title})
}

// unmeasured says why one of the runs has no value of a metric of a cell that both
// have.
func (c *comparer) unmeasured(cell results.Cell, inBase, inNew bool) string {
	why := func(s *results.CellSummary) string {
		switch {
		case s.Trials == 0:
			return "it was not measured"
		case s.Failed == s.Trials:
			return "all its trials failed"
		default:
			return "its trials have too few messages"
		}
	}
	switch base, next := why(c.base.cells[cell]), why(c.next.cells[cell]); {
	case inBase:
		return next + " in NEW"
	case inNew:
		return base + " in BASE"
	case base == next:
		return base + " in both"
	default:
		return base + " in BASE and " + next + " in NEW"
	}
}

// missing records the comparisons of cells that NEW does not have.
func (c *comparer) missing(base, next *results.Manifest) {
	varying := results.Varying(slices.Concat(base.Cells, next.Cells))
	for _, cell := range c.OnlyBase {
		why := "NEW lacks it"
		if slices.ContainsFunc(c.OnlyNew, func(other results.Cell) bool { return sameButLength(cell, other) }) {
			why = "its trials are of another length in NEW"
		}
		for _, metric := range gating(base, cell) {
			c.notMade(metric, diffLabel(cell, varying), why)
		}
	}
}

// sameButLength reports whether two cells differ in nothing but how long a trial lasts.
func sameButLength(c, other results.Cell) bool {
	c.Messages, c.DurationNs = other.Messages, other.DurationNs
	return c == other
}
