package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// needs is a workload and what it asks of a strategy.
type needs struct {
	producers int
	rate      float64 // messages per second; 0 is as fast as it goes
	arrival   string  // at a rate
	payload   harness.Size
	cost      time.Duration // of the consumer, per message
	sendBatch int
	busy      int    // neighbours
	busyKind  string // what they do: of results.BusyKinds
	capacity  harness.Capacity

	loss       harness.Strings // as given
	policies   []string        // that loss allows
	memory     harness.Size
	order      string
	strategies harness.Strings

	weighed map[results.Cell]harness.Occupied // what was measured of cells, each without its policy
}

// Words of the flags that are not policies.
const (
	lossNone         = "none"
	orderPerProducer = "per-producer"
	orderGlobal      = "global"
)

// check finds wrong values, and reads what loss allows.
func (n *needs) check() error {
	if n.order != orderPerProducer && n.order != orderGlobal {
		return usageErrorf("--order: unknown order %q (one of %s, %s)", n.order, orderPerProducer, orderGlobal)
	}
	if n.rate > 0 && (n.arrival == results.ArrivalClosed || !slices.Contains(results.Arrivals(), n.arrival)) {
		others := slices.DeleteFunc(results.Arrivals(), func(a string) bool { return a == results.ArrivalClosed })
		return usageErrorf("--arrival: unknown arrival %q (one of %s)", n.arrival, strings.Join(others, ", "))
	}
	if n.busy < 0 || n.busy > harness.MaxBusy {
		return usageErrorf("--busy: %d is not in 0..%d", n.busy, harness.MaxBusy)
	}
	if n.busy > 0 && !slices.Contains(results.BusyKinds(), n.busyKind) {
		return usageErrorf("--busy-kind: unknown kind %q (one of %s)", n.busyKind, strings.Join(results.BusyKinds(), ", "))
	}
	n.weighed = map[results.Cell]harness.Occupied{}
	words := harness.Policies()
	words[0] = lossNone // to block loses none
	n.policies = nil
	for _, loss := range n.loss {
		switch {
		case loss == lossNone:
			n.policies = append(n.policies, strategies.Block.String())
		case slices.Contains(words, loss):
			n.policies = append(n.policies, loss)
		default:
			return usageErrorf("--loss: unknown loss %q (one of %s)", loss, strings.Join(words, ", "))
		}
	}
	if len(n.policies) == 0 {
		return usageErrorf("--loss: a name is needed (one of %s)", strings.Join(words, ", "))
	}
	return nil
}

// scenario is the workload as something to run.
func (n needs) scenario() harness.Scenario {
	var s harness.Scenario
	s.Name = "recommend"
	s.Strategies, s.Producers, s.Payload = n.strategies, harness.Ints{n.producers}, harness.Sizes{int(n.payload)}
	s.Capacity, s.Policy, s.SendBatch = harness.Capacities{n.capacity}, harness.Policies(), harness.Ints{n.sendBatch}
	s.ConsumerCost = harness.Duration(n.cost)
	if n.busy > 0 {
		s.Busy, s.BusyKind = harness.Ints{n.busy}, harness.Strings{n.busyKind}
	}
	s.Arrival = harness.Strings{results.ArrivalClosed}
	if n.rate > 0 {
		s.Arrival, s.Rate = harness.Strings{n.arrival}, harness.Rates{n.rate}
	}
	s.MemoryLimit = harness.Size(harness.DefaultMemoryLimit())
	return s.WithDefaults()
}

// exclusion is a strategy that was not measured, or not ranked, and why.
type exclusion struct {
	Strategy string `json:"strategy"`
	Why      string `json:"why"`
}

// candidates returns the cells that meet the guarantees, with those of the floor,
// and why the other strategies have none. An error is about a field.
func (n needs) candidates(known []strategies.Strategy) ([]results.Cell, []exclusion, error) {
	plan, err := harness.NewPlan(n.scenario(), known, 0)
	if err != nil {
		return nil, nil, err
	}
	chosen := planned(known, plan.Cells)
	fit, excluded := n.sort(plan.Cells, chosen, known)
	return fit, excluded, nil
}

// sort divides cells into those that meet the guarantees and the rest, of which it
// names the strategies that are left with none.
func (n needs) sort(cells []results.Cell, described []results.Strategy, known []strategies.Strategy) (fit []results.Cell, out []exclusion) {
	for _, s := range described {
		var whys []string
		fits := false
		for _, c := range cells {
			if c.Strategy != s.Name {
				continue
			}
			why := ""
			if !s.Floor {
				why = n.unfit(s, c, known)
			}
			if why == "" {
				fit, fits = append(fit, c), true
			} else if !slices.Contains(whys, why) {
				whys = append(whys, why)
			}
		}
		if !fits && len(whys) > 0 {
			out = append(out, exclusion{s.Name, strings.Join(whys, "; ")})
		}
	}
	return fit, out
}

