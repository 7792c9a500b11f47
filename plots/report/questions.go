package report

import (
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// question is one thing that strategies are ranked by.
type question struct {
	ID     string // of its part of the page
	Title  string
	Note   string // what the number is
	Figure string // the figure that shows it; empty if there is none

	of    *results.Quantity
	about func(results.Cell) bool
	next  string // what there is to say of the next best: its name, then its ratio to the best
	short int    // how many conditions the page begins with
}

const (
	moreThanNext = "%[2]s times the next, %[1]s"
	nextTakes    = "the next, %[1]s, takes %[2]s times "
)

// questions lists what the page answers, in its order.
func questions() []question {
	return []question{
		{
			ID: "goodput", Title: "Highest goodput", Figure: "throughput", short: 3,
			Note: "Messages received per second while every producer sends as fast as it can.",
			of:   results.Throughput, about: results.Cell.IsClosed, next: moreThanNext,
		},
		{
			ID: "saturation", Title: "Highest sustained rate", Figure: "load", short: 1,
			Note: "The rate up to which the backlog stays bounded.",
			of:   results.Saturation, about: results.Saturation.About, next: moreThanNext,
		},
		{
			ID: "response", Title: "Lowest response p99", Figure: "response", short: 3,
			Note: "99 of 100 messages arrived within this time after they were due. A rate is the same for all; a load is a share of each " +
				"strategy's own saturation rate. Median of the trials' own p99.",
			of: results.ResponseP99, about: results.Cell.IsOpen, next: nextTakes + "as long",
		},
		{
			ID: "transit", Title: "Shortest way through a full queue, p99", Figure: "spectrum", short: 1,
			Note: "99 of 100 messages took no longer from the send call to the receive while every producer sends as fast as it can: " +
				"the length of the queue decides, more than the speed of an item. Median of the trials' own p99.",
			of: results.TransitP99, about: results.Cell.IsClosed, next: nextTakes + "as long",
		},
		{
			ID: "transit-busy", Title: "Shortest way beside busy neighbours, p99", Figure: "sweep", short: 3,
			Note: "99 of 100 messages took no longer from the send call to the receive, at a rate, while other goroutines of the process compute. " +
				"The late wake-up of a producer is not in it. Median of the trials' own p99.",
			of: results.TransitP99, about: func(c results.Cell) bool { return c.IsOpen() && c.Busy > 0 }, next: nextTakes + "as long",
		},
		{
			ID: "neighbours", Title: "Most work of busy neighbours", Figure: "neighbours", short: 3,
			Note: "Work of goroutines that compute in the same process beside the fan-in, as a share of their work alone.",
			of:   results.NeighbourShare, about: func(c results.Cell) bool { return c.Kind == "" && c.Busy > 0 }, next: moreThanNext,
		},
		{
			ID: "memory", Title: "Least memory", Figure: "memory", short: 1,
			Note: "Highest resident memory of the process, the harness and the runtime included.",
			of:   results.PeakMemory, about: results.PeakMemory.About, next: nextTakes + "as much",
		},
		{
			ID: "cpu", Title: "Lowest CPU time per message", short: 1,
			Note: "User and system time of the whole process over messages received, the harness included.",
			of:   results.CPUPerMsg, about: results.Cell.IsClosed, next: nextTakes + "as much",
		},
		{
			ID: "wake", Title: "Fastest to wake", Figure: "rest", short: 1,
			Note: "From the send to a parked consumer to its receive, p99. Median of the trials' own p99.",
			of:   results.WakeP99, about: results.WakeP99.About, next: nextTakes + "as long",
		},
	}
}

// sample returns the values that strategies are ranked by.
func (q question) sample(c *results.CellSummary) stat.Sample {
	sample := c.Sample(q.of)
	if _, quantile := q.of.Parts(); quantile != "" {
		// A time of 0 is below what the clock resolves.
		sample = sample.Each(func(ns float64) float64 { return max(1, ns) })
	}
	return sample.Positive()
}
