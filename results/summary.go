package results

import (
	"fmt"
	"math"
	"slices"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// Baseline is the strategy that speed-ups are over.
const Baseline = "chan"

// Summary is summary.json.
type Summary struct {
	Schema   int           `json:"schema"`
	Cells    []CellSummary `json:"cells"` // in the manifest's order
	Warnings []string      `json:"warnings,omitempty"`

	times []string // the kinds of times that an export was narrowed down to; nil for all
}

// CellSummary is what is quoted of one cell. What was not measured is absent.
// Unless noted, an interval or a number is the median over trials, and quantiles
// are over the times of all trials together.
type CellSummary struct {
	Cell
	Trials int `json:"trials"` // stored, failed ones among them
	Failed int `json:"failed"`
	// Expected is how many of Failed ended as the run expects: see Manifest.Expect.
	Expected int `json:"failed_as_expected,omitempty"`

	Throughput *stat.Interval `json:"throughput_msgs_per_s,omitempty"` // delivered / elapsed, of loads
	NsPerMsg   *stat.Interval `json:"ns_per_msg,omitempty"`            // elapsed / delivered, of loads
	// Speedup is the ratio of throughputs of closed loops, paired by block, with
	// the interval of NewBootstrap over blocks.
	Speedup *stat.Interval `json:"speedup_over_chan,omitempty"`

	Offered    *stat.Interval `json:"offered_msgs_per_s,omitempty"`
	Achieved   *stat.Interval `json:"achieved_msgs_per_s,omitempty"`
	Saturation *stat.Interval `json:"saturation_msgs_per_s,omitempty"`
	RecoveryNs *stat.Interval `json:"recovery_ns,omitempty"`

	// NeighbourShare is how much the neighbours got done, as a share of what they get
	// done alone: see Measurement.NeighbourShare.
	NeighbourShare *stat.Interval `json:"neighbour_share,omitempty"`

	Response  *histogram.Quantiles `json:"response_ns,omitempty"`
	Transit   *histogram.Quantiles `json:"transit_ns,omitempty"`
	SendDelay *histogram.Quantiles `json:"send_delay_ns,omitempty"`
	// PlatformLimited names the quantiles of Response that are no more than those
	// of the harness floor at about the same rate: what they show is the pacer.
	PlatformLimited []string `json:"platform_limited,omitempty"`
	*Counts

	Backlog     *BacklogSummary `json:"backlog,omitempty"`
	InFlight    *BacklogSummary `json:"in_flight,omitempty"`      // waiting or being worked on, where the strategy bounds that
	PerStage    []StageSummary  `json:"per_stage,omitempty"`      // of a pipeline: the producers, then the cell's stages in order
	Memory      *MemorySummary  `json:"memory,omitempty"`         // as the processes' parent saw it, failed trials among them
	PeakBytes   *int64          `json:"peak_bytes,omitempty"`     // highest resident set of all trials
	CPUNsPerMsg *float64        `json:"cpu_ns_per_msg,omitempty"` // of the process, per delivered message
	SendCallNs  *float64        `json:"send_call_ns,omitempty"`   // mean of a trial
	// BlockedShare is the share of the time from first send to last receive that a
	// producer spent in send calls, on average.
	BlockedShare  *float64 `json:"blocked_share,omitempty"`
	ParksPerMsg   *float64 `json:"parks_per_msg,omitempty"`       // how often the consumer parked
	WritesPerMsg  *float64 `json:"sink_writes_per_msg,omitempty"` // write calls to the sink, per delivered message
	SinkBytesPerS *float64 `json:"sink_bytes_per_s,omitempty"`
	Fairness      *float64 `json:"fairness,omitempty"`  // Jain's index, see Fairness
	P99Ratio      *float64 `json:"p99_ratio,omitempty"` // slowest producer over fastest, see Fairness

	BatchMean    *float64 `json:"batch_mean,omitempty"`      // items per receive call
	AllocsPerMsg *float64 `json:"allocs_per_msg,omitempty"`  // heap objects
	HeapHigh     *int64   `json:"heap_high_bytes,omitempty"` // highest of all trials

	Probe *ProbeSummary `json:"probe,omitempty"`
	Host  *HostSummary  `json:"host,omitempty"`

	Warnings []string `json:"warnings,omitempty"`

	// NsOfBlocks is NsPerMsg of each block that has it: see RankBlocks. It is not part
	// of the file, and neither is what follows.
	NsOfBlocks map[int]float64 `json:"-"`
	// What the quantiles were read from, nil when no trial has such times.
	TransitHistogram   *histogram.Histogram `json:"-"`
	ResponseHistogram  *histogram.Histogram `json:"-"`
	SendDelayHistogram *histogram.Histogram `json:"-"`
	WakeHistogram      *histogram.Histogram `json:"-"`
	Series             *stat.Series         `json:"-"` // of the backlog
	InFlightSeries     *stat.Series         `json:"-"`
	Growth             *stat.Series         `json:"-"` // of the resident memory, bytes, since the process began
	Ends               []End                `json:"-"` // of the trials without a measurement

	failures string   // the one of Warnings that is about failed trials
	ends     []string // what became of those that ended as expected
}

// ProbeSummary is a fan-in at rest: see Probe.
type ProbeSummary struct {
	Wake          *histogram.Quantiles `json:"wake_ns,omitempty"`
	IdleCPUShare  float64              `json:"idle_cpu_share"`
	RetainedBytes float64              `json:"retained_bytes"`
	BurstBytes    float64              `json:"burst_bytes"`
}

// HostSummary is what disturbed the measurements: see Host.
type HostSummary struct {
	HiccupP99Ns float64 `json:"hiccup_p99_ns"`
	HiccupMaxNs int64   `json:"hiccup_max_ns"` // of all trials
	SchedP99Ns  float64 `json:"sched_p99_ns"`
	GCPauseNs   float64 `json:"gc_pause_ns"`
	MutexWaitNs float64 `json:"mutex_wait_ns"`
}

// Counts are messages, summed over the trials that have a measurement.
type Counts struct {
	Attempted int64 `json:"attempted"`
	Delivered int64 `json:"delivered"`
	Dropped   int64 `json:"dropped"`
	Rejected  int64 `json:"rejected"`
}

// LostShare returns which share of what was attempted was dropped or rejected;
// Attempted must not be 0.
func (c *Counts) LostShare() float64 { return float64(c.Dropped+c.Rejected) / float64(c.Attempted) }

// Summarize computes the summary of a run.
func Summarize(run *Run) *Summary {
	summary, trials := SummarizeCells(run)
	for i := range summary.Cells {
		s := &summary.Cells[i]
		if base, ok := run.Manifest.BaselineOf(s.Cell); ok {
			s.Speedup = stat.NewBootstrap(pairedRatios(trials[s.Cell], trials[base]), run.Manifest.Seed)
		}
	}
	return summary
}

// SummarizeCells computes all of the summary but the speed-ups, whose bootstraps take
// longer than all else, and sorts the trials by cell.
func SummarizeCells(run *Run) (*Summary, map[Cell][]Trial) {
	trials := byCell(run.Trials)
	summary := &Summary{Schema: SchemaVersion, Warnings: slices.Concat(run.Manifest.Warnings, run.Warnings)}
	if n := run.Missing(); n > 0 {
		summary.Warnings = append(summary.Warnings, fmt.Sprintf("%d of %d trials are missing: the run was not finished",
			n, len(run.Manifest.Cells)*run.Manifest.Reps))
	}
	for _, cell := range run.Manifest.Cells {
		summary.Cells = append(summary.Cells, summarizeCell(&run.Manifest, cell, trials[cell]))
	}
	summary.limit(&run.Manifest)
	summary.warnOfRetries(run.Superseded)
	return summary, trials
}

// byCell sorts trials by cell.
func byCell(all []Trial) map[Cell][]Trial {
	counts := map[Cell]int{}
	for i := range all {
		counts[all[i].Cell]++
	}
	sorted := make(map[Cell][]Trial, len(counts))
	room := make([]Trial, len(all)) // of all cells: lists that grow would take twice as much
	for _, t := range all {
		list, begun := sorted[t.Cell]
		if !begun {
			n := counts[t.Cell]
			list, room = room[:0:n], room[n:]
		}
		sorted[t.Cell] = append(list, t)
	}
	return sorted
}

// Throughput returns delivered messages per second.
func (m *Measurement) Throughput() float64 {
	return float64(m.Delivered) / (float64(m.ElapsedNs) / 1e9)
}

// NsPerMsg returns elapsed ns per delivered message; Delivered must not be 0.
func (m *Measurement) NsPerMsg() float64 { return float64(m.ElapsedNs) / float64(m.Delivered) }

// BaselineOf returns the cell of Baseline that a cell's speed-up is over: one under
// the same conditions. Where a swept parameter that the strategy does not have (a
// capacity, for an unbounded one) leaves several, it is the roomiest of them. There
// is none for an open loop, where the rate is given and not found, and none for the
// baseline itself and for the floor.
func (m *Manifest) BaselineOf(cell Cell) (base Cell, ok bool) {
	s := m.Strategy(cell.Strategy)
	if !cell.IsClosed() || cell.Strategy == Baseline || s == nil || s.Floor {
		return Cell{}, false
	}
	var fits []Cell
	for _, c := range m.Cells {
		if c.Strategy == Baseline && cell.sameConditions(c) {
			fits = append(fits, c)
		}
	}
	return Roomiest(fits)
}

// Roomiest picks from cells of Baseline the one to compare with where any would do.
// Of several it is the one that blocks, as a strategy without a policy loses nothing
// either, and of those the one that holds the most: the hardest to beat. There is
// none where several are left after all.
func Roomiest(cells []Cell) (Cell, bool) {
	fits := slices.Clone(cells)
	if len(fits) > 1 {
		fits = slices.DeleteFunc(fits, func(c Cell) bool { return c.Policy != policyBlock })
	}
	most := 0
	for _, c := range fits {
		most = max(most, c.room())
	}
	fits = slices.DeleteFunc(fits, func(c Cell) bool { return c.room() != most })
	if len(fits) != 1 {
		return Cell{}, false
	}
	return fits[0], true
}

// policyBlock is the policy under which nothing is lost.
const policyBlock = "block"

// room returns how many items a bounded cell of the baseline, which bounds the
// total, holds.
func (c Cell) room() int {
	if c.CapacityOf == CapacityPerProducer {
		return c.Capacity * c.Producers
	}
	return c.Capacity
}

// Strategy returns the strategy of that name, or nil.
func (m *Manifest) Strategy(name string) *Strategy {
	i := slices.IndexFunc(m.Strategies, func(s Strategy) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &m.Strategies[i]
}

// Ratios returns the throughput of a cell over that of another, one for each block
// that has both: what Speedup is the median of.
func (r *Run) Ratios(cell, base Cell) []float64 {
	var trials, bases []Trial
	for _, t := range r.Trials {
		if t.Cell == cell {
			trials = append(trials, t)
		}
		if t.Cell == base {
			bases = append(bases, t)
		}
	}
	return pairedRatios(trials, bases)
}

// pairedRatios divides throughputs block by block. What drifts over a run, as
// a machine's speed does, hits both trials of a block and cancels out.
func pairedRatios(trials, base []Trial) []float64 {
	return stat.RatiosByBlock(
		ByBlock(trials, func(m *Measurement) (float64, bool) { return m.Throughput(), true }),
		ByBlock(base, func(m *Measurement) (float64, bool) { return m.Throughput(), m.Delivered > 0 }))
}

// ByBlock returns what the trials of a cell measured, by block.
func ByBlock(trials []Trial, of func(*Measurement) (float64, bool)) map[int]float64 {
	blocks := map[int]float64{}
	for _, t := range trials {
		if t.Measurement == nil {
			continue
		}
		if v, ok := of(t.Measurement); ok && !math.IsInf(v, 0) && !math.IsNaN(v) {
			blocks[t.Block] = v
		}
	}
	return blocks
}

// Saturation returns the median rate, in messages per second, that the trials of
// a search cell found so far; false if there is none. For the harness floor it
// is that of the first other strategy under the same conditions: what the floor
// is asked for is the pacer's error at the rates the others get.
func (r *Run) Saturation(search Cell) (float64, bool) {
	if s := r.Manifest.Strategy(search.Strategy); s != nil && s.Floor {
		for _, other := range r.Manifest.Cells {
			if s := r.Manifest.Strategy(other.Strategy); s != nil && !s.Floor {
				search.Strategy, search.Policy, search.Lanes = other.Strategy, other.Policy, other.Lanes
				search.Capacity, search.CapacityOf = other.Capacity, other.CapacityOf
				if other == search {
					break
				}
			}
		}
	}
	var found []float64
	for _, t := range r.Trials {
		if t.Cell == search && t.Measurement != nil && t.Measurement.Saturation > 0 {
			found = append(found, t.Measurement.Saturation)
		}
	}
	median := stat.Median(found)
	if median == nil {
		return 0, false
	}
	return *median, true
}
