package scenario

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Plan is a scenario multiplied out: the cells, and how often to run each.
type Plan struct {
	Cells []results.Cell // in the order of tables: strategies as registered, then as listed
	Reps  int            // blocks
	Fewer results.Fewer  // cells that are not in each block
	Seed  uint64

	MemoryLimit Size // of a trial; 0: none

	Expect []results.FailureKind // trials that end so show what the scenario is to show
}

// maxTrials bounds a plan: more would be a typing error.
const maxTrials = 1_000_000

// NewPlan multiplies a scenario out over the known strategies. Parameters that
// do not concern a strategy - a capacity of an unbounded one, lanes of one that
// has none - are left out of its cells, so that no cell appears twice under
// different names. Errors are FieldErrors.
func NewPlan(s Scenario, known []strategies.Strategy, seed uint64) (Plan, error) {
	if err := LimitOf("timeout").Check(int64(s.Timeout)); err != nil {
		return Plan{}, &results.FieldError{Field: "timeout", Err: err}
	}
	if s.Timeout == 0 {
		return Plan{}, results.FieldErrorf("timeout", "%v is not above 0", time.Duration(s.Timeout))
	}
	plan := Plan{Seed: seed, MemoryLimit: s.MemoryLimit}
	var err error
	if plan.Expect, err = s.expected(); err != nil {
		return Plan{}, err
	}
	if err := plan.multiply(s, known); err != nil {
		return Plan{}, err
	}
	if plan.Cells = tidy(plan.Cells, known); len(plan.Cells) == 0 {
		if err := s.nobodyShares(known); err != nil {
			return Plan{}, err
		}
		return Plan{}, s.noCells(known)
	}
	if err := plan.settleSearches(); err != nil {
		return Plan{}, err
	}
	if err := plan.checkTimeout(time.Duration(s.Timeout)); err != nil {
		return Plan{}, err
	}
	return plan, nil
}

// multiply adds the cells of all variants. Of those that several have, the most repetitions
// count.
func (p *Plan) multiply(s Scenario, known []strategies.Strategy) error {
	reps, trials := map[results.Cell]int{}, 0
	for _, variant := range s.variants() {
		if err := LimitOf("reps").Check(int64(variant.Reps)); err != nil {
			return &results.FieldError{Field: "reps", Err: err}
		}
		cells, err := variant.cells(known)
		if err != nil {
			return err
		}
		p.Cells = append(p.Cells, cells...)
		if trials += len(cells) * variant.Reps; trials > maxTrials {
			return results.FieldErrorf("reps", "the variants multiply out to more than %d trials", maxTrials)
		}
		for _, c := range cells {
			reps[c] = max(reps[c], variant.Reps)
			p.Reps = max(p.Reps, variant.Reps)
		}
	}
	p.Fewer = reps
	maps.DeleteFunc(p.Fewer, func(_ results.Cell, n int) bool { return n == p.Reps })
	return nil
}