// unfit says why a cell cannot give what is needed, or nothing if it can.
func (n needs) unfit(s results.Strategy, c results.Cell, known []strategies.Strategy) string {
	for _, promise := range n.promises() {
		if why, lacks := s.Lacks[string(promise)]; lacks {
			return fmt.Sprintf("does not keep the promise %q: %s", promise, why)
		}
	}
	if n.order == orderGlobal && s.Order != strategies.OrderGlobal.String() {
		return "keeps order " + s.Order + " only"
	}
	if c.Policy != "" && !slices.Contains(n.policies, c.Policy) {
		return fmt.Sprintf("when full it does %s, which --loss %s does not allow", c.Policy, strings.Join(n.loss, ","))
	}
	if n.memory == 0 {
		return ""
	}
	if s.Bound == strategies.Unbounded.String() {
		return "nothing bounds what it holds"
	}
	full, err := n.occupied(c, known)
	switch {
	case err != nil:
		return fmt.Sprintf("what its items occupy cannot be measured: %v", err)
	case full.Bytes > int64(n.memory):
		return fmt.Sprintf("holds %s of %s when full, which occupy %s in the queue as measured: give a smaller --capacity",
			results.Plural(int(full.Items), "item"), results.Bytes(float64(c.Payload)), results.Bytes(float64(full.Bytes)))
	}
	return ""
}

// promises are those that a recommended strategy has to keep: correctness, and
// what was asked for beyond it.
func (n needs) promises() []strategies.Promise {
	all := []strategies.Promise{
		strategies.PromiseExactlyOnce, strategies.PromiseIntact, strategies.PromiseOrder, strategies.PromiseDrain, strategies.PromiseWake,
	}
	if n.memory > 0 {
		all = append(all, strategies.PromiseBound)
	}
	return all
}

// occupied measures, once, what a bounded strategy's cell holds when it is full.
func (n needs) occupied(c results.Cell, known []strategies.Strategy) (harness.Occupied, error) {
	c.Policy = "" // it says what becomes of an item that is not in the queue
	if full, ok := n.weighed[c]; ok {
		return full, nil
	}
	s, err := harness.Find(known, c.Strategy)
	if err != nil {
		return harness.Occupied{}, err
	}
	if s.Word == nil {
		return harness.Occupied{}, errors.New("it is of another program")
	}
	full, err := harness.MeasureOccupied(s, c)
	if err == nil && n.weighed != nil {
		n.weighed[c] = full
	}
	return full, err
}

// The time a trial takes beside its measured part, and what measuring is made of.
const (
	maxBudget     = time.Hour
	trialStart    = 60 * time.Millisecond  // a child, and the calibration of its clock
	offerWarmUp   = 350 * time.Millisecond // three rounds of 100 ms, now and then one more
	busyStart     = 100 * time.Millisecond // neighbours alone, and beginning again in each round
	leastMeasured = 50 * time.Millisecond
	// With seven repetitions the smallest p-value of two samples, 2/3432, stays
	// below Alpha when it is corrected for 80 comparisons; with six, for 20.
	leastReps = 7
	mostReps  = 100
	// trialTimeout ends the trial of a strategy that is far from keeping up.
	trialTimeout = 15 * time.Second
)

// plan makes a plan of the cells that fits the time.
func (f *recommendFlags) plan(known []strategies.Strategy, cells []results.Cell) (harness.Scenario, harness.Plan, error) {
	s := f.needs.scenario()
	// beside returns the time of all trials at so many repetitions without their
	// measured parts, of which a closed loop's warm-up takes as long again.
	beside := func(reps int) time.Duration {
		each := trialStart
		if f.needs.rate > 0 {
			each += offerWarmUp
		}
		if f.needs.busy > 0 {
			each += busyStart
		}
		return each * time.Duration(len(cells)*reps)
	}
	parts := 2
	if f.needs.rate > 0 {
		parts = 1
	}
	measured := func(reps int) time.Duration {
		return (f.budget - beside(reps)) / time.Duration(len(cells)*reps*parts)
	}
	s.Reps = harness.DefaultReps
	for s.Reps < mostReps && measured(s.Reps+1) >= f.needs.longEnough() {
		s.Reps++ // more repetitions tell more than longer ones
	}
	for s.Reps > leastReps && measured(s.Reps) < leastMeasured {
		s.Reps--
	}
	if measured(s.Reps) < leastMeasured {
		need := beside(leastReps) + leastMeasured*time.Duration(len(cells)*leastReps*parts)
		return s, harness.Plan{}, usageErrorf("--for: %v is too short for %d repetitions of %d strategies and policies: give %v or fewer --strategies",
			f.budget, leastReps, rankable(known, cells), need.Round(time.Second)+time.Second)
	}
	s.Duration, s.Timeout = harness.Duration(min(measured(s.Reps), harness.DefaultOffer).Truncate(time.Millisecond)), harness.Duration(trialTimeout)
	plan := harness.Plan{Reps: s.Reps, Seed: f.seed}
	for _, c := range cells {
		c.DurationNs = int64(s.Duration)
		plan.Cells = append(plan.Cells, c)
	}
	return s, plan, nil
}

// longEnough is how long a trial is measured before more repetitions are worth more: a
// closed loop's rate is steady by then, and an open loop has a p99.
func (n needs) longEnough() time.Duration {
	const closed, samples = 250 * time.Millisecond, 1100
	if n.rate == 0 {
		return closed
	}
	return min(harness.DefaultOffer, max(closed, time.Duration(samples/n.rate*float64(time.Second))))
}

// rankable counts the cells that are not the floor's.
func rankable(known []strategies.Strategy, cells []results.Cell) int {
	return len(rankableCells(&results.Manifest{Strategies: planned(known, cells)}, cells))
}
