package stat

// Series is a quantity over time: a backlog in items, or memory in bytes.
type Series struct {
	StepNs int64     // between two values
	Values []float64 // the highest in each step; median over the trials that lasted so long
}

// Track is a quantity over the time of one trial: the highest in each step.
type Track struct {
	StepNs int64
	Values []int64
}

// NewSeries brings the tracks of several trials, whose steps differ a little, to
// the longest of those steps and takes the median of each. It is nil for none.
func NewSeries(tracks []Track) *Series {
	if len(tracks) == 0 {
		return nil
	}
	out := &Series{}
	for _, t := range tracks {
		out.StepNs = max(out.StepNs, t.StepNs)
	}
	var columns [][]float64
	for _, t := range tracks {
		for i, value := range t.resample(out.StepNs) {
			if i == len(columns) {
				columns = append(columns, nil)
			}
			columns[i] = append(columns[i], float64(value))
		}
	}
	for _, column := range columns {
		out.Values = append(out.Values, *Median(column))
	}
	return out
}

// resample returns the highest of a track in each longer step.
func (t Track) resample(step int64) []int64 {
	var out []int64
	for i, value := range t.Values {
		// An old step that reaches over the end of a new one counts for both. In
		// float64: the steps of a hostile file may not overflow.
		first := int(float64(i) * float64(t.StepNs) / float64(step))
		last := int((float64(i+1)*float64(t.StepNs) - 1) / float64(step))
		for at := first; at <= last; at++ {
			if at == len(out) {
				out = append(out, 0)
			}
			out[at] = max(out[at], value)
		}
	}
	return out
}
