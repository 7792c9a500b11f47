package results

import "github.com/montanaflynn/stats"

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
	median, err := stats.Median(found)
	return median, err == nil
}
