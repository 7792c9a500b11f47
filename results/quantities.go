package results

import (
	"slices"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/units"
)

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

	About    func(Cell) bool
	Of       func(*Measurement) (float64, bool)
	Quantile string // the one of Response that it is, as PlatformLimited names it
}

// Metrics lists what two runs are compared by, in the order of tables. The gate is
// throughput for closed loops and the response time's p50 and p99 for open ones,
// where the throughput is what was offered.
func Metrics() []Metric {
	response := func(title, quantile string, of func(*histogram.Quantiles) *int64) Metric {
		return Metric{
			Name: "response_" + quantile + "_ns", Title: title, LowerIsBetter: true, Gates: true, Text: units.Nanoseconds,
			About: Cell.IsOpen, Quantile: quantile, Of: func(m *Measurement) (float64, bool) { return quantileOf(m.Response, of) },
		}
	}
	isLoad := func(c Cell) bool { return c.Kind == "" }
	cost := func(name, title string, text func(float64) string, of func(*Measurement) (float64, bool)) Metric {
		return Metric{Name: name, Title: title, LowerIsBetter: true, Text: text, About: isLoad, Of: of}
	}
	return []Metric{
		{
			Name: "throughput_msgs_per_s", Title: "throughput", Gates: true, Text: units.PerSecond, About: Cell.IsClosed,
			Of: func(m *Measurement) (float64, bool) { return measuredValue(m.Throughput()) },
		},
		response("response time, p50", "p50", func(q *histogram.Quantiles) *int64 { return q.P50 }),
		response("response time, p99", "p99", func(q *histogram.Quantiles) *int64 { return q.P99 }),
		{
			Name: "saturation_msgs_per_s", Title: "saturation", Text: units.PerSecond,
			About: func(c Cell) bool { return c.Kind == KindSearch }, Of: (*Measurement).saturation,
		},
		{
			Name: "wake_p50_ns", Title: "wake latency, p50", LowerIsBetter: true, Text: units.Nanoseconds,
			About: func(c Cell) bool { return c.Kind == KindProbe },
			Of: func(m *Measurement) (float64, bool) {
				if m.Probe == nil {
					return 0, false
				}
				return quantileOf(m.Probe.Wake, func(q *histogram.Quantiles) *int64 { return q.P50 })
			},
		},
		cost("cpu_ns_per_msg", "CPU per message", units.Nanoseconds, func(m *Measurement) (float64, bool) {
			v, ok := m.perMsg(m.CPUNs)
			return v, ok && m.CPUNs > 0
		}),
		{
			Name: "neighbour_share", Title: "work of the neighbours", Text: units.Significant,
			About: func(c Cell) bool { return c.Kind == "" && c.Busy > 0 }, Of: (*Measurement).NeighbourShare,
		},
		cost("peak_bytes", "peak memory", units.Bytes, func(m *Measurement) (float64, bool) { return measuredValue(float64(m.PeakBytes)) }),
		cost("allocs_per_msg", "allocations per message", units.Significant, func(m *Measurement) (float64, bool) { return m.countPerMsg(m.Mallocs) }),
	}
}

// quantileOf reads a quantile of one trial's times, where there are enough of them.
func quantileOf(h *histogram.Histogram, of func(*histogram.Quantiles) *int64) (float64, bool) {
	q := histogram.NewQuantiles(h)
	if q == nil || of(q) == nil {
		return 0, false
	}
	return float64(*of(q)), true
}

// LimitedIn reports whether the pacer's own error is all that the metric shows of
// a cell.
func (m Metric) LimitedIn(c *CellSummary) bool { return slices.Contains(c.PlatformLimited, m.Quantile) }

// Tracked is a quantity that a kind of cell is followed by: one number of each
// trial, so that its interval is one over repetitions.
type Tracked struct {
	Name, Unit string
	About      func(Cell) bool
	Value      func(*Measurement) (float64, bool)
}

// TrackedMetrics lists what cells are followed by through many runs.
func TrackedMetrics() []Tracked {
	return []Tracked{
		{"throughput", "msgs_per_s", Cell.IsClosed, func(m *Measurement) (float64, bool) { return measuredValue(m.Throughput()) }},
		{"response_p99", "ns", Cell.IsOpen, func(m *Measurement) (float64, bool) {
			return quantileOf(m.Response, func(q *histogram.Quantiles) *int64 { return q.P99 })
		}},
		{"saturation", "msgs_per_s", func(c Cell) bool { return c.Kind == KindSearch }, (*Measurement).saturation},
	}
}
