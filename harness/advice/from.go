package advice

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Asked tells parameters apart that somebody asked for. Can reports whether a parameter of
// this name can be asked for, Did whether it was, and not left to its default.
type Asked struct{ Can, Did func(name string) bool }

// From answers from a run that was made before, and its summary. An error about a parameter is a
// [results.FieldError].
func (q *Question) From(run *results.Run, summary *results.Summary, asked Asked) (*Advice, error) {
	cell, err := q.cell()
	if err != nil {
		return nil, err
	}
	ask := match{q, cell, asked}
	group := ask.nearest(run)
	if len(group) == 0 {
		return nil, fmt.Errorf("recommending from %q: it has no load to rank: measure one without --from", run.Dir)
	}
	if group, err = q.narrow(run, group); err != nil {
		return nil, err
	}
	described := run.Manifest.Strategies
	if len(q.choices(described, group)) == 0 {
		return nil, fmt.Errorf("recommending from %q: it lacks the strategies to choose among: name others in --strategies", run.Dir)
	}
	fit, excluded := q.sort(group, described)
	answer := &Advice{Dir: run.Dir, Workload: workloadOf(group[0]), Outcome: OutcomeNone, Rule: Rule}
	if len(q.choices(described, fit)) > 0 {
		answer = q.judge(run, summary, fit)
	}
	answer.Excluded = append(excluded, answer.Excluded...)
	answer.Needs = fmt.Sprintf("Keep the machine idle and measure again, with --for %v", units.ShortTime(longer(0)))
	for _, m := range ask.mismatches(group) {
		if m.unasked {
			answer.Notes = slices.Insert(answer.Notes, 0, m.text)
			continue
		}
		answer.undecided(m.text)
		answer.Needs = "Measure this workload, without --from"
	}
	return answer, nil
}

// narrow keeps the cells of the strategies that are chosen among, and of the floor.
func (q *Question) narrow(run *results.Run, group []results.Cell) ([]results.Cell, error) {
	if len(q.Strategies) == 0 { // the default, as when measuring; all that leaves the process has a module
		return slices.DeleteFunc(group, func(c results.Cell) bool { return !q.leaves() && run.Manifest.Strategy(c.Strategy).Module != "" }), nil
	}
	chosen, err := pick.Select(q.Strategies, q.known)
	if err != nil {
		return nil, &results.FieldError{Field: "strategies", Err: err}
	}
	return slices.DeleteFunc(group, func(c results.Cell) bool {
		named := slices.ContainsFunc(chosen, func(s strategies.Strategy) bool { return s.Name == c.Strategy })
		return !named && !run.Manifest.Strategy(c.Strategy).Floor
	}), nil
}

// conditions is a cell without what a strategy chooses and how long it lasts:
// cells that share them are of one workload.
func conditions(c results.Cell) results.Cell {
	c.Strategy = ""
	for _, p := range results.Declared() {
		if p.Role == parameter.Choice || p.Role == parameter.Repetition {
			p.Clear(&c)
		}
	}
	return c
}

// match holds a question against a run.
type match struct {
	*Question
	asked results.Cell // as it would be measured, of any strategy
	by    Asked
}

// cell returns a cell as it would be measured.
func (q *Question) cell() (results.Cell, error) {
	plan, err := scenario.NewPlan(q.scenario(), q.known, 0)
	if err != nil {
		return results.Cell{}, err
	}
	cells := rankable(harness.DescribeIn(plan.Cells, q.known), plan.Cells)
	if len(cells) == 0 {
		return results.Cell{}, wrong("strategies", "the harness floor is not a choice")
	}
	return cells[0], nil
}

// given reports whether a parameter was; who gives --busy means its default kind.
func (q match) given(name string) bool {
	return q.by.Did(name) || name == "busy-kind" && q.by.Did("busy")
}
func (q match) may(name string) bool { return q.by.Can(name) }

// nearest returns the cells of the workload in the run that is nearest to what is
// needed, the first of those that are equally near. Loads that are shares of a
// saturation rate are left out: each strategy has its own.
func (q match) nearest(run *results.Run) []results.Cell {
	var best results.Cell
	least := math.Inf(1)
	for _, c := range rankable(run.Manifest.Strategies, run.Manifest.Cells) {
		if c.Load > 0 {
			continue
		}
		if d := q.distance(c); d < least {
			best, least = conditions(c), d
		}
	}
	if math.IsInf(least, 1) {
		return nil
	}
	var group []results.Cell
	for _, c := range run.Manifest.Cells {
		if conditions(c) == best {
			group = append(group, c)
		}
	}
	return group
}

