package histogram

// Quantiles are what is quoted of a distribution of times, in ns. A quantile
// with fewer than ten samples beyond it is absent: it would be an accident of
// this run.
type Quantiles struct {
	P50     *int64  `json:"p50,omitempty"`
	P90     *int64  `json:"p90,omitempty"`
	P99     *int64  `json:"p99,omitempty"`
	P999    *int64  `json:"p999,omitempty"`
	P9999   *int64  `json:"p9999,omitempty"`
	Max     int64   `json:"max"`
	Mean    float64 `json:"mean"`
	Samples int64   `json:"sample_count"`
}

// minBeyond is how many samples must lie beyond a quantile for it to be quoted.
const minBeyond = 10

// NewQuantiles reads the quantiles of a histogram, or returns nil when it is
// empty.
func NewQuantiles(h *Histogram) *Quantiles {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	b := h.briefly()
	at := func(i int) *int64 {
		if b.count/quoted[i] < minBeyond {
			return nil
		}
		return &b.quantiles[i]
	}
	return &Quantiles{
		P50: at(0), P90: at(1), P99: at(2), P999: at(3), P9999: at(4),
		Max: b.max, Mean: b.mean, Samples: b.count,
	}
}

// Quantile is one of Quantiles under its name in summary.json; Ns is nil where it is absent.
type Quantile struct {
	Name string
	Ns   *int64
}

// List lists the quantiles under their names in summary.json.
func (q *Quantiles) List() []Quantile {
	return []Quantile{{"p50", q.P50}, {"p90", q.P90}, {"p99", q.P99}, {"p999", q.P999}, {"p9999", q.P9999}}
}

// At returns a quantile by its name, false if it is absent. It accepts nil.
func (q *Quantiles) At(name string) (ns float64, ok bool) {
	if q == nil {
		return 0, false
	}
	for _, one := range q.List() {
		if one.Name == name && one.Ns != nil {
			return float64(*one.Ns), true
		}
	}
	return 0, false
}
