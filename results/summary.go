package results

import (
	"fmt"
	"slices"
	"strings"
)

// Baseline is the strategy that speed-ups are over.
const Baseline = "chan"

// Summary is summary.json.
type Summary struct {
	Schema   int           `json:"schema"`
	Cells    []CellSummary `json:"cells"` // in the manifest's order
	Warnings []string      `json:"warnings,omitempty"`
}

// CellSummary is what is quoted of one cell. What was not measured is absent.
type CellSummary struct {
	Cell
	Trials int `json:"trials"` // stored, failed ones among them
	Failed int `json:"failed"`

	Throughput *Interval  `json:"throughput_msgs_per_s,omitempty"` // delivered / elapsed
	NsPerMsg   *Interval  `json:"ns_per_msg,omitempty"`            // elapsed / delivered
	Speedup    *Interval  `json:"speedup_over_chan,omitempty"`     // ratio of throughputs, paired by block
	Transit    *Quantiles `json:"transit_ns,omitempty"`            // over all repetitions together
	*Counts

	BatchMean    *float64 `json:"batch_mean,omitempty"`      // items per receive call, median over trials
	AllocsPerMsg *float64 `json:"allocs_per_msg,omitempty"`  // heap objects, median over trials
	HeapHigh     *int64   `json:"heap_high_bytes,omitempty"` // highest of all trials

	Warnings []string `json:"warnings,omitempty"`

	// TransitHistogram is what Transit was read from, nil when no trial has
	// one. It is not part of the file.
	TransitHistogram *Histogram `json:"-"`

	failures string // the one of Warnings that is about failed trials
}

// Counts are messages, summed over the trials that have a measurement.
type Counts struct {
	Attempted int64 `json:"attempted"`
	Delivered int64 `json:"delivered"`
	Dropped   int64 `json:"dropped"`
	Rejected  int64 `json:"rejected"`
}

// Summarize computes the summary of a run.
func Summarize(run *Run) *Summary {
	byCell := map[Cell][]Trial{}
	for _, t := range run.Trials {
		byCell[t.Cell] = append(byCell[t.Cell], t)
	}
	summary := &Summary{Schema: SchemaVersion, Warnings: slices.Concat(run.Manifest.Warnings, run.Warnings)}
	if n := run.Missing(); n > 0 {
		summary.Warnings = append(summary.Warnings, fmt.Sprintf("%d of %d trials are missing: the run was not finished",
			n, len(run.Manifest.Cells)*run.Manifest.Reps))
	}
	for _, cell := range run.Manifest.Cells {
		s := summarizeCell(cell, byCell[cell])
		if base, ok := baselineOf(cell, &run.Manifest); ok {
			s.Speedup = NewInterval(pairedRatios(byCell[cell], byCell[base]))
		}
		summary.Cells = append(summary.Cells, s)
	}
	return summary
}

// summarizeCell computes everything that needs no other cell.
func summarizeCell(cell Cell, trials []Trial) CellSummary {
	s := CellSummary{Cell: cell, Trials: len(trials)}
	var throughput, nsPerMsg, batch, allocs []float64
	for _, t := range trials {
		m := t.Measurement
		if m == nil {
			s.Failed++
			continue
		}
		if s.Counts == nil {
			s.Counts = &Counts{}
		}
		s.Attempted += m.Attempted
		s.Delivered += m.Delivered
		s.Dropped += m.Dropped
		s.Rejected += m.Rejected
		throughput = append(throughput, m.Throughput())
		if m.Delivered > 0 {
			nsPerMsg = append(nsPerMsg, m.NsPerMsg())
			allocs = append(allocs, float64(m.Mallocs)/float64(m.Delivered))
		}
		if m.Receives > 0 {
			batch = append(batch, float64(m.Delivered)/float64(m.Receives))
		}
		// A Go program always has some heap in use, so 0 is "not measured".
		if m.HeapBytes > 0 && (s.HeapHigh == nil || m.HeapBytes > *s.HeapHigh) {
			s.HeapHigh = &m.HeapBytes
		}
	}
	s.Throughput, s.NsPerMsg = NewInterval(throughput), NewInterval(nsPerMsg)
	s.BatchMean, s.AllocsPerMsg = median(batch), median(allocs)
	s.TransitHistogram = mergeTransit(trials)
	s.Transit = NewQuantiles(s.TransitHistogram)
	s.failures = describeFailures(trials)
	s.Warnings = cellWarnings(s.failures, trials, len(throughput))
	return s
}

