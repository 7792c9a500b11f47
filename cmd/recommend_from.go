package cmd

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// recommendFrom answers from a run that was made before.
func (a *app) recommendFrom(flags *recommendFlags, given *pflag.FlagSet) error {
	run, err := a.openRun([]string{flags.from})
	if err != nil {
		return err
	}
	n := flags.needs
	asked, err := n.cell(a.known)
	if err != nil {
		return planError(err, func(string) bool { return true }, "")
	}
	ask := question{n, asked, given}
	group := ask.nearest(run)
	if len(group) == 0 {
		return fmt.Errorf("recommending from %q: it has no load that could be ranked: measure one without --from", run.Dir)
	}
	if err := n.narrow(run, &group, a); err != nil {
		return err
	}
	if len(rankableCells(&run.Manifest, group)) == 0 {
		return fmt.Errorf("recommending from %q: it has none of the strategies to choose among: name others in --strategies", run.Dir)
	}
	fit, excluded := n.sort(group, run.Manifest.Strategies, a.known)
	answer := &advice{Dir: run.Dir, Workload: workloadOf(group[0]), Outcome: outcomeNone, Rule: rankingRule}
	if len(rankableCells(&run.Manifest, fit)) > 0 {
		answer = newAdvice(run, a.known, n, fit)
	}
	answer.Excluded = append(excluded, answer.Excluded...)
	answer.Needs = fmt.Sprintf("Leave the machine alone and measure again, with --for %v", shortly(longer(0)))
	for _, m := range ask.mismatches(group) {
		if m.unasked {
			answer.Notes = slices.Insert(answer.Notes, 0, m.text)
			continue
		}
		answer.undecided(m.text)
		answer.Needs = "Measure what was asked for, without --from"
	}
	return a.answer(flags.json, answer)
}

// narrow keeps those cells whose strategy --strategies names, if it was given.
func (n needs) narrow(run *results.Run, group *[]results.Cell, a *app) error {
	if len(n.strategies) == 0 { // the default, as when measuring
		*group = slices.DeleteFunc(*group, func(c results.Cell) bool { return run.Manifest.Strategy(c.Strategy).Module != "" })
		return nil
	}
	chosen, err := harness.Select(n.strategies, a.known)
	if err != nil {
		return usageErrorf("--strategies: %w", err)
	}
	*group = slices.DeleteFunc(*group, func(c results.Cell) bool {
		named := slices.ContainsFunc(chosen, func(s strategies.Strategy) bool { return s.Name == c.Strategy })
		return !named && !run.Manifest.Strategy(c.Strategy).Floor
	})
	return nil
}

// conditions is a cell without what a strategy chooses and how long it lasts:
// cells that share them are of one workload.
func conditions(c results.Cell) results.Cell {
	c.Strategy, c.Capacity, c.CapacityOf, c.Policy, c.Lanes = "", 0, "", "", 0
	c.Messages, c.DurationNs = 0, 0
	return c
}

// question is what is asked of a run.
type question struct {
	needs
	asked results.Cell // as it would be measured, of any strategy
	flags *pflag.FlagSet
}

// cell returns a cell as it would be measured.
func (n needs) cell(known []strategies.Strategy) (results.Cell, error) {
	plan, err := harness.NewPlan(n.scenario(), known, 0)
	if err != nil {
		return results.Cell{}, err
	}
	cells := rankableCells(&results.Manifest{Strategies: planned(known, plan.Cells)}, plan.Cells)
	if len(cells) == 0 {
		return results.Cell{}, usageErrorf("--strategies: the harness floor is no choice")
	}
	return cells[0], nil
}

// given reports whether a flag was; who gives --busy means its default kind. may reports
// whether there is such a flag.
func (q question) given(name string) bool {
	return q.flags.Changed(name) || name == "busy-kind" && q.flags.Changed("busy")
}
func (q question) may(name string) bool { return q.flags.Lookup(name) != nil }

// nearest returns the cells of the workload in the run that is nearest to what is
// needed, the first of those that are equally near. Loads that are shares of a
// saturation rate are left out: each strategy has its own.
func (q question) nearest(run *results.Run) []results.Cell {
	var best results.Cell
	least := math.Inf(1)
	for _, c := range rankableCells(&run.Manifest, run.Manifest.Cells) {
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

func (q question) aspect(name string, c results.Cell) (aspect, bool) {
	plain := func(v float64) string { return fmt.Sprintf("%g", v) }
	a := q.asked
	switch name {
	case producersName:
		return aspect{float64(a.Producers), float64(c.Producers), plain}, true
	case "payload":
		return aspect{float64(a.Payload), float64(c.Payload), results.Bytes}, true
	case "consumer-cost":
		return aspect{float64(a.ConsumerCostNs), float64(c.ConsumerCostNs), func(v float64) string { return time.Duration(v).String() }}, true
	case "send-batch":
		return aspect{float64(a.SendBatch), float64(c.SendBatch), plain}, true
	case "busy":
		return aspect{float64(a.Busy), float64(c.Busy), plain}, true
	case "rate":
		return aspect{a.Rate, c.Rate, results.PerSecond}, a.Rate > 0 && c.Rate > 0
	}
	return aspect{}, false
}

const producersName = "producers"

// differing returns the names of what a cell has other than what is asked: the producers,
// and every parameter that all strategies have.
func (q question) differing(c results.Cell) []string {
	var names []string
	if c.Producers != q.asked.Producers {
		names = append(names, producersName)
	}
	for _, p := range results.Parameters() {
		if p.Shared && p.Value(c) != p.Value(q.asked) {
			names = append(names, p.Name)
		}
	}
	return names
}

// distance says how far a cell is from what is needed: the doublings in what was
// given, as far as it can be for another kind of load, and hardly anything for what was
// left to its default.
func (q question) distance(c results.Cell) float64 {
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
func (q question) mismatches(group []results.Cell) []mismatch {
	c := group[0]
	var all []mismatch
	for _, name := range q.differing(c) {
		if name == "arrival" && (c.Rate == 0) != (q.asked.Rate == 0) || name == "busy-kind" && (c.Busy == 0) != (q.asked.Busy == 0) {
			continue // the rate says so, or the number of neighbours
		}
		there, asked := q.texts(name, c)
		switch {
		case q.given(name) && name == "rate" && c.Rate == 0:
			all = append(all, mismatch{fmt.Sprintf("--rate %s does not match: the run's producers send as fast as it goes", results.PerSecond(q.rate)), false})
		case q.given(name):
			all = append(all, mismatch{fmt.Sprintf("--%s %s does not match: the run has %s", name, asked, there), false})
		default:
			all = append(all, mismatch{fmt.Sprintf("the run has --%s %s, which was not asked for", name, there), q.may(name)})
		}
	}
	for _, c := range group {
		if q.given("capacity") && c.Capacity != 0 && (c.Capacity != q.capacity.Items || c.CapacityOf != q.capacity.Of) {
			return append(all, mismatch{fmt.Sprintf("--capacity %d does not match: the run has %d", q.capacity.Items, c.Capacity), false})
		}
	}
	return all
}

// texts writes what a cell has of a parameter, and what is asked.
func (q question) texts(name string, c results.Cell) (there, asked string) {
	if a, ok := q.aspect(name, c); ok {
		return a.text(a.there), a.text(a.asked)
	}
	for _, p := range results.Parameters() {
		if p.Name == name {
			there, asked = p.Value(c), p.Value(q.asked)
			if name == "busy-kind" {
				return cmp.Or(there, results.BusySpin), cmp.Or(asked, results.BusySpin)
			}
			return there, asked
		}
	}
	return "", ""
}