// aspect is a number in which a cell may differ from what is needed, which makes it
// nearer or further.
type aspect struct {
	asked, there float64
	text         func(float64) string
}

func (q match) aspect(name string, c results.Cell) (aspect, bool) {
	for _, p := range results.Declared() {
		if p.Name != name || !q.may(name) && name != producersName {
			continue
		}
		there, isNumber := p.Number(c)
		asked, _ := p.Number(q.asked)
		isNumber = isNumber && c.PayloadMix == q.asked.PayloadMix // or the mean says little
		return aspect{asked, there, p.NumberText}, isNumber && (name != "rate" || asked > 0 && there > 0)
	}
	return aspect{}, false
}

const producersName = "producers"

// differing returns the names of what a cell has other than what is asked: the producers,
// and every parameter that all strategies have.
func (q match) differing(c results.Cell) []string {
	var names []string
	if c.Producers != q.asked.Producers {
		names = append(names, producersName)
	}
	for _, p := range results.Parameters() {
		if p.Shared() && p.Value(c) != p.Value(q.asked) {
			names = append(names, p.Name)
		}
	}
	return names
}

// distance says how far a cell is from what is needed: the doublings in what was
// given, as far as it can be for another kind of load, and hardly anything for what was
// left to its default.
func (q match) distance(c results.Cell) float64 {
	const otherKind, otherCompany, disturbed, other, byDefault = 1000, 100, 10, 1, 0.01
	d := 0.0
	for _, name := range q.differing(c) {
		far := float64(other)
		switch a, ok := q.aspect(name, c); {
		case !q.may(name):
			far = disturbed
		case name == "rate" && !ok && q.given(name):
			far = otherKind
		case name == "busy": // the number comes first, then what they do
			far = otherCompany + math.Abs(math.Log2((a.asked+1)/(a.there+1)))
		case ok:
			far = math.Abs(math.Log2((a.asked + 1) / (a.there + 1)))
		}
		if q.may(name) && !q.given(name) && name != "busy" {
			far *= byDefault
		}
		d += far
	}
	return d
}

// mismatch is something in which a run is of another workload than asked.
type mismatch struct {
	text    string
	unasked bool // it was left to its default, so that what the run has is an answer
}

// mismatches says in what the cells, which are of one workload, differ from what was
// asked, whichever parameter it is.
func (q match) mismatches(group []results.Cell) []mismatch {
	c := group[0]
	var all []mismatch
	for _, name := range q.differing(c) {
		if name == "arrival" && (c.Rate == 0) != (q.asked.Rate == 0) || name == "busy-kind" && (c.Busy == 0) != (q.asked.Busy == 0) {
			continue // the rate says so, or the number of neighbours
		}
		there, asked := q.texts(name, c)
		switch {
		case q.given(name) && name == "rate" && c.Rate == 0:
			all = append(all, mismatch{fmt.Sprintf("--rate %s does not match: the run's producers send as fast as possible", units.PerSecond(q.Rate)), false})
		case q.given(name):
			all = append(all, mismatch{fmt.Sprintf("--%s %s does not match: the run has %s", name, asked, there), false})
		default:
			all = append(all, mismatch{fmt.Sprintf("the run has --%s %s, which was not asked for", name, there), q.may(name)})
		}
	}
	for _, c := range group {
		if q.given("capacity") && c.Capacity != 0 && (c.Capacity != q.Capacity || c.CapacityOf != q.CapacityOf) {
			return append(all, mismatch{fmt.Sprintf("--capacity %d does not match: the run has %d", q.Capacity, c.Capacity), false})
		}
	}
	return all
}

// texts writes what a cell has of a parameter, and what is asked.
func (q match) texts(name string, c results.Cell) (there, asked string) {
	if a, ok := q.aspect(name, c); ok {
		return a.text(a.there), a.text(a.asked)
	}
	for _, p := range results.Parameters() {
		if p.Name == name {
			there, asked = p.Value(c), p.Value(q.asked)
			return cmp.Or(there, p.Absent, "none"), cmp.Or(asked, p.Absent, "none")
		}
	}
	return "", ""
}
