package report

import (
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// question is one thing that strategies are ranked by.
type question struct {
	ID     string // of its part of the page
	Title  string
	Note   string // what the number is
	Figure string // the figure that shows it; empty if there is none

	about  func(results.Cell) bool
	value  func(*results.Measurement) (float64, bool)
	higher bool // is better
	format func(float64) string
	next   string // what there is to say of the next best: its name, then its ratio to the best
	short  int    // how many conditions the page begins with
	timed  bool   // counted from when a message was due, with the pacer's error in it
}

const (
	moreThanNext = "%[2]s times the next, %[1]s"
	nextTakes    = "the next, %[1]s, takes %[2]s times "
)

func isLoad(c results.Cell) bool { return c.Kind == "" }

// questions lists what the page answers, in its order.
func questions() []question {
	return []question{
		{
			ID: "goodput", Title: "Highest goodput", Figure: "throughput", short: 3, higher: true, format: units.PerSecond,
			Note:  "Messages received per second while every producer sends as fast as it can.",
			about: results.Cell.IsClosed, next: moreThanNext,
			value: func(m *results.Measurement) (float64, bool) { return m.Throughput(), m.Delivered > 0 },
		},
		{
			ID: "saturation", Title: "Highest sustained rate", Figure: "load", short: 1, higher: true, format: units.PerSecond,
			Note:  "The rate up to which the backlog stays bounded.",
			about: func(c results.Cell) bool { return c.Kind == results.KindSearch }, next: moreThanNext,
			value: func(m *results.Measurement) (float64, bool) { return m.Saturation, true },
		},
		{
			ID: "response", Title: "Lowest response p99", Figure: "response", short: 3, format: units.Nanoseconds, timed: true,
			Note: "99 of 100 messages arrived within this time after they were due. A rate is the same for all; a load is a share of each " +
				"strategy's own saturation rate. Median of the trials' own p99.",
			about: results.Cell.IsOpen, next: nextTakes + "as long", value: func(m *results.Measurement) (float64, bool) { return p99(m.Response) },
		},
		{
			ID: "transit", Title: "Shortest way through a full queue, p99", Figure: "spectrum", short: 1, format: units.Nanoseconds,
			Note: "99 of 100 messages took no longer from the send call to the receive while every producer sends as fast as it can: " +
				"the length of the queue decides, more than the speed of an item. Median of the trials' own p99.",
			about: results.Cell.IsClosed, next: nextTakes + "as long",
			value: func(m *results.Measurement) (float64, bool) { return p99(m.Transit) },
		},
		{
			ID: "transit-busy", Title: "Shortest way beside busy neighbours, p99", Figure: "sweep", short: 3, format: units.Nanoseconds,
			Note: "99 of 100 messages took no longer from the send call to the receive, at a rate, while other goroutines of the process compute. " +
				"The late wake-up of a producer is not in it. Median of the trials' own p99.",
			about: func(c results.Cell) bool { return c.IsOpen() && c.Busy > 0 }, next: nextTakes + "as long",
			value: func(m *results.Measurement) (float64, bool) { return p99(m.Transit) },
		},
		{
			ID: "neighbours", Title: "Most work of busy neighbours", Figure: "neighbours", short: 3, higher: true, format: units.Significant,
			Note:  "Work of goroutines that compute in the same process beside the fan-in, as a share of their work alone.",
			about: func(c results.Cell) bool { return isLoad(c) && c.Busy > 0 }, next: moreThanNext,
			value: (*results.Measurement).NeighbourShare,
		},
		{
			ID: "memory", Title: "Least memory", Figure: "memory", short: 1, format: units.Bytes,
			Note:  "Highest resident memory of the process, the harness and the runtime included.",
			about: isLoad, next: nextTakes + "as much",
			value: func(m *results.Measurement) (float64, bool) { return float64(m.PeakBytes), true },
		},
		{
			ID: "cpu", Title: "Lowest CPU time per message", short: 1, format: units.Nanoseconds,
			Note:  "User and system time of the whole process over messages received, the harness included.",
			about: results.Cell.IsClosed, next: nextTakes + "as much",
			value: func(m *results.Measurement) (float64, bool) {
				return float64(m.CPUNs) / float64(max(1, m.Delivered)), m.Delivered > 0
			},
		},
		{
			ID: "wake", Title: "Fastest to wake", Figure: "rest", short: 1, format: units.Nanoseconds,
			Note:  "From the send to a parked consumer to its receive, p99. Median of the trials' own p99.",
			about: func(c results.Cell) bool { return c.Kind == results.KindProbe }, next: nextTakes + "as long",
			value: func(m *results.Measurement) (float64, bool) {
				if m.Probe == nil {
					return 0, false
				}
				return p99(m.Probe.Wake)
			},
		},
	}
}

// p99 returns the 99th percentile in ns of a trial's times if there are enough.
func p99(h *histogram.Histogram) (float64, bool) {
	q := histogram.NewQuantiles(h)
	if q == nil || q.P99 == nil {
		return 0, false
	}
	// A time of 0 is below what the clock resolves.
	return max(1, float64(*q.P99)), true
}