// nobodyShares returns why the strategies cannot be shared as a scenario says, nil if that
// is not why it has no cells.
func (s Scenario) nobodyShares(known []strategies.Strategy) error {
	for _, variant := range s.variants() {
		chosen, err := pick.Select(variant.Strategies, known)
		if err != nil {
			return err
		}
		for _, strategy := range chosen {
			cells, err := wanted(strategy, variant)
			if err != nil {
				return err
			}
			for _, c := range cells {
				if err := trial.Sharable(strategy, c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// settleSearches leaves the searches that loads refer to, of the strategies that may be
// the baseline that of the one that is. It refuses loads of a baseline that the plan lacks.
func (p *Plan) settleSearches() error {
	run := results.Manifest{Cells: p.Cells}
	own := map[string]bool{} // the strategies with loads of their own
	ofBaseline := false
	for _, c := range p.Cells {
		if c.Load > 0 && c.LoadOf == "" {
			own[c.Strategy] = true
		}
		ofBaseline = ofBaseline || c.LoadOf == results.LoadOfBaseline
	}
	baseline := run.Baseline()
	if ofBaseline && !slices.ContainsFunc(p.Cells, func(c results.Cell) bool { return c.Strategy == baseline }) {
		return results.FieldErrorf("load-of", "the loads are shares of the saturation rate of a baseline, and the strategies have none (one of %s)",
			strings.Join(results.Baselines, ", "))
	}
	p.Cells = slices.DeleteFunc(p.Cells, func(c results.Cell) bool {
		return c.Kind == results.KindSearch && !own[c.Strategy] && (c.Strategy != baseline || !ofBaseline)
	})
	return nil
}

// checkTimeout refuses trials that are abandoned before they can end: a run of them
// takes its time and measures nothing.
func (p Plan) checkTimeout(timeout time.Duration) error {
	if slices.Contains(p.Expect, results.FailureTimeout) {
		return nil
	}
	for _, cell := range p.Cells {
		if lasts := time.Duration(cell.DurationNs); lasts >= timeout {
			return results.FieldErrorf("duration", "%v is not shorter than the timeout of %v, after which a trial is abandoned", lasts, timeout)
		}
	}
	return nil
}

// expected returns the failures that the scenario expects, each once, in the order of
// results.Expectable.
func (s Scenario) expected() ([]results.FailureKind, error) {
	for _, kind := range s.Expect {
		if !slices.Contains(expectable(), kind) {
			return nil, &results.FieldError{Field: "expect", Err: pick.Unknown("failure", kind, expectable())}
		}
	}
	return slices.DeleteFunc(results.Expectable(), func(kind results.FailureKind) bool {
		return !slices.Contains(s.Expect, string(kind))
	}), nil
}

// tidy removes cells that are there already, and puts those of a strategy
// together, in the order of the registry.
func tidy(cells []results.Cell, known []strategies.Strategy) []results.Cell {
	seen := make(map[results.Cell]bool, len(cells))
	cells = slices.DeleteFunc(cells, func(c results.Cell) bool {
		twice := seen[c]
		seen[c] = true
		return twice
	})
	place := make(map[string]int, len(known))
	for i, s := range known {
		place[s.Name] = i
	}
	slices.SortStableFunc(cells, func(a, b results.Cell) int { return place[a.Strategy] - place[b.Strategy] })
	return cells
}

// cells multiplies out a scenario, its variants aside. The floor of strategies that are
// named comes along, but for loops at the pace of somebody's work: that pace is their floor.
func (s Scenario) cells(known []strategies.Strategy) ([]results.Cell, error) {
	chosen, err := pick.Select(s.Strategies, known)
	if err != nil {
		return nil, &results.FieldError{Field: "strategies", Err: err}
	}
	if err := s.checkSize(len(chosen)); err != nil {
		return nil, err
	}
	var all []results.Cell
	for _, strategy := range chosen {
		cells, err := cellsOf(strategy, s)
		if err != nil {
			return nil, err
		}
		if strategy.Floor && len(s.Strategies) > 0 && !slices.Contains(s.Strategies, strategy.Name) {
			cells = slices.DeleteFunc(cells, trial.IsPaced)
		}
		all = append(all, cells...)
	}
	return all, nil
}

// checkSize refuses a scenario that multiplies out beyond maxTrials, before it
// is. It blames the longest list.
func (s Scenario) checkSize(strategies int) error {
	trials := int64(strategies) * int64(s.Reps)
	longest, key := 1, "reps"
	for _, group := range groups() {
		n := 0
		for _, p := range group {
			n += len(s.Values[p.Name])
		}
		if n > longest {
			longest, key = n, group[0].Name
		}
		trials = min(trials*int64(max(1, n)), 2*maxTrials) // never more than an int64 holds
	}
	if trials > maxTrials {
		return results.FieldErrorf(key, "the lists multiply out to more than %d trials; this is the longest, with %s", maxTrials, units.Plural(longest, "value"))
	}
	return nil
}

// Slot is one trial's place in a plan.
type Slot struct {
	Cell            results.Cell
	Block, Position int
	Seed            uint64
}

// SitsWith reports whether two trials are to run side by side: those of a block whose
// cells differ in nothing but the strategy, and what concerns only some.
func (s Slot) SitsWith(other Slot) bool {
	return s.Block == other.Block && s.Cell.Shared() == other.Cell.Shared()
}

// Slots returns every trial of the plan in the order of execution: searches, in
// blocks of their own, come first, because loads refer to what they find. Within a block
// the trials that are compared with each other follow each other; their groups are in an
// order that is drawn, and so are the trials of a group. Equal plans give equal orders.
func (p Plan) Slots() []Slot {
	slots := make([]Slot, 0, p.Trials())
	var searches, others [][]results.Cell
	at := make(map[results.Cell]int)
	for _, cell := range p.Cells {
		groups := &others
		if cell.Kind == results.KindSearch {
			groups = &searches
		}
		key := cell.Shared()
		if _, seen := at[key]; !seen {
			at[key] = len(*groups)
			*groups = append(*groups, nil)
		}
		(*groups)[at[key]] = append((*groups)[at[key]], cell)
	}
	for phase, groups := range [][][]results.Cell{searches, others} {
		for block := range p.Reps {
			random := rand.New(rand.NewPCG(p.Seed+uint64(phase), uint64(block)))
			position := 0
			for _, g := range random.Perm(len(groups)) {
				for _, i := range random.Perm(len(groups[g])) {
					if !results.InBlock(block, p.Fewer.Of(groups[g][i], p.Reps), p.Reps) {
						continue
					}
					slots = append(slots, Slot{groups[g][i], block, position, SeedFrom(random)})
					position++
				}
			}
		}
	}
	return slots
}

// Describe says what the plan comes to.
func (p Plan) Describe() string {
	m := p.manifest()
	each := m.Repetitions()
	if len(p.Cells) > 1 {
		each += " each"
	}
	return fmt.Sprintf("%s, %s: %s, seed %d", units.Plural(len(p.Cells), "cell"), each, units.Plural(p.Trials(), "trial"), p.Seed)
}

// Trials returns how many trials the plan has.
func (p Plan) Trials() int {
	m := p.manifest()
	return m.Planned()
}

// manifest is what a run directory says of the plan's repetitions.
func (p Plan) manifest() results.Manifest {
	m := results.Manifest{Cells: p.Cells, Reps: p.Reps}
	m.SetFewer(p.Fewer)
	return m
}
