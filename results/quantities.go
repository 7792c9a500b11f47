package results

import "slices"

// Metric is a quantity of a trial that CompareRuns compares.
type Metric struct {
	Name          string // as in summary.json, with its unit
	Title         string // "throughput"
	LowerIsBetter bool
	// Gates says that a regression of it fails the gate. The others are shown
	// beside it.
	Gates bool
	// Text formats a value for people.
	Text func(float64) string

	about    func(Cell) bool
	of       func(*Measurement) (float64, bool)
	quantile string // the one of Response that it is, as PlatformLimited names it
}

// Metrics lists what two runs are compared by, in the order of tables. The gate is
// throughput for closed loops and the response time's p50 and p99 for open ones,
// where the throughput is what was offered.
func Metrics() []Metric {
	response := func(title, quantile string, of func(*Quantiles) *int64) Metric {
		return Metric{
			Name: "response_" + quantile + "_ns", Title: title, LowerIsBetter: true, Gates: true, Text: Nanoseconds,
			about: Cell.IsOpen, quantile: quantile, of: func(m *Measurement) (float64, bool) { return quantileOf(m.Response, of) },
		}
	}
	isLoad := func(c Cell) bool { return c.Kind == "" }
	cost := func(name, title string, text func(float64) string, of func(*Measurement) (float64, bool)) Metric {
		return Metric{Name: name, Title: title, LowerIsBetter: true, Text: text, about: isLoad, of: of}
	}
	return []Metric{
		{
			Name: "throughput_msgs_per_s", Title: "throughput", Gates: true, Text: PerSecond, about: Cell.IsClosed,
			of: func(m *Measurement) (float64, bool) { return measuredValue(m.Throughput()) },
		},
		response("response time, p50", "p50", func(q *Quantiles) *int64 { return q.P50 }),
		response("response time, p99", "p99", func(q *Quantiles) *int64 { return q.P99 }),
		{
			Name: "saturation_msgs_per_s", Title: "saturation", Text: PerSecond,
			about: func(c Cell) bool { return c.Kind == KindSearch }, of: (*Measurement).saturation,
		},
		{
			Name: "wake_p50_ns", Title: "wake latency, p50", LowerIsBetter: true, Text: Nanoseconds,
			about: func(c Cell) bool { return c.Kind == KindProbe },
			of: func(m *Measurement) (float64, bool) {
				if m.Probe == nil {
					return 0, false
				}
				return quantileOf(m.Probe.Wake, func(q *Quantiles) *int64 { return q.P50 })
			},
		},
		cost("cpu_ns_per_msg", "CPU per message", Nanoseconds, func(m *Measurement) (float64, bool) {
			v, ok := m.perMsg(m.CPUNs)
			return v, ok && m.CPUNs > 0
		}),
		{
			Name: "neighbour_share", Title: "work of the neighbours", Text: Significant,
			about: func(c Cell) bool { return c.Kind == "" && c.Busy > 0 }, of: (*Measurement).NeighbourShare,
		},
		cost("peak_bytes", "peak memory", Bytes, func(m *Measurement) (float64, bool) { return measuredValue(float64(m.PeakBytes)) }),
		cost("allocs_per_msg", "allocations per message", Significant, func(m *Measurement) (float64, bool) { return m.countPerMsg(m.Mallocs) }),
	}
}

// quantileOf reads a quantile of one trial's times, where there are enough of them.
func quantileOf(h *Histogram, of func(*Quantiles) *int64) (float64, bool) {
	q := NewQuantiles(h)
	if q == nil || of(q) == nil {
		return 0, false
	}
	return float64(*of(q)), true
}

// limitedIn reports whether the pacer's own error is all that the metric shows of
// a cell.
func (m Metric) limitedIn(c *CellSummary) bool { return slices.Contains(c.PlatformLimited, m.quantile) }

// metric is a quantity that a kind of cell is followed by: one number of each
// trial, so that its interval is one over repetitions.
type metric struct {
	name, unit string
	about      func(Cell) bool
	value      func(*Measurement) (float64, bool)
}

func metrics() []metric {
	return []metric{
		{"throughput", "msgs_per_s", Cell.IsClosed, func(m *Measurement) (float64, bool) { return measuredValue(m.Throughput()) }},
		{"response_p99", "ns", Cell.IsOpen, func(m *Measurement) (float64, bool) {
			return quantileOf(m.Response, func(q *Quantiles) *int64 { return q.P99 })
		}},
		{"saturation", "msgs_per_s", func(c Cell) bool { return c.Kind == KindSearch }, (*Measurement).saturation},
	}
}
