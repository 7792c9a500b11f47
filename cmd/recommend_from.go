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
	group := n.nearest(run, given.Changed)
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
	answer := &advice{Dir: run.Dir, Workload: workloadOf(group[0]), Rule: rankingRule}
	if len(rankableCells(&run.Manifest, fit)) > 0 {
		answer = newAdvice(run, a.known, n, fit)
	}
	answer.Excluded = append(excluded, answer.Excluded...)
	answer.Notes = append(n.mismatches(group, given.Changed), answer.Notes...)
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

// nearest returns the cells of the workload in the run that is nearest to what is
// needed, the first of those that are equally near. Loads that are shares of a
// saturation rate are left out: each strategy has its own.
func (n needs) nearest(run *results.Run, given func(string) bool) []results.Cell {
	var best results.Cell
	least := math.Inf(1)
	for _, c := range rankableCells(&run.Manifest, run.Manifest.Cells) {
		if c.Load > 0 {
			continue
		}
		if d := n.distance(c, given); d < least {
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

// aspect is one number in which a cell may differ from what is needed.
type aspect struct {
	flag         string
	asked, there float64
	text         func(float64) string
}

func (n needs) aspects(c results.Cell) []aspect {
	plain := func(v float64) string { return fmt.Sprintf("%g", v) }
	all := []aspect{
		{"producers", float64(n.producers), float64(c.Producers), plain},
		{"payload", float64(n.payload), float64(c.Payload), results.Bytes},
		{"consumer-cost", float64(n.cost), float64(c.ConsumerCostNs), func(v float64) string { return time.Duration(v).String() }},
		{"send-batch", float64(n.sendBatch), float64(c.SendBatch), plain},
		{"busy", float64(n.busy), float64(c.Busy), plain},
	}
	if n.rate > 0 && c.Rate > 0 {
		all = append(all, aspect{"rate", n.rate, c.Rate, results.PerSecond})
	}
	return all
}

// distance says how far a cell is from what is needed: the doublings in what was
// given, and as far as it can be for another kind of load.
func (n needs) distance(c results.Cell, given func(string) bool) float64 {
	d := 0.0
	for _, a := range n.aspects(c) {
		if given(a.flag) {
			d += math.Abs(math.Log2((a.asked + 1) / (a.there + 1)))
		}
	}
	const otherKind, otherCompany, disturbed, otherArrival = 1000, 100, 10, 1
	switch {
	case given("rate") && c.Rate == 0:
		d += otherKind
	case given("arrival") && c.Arrival != n.arrival:
		d += otherArrival
	}
	if n.busy != c.Busy {
		d += otherCompany
	} else if n.otherNeighbours(c) {
		d += disturbed
	}
	if c.Overload > 0 || c.StallNs > 0 || c.BatchDeadlineNs > 0 || c.Item != "" || c.Allocation != "" {
		d += disturbed
	}
	return d
}

// otherNeighbours reports whether a cell's neighbours do something else than those of
// the workload, where both have some.
func (n needs) otherNeighbours(c results.Cell) bool {
	return n.busy > 0 && c.Busy > 0 && n.busyKind != cmp.Or(c.BusyKind, results.BusySpin)
}

// mismatches says what of what was given the cells, which are of one workload, do
// not have.
func (n needs) mismatches(group []results.Cell, given func(string) bool) []string {
	c := group[0]
	var notes []string
	for _, a := range n.aspects(c) {
		if given(a.flag) && a.asked != a.there {
			notes = append(notes, fmt.Sprintf("--%s %s does not match: the run has %s", a.flag, a.text(a.asked), a.text(a.there)))
		}
	}
	if given("rate") && c.Rate == 0 {
		notes = append(notes, fmt.Sprintf("--rate %s does not match: the run's producers send as fast as it goes", results.PerSecond(n.rate)))
	} else if given("arrival") && c.Arrival != n.arrival {
		notes = append(notes, fmt.Sprintf("--arrival %s does not match: the run has %s", n.arrival, c.Arrival))
	}
	for _, c := range group {
		if given("capacity") && c.Capacity != 0 && (c.Capacity != n.capacity.Items || c.CapacityOf != n.capacity.Of) {
			notes = append(notes, fmt.Sprintf("--capacity %d does not match: the run has %d", n.capacity.Items, c.Capacity))
			break
		}
	}
	if n.otherNeighbours(c) {
		notes = append(notes, fmt.Sprintf("--busy-kind %s does not match: the run has %s", n.busyKind, cmp.Or(c.BusyKind, results.BusySpin)))
	}
	unasked := []string{"overload", "stall", "batch-deadline", "item", "allocation"}
	if !given("busy") {
		unasked = append(unasked, "busy", "busy-kind")
	}
	for _, p := range results.Parameters() {
		if v := p.Value(c); v != "" && slices.Contains(unasked, p.Name) {
			notes = append(notes, fmt.Sprintf("the run has --%s %s, which was not asked for", p.Name, v))
		}
	}
	return notes
}
