package advice

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Needs is a workload and what it asks of a strategy.
type Needs struct {
	// Cell is the workload: it has values of those parameters that are asked for, see
	// [scenario.Asked]. A rate of 0 is as fast as it goes, and then nothing arrives.
	results.Cell

	Loss       scenario.Strings // LossNone, and policies
	Memory     scenario.Size    // what a full queue's items may occupy; 0 is no limit
	Order      string           // one of the constants
	Strategies scenario.Strings // names and groups; none are those of the default group
	Delivery   string           // the least that is enough, of Deliveries, of strategies that leave the process; empty: any
	Survives   scenario.Strings // of results.Roles: whose sudden end may cost no message that was confirmed
}

// Deliveries lists what may be asked for, the least first: results.Deliveries, each in a word.
func Deliveries() []string {
	var all []string
	for _, d := range results.Deliveries() {
		all = append(all, strings.ReplaceAll(d, " ", "-"))
	}
	return all
}

// Anything is a workload of which nothing else was said.
func Anything() results.Cell {
	return results.Cell{Producers: 16, Arrival: results.ArrivalPoisson, Payload: results.MinPayload, SendBatch: 1, Processes: 1}
}

// Words of needs that are no policies.
const (
	LossNone         = "none"
	OrderNone        = "none"
	OrderPerProducer = "per-producer"
	OrderGlobal      = "global"
)

// Question is what somebody needs, and the strategies that may give it.
type Question struct {
	Needs
	known    []strategies.Strategy
	policies []string                        // that Loss allows
	weighed  map[results.Cell]trial.Occupied // what was measured of cells, each without its policy
}

// Ask makes a question of needs. An error is a [results.FieldError].
func Ask(n Needs, known []strategies.Strategy) (*Question, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	q := &Question{Needs: n, known: known, weighed: map[results.Cell]trial.Occupied{}}
	words := scenario.Policies()
	words[0] = LossNone // to block loses none
	for _, loss := range n.Loss {
		switch {
		case loss == LossNone:
			q.policies = append(q.policies, strategies.Block.String())
		case slices.Contains(words, loss):
			q.policies = append(q.policies, loss)
		default:
			return nil, wrong("loss", "unknown loss %q (one of %s)", loss, strings.Join(words, ", "))
		}
	}
	if len(q.policies) == 0 {
		return nil, wrong("loss", "it is empty (one of %s)", strings.Join(words, ", "))
	}
	return q, nil
}

// wrong is an error about a parameter.
func wrong(name, format string, args ...any) error {
	return &results.FieldError{Field: name, Err: fmt.Errorf(format, args...)}
}

// check finds wrong values.
func (n Needs) check() error {
	if orders := []string{OrderNone, OrderPerProducer, OrderGlobal}; !slices.Contains(orders, n.Order) {
		return wrong("order", "unknown order %q (one of %s)", n.Order, strings.Join(orders, ", "))
	}
	if n.Rate > 0 && (n.Arrival == results.ArrivalClosed || !slices.Contains(results.Arrivals(), n.Arrival)) {
		others := slices.DeleteFunc(results.Arrivals(), func(a string) bool { return a == results.ArrivalClosed })
		return wrong("arrival", "unknown arrival %q (one of %s)", n.Arrival, strings.Join(others, ", "))
	}
	if all := Deliveries(); n.Delivery != "" && !slices.Contains(all, n.Delivery) {
		return wrong("delivery", "unknown delivery %q (one of %s)", n.Delivery, strings.Join(all, ", "))
	}
	for _, role := range n.Survives {
		if all := results.Roles(); !slices.Contains(all, role) {
			return wrong("survives", "unknown role %q (one of %s)", role, strings.Join(all, ", "))
		}
	}
	return nil
}

// leaves reports whether the producers are to be in other processes than the consumer.
func (n Needs) leaves() bool { return n.Processes > 1 }

// workload is the cell as its load has it: without a rate nothing is due.
func (n Needs) workload() results.Cell {
	c := n.Cell
	if c.Rate == 0 {
		c.Arrival = results.ArrivalClosed
	}
	return c
}

// scenario is the workload as something to run.
func (n Needs) scenario() scenario.Scenario {
	var s scenario.Scenario
	s.Name = "recommend"
	s.Strategies = n.Strategies
	c := n.workload()
	for _, p := range scenario.Asked() {
		if p.Value(c) != "" {
			s.Values.Give(c, p.Name)
		}
	}
	if err := s.Values.Set("policy", strings.Join(scenario.Policies(), ",")); err != nil {
		panic(err) // they are the words that it takes
	}
	s.MemoryLimit = scenario.Size(machine.DefaultMemoryLimit())
	return s.WithDefaults()
}

