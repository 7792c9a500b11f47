package results

// Series is a backlog over time.
type Series struct {
	StepNs int64     // between two values
	Items  []float64 // the highest in each step; median over the trials that lasted so long
}

// newSeries brings the series of several trials, whose steps differ a little, to
// the longest of those steps and takes the median of each.
func newSeries(backlogs []*Backlog) *Series {
	out := &Series{}
	for _, b := range backlogs {
		out.StepNs = max(out.StepNs, b.StepNs)
	}
	var columns [][]float64
	for _, b := range backlogs {
		for i, items := range resample(b, out.StepNs) {
			if i == len(columns) {
				columns = append(columns, nil)
			}
			columns[i] = append(columns[i], float64(items))
		}
	}
	for _, column := range columns {
		out.Items = append(out.Items, *median(column))
	}
	return out
}

// resample returns the highest of a backlog in each longer step.
func resample(b *Backlog, step int64) []int64 {
	var out []int64
	for i, items := range b.Series {
		// An old step that reaches over the end of a new one counts for both. In
		// float64: the steps of a hostile file may not overflow.
		first := int(float64(i) * float64(b.StepNs) / float64(step))
		last := int((float64(i+1)*float64(b.StepNs) - 1) / float64(step))
		for at := first; at <= last; at++ {
			if at == len(out) {
				out = append(out, 0)
			}
			out[at] = max(out[at], items)
		}
	}
	return out
}
