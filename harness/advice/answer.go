package advice

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial/neighbours"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Advice answers a question.
type Advice struct {
	Dir      string   `json:"dir,omitempty"` // the run directory
	Workload Workload `json:"workload"`
	// Outcome is one of the constants, and Reasons are why nothing is decided.
	Outcome string   `json:"outcome"`
	Reasons []string `json:"reasons,omitempty"`
	Needs   string   `json:"needs,omitempty"` // what would decide it
	Rule    string   `json:"rule"`
	// Quantile is that of the times by which candidates are ranked, which are Times:
	// response, or transit beside neighbours. Both are absent if it is throughput.
	Quantile   float64     `json:"quantile,omitempty"`
	Times      string      `json:"times,omitempty"`
	Candidates []Candidate `json:"candidates"`        // the best first; those without a place last
	Winners    []string    `json:"winners,omitempty"` // of place 1, a tie if there are several; and the channel where the choice does not matter
	Unclear    []string    `json:"unclear,omitempty"` // of place 1, too, and may be far worse
	Pick       string      `json:"pick,omitempty"`    // the winner that the code is for; of Workload, which may not be what was asked for
	// DoesNotMatter says that the pick is a channel, because no other is clearly better.
	DoesNotMatter bool        `json:"does_not_matter,omitempty"`
	Imports       []string    `json:"imports,omitempty"`
	Code          string      `json:"code,omitempty"`
	Excluded      []Exclusion `json:"excluded,omitempty"`
	Notes         []string    `json:"notes,omitempty"`
	Warnings      []string    `json:"warnings,omitempty"` // of the run and the machine, about these candidates
}

// Workload is what was measured.
type Workload struct {
	Producers      int     `json:"producers"`
	Arrival        string  `json:"arrival"`
	Rate           float64 `json:"rate_msgs_per_s,omitempty"`
	Payload        int     `json:"payload_bytes"`
	ConsumerCostNs int64   `json:"consumer_cost_ns,omitempty"`
	SendBatch      int     `json:"send_batch"`
	Busy           int     `json:"busy,omitempty"`
	BusyKind       string  `json:"busy_kind,omitempty"` // as in a cell
	ProducerCostNs int64   `json:"producer_cost_ns,omitempty"`
	Sharing        string  `json:"sharing,omitempty"`       // as in a cell
	Lifetime       int64   `json:"lifetime_msgs,omitempty"` // as in a cell
	Processes      int     `json:"processes,omitempty"`     // of the producers, if these are not in that of the consumer
	Others         string  `json:"others,omitempty"`        // parameters besides, as in sink=tcp, unless they are the defaults
}

// Candidate is a strategy, with a policy and a capacity, that can give what is
// needed.
type Candidate struct {
	Name     string `json:"name"` // what to call it here: the strategy, and what tells its candidates apart
	Strategy string `json:"strategy"`
	Policy   string `json:"policy,omitempty"`
	Capacity int    `json:"capacity,omitempty"` // items, as the strategy counts them
	Place    int    `json:"place,omitempty"`    // absent if it does not sustain the rate
	Sustains string `json:"sustains"`           // see the constants
	Why      string `json:"why,omitempty"`      // it does not

	Lacks []string `json:"lacks,omitempty"` // the promises that it does not keep

	Response   *stat.Interval `json:"response_ns,omitempty"`           // its quantile, of open loops
	Transit    *stat.Interval `json:"transit_ns,omitempty"`            // the same instead, beside neighbours
	Neighbours *stat.Interval `json:"neighbour_share,omitempty"`       // what they get done, over what they get done alone
	Throughput *stat.Interval `json:"throughput_msgs_per_s,omitempty"` // that was reached
	NearFloor  bool           `json:"near_floor,omitempty"`            // its own throughput is higher: it takes less than twice the harness floor
	Against    *stat.Interval `json:"times_the_best,omitempty"`        // response, or time per message, by block; absent for the lowest
	LostShare  float64        `json:"lost_share"`                      // dropped or rejected, of what was attempted
	QueueBytes *int64         `json:"queue_bytes_when_full,omitempty"` // what its items occupy then, measured; only where memory is limited
	PeakBytes  *stat.Interval `json:"peak_bytes,omitempty"`            // resident memory of the whole process, harness included
	CPU        *stat.Interval `json:"cpu_ns_per_msg,omitempty"`        // harness included

	cell       results.Cell
	listed     int  // its place in the run's list
	broken     bool // it broke the contract
	unmeasured bool // there is no trial of it
}

