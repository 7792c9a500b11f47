package results

import "github.com/montanaflynn/stats"

// Saturation returns the median rate, in messages per second, that the trials of
// a search cell found so far; false if there is none.
func (r *Run) Saturation(search Cell) (float64, bool) {
	var found []float64
	for _, t := range r.Trials {
		if t.Cell == search && t.Measurement != nil && t.Measurement.Saturation > 0 {
			found = append(found, t.Measurement.Saturation)
		}
	}
	median, err := stats.Median(found)
	return median, err == nil
}
