package harness

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Plan is a scenario multiplied out: the cells, and how often to run each.
type Plan struct {
	Cells []results.Cell // in the order of tables: strategies as registered, then as listed
	Reps  int
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
	if err := LimitOf("reps").Check(int64(s.Reps)); err != nil {
		return Plan{}, &FieldError{"reps", err}
	}
	if err := LimitOf("timeout").Check(int64(s.Timeout)); err != nil {
		return Plan{}, &FieldError{"timeout", err}
	}
	if s.Timeout == 0 {
		return Plan{}, fieldErrorf("timeout", "%v is not above 0", time.Duration(s.Timeout))
	}
	plan := Plan{Reps: s.Reps, Seed: seed, MemoryLimit: s.MemoryLimit}
	var err error
	if plan.Expect, err = s.expected(); err != nil {
		return Plan{}, err
	}
	for _, variant := range s.variants() {
		cells, err := variant.cells(known)
		if err != nil {
			return Plan{}, err
		}
		if plan.Cells = append(plan.Cells, cells...); len(plan.Cells)*plan.Reps > maxTrials {
			return Plan{}, fieldErrorf("reps", "the variants multiply out to more than %d trials", maxTrials)
		}
	}
	if plan.Cells = tidy(plan.Cells, known); len(plan.Cells) == 0 {
		return Plan{}, fieldErrorf("stages", "no strategy can be a stage: the harness floor carries nothing, and senders of lossy strategies never wait")
	}
	return plan, nil
}