// Whether a candidate sustains the workload.
const (
	SustainsYes   = "yes"
	SustainsLimit = "at its limit" // this run cannot tell
	SustainsNo    = "no"
)

// workloadOf names what is asked of a strategy in a cell.
func workloadOf(c results.Cell) Workload {
	w := Workload{c.Producers, c.Arrival, c.Rate, c.Payload, c.ConsumerCostNs, c.SendBatch, c.Busy, c.BusyKind, c.ProducerCostNs, c.Sharing, c.Lifetime, 0, ""}
	own := []string{
		producersName, "arrival", "rate", "payload", "consumer-cost", "send-batch", "busy", "busy-kind", "producer-cost", "sharing", "lifetime",
	}
	others := slices.DeleteFunc(scenario.Asked(), func(p results.Parameter) bool {
		return !p.Shared() || slices.Contains(own, p.Name) || p.Default == "0" || p.Value(c) == p.Default
	})
	w.Others = c.Label(others, " ")
	if c.Processes > 1 {
		w.Processes = c.Processes
	}
	return w
}

// Rule is the order of preference, as the help and the answer state it.
const Rule = "The ranking has the strategies that sustain the rate, or may sustain it. A trial sustains it if all items\n" +
	"arrive within 2 % (and 3 ms) of the duration of its schedule; a strategy does not if the 95 % interval\n" +
	"over its trials lies beyond. The criterion is a low response time (p99); beside --busy neighbours, which\n" +
	"delay the producers under any strategy, a low transit time; without --rate, a high throughput. A\n" +
	"difference counts if it is over 10 % and if two methods show it: a test of the repetitions, corrected by\n" +
	"Holm's method for all comparisons, and the interval of the ratios by block. Every other result is a tie.\n" +
	"The code is for the tied strategy with the least memory, then the least CPU, under the same rule, and\n" +
	"then for the first in the list, so that chance decides nothing. Where a plain channel is within 1.2 times\n" +
	"the best in all of this, the choice does not matter, and the code is for the channel."

// Answer ranks what a measurement has measured, of which the summary knows the warnings;
// run is nil if there was nothing to measure.
func (q *Question) Answer(m *Measurement, run *results.Run, summary *results.Summary) *Advice {
	if run == nil {
		return &Advice{Workload: workloadOf(q.workload()), Outcome: OutcomeNone, Rule: Rule, Excluded: m.Excluded}
	}
	a := q.judge(run, summary, run.Manifest.Cells)
	a.Needs = fmt.Sprintf("Keep the machine idle, or give --for %v", units.ShortTime(longer(m.Budget)))
	a.Excluded = append(m.Excluded, a.Excluded...)
	return a
}

// judge ranks the cells, which are of one workload. The floor may be among
// them.
func (q *Question) judge(run *results.Run, summary *results.Summary, cells []results.Cell) *Advice {
	a := &Advice{Dir: run.Dir, Rule: Rule}
	ranked := q.choices(run.Manifest.Strategies, cells)
	a.Workload = workloadOf(ranked[0])
	own := slices.DeleteFunc(results.Varying(ranked), func(p results.Parameter) bool { return p.Shared() })
	measured := trialsOf(run)
	if a.Workload.Rate > 0 {
		a.Quantile, a.Times = quantileOf(measured, ranked), TimesResponse
		if a.Workload.Busy > 0 {
			a.Times = TimesTransit
		}
	}
	floor := floorCell(&run.Manifest, cells)
	for i, c := range ranked {
		x := newCandidate(c, measured[c], a.Times, a.Quantile)
		x.listed, x.NearFloor = i, slices.ContainsFunc(summary.Cells, func(s results.CellSummary) bool { return s.Cell == c && s.NearFloor() })
		x.Lacks = slices.Sorted(maps.Keys(run.Manifest.Strategy(c.Strategy).Lacks))
		if label := c.Label(own, " "); label != "" {
			x.Name += " " + label
		}
		if q.Memory > 0 {
			if full, err := q.occupied(c); err == nil {
				x.QueueBytes = &full.Bytes
			}
		}
		a.Candidates = append(a.Candidates, x)
	}
	a.rank(measured)
	a.decide(measured)
	a.snippetOfPick(q.known)
	a.note(measured, floor)
	if i := slices.IndexFunc(cells, q.within); i >= 0 {
		a.noteLeaving(measured, cells[i])
	}
	a.noteNeighbours()
	a.warn(summary, cells)
	return a
}