// Throughput returns delivered messages per second.
func (m *Measurement) Throughput() float64 {
	return float64(m.Delivered) / (float64(m.ElapsedNs) / 1e9)
}

// NsPerMsg returns elapsed ns per delivered message; Delivered must not be 0.
func (m *Measurement) NsPerMsg() float64 { return float64(m.ElapsedNs) / float64(m.Delivered) }

// baselineOf returns the cell of Baseline to compare with: the only one under
// the same conditions. There is none for the baseline itself and for the floor,
// and none where a swept parameter that the strategy does not have (a capacity,
// for an unbounded one) leaves more than one to choose from.
func baselineOf(cell Cell, m *Manifest) (base Cell, ok bool) {
	if s := m.Strategy(cell.Strategy); cell.Strategy == Baseline || s == nil || s.Floor {
		return Cell{}, false
	}
	for _, c := range m.Cells {
		if c.Strategy != Baseline || !cell.sameConditions(c) {
			continue
		}
		if ok {
			return Cell{}, false
		}
		base, ok = c, true
	}
	return base, ok
}

// Strategy returns the strategy of that name, or nil.
func (m *Manifest) Strategy(name string) *Strategy {
	i := slices.IndexFunc(m.Strategies, func(s Strategy) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &m.Strategies[i]
}

// pairedRatios divides throughputs block by block. What drifts over a run, as
// a machine's speed does, hits both trials of a block and cancels out.
func pairedRatios(trials, base []Trial) []float64 {
	byBlock := map[int]float64{}
	for _, t := range base {
		if t.Measurement != nil && t.Measurement.Delivered > 0 {
			byBlock[t.Block] = t.Measurement.Throughput()
		}
	}
	var ratios []float64
	for _, t := range trials {
		if b, ok := byBlock[t.Block]; ok && t.Measurement != nil {
			ratios = append(ratios, t.Measurement.Throughput()/b)
		}
	}
	return ratios
}

// cellWarnings says what a reader should know before trusting the numbers of a
// cell, n of whose trials were measured, failures about the others.
func cellWarnings(failures string, trials []Trial, n int) []string {
	var warnings []string
	if failures != "" {
		warnings = append(warnings, failures)
	}
	if few := fewReps(n); few != "" {
		warnings = append(warnings, few)
	}
	unsteady := 0
	reported := map[string]int{}
	for _, t := range trials {
		if t.Measurement == nil {
			continue
		}
		if !t.Measurement.Steady {
			unsteady++
		}
		for _, w := range t.Measurement.Warnings {
			reported[w]++
		}
	}
	if unsteady > 0 {
		warnings = append(warnings, fmt.Sprintf("%d of %d trials were not steady after warm-up", unsteady, n))
	}
	for _, w := range sortedKeys(reported) {
		warnings = append(warnings, fmt.Sprintf("%d of %d trials: %s", reported[w], n, w))
	}
	return warnings
}

// describeFailures counts failed trials by kind; it is empty when there are none.
func describeFailures(trials []Trial) string {
	kinds := map[string]int{}
	failed := 0
	for _, t := range trials {
		if t.Failure != nil {
			kinds[string(t.Failure.Kind)]++
			failed++
		}
	}
	if failed == 0 {
		return ""
	}
	var parts []string
	for _, kind := range sortedKeys(kinds) {
		parts = append(parts, fmt.Sprintf("%d %s", kinds[kind], kind))
	}
	return fmt.Sprintf("%d of %d trials failed: %s", failed, len(trials), strings.Join(parts, ", "))
}