// expected returns the failures that the scenario expects, each once, in the order of
// results.Expectable.
func (s Scenario) expected() ([]results.FailureKind, error) {
	for _, kind := range s.Expect {
		if !slices.Contains(expectable(), kind) {
			return nil, &FieldError{"expect", unknownName("failure", kind, expectable())}
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

// cells multiplies out a scenario, its variants aside.
func (s Scenario) cells(known []strategies.Strategy) ([]results.Cell, error) {
	names := s.Strategies
	if s.opens() { // the floor's times are the pacer's own error
		names = withFloor(names, known)
	}
	chosen, err := Select(names, known)
	if err != nil {
		return nil, &FieldError{"strategies", err}
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
		all = append(all, cells...)
	}
	return all, nil
}

// checkSize refuses a scenario that multiplies out beyond maxTrials, before it
// is. It blames the longest list.
func (s Scenario) checkSize(strategies int) error {
	trials := int64(strategies) * int64(s.Reps)
	longest, key := 1, "reps"
	for _, list := range []struct {
		key string
		n   int
	}{
		{"arrival", len(s.Arrival)},
		{"rate", len(s.Rate) + len(s.Load)},
		{"producers", len(s.Producers)},
		{"hot-share", len(s.HotShare) + len(s.Zipf)},
		{"payload", len(s.Payload)},
		{"item", len(s.Item)},
		{"allocation", len(s.Allocation)},
		{"capacity", len(s.Capacity)},
		{"policy", len(s.Policy)},
		{"lanes", len(s.Lanes)},
		{"sink", len(s.Sink)},
		{"sink-write", len(s.SinkWrite)},
		{"sink-frame", len(s.SinkFrame)},
		{"send-batch", len(s.SendBatch)},
		{"recv-batch", len(s.RecvBatch)},
		{"batch-deadline", len(s.BatchDeadline)},
		{"gomaxprocs", len(s.GOMAXPROCS)},
		{"busy", len(s.Busy)},
		{"busy-kind", len(s.BusyKind)},
	} {
		if list.n > longest {
			longest, key = list.n, list.key
		}
		trials = min(trials*int64(max(1, list.n)), 2*maxTrials) // never more than an int64 holds
	}
	if trials > maxTrials {
		return fieldErrorf(key, "the lists multiply out to more than %d trials; this is the longest, with %s", maxTrials, units.Plural(longest, "value"))
	}
	return nil
}

// withFloor adds the harness floor to a choice of strategies.
func withFloor(names []string, known []strategies.Strategy) []string {
	for _, s := range known {
		if s.Floor && len(names) > 0 {
			names = append(slices.Clone(names), s.Name)
		}
	}
	return names
}

// cellsOf multiplies out what concerns one strategy.
func cellsOf(strategy strategies.Strategy, s Scenario) ([]results.Cell, error) {
	d := strategy.Descriptor
	policies, err := policiesOf(d, s.Policy)
	if err != nil {
		return nil, err
	}
	cells, err := loadsOf(d, s)
	if err != nil {
		return nil, err
	}
	cells = multiply(cells, s.Producers, func(c *results.Cell, v int) { c.Producers = v })
	if cells, err = itemsOf(cells, s); err != nil {
		return nil, err
	}
	cells = multiply(cells, s.Capacity, func(c *results.Cell, v Capacity) {
		if d.Bound.HasCapacity() {
			c.Capacity, c.CapacityOf = v.Items, v.Of
			if v.Items == 0 {
				c.Capacity = strategies.DefaultCapacity
			}
		}
	})
	cells = multiply(cells, policies, func(c *results.Cell, v strategies.Policy) {
		if d.Bound != strategies.Unbounded {
			c.Policy = v.String()
		}
	})
	cells = multiply(cells, s.Lanes, func(c *results.Cell, v int) {
		if d.Lanes {
			c.Lanes = v
		}
	})
	cells = multiply(cells, s.SendBatch, func(c *results.Cell, v int) { c.SendBatch = v })
	cells = multiply(cells, s.RecvBatch, func(c *results.Cell, v int) { c.RecvBatch = v })
	cells = multiply(cells, s.BatchDeadline, func(c *results.Cell, v time.Duration) {
		if c.Kind != results.KindProbe { // it sends one item at a time
			c.BatchDeadlineNs = int64(v)
		}
	})
	cells = sinksOf(cells, s)
	cells = multiply(cells, s.GOMAXPROCS, func(c *results.Cell, v int) {
		if c.GOMAXPROCS = v; v == 0 {
			c.GOMAXPROCS = runtime.GOMAXPROCS(0)
		}
	})
	if cells, err = besideNeighbours(cells, s); err != nil {
		return nil, err
	}
	for _, c := range cells {
		if err := checkCell(c); err != nil {
			return nil, err
		}
		if _, err := capacityFor(c, d); err != nil {
			return nil, err
		}
	}
	return carriedBy(strategy, cells)
}

// itemsOf multiplies cells by what a scenario sends. The bare word is its own
// payload: how to carry or allocate one does not concern it, nor how to allocate
// one that is carried by value, or is as large as what is allocated at a time.
func itemsOf(cells []results.Cell, s Scenario) ([]results.Cell, error) {
	for _, v := range s.Item {
		if !slices.Contains(results.Items(), v) {
			return nil, &FieldError{"item", unknownName("item", v, results.Items())}
		}
	}
	for _, v := range s.Allocation {
		if !slices.Contains(results.Allocations(), v) {
			return nil, &FieldError{"allocation", unknownName("allocation", v, results.Allocations())}
		}
	}
	hasPayload := func(c *results.Cell) bool { return c.Payload != MinPayload && c.Kind != results.KindProbe }
	cells = multiply(cells, s.Payload, func(c *results.Cell, v int) { c.Payload = v })
	cells = multiply(cells, s.Item, func(c *results.Cell, v string) {
		if v != results.ItemPointer && hasPayload(c) {
			c.Item = v
		}
	})
	return multiply(cells, s.Allocation, func(c *results.Cell, v string) {
		if v != results.AllocationSlab && hasPayload(c) && c.Item == "" && c.Payload < slabBytes {
			c.Allocation = v
		}
	}), nil
}

// carriedBy leaves out the cells whose items the strategy does not carry. None
// left is an error: the strategy was asked for what it cannot do.
func carriedBy(strategy strategies.Strategy, cells []results.Cell) ([]results.Cell, error) {
	var lacking error
	able := slices.DeleteFunc(cells, func(c results.Cell) bool {
		_, err := messageConstructor(strategy, c)
		lacking = cmp.Or(err, lacking)
		return err != nil
	})
	if len(able) == 0 {
		return nil, lacking
	}
	return able, nil
}

// sinksOf multiplies cells by the sinks that a scenario has. How to write to one
// does not concern a cell without.
func sinksOf(cells []results.Cell, s Scenario) []results.Cell {
	cells = multiply(cells, s.Sink, func(c *results.Cell, v string) {
		if v != results.SinkDiscard && c.Kind != results.KindProbe {
			c.Sink = v
		}
	})
	cells = multiply(cells, s.SinkWrite, func(c *results.Cell, v string) {
		if c.Sink != "" {
			c.SinkWrite = v
		}
	})
	return multiply(cells, s.SinkFrame, func(c *results.Cell, v string) {
		if c.Sink != "" && v != results.FrameItem {
			c.SinkFrame = v
		}
	})
}

// loadsOf returns a cell for each way in which the scenario loads a strategy, with
// nothing else set.
func loadsOf(d strategies.Descriptor, s Scenario) ([]results.Cell, error) {
	base := results.Cell{
		Strategy: d.Name, ConsumerCostNs: int64(s.ConsumerCost), BatchCostNs: int64(s.BatchCost),
		StallNs: int64(s.Stall.For), StallEveryNs: int64(s.Stall.Every),
		DurationNs: int64(s.Duration), Messages: s.Messages,
	}
	if s.CostKind != "" && !slices.Contains(results.CostKinds(), s.CostKind) {
		return nil, &FieldError{"cost-kind", unknownName("kind", s.CostKind, results.CostKinds())}
	}
	if len(s.Stages) > 0 {
		if d.Floor || d.Lossy { // one carries nothing from stage to stage, the other lets the first run away from the last
			return nil, nil
		}
		base.Stages = results.JoinStages(s.Stages)
	}
	if s.CostKind != results.CostSpin && (base.ConsumerCostNs+base.BatchCostNs > 0 || base.Stages != "") {
		base.CostKind = s.CostKind
	}
	var cells []results.Cell
	if s.Probe && !d.Floor { // the floor has nothing to wake
		cells = append(cells, results.Cell{
			Strategy: d.Name, Arrival: ArrivalClosed, Kind: results.KindProbe, DurationNs: int64(DefaultDuration),
		})
	}
	for _, arrival := range s.Arrival {
		base.Arrival = arrival
		if !slices.Contains(Arrivals(), arrival) {
			return nil, &FieldError{"arrival", unknownName("arrival", arrival, Arrivals())}
		}
		if arrival == ArrivalClosed {
			cells = append(cells, base)
			continue
		}
		offers, err := offersOf(base, s)
		if err != nil {
			return nil, err
		}
		cells = append(cells, offers...)
	}
	return shape(cells, s), nil
}

// offersOf returns an open loop's cells: one for each rate, one for each load,
// and the search that the loads refer to.
func offersOf(base results.Cell, s Scenario) ([]results.Cell, error) {
	if len(s.Rate)+len(s.Load) == 0 {
		return nil, fieldErrorf("rate", "arrival %q needs a rate in messages per second of all producers together", base.Arrival)
	}
	if s.Messages > 0 {
		return nil, fieldErrorf("messages", "arrival %q lasts for a duration; its rate decides the count", base.Arrival)
	}
	cells := multiply([]results.Cell{base}, s.Rate, func(c *results.Cell, v float64) { c.Rate, c.Overload = v, s.Overload })
	cells = append(cells, multiply([]results.Cell{base}, s.Load, func(c *results.Cell, v float64) { c.Load, c.Overload = v, s.Overload })...)
	if len(s.Load) > 0 {
		cells = append(cells, searchFor(base))
	}
	return cells, nil
}

// searchFor returns the search cell whose saturation rate a load cell is a share
// of.
func searchFor(cell results.Cell) results.Cell {
	cell.Kind, cell.Rate, cell.Load, cell.Overload = results.KindSearch, 0, 0, 0
	cell.StallNs, cell.StallEveryNs = 0, 0
	return cell
}

// multiply returns every cell once with every value.
func multiply[V any](cells []results.Cell, values []V, set func(*results.Cell, V)) []results.Cell {
	out := make([]results.Cell, 0, len(cells)*len(values))
	for _, cell := range cells {
		for _, v := range values {
			one := cell // set may leave it as it is
			set(&one, v)
			out = append(out, one)
		}
	}
	return out
}

// policiesOf returns the wanted policies that the strategy offers. None is an
// error: the strategy was asked for what it cannot do.
func policiesOf(d strategies.Descriptor, names []string) ([]strategies.Policy, error) {
	if len(names) == 0 {
		return []strategies.Policy{d.DefaultPolicy()}, nil
	}
	var offered []strategies.Policy
	for _, name := range names {
		policy, err := strategies.ParsePolicy(name)
		if err != nil {
			return nil, &FieldError{"policy", err}
		}
		if d.Offers(policy) || d.Floor {
			offered = append(offered, policy)
		}
	}
	if len(offered) == 0 {
		return nil, fieldErrorf("policy", "strategy %q (%s) offers none of %s", d.Name, d.Bound, strings.Join(names, ", "))
	}
	return offered, nil
}

// Slot is one trial's place in a plan.
type Slot struct {
	Cell            results.Cell
	Block, Position int
	Seed            uint64
}

// Slots returns every trial of the plan in the order of execution: searches, in
// blocks of their own, come first, because loads refer to what they find. Equal
// plans give equal orders.
func (p Plan) Slots() []Slot {
	slots := make([]Slot, 0, len(p.Cells)*p.Reps)
	var searches, others []results.Cell
	for _, cell := range p.Cells {
		if cell.Kind == results.KindSearch {
			searches = append(searches, cell)
		} else {
			others = append(others, cell)
		}
	}
	for phase, cells := range [][]results.Cell{searches, others} {
		for block := range p.Reps {
			random := rand.New(rand.NewPCG(p.Seed+uint64(phase), uint64(block)))
			for position, i := range random.Perm(len(cells)) {
				slots = append(slots, Slot{cells[i], block, position, seedFrom(random)})
			}
		}
	}
	return slots
}

// Describe says what the plan comes to.
func (p Plan) Describe() string {
	return fmt.Sprintf("%d cells x %d repetitions = %d trials, seed %d", len(p.Cells), p.Reps, len(p.Cells)*p.Reps, p.Seed)
}