// trialsOf sorts the trials by cell, and those of a cell by block.
func trialsOf(run *results.Run) map[results.Cell][]results.Trial {
	all := run.ByCell()
	for _, trials := range all {
		slices.SortFunc(trials, func(a, b results.Trial) int { return cmp.Compare(a.Block, b.Block) })
	}
	return all
}

// intervalOf summarises what trials have of a quantity.
func intervalOf(q *results.Quantity, trials []results.Trial) *stat.Interval {
	return q.Sample(trials).Positive().Interval()
}

// The times by which candidates may be ranked.
const (
	TimesResponse = "response"
	TimesTransit  = "transit"
)

// timeAt is a quantile of the response or transit times of a trial, however few these
// are: see quantileOf. A time of 0 is below what the clock resolves.
func timeAt(times string, quantile float64) *results.Quantity {
	of := results.Response
	if times == TimesTransit {
		of = results.Transit
	}
	return &results.Quantity{Title: of.Title, Unit: of.Unit, Of: func(t *results.Trial) (float64, bool) {
		if t.Measurement == nil || of.Times(t.Measurement) == nil || of.Times(t.Measurement).TotalCount() == 0 {
			return 0, false
		}
		return float64(max(1, of.Times(t.Measurement).ValueAtQuantile(100*quantile))), true
	}}
}

// quantileOf returns the highest of three quantiles that each trial has ten
// samples beyond: with fewer it would be an accident of the trial.
func quantileOf(measured map[results.Cell][]results.Trial, cells []results.Cell) float64 {
	least := int64(-1)
	for _, c := range cells {
		for _, t := range measured[c] {
			if t.Measurement == nil || t.Measurement.Response == nil {
				continue
			}
			if n := t.Measurement.Response.TotalCount(); least < 0 || n < least {
				least = n
			}
		}
	}
	switch {
	case least >= 1000:
		return 0.99
	case least >= 100:
		return 0.9
	default:
		return 0.5
	}
}

// newCandidate summarises a cell's trials and judges whether it sustains.
func newCandidate(c results.Cell, trials []results.Trial, times string, quantile float64) Candidate {
	x := Candidate{
		Name: c.Strategy, Strategy: c.Strategy, Policy: c.Policy, Capacity: c.Capacity, cell: c, Sustains: SustainsYes,
		Throughput: intervalOf(results.Throughput, trials), PeakBytes: intervalOf(results.PeakMemory, trials),
		CPU: intervalOf(results.CPUPerMsg, trials), Neighbours: intervalOf(results.NeighbourShare, trials),
	}
	switch times {
	case TimesResponse:
		x.Response = intervalOf(timeAt(times, quantile), trials)
	case TimesTransit:
		x.Transit = intervalOf(timeAt(times, quantile), trials)
	}
	var attempted, delivered int64
	failures, stored := 0, 0
	for _, t := range trials {
		switch {
		case t.Failure != nil:
			failures++
			x.Why = fmt.Sprintf("%s: %s", t.Failure.Kind, t.Failure.Detail)
			x.broken = x.broken || t.Failure.Kind.Breaks()
		default:
			attempted, delivered = attempted+t.Measurement.Attempted, delivered+t.Measurement.Delivered
		}
		stored++
	}
	if attempted > 0 {
		x.LostShare = 1 - float64(delivered)/float64(attempted)
	}
	switch {
	case stored == 0:
		x.Sustains, x.Why, x.unmeasured = SustainsNo, "was not measured", true
	case failures > 0:
		x.Sustains, x.Why = SustainsNo, fmt.Sprintf("%d of %d trials failed, %s", failures, stored, x.Why)
	case quantile > 0:
		x.keepsUp(trials)
	}
	return x
}