// Exclusion is a strategy that was not measured, or not ranked, and why.
type Exclusion struct {
	Strategy string `json:"strategy"`
	Why      string `json:"why"`
}

// candidates returns the cells that meet the guarantees, with those of the floor,
// and why the other strategies have none. An error is about a field.
func (q *Question) candidates() ([]results.Cell, []Exclusion, error) {
	plan, err := scenario.NewPlan(q.scenario(), q.known, 0)
	if err != nil {
		return nil, nil, err
	}
	fit, excluded := q.sort(plan.Cells, harness.DescribeIn(plan.Cells, q.known))
	return fit, excluded, nil
}

// sort divides cells into those that meet the guarantees and the rest, of which it
// names the strategies that are left with none.
func (q *Question) sort(cells []results.Cell, described []results.Strategy) (fit []results.Cell, out []Exclusion) {
	for _, s := range described {
		var whys []string
		fits := false
		for _, c := range cells {
			if c.Strategy != s.Name {
				continue
			}
			why := ""
			if !s.Floor && !q.within(c) {
				why = q.unfit(s, c)
			}
			if why == "" {
				fit, fits = append(fit, c), true
			} else if !slices.Contains(whys, why) {
				whys = append(whys, why)
			}
		}
		if !fits && len(whys) > 0 {
			out = append(out, Exclusion{s.Name, strings.Join(whys, "; ")})
		}
	}
	return fit, out
}

// within reports whether a cell is what leaving the process is held against: a channel, whose
// producers are in the process of the consumer.
func (q *Question) within(c results.Cell) bool {
	return q.leaves() && c.Processes == 0 && slices.Contains(results.Baselines, c.Strategy)
}

// unfit says why a cell cannot give what is needed, or nothing if it can.
func (q *Question) unfit(s results.Strategy, c results.Cell) string {
	if why := q.unfitBeyond(s, c); why != "" {
		return why
	}
	for _, promise := range q.promises() {
		if why, lacks := s.Lacks[string(promise)]; lacks {
			return fmt.Sprintf("does not promise %s: %s", promise, why)
		}
	}
	if q.Order == OrderGlobal && s.Order != strategies.OrderGlobal.String() {
		return "keeps order " + s.Order + " only"
	}
	if q.Order == OrderPerProducer && !q.keepsOrder(s, c) {
		return "keeps no order between two items of a goroutine whose handle is not its own for life"
	}
	if c.Policy != "" && !slices.Contains(q.policies, c.Policy) {
		return fmt.Sprintf("has the overflow policy %s, which --loss %s excludes", c.Policy, strings.Join(q.Loss, ","))
	}
	if q.Memory == 0 {
		return ""
	}
	if s.Bound == strategies.Unbounded.String() {
		return "is unbounded"
	}
	full, err := q.occupied(c)
	switch {
	case err != nil:
		return fmt.Sprintf("the size of its full queue cannot be measured: %v", err)
	case full.Bytes > int64(q.Memory):
		return fmt.Sprintf("holds %s of %s when full, and they occupy %s as measured: give a smaller --capacity",
			units.Plural(int(full.Items), "item"), units.Bytes(float64(c.Payload)), units.Bytes(float64(full.Bytes)))
	}
	return ""
}

// unfitBeyond says why a cell cannot have its producers in other processes as is needed.
func (q *Question) unfitBeyond(s results.Strategy, c results.Cell) string {
	if !q.leaves() {
		return ""
	}
	switch known := results.Deliveries(); {
	case c.Processes == 0:
		return "has its producers in the process of the consumer"
	case c.Processes != q.Processes:
		return fmt.Sprintf("has --processes %d", c.Processes)
	case slices.Index(known, s.Delivery) < slices.Index(Deliveries(), q.Delivery):
		return fmt.Sprintf("delivers no more than %q", s.Delivery)
	}
	for _, role := range q.Survives {
		if !slices.Contains(s.Survives, role) {
			return fmt.Sprintf("is not known to keep confirmed messages when the %s ends suddenly", role)
		}
	}
	return ""
}

// keepsOrder reports whether what a producer sends arrives in the order sent. Of a strategy
// that this program does not have it says so only where that holds for all senders.
func (q *Question) keepsOrder(s results.Strategy, c results.Cell) bool {
	if known, err := pick.Find(q.known, s.Name); err == nil {
		return trial.InOrder(known.Descriptor, c)
	}
	return c.KeepsHandles() || s.Order == strategies.OrderGlobal.String()
}

