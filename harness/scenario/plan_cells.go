package scenario

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

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
		if err := CheckCell(c); err != nil {
			return nil, err
		}
		if _, err := trial.Options(c, d); err != nil {
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
			return nil, &results.FieldError{Field: "item", Err: pick.Unknown("item", v, results.Items())}
		}
	}
	for _, v := range s.Allocation {
		if !slices.Contains(results.Allocations(), v) {
			return nil, &results.FieldError{Field: "allocation", Err: pick.Unknown("allocation", v, results.Allocations())}
		}
	}
	hasPayload := func(c *results.Cell) bool { return c.Payload != results.MinPayload && c.Kind != results.KindProbe }
	cells = multiply(cells, s.Payload, func(c *results.Cell, v int) { c.Payload = v })
	cells = multiply(cells, s.Item, func(c *results.Cell, v string) {
		if v != results.ItemPointer && hasPayload(c) {
			c.Item = v
		}
	})
	return multiply(cells, s.Allocation, func(c *results.Cell, v string) {
		if v != results.AllocationSlab && hasPayload(c) && c.Item == "" && c.Payload < trial.SlabBytes {
			c.Allocation = v
		}
	}), nil
}

// carriedBy leaves out the cells whose items the strategy does not carry. None
// left is an error: the strategy was asked for what it cannot do.
func carriedBy(strategy strategies.Strategy, cells []results.Cell) ([]results.Cell, error) {
	var lacking error
	able := slices.DeleteFunc(cells, func(c results.Cell) bool {
		err := trial.Carries(strategy, c)
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
		return nil, &results.FieldError{Field: "cost-kind", Err: pick.Unknown("kind", s.CostKind, results.CostKinds())}
	}
	if len(s.Stages) > 0 {
		if d.Floor || d.Lossy { // one carries nothing from stage to stage, the other lets the first run away from the last
			return nil, nil
		}
		base.Stages = results.NewStages(s.Stages...)
	}
	if s.CostKind != results.CostSpin && (base.ConsumerCostNs+base.BatchCostNs > 0 || !base.Stages.IsZero()) {
		base.CostKind = s.CostKind
	}
	var cells []results.Cell
	if s.Probe && !d.Floor { // the floor has nothing to wake
		cells = append(cells, results.Cell{
			Strategy: d.Name, Arrival: results.ArrivalClosed, Kind: results.KindProbe, DurationNs: int64(DefaultDuration),
		})
	}
	for _, arrival := range s.Arrival {
		base.Arrival = arrival
		if !slices.Contains(results.Arrivals(), arrival) {
			return nil, &results.FieldError{Field: "arrival", Err: pick.Unknown("arrival", arrival, results.Arrivals())}
		}
		if arrival == results.ArrivalClosed {
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
		return nil, results.FieldErrorf("rate", "arrival %q needs one: messages per second of all producers together", base.Arrival)
	}
	if s.Messages > 0 {
		return nil, results.FieldErrorf("messages", "arrival %q lasts for a duration; its rate decides the count", base.Arrival)
	}
	cells := multiply([]results.Cell{base}, s.Rate, func(c *results.Cell, v float64) { c.Rate, c.Overload = v, s.Overload })
	cells = append(cells, multiply([]results.Cell{base}, s.Load, func(c *results.Cell, v float64) { c.Load, c.Overload = v, s.Overload })...)
	if len(s.Load) > 0 {
		cells = append(cells, SearchFor(base))
	}
	return cells, nil
}

// SearchFor returns the search cell whose saturation rate a load cell is a share
// of.
func SearchFor(cell results.Cell) results.Cell {
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
			return nil, &results.FieldError{Field: "policy", Err: err}
		}
		if d.Offers(policy) || d.Floor {
			offered = append(offered, policy)
		}
	}
	if len(offered) == 0 {
		return nil, results.FieldErrorf("policy", "strategy %q (%s) offers none of %s", d.Name, d.Bound, strings.Join(names, ", "))
	}
	return offered, nil
}

// shape gives a scenario's load cells the shapes of its load: who sends how much
// of it, and what comes between.
func shape(cells []results.Cell, s Scenario) []results.Cell {
	var shaped []results.Cell
	for _, cell := range cells {
		switch {
		case cell.Kind == results.KindProbe:
			shaped = append(shaped, cell)
			continue
		case cell.Arrival == results.ArrivalBurst:
			cell.BurstPeriodNs = int64(s.BurstPeriod)
		case cell.Arrival == results.ArrivalClosed:
			cell.PauseNs, cell.PauseEvery = int64(s.Pause.For), s.Pause.Every
		}
		if len(s.HotShare)+len(s.Zipf) == 0 {
			shaped = append(shaped, cell)
			continue
		}
		shaped = append(shaped, multiply([]results.Cell{cell}, s.HotShare, func(c *results.Cell, v float64) { c.HotShare = v })...)
		shaped = append(shaped, multiply([]results.Cell{cell}, s.Zipf, func(c *results.Cell, v float64) { c.Zipf = v })...)
	}
	return shaped
}

// besideNeighbours multiplies cells by the neighbours that a scenario has. What they
// do does not concern a cell without; and a fan-in at rest has none, as their time
// would be taken for its own.
func besideNeighbours(cells []results.Cell, s Scenario) ([]results.Cell, error) {
	for _, v := range s.BusyKind {
		if !slices.Contains(results.BusyKinds(), v) {
			return nil, &results.FieldError{Field: "busy-kind", Err: pick.Unknown("kind", v, results.BusyKinds())}
		}
	}
	cells = multiply(cells, s.Busy, func(c *results.Cell, v int) {
		if c.Kind != results.KindProbe {
			c.Busy = v
		}
	})
	return multiply(cells, s.BusyKind, func(c *results.Cell, v string) {
		if v != results.BusySpin && c.Busy > 0 {
			c.BusyKind = v
		}
	}), nil
}
