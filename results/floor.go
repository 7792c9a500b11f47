package results

import (
	"math"

	"github.com/fanin-bench/fanin-bench/results/histogram"
)

// maxFloorRatio is how far the rate of a floor cell may be from that of the cell
// it is compared with: a load of a strategy and the same load of the floor are
// different rates, and the pacer's error grows with the rate.
const maxFloorRatio = 2

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
			!cell.sameConditions(c.Cell, "rate", "load") {
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
