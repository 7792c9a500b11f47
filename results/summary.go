package results

import (
	"fmt"
	"slices"

	"github.com/fanin-bench/fanin-bench/results/stat"
)

// Baselines are what speed-ups are over: those of a run are over the first of these
// strategies that it has. The first is the channel that people write; the second keeps
// the whole contract, and is the baseline of runs without the first.
var Baselines = []string{"chan-bare", "chan"}

// Baseline returns the strategy that the run's speed-ups are over.
func (m *Manifest) Baseline() string { return m.baseline().name }

// Speedup returns the quantity that is the ratio over the run's baseline.
func (m *Manifest) Speedup() *Quantity { return m.baseline().speedup }

func (m *Manifest) baseline() baseline {
	for _, b := range baselines {
		if slices.ContainsFunc(m.Cells, func(c Cell) bool { return c.Strategy == b.name }) {
			return b
		}
	}
	return baselines[len(baselines)-1]
}

// Summary is summary.json.
type Summary struct {
	Schema   int           `json:"schema"`
	Cells    []CellSummary `json:"cells"` // in the manifest's order
	Warnings []string      `json:"warnings,omitempty"`

	times []string // the kinds of times that an export was narrowed down to; nil for all
}

// CellSummary is what is quoted of one cell. Interval, Number, Times and Sample say what
// it has of a quantity. What was not measured is absent.
type CellSummary struct {
	Cell
	Trials int // stored, failed ones among them
	Failed int
	// Expected is how many of Failed ended as the run expects: see Manifest.Expect.
	Expected int

	// PlatformLimited names the quantiles of the response time that are no more than those
	// of the harness floor at about the same rate: what they show is the pacer.
	PlatformLimited []string
	Disturbed       int            // of the trials of an open loop, those that the machine disturbed: see Host.Disturbed
	Humps           *Humps         // of a closed loop whose time per message has two
	PerStage        []StageSummary // of a pipeline: the producers, then the cell's stages in order
	Warnings        []string

	// What follows is for figures and tables, and not part of the file.
	Series         *stat.Series // of the backlog
	InFlightSeries *stat.Series
	Growth         *stat.Series // of the resident memory, bytes, since the process began
	Ends           []End        // of the trials without a measurement

	strategy  Strategy // of the manifest; empty if that does not describe it
	floor     measuredFloor
	baseFloor measuredFloor // of the cell that Speedup is over
	sameFloor bool          // as that cell

	values   []value          // of the quantities, in the order of Quantities
	failures string           // the one of Warnings that is about failed trials
	shares   map[string]share // those of Warnings that count trials
	ends     []string         // what became of those that ended as expected
}

// LostShare returns which share of what was attempted was dropped or rejected, false if
// nothing was attempted.
func (s *CellSummary) LostShare() (float64, bool) {
	attempted, delivered := s.Number(Attempted), s.Number(Delivered)
	if attempted == nil || *attempted == 0 {
		return 0, false
	}
	return (*attempted - *delivered) / *attempted, true
}

// Summarize computes the summary of a run.
func Summarize(run *Run) *Summary {
	summary := SummarizeCells(run)
	at := map[Cell]*CellSummary{}
	for i := range summary.Cells {
		at[summary.Cells[i].Cell] = &summary.Cells[i]
	}
	for i := range summary.Cells {
		s := &summary.Cells[i]
		if base, ok := run.Manifest.BaselineOf(s.Cell); ok {
			s.baseFloor, s.sameFloor = at[base].floor, s.SameFloor(at[base])
			s.put(value{quantity: run.Manifest.Speedup(), interval: stat.NewPairs(s.Sample(Throughput), at[base].Sample(Throughput)).Bootstrap(run.Manifest.Seed)})
		}
	}
	return summary
}

// SummarizeCells computes all of the summary but the speed-ups, whose bootstraps take
// longer than all else.
func SummarizeCells(run *Run) *Summary {
	trials := run.ByCell()
	summary := &Summary{Schema: SchemaVersion, Warnings: slices.Concat(run.Manifest.Warnings, run.Warnings)}
	if n := run.Missing(); n > 0 {
		summary.Warnings = append(summary.Warnings, fmt.Sprintf("%d of %d trials are missing: the run was not finished",
			n, run.Manifest.Planned()))
	}
	for _, cell := range run.Manifest.Cells {
		summary.Cells = append(summary.Cells, summarizeCell(&run.Manifest, cell, trials[cell]))
	}
	summary.limit(&run.Manifest)
	summary.over(&run.Manifest)
	summary.warnOfRetries(run.Superseded)
	return summary
}

// ByCell sorts the trials by cell.
func (r *Run) ByCell() map[Cell][]Trial {
	all := r.Trials
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

// BaselineOf returns the cell of the baseline that a cell's speed-up is over. There
// is none for an open loop, where the rate is given and not found, and none for the
// baseline itself and for the floor.
func (m *Manifest) BaselineOf(cell Cell) (base Cell, ok bool) {
	s, baseline := m.Strategy(cell.Strategy), m.Baseline()
	if !cell.IsClosed() || cell.Strategy == baseline || s == nil || s.Floor {
		return Cell{}, false
	}
	return m.Under(cell, baseline)
}

// Under returns the cell of a baseline under the conditions of another cell. Where a
// swept parameter that the strategy does not have (a capacity, for an unbounded one)
// leaves several, it is the roomiest of them.
func (m *Manifest) Under(cell Cell, baseline string) (base Cell, ok bool) {
	var fits []Cell
	for _, c := range m.Cells {
		if c.Strategy == baseline && cell.sameConditions(c) {
			fits = append(fits, c)
		}
	}
	return Roomiest(fits)
}

// Roomiest picks from cells of a baseline the one to compare with where any would do.
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

// Ratios pairs the throughput of a cell with that of another, by which it is divided:
// what Speedup comes from.
func (r *Run) Ratios(cell, base Cell) stat.Pairs {
	return stat.NewPairs(r.Sample(Throughput, cell), r.Sample(Throughput, base))
}

// Sample returns what the trials of a cell have of a quantity.
func (r *Run) Sample(q *Quantity, cell Cell) stat.Sample {
	return q.Sample(slices.DeleteFunc(slices.Clone(r.Trials), func(t Trial) bool { return t.Cell != cell }))
}

// Saturation returns the median rate, in messages per second, that the trials of
// a search cell found so far; false if there is none. For the harness floor it
// is that of the first other strategy under the same conditions: what the floor
// is asked for is the pacer's error at the rates the others get. A search without a
// strategy is that of the run's baseline, whose own parameters it lacks.
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
	if search.Strategy == "" {
		baseline := r.Manifest.Baseline()
		at := slices.IndexFunc(r.Manifest.Cells, func(c Cell) bool { return c.isSearch() && c.Strategy == baseline && c.sameConditions(search) })
		if at < 0 {
			return 0, false
		}
		search = r.Manifest.Cells[at]
	}
	median := stat.Median(r.Sample(Saturation, search).Values())
	if median == nil {
		return 0, false
	}
	return *median, true
}