// promises are those that a recommended strategy has to keep: correctness, and
// what was asked for beyond it.
func (q *Question) promises() []strategies.Promise {
	all := []strategies.Promise{
		strategies.PromiseExactlyOnce, strategies.PromiseIntact, strategies.PromiseOrder, strategies.PromiseDrain, strategies.PromiseWake,
	}
	if q.Memory > 0 {
		all = append(all, strategies.PromiseBound)
	}
	return all
}

// occupied measures, once, what a bounded strategy's cell holds when it is full.
func (q *Question) occupied(c results.Cell) (trial.Occupied, error) {
	c.Policy = "" // it says what becomes of an item that is not in the queue
	if full, ok := q.weighed[c]; ok {
		return full, nil
	}
	s, err := pick.Find(q.known, c.Strategy)
	if err != nil {
		return trial.Occupied{}, err
	}
	if s.Word == nil {
		return trial.Occupied{}, errors.New("it belongs to another program")
	}
	full, err := trial.MeasureOccupied(s, c)
	if err == nil {
		q.weighed[c] = full
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

// Measurement is a run that answers a question.
type Measurement struct {
	Scenario scenario.Scenario
	Plan     scenario.Plan // has no cells if nothing meets the guarantees
	Excluded []Exclusion
	Budget   time.Duration // that the plan fits into, about
}

// Measurement plans what to measure within a budget. An error is a [results.FieldError].
func (q *Question) Measurement(budget time.Duration, seed uint64) (*Measurement, error) {
	if budget > maxBudget {
		return nil, wrong("for", "%v is over %v", budget, maxBudget)
	}
	cells, excluded, err := q.candidates()
	if err != nil {
		return nil, err
	}
	m := &Measurement{Scenario: q.scenario(), Excluded: excluded, Budget: budget}
	choices := len(q.choices(harness.DescribeIn(cells, q.known), cells))
	if choices == 0 {
		return m, nil
	}
	s := &m.Scenario
	// beside returns the time of all trials at so many repetitions without their
	// measured parts, of which a closed loop's warm-up takes as long again.
	beside := func(reps int) time.Duration {
		each := trialStart
		if q.Rate > 0 {
			each += offerWarmUp
		}
		if q.Busy > 0 {
			each += busyStart
		}
		return each * time.Duration(len(cells)*reps)
	}
	parts := 2
	if q.Rate > 0 {
		parts = 1
	}
	measured := func(reps int) time.Duration {
		return (budget - beside(reps)) / time.Duration(len(cells)*reps*parts)
	}
	s.Reps = scenario.DefaultReps
	for s.Reps < mostReps && measured(s.Reps+1) >= q.longEnough() {
		s.Reps++ // more repetitions tell more than longer ones
	}
	for s.Reps > leastReps && measured(s.Reps) < leastMeasured {
		s.Reps--
	}
	if measured(s.Reps) < leastMeasured {
		need := beside(leastReps) + leastMeasured*time.Duration(len(cells)*leastReps*parts)
		return nil, wrong("for", "%v is too short for %d repetitions of %d strategies and policies: give %v or fewer --strategies",
			budget, leastReps, choices, need.Round(time.Second)+time.Second)
	}
	s.Duration, s.Timeout = scenario.Duration(min(measured(s.Reps), scenario.DefaultOffer).Truncate(time.Millisecond)), scenario.Duration(trialTimeout)
	m.Plan = scenario.Plan{Reps: s.Reps, Seed: seed}
	for _, c := range cells {
		c.DurationNs = int64(s.Duration)
		m.Plan.Cells = append(m.Plan.Cells, c)
	}
	return m, nil
}

// longEnough is how long a trial is measured before more repetitions are worth more: a
// closed loop's rate is steady by then, and an open loop has a p99.
func (n Needs) longEnough() time.Duration {
	const closed, samples = 250 * time.Millisecond, 1100
	if n.Rate == 0 {
		return closed
	}
	return min(scenario.DefaultOffer, max(closed, time.Duration(samples/n.Rate*float64(time.Second))))
}

// choices returns the loads among some cells that are to be ranked.
func (q *Question) choices(described []results.Strategy, cells []results.Cell) []results.Cell {
	return slices.DeleteFunc(rankable(described, cells), q.within)
}

// rankable returns the loads among some cells that are not the floor's.
func rankable(described []results.Strategy, cells []results.Cell) []results.Cell {
	floor := make(map[string]bool, len(described))
	for _, s := range described {
		floor[s.Name] = s.Floor
	}
	return slices.DeleteFunc(slices.Clone(cells), func(c results.Cell) bool {
		isFloor, known := floor[c.Strategy]
		return !known || isFloor || c.Kind != ""
	})
}