const (
	// behindShare and behindNs are by how much a trial may take longer than its
	// schedule: the first is what a rate that much too high adds, the second a
	// hiccup at the end, which beside neighbours is as long as they let nobody else run.
	behindShare = 0.02
	behindNs    = 3e6
)

// behind returns by which share a trial of an open loop took longer than its
// schedule, for the sends or for receiving everything.
func behind(m *results.Measurement, c results.Cell) float64 {
	horizon, took := float64(c.DurationNs), float64(m.ElapsedNs)
	if m.AchievedRate > 0 { // the last that was sent may have been dropped
		took = max(took, float64(m.Attempted)/m.AchievedRate*1e9)
	}
	return max(0, (took-behindNs-float64(neighbours.WakeDelay(c)))/horizon-1)
}

// keepsUp judges whether the rate is sustained by the order-statistic interval of
// how far trials fell behind.
func (x *Candidate) keepsUp(trials []results.Trial) {
	late := &results.Quantity{Of: func(t *results.Trial) (float64, bool) {
		if t.Measurement == nil {
			return 0, false
		}
		return behind(t.Measurement, x.cell), true
	}}
	i := late.Sample(trials).Interval()
	switch {
	case i.Hi != nil && *i.Hi <= behindShare:
		return
	case i.Lo == nil, *i.Lo <= behindShare:
		x.Sustains = SustainsLimit
		return
	}
	x.Sustains = SustainsNo
	x.Why = fmt.Sprintf("takes %.0f %% longer than its schedule", 100*i.Median)
	if x.Throughput != nil {
		x.Why += ": it reaches " + units.PerSecond(x.Throughput.Median)
	}
}

// sample returns the values by which the candidates are ranked: lower is better.
func (a *Advice) sample(trials []results.Trial) stat.Sample {
	if a.Quantile > 0 {
		return timeAt(a.Times, a.Quantile).Sample(trials)
	}
	return results.NsPerMsg.Sample(trials)
}

// rank gives the candidates that sustain the workload their places and puts all
// in order.
func (a *Advice) rank(measured map[results.Cell][]results.Trial) {
	var samples []stat.Sample
	var at []int // in Candidates
	for i, x := range a.Candidates {
		if x.Sustains != SustainsNo {
			samples, at = append(samples, a.sample(measured[x.cell])), append(at, i)
		}
	}
	var ordered []Candidate
	for _, r := range stat.Rank(samples) {
		x := a.Candidates[at[r.Index]]
		x.Place, x.Against = r.Place, overBest(r.Against)
		if r.Place == 1 {
			a.Winners = append(a.Winners, x.Name)
		}
		ordered = append(ordered, x)
	}
	rest := slices.DeleteFunc(slices.Clone(a.Candidates), func(x Candidate) bool {
		return slices.ContainsFunc(ordered, func(o Candidate) bool { return o.cell == x.cell })
	})
	slices.SortStableFunc(rest, func(p, q Candidate) int { return cmp.Compare(reached(q), reached(p)) })
	a.Candidates = slices.Concat(ordered, rest)
}

// reached returns the throughput of a candidate, 0 if it has none.
func reached(x Candidate) float64 {
	if x.Throughput == nil {
		return 0
	}
	return x.Throughput.Median
}

