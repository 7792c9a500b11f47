package results

import (
	"math"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// maxFloorRatio is how far the rate of a floor cell may be from that of the cell
// it is compared with: a load of a strategy and the same load of the floor are
// different rates, and the pacer's error grows with the rate.
const maxFloorRatio = 2

// leastTimesFloor is how many times the floor a time per message is at least if the figure is
// to be the strategy's: below, over half of it may be the harness.
const leastTimesFloor = 2

// measuredFloor says against which floor a cell was measured.
type measuredFloor struct {
	program string   // that measured it, empty if this one did
	ns      *float64 // per message; nil if the run has none under these conditions
	near    bool     // the cell takes less than leastTimesFloor times as long
}

// over holds the time per message of closed loops against the floor of the program that
// measured them.
func (s *Summary) over(m *Manifest) {
	for i := range s.Cells {
		c := &s.Cells[i]
		if !c.IsClosed() || m.IsFloor(c.Strategy) {
			continue
		}
		c.floor.program = m.programOf(c.Strategy)
		floor := s.floorOfLoop(c, m)
		if floor == nil {
			continue
		}
		c.floor.ns = floor.Number(NsPerMsg)
		if ratio := stat.NewPairs(c.Sample(NsPerMsg), floor.Sample(NsPerMsg)).Ratio(); ratio != nil {
			c.put(value{quantity: TimesFloor, interval: ratio})
			c.floor.near = ratio.Median < leastTimesFloor
		}
	}
}

// floorOfLoop returns the cell of the harness floor under the conditions of a closed loop.
func (s *Summary) floorOfLoop(cell *CellSummary, m *Manifest) *CellSummary {
	for i := range s.Cells {
		c := &s.Cells[i]
		if m.IsFloor(c.Strategy) && c.IsClosed() && m.programOf(c.Strategy) == cell.floor.program && cell.sameConditions(c.Cell) {
			return c
		}
	}
	return nil
}

// programOf returns the program that measured a strategy, empty if this one did.
func (m *Manifest) programOf(strategy string) string {
	if s := m.Strategy(strategy); s != nil {
		return s.Program
	}
	return ""
}

// NearFloor reports whether a closed loop takes less than twice as long as the harness
// floor under its conditions: its figures are then bounds.
func (s *CellSummary) NearFloor() bool { return s.floor.near }

// SameFloor reports whether the floors of two cells under the same conditions are the same,
// or within stat.LeastEffect: otherwise part of what tells the cells apart is their harnesses. A
// program that has no floor is not known to have the same as another.
func (s *CellSummary) SameFloor(other *CellSummary) bool {
	a, b := s.floor, other.floor
	if a.program == b.program {
		return true
	}
	return a.ns != nil && b.ns != nil && max(*a.ns, *b.ns) <= (1+stat.LeastEffect)*min(*a.ns, *b.ns)
}

// limit marks the quantiles that show the pacer instead of the strategy, and
// says where that could not be told.
func (s *Summary) limit(m *Manifest) {
	for i := range s.Cells {
		c := &s.Cells[i]
		if c.Times(Response) == nil || m.IsFloor(c.Strategy) {
			continue
		}
		floor := s.FloorOf(c, m)
		if floor == nil {
			c.Warnings = append(c.Warnings, "the pacer's own error is unknown: the harness floor was not measured at about the same rate")
			continue
		}
		c.PlatformLimited = limited(c.Times(Response), floor.Times(Response))
	}
}

// FloorOf returns the cell of the harness floor whose response times are the
// pacer's own error for an open-loop cell: the one of the same producers and
// conditions with the nearest offered rate. It is nil if there is none within a
// factor of two, and for the floor itself.
func (s *Summary) FloorOf(cell *CellSummary, m *Manifest) *CellSummary {
	if !cell.IsOpen() || cell.Interval(Offered) == nil || m.IsFloor(cell.Strategy) {
		return nil
	}
	var best *CellSummary
	nearest := math.Log(maxFloorRatio)
	for i := range s.Cells {
		c := &s.Cells[i]
		if !c.IsOpen() || c.Interval(Offered) == nil || c.Times(Response) == nil || !m.IsFloor(c.Strategy) ||
			m.programOf(c.Strategy) != m.programOf(cell.Strategy) || !cell.sameConditions(c.Cell, "rate", "load") {
			continue
		}
		if d := math.Abs(math.Log(*c.Number(Offered) / *cell.Number(Offered))); d < nearest || best == nil && d == nearest {
			best, nearest = c, d
		}
	}
	return best
}

// IsFloor reports whether a strategy is the harness floor.
func (m *Manifest) IsFloor(strategy string) bool {
	s := m.Strategy(strategy)
	return s != nil && s.Floor
}

// limited names the quantiles of a that are at most those of b.
func limited(a, b *histogram.Quantiles) []string {
	if a == nil || b == nil {
		return nil
	}
	var names []string
	other := b.List()
	for i, q := range a.List() {
		if q.Ns != nil && other[i].Ns != nil && *q.Ns <= *other[i].Ns {
			names = append(names, q.Name)
		}
	}
	return names
}

// OtherFloorMark stands where a ratio is of cells with different floors.
const OtherFloorMark = "§"

// What the marks mean of figures that are the harness's as much as the strategy's.
const (
	FloorNote = "≥ and ≤: the strategy, or the channel, takes less than twice the harness floor of its conditions, so that its own figure lies beyond; ≈: both do"

	OtherFloorNote = OtherFloorMark + ": not comparable, as another program measured it against another floor"
)

// MarkNotes returns the notes that texts with marks need.
func MarkNotes(texts ...string) (notes []string) {
	has := func(marks string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return strings.ContainsAny(text, marks) })
	}
	if has("≥≤≈") {
		notes = append(notes, FloorNote)
	}
	if has(OtherFloorMark) {
		notes = append(notes, OtherFloorNote)
	}
	if has(HumpsMark) {
		notes = append(notes, HumpsNote)
	}
	return notes
}

// Mark adds to what a text quotes of a quantity the marks that a reader should see beside
// it. Empty text stays empty.
func (s *CellSummary) Mark(q *Quantity, text string) string {
	speedup := slices.Contains(Speedups(), q)
	timed := q == Throughput || q == NsPerMsg || speedup
	if text == "" || !timed {
		return text
	}
	if bound := s.boundOf(q); bound != "" {
		text = bound + " " + text
	}
	if s.Humps != nil {
		text += " " + HumpsMark
	}
	if speedup && !s.sameFloor {
		text += " " + OtherFloorMark
	}
	return text
}

// boundOf returns on which side of a figure the strategy's own is where the harness floor
// takes over half of it; empty where it does not.
func (s *CellSummary) boundOf(q *Quantity) string {
	over := slices.Contains(Speedups(), q) && s.baseFloor.near
	switch near := s.floor.near; {
	case near && over:
		return "≈"
	case over, near && !q.HigherIsBetter:
		return "≤"
	case near:
		return "≥"
	default:
		return ""
	}
}