// note adds what a reader should know before believing the order.
func (a *Advice) note(measured map[results.Cell][]results.Trial, floor results.Cell) {
	w := a.Workload
	if busy := w.Rate * float64(w.ConsumerCostNs) / 1e9; busy >= 1 {
		a.Notes = append(a.Notes, fmt.Sprintf("at %v per item the consumer receives %s at most, under any strategy. Make it faster, "+
			"lower the rate, allow loss, or divide the work among several consumers with a fan-in each",
			time.Duration(w.ConsumerCostNs), units.PerSecond(1e9/float64(w.ConsumerCostNs))))
	} else if busy > 0.8 {
		a.Notes = append(a.Notes, fmt.Sprintf("the consumer is busy for %.0f %% of the time: bursts have to wait, under any strategy", 100*busy))
	} else if len(a.Winners) == 0 && w.Rate > 0 && len(a.Candidates) > 0 {
		a.Notes = append(a.Notes, fmt.Sprintf("lower the rate to the throughput that was reached, send in batches (run --send-batch measures them), allow loss, "+
			"or divide the %d producers among several fan-ins with a consumer each", w.Producers))
	}
	if best := intervalOf(timeAt(TimesResponse, a.Quantile), measured[floor]); a.Times == TimesResponse && best != nil && len(a.Winners) > 0 &&
		a.Candidates[0].Response != nil && best.Median > a.Candidates[0].Response.Median/2 {
		a.Notes = append(a.Notes, fmt.Sprintf("%s of each response time is the error of the pacer: smaller differences are invisible",
			units.Nanoseconds(best.Median)))
	}
}

// noteLeaving says what the pick takes beside a channel within the process.
func (a *Advice) noteLeaving(measured map[results.Cell][]results.Trial, within results.Cell) {
	if a.Pick == "" {
		return
	}
	ratio := stat.RatioByBlock(a.sample(measured[a.Candidates[0].cell]), a.sample(measured[within]))
	if ratio == nil {
		return
	}
	what := "time per item"
	if a.Quantile > 0 {
		what = fmt.Sprintf("%s time (p%g)", a.Times, 100*a.Quantile)
	}
	a.Notes = append(a.Notes, fmt.Sprintf("leaving the process costs: the %s of %s is %s times that of %s within one process",
		what, a.Pick, withInterval(ratio, units.Significant), within.Strategy))
}

// starvedShare is which part of what the neighbours get done beside another candidate
// is little enough to say so.
const starvedShare = 0.8

// noteNeighbours says if the neighbours get clearly less done beside the pick than
// beside another candidate.
func (a *Advice) noteNeighbours() {
	if a.Pick == "" || a.Candidates[0].Neighbours == nil {
		return
	}
	pick, best := a.Candidates[0], a.Candidates[0]
	for _, x := range a.Candidates {
		if x.Place > 0 && x.Neighbours != nil && x.Neighbours.Median > best.Neighbours.Median {
			best = x
		}
	}
	least := pick.Neighbours.Median
	if pick.Neighbours.Hi != nil {
		least = *pick.Neighbours.Hi
	}
	if least < starvedShare*best.Neighbours.Median {
		a.Notes = append(a.Notes, fmt.Sprintf("the neighbours pay for it: beside %s they reach %s of their speed alone, beside %s %s",
			pick.Name, units.Significant(pick.Neighbours.Median), best.Name, units.Significant(best.Neighbours.Median)))
	}
}

// times returns the times that a candidate is ranked by, nil if it has none.
func (x *Candidate) times() *stat.Interval { return cmp.Or(x.Transit, x.Response) }

// Err returns nil if there is a strategy to use. What broke the contract comes first; where
// nothing is decided the error wraps [compare.ErrNotDecided].
func (a *Advice) Err() error {
	for _, x := range a.Candidates {
		if x.broken {
			return fmt.Errorf("measuring %s: it broke the contract: %s", x.Name, x.Why)
		}
	}
	switch {
	case a.Outcome == OutcomeNotDecided:
		return fmt.Errorf("recommending a strategy: %w: %s", compare.ErrNotDecided, strings.Join(a.Reasons, "; "))
	case len(a.Candidates) == 0 && len(a.Excluded) > 0:
		return errors.New("recommending a strategy: none meets the guarantees")
	case a.Outcome == OutcomeNone:
		return errors.New("recommending a strategy: none sustains the workload")
	}
	return nil
}

// floorCell returns the floor's cell, or an empty one.
func floorCell(m *results.Manifest, cells []results.Cell) results.Cell {
	for _, c := range cells {
		if s := m.Strategy(c.Strategy); s != nil && s.Floor && c.Kind == "" {
			return c
		}
	}
	return results.Cell{}
}
