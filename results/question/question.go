package question

import (
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// Question is one thing that strategies are compared in.
type Question struct {
	ID     string // of its part of the page
	Title  string // in a reader's words
	Note   string // what the number is
	Head   string // of its columns in the matrix; empty if it is no question to begin with
	Figure string // the figure that shows it; empty if there is none

	Of    *results.Quantity
	About func(results.Cell) bool
	Short int    // under how many conditions the page answers it to begin with
	Next  string // what there is to say of the next best: its name, then its ratio to the best

	// Least is what matters: a lower value is as good as this one, and what is less is
	// noise. It is of quantities of which less is better.
	Least float64
}

const (
	moreThanNext = "%[2]s times the next, %[1]s"
	takesLonger  = "the next, %[1]s, takes %[2]s times as long"
	takesMore    = "the next, %[1]s, takes %[2]s times as much"
)

// largePayload is from which size on, in bytes, carrying an item takes more than handing
// it over.
const largePayload = 256

func isBusy(c results.Cell) bool   { return c.Busy > 0 && c.Kind == "" }
func isSingle(c results.Cell) bool { return c.RecvBatch == 1 }
func isLarge(c results.Cell) bool  { return c.Payload >= largePayload }
func isProbe(c results.Cell) bool  { return c.Kind == results.KindProbe }

// isPlain is of loads that no question of their own is about.
func isPlain(c results.Cell) bool {
	return c.IsClosed() && !isBusy(c) && !isSingle(c) && !isLarge(c)
}

// All lists the questions in their order. A new one is a line in asked or in deeper.
func All() []Question { return slices.Concat(asked(), deeper()) }

// asked lists those of the default run, which the page begins with.
func asked() []Question {
	return []Question{
		{
			ID: "goodput", Title: "Which moves the most messages?", Head: "throughput", Figure: "throughput", Short: 3,
			Note: "Messages received per second while every producer sends as fast as it can.",
			Of:   results.Throughput, About: isPlain, Next: moreThanNext,
		},
		{
			ID: "response", Title: "Whose messages arrive soonest?", Head: "response time p50", Figure: "response", Short: 2,
			Note: "Half of the messages arrived within this time after they were due. " + offers + " Median of the trials' own p50.",
			Of:   results.ResponseP50, About: results.Cell.IsOpen, Next: takesLonger,
		},
		{
			ID: "tail", Title: "Whose late messages arrive soonest?", Head: "response time p99", Figure: "response", Short: 2,
			Note: "99 of 100 messages arrived within this time after they were due. " + offers + " Median of the trials' own p99.",
			Of:   results.ResponseP99, About: results.Cell.IsOpen, Next: takesLonger,
		},
		{
			ID: "busy", Title: "Which holds up beside busy goroutines?", Head: "beside busy code", Figure: "throughput", Short: 2,
			Note: "Messages received per second while other goroutines of the process compute without pause.",
			Of:   results.Throughput, About: func(c results.Cell) bool { return c.IsClosed() && isBusy(c) }, Next: moreThanNext,
		},
		{
			ID: "single", Title: "Which is fastest one item at a time?", Head: "one by one", Figure: "throughput", Short: 1,
			Note: "Messages received per second by a consumer that asks for a single item in each receive.",
			Of:   results.Throughput, About: func(c results.Cell) bool { return c.IsClosed() && !isBusy(c) && isSingle(c) }, Next: moreThanNext,
		},
		{
			ID: "payload", Title: "Which is fastest with large items?", Head: "large items", Figure: "throughput", Short: 2,
			Note: "Messages received per second that carry a payload of 256 bytes or more, which the producer writes and the consumer reads.",
			Of:   results.Throughput, About: func(c results.Cell) bool { return c.IsClosed() && !isBusy(c) && !isSingle(c) && isLarge(c) }, Next: moreThanNext,
		},
		{
			ID: "kept", Title: "Which gives memory back after a burst?", Head: "kept after a burst", Figure: "rest", Short: 1,
			Note: "Heap that is still held after a burst was received. Less than 64 KiB is as good as none.",
			Of:   results.Retained, About: isProbe, Next: takesMore, Least: 64 << 10,
		},
		{
			ID: "idle", Title: "Which costs nothing while idle?", Head: "idle CPU", Figure: "rest", Short: 1,
			Note: "Processor time, of one core, while the consumer waits and nothing is sent. Less than 1 % is as good as none.",
			Of:   results.IdleCPU, About: isProbe, Next: takesMore, Least: 0.01,
		},
		{
			ID: "wake", Title: "Which wakes soonest?", Head: "wake-up p50", Figure: "rest", Short: 1,
			Note: "From the send to a parked consumer to its receive, p50. Median of the trials' own p50.",
			Of:   results.WakeP50, About: isProbe, Next: takesLonger,
		},
	}
}

// deeper lists what the default run answers besides, and other scenarios.
func deeper() []Question {
	return []Question{
		{
			ID: "saturation", Title: "Highest sustained rate", Figure: "load",
			Note: "The rate up to which the backlog stays bounded.",
			Of:   results.Saturation, About: results.Saturation.About, Next: moreThanNext,
		},
		{
			ID: "transit", Title: "Shortest way through a full queue, p99", Figure: "spectrum",
			Note: "99 of 100 messages took no longer from the send call to the receive while every producer sends as fast as it can: " +
				"the length of the queue decides, more than the speed of an item. Median of the trials' own p99.",
			Of: results.TransitP99, About: results.Cell.IsClosed, Next: takesLonger,
		},
		{
			ID: "transit-busy", Title: "Shortest way beside busy neighbours, p99", Figure: "sweep",
			Note: "99 of 100 messages took no longer from the send call to the receive, at a rate, while other goroutines of the process compute. " +
				"The late wake-up of a producer is not in it. Median of the trials' own p99.",
			Of: results.TransitP99, About: func(c results.Cell) bool { return c.IsOpen() && isBusy(c) }, Next: takesLonger,
		},
		{
			ID: "neighbours", Title: "Most work of busy neighbours", Figure: "neighbours",
			Note: "Work of goroutines that compute in the same process beside the fan-in, as a share of their work alone.",
			Of:   results.NeighbourShare, About: isBusy, Next: moreThanNext,
		},
		{
			ID: "memory", Title: "Least memory", Figure: "memory",
			Note: "Highest resident memory of the process, the harness and the runtime included.",
			Of:   results.PeakMemory, About: results.PeakMemory.About, Next: takesMore,
		},
		{
			ID: "cpu", Title: "Lowest CPU time per message",
			Note: "User and system time of the whole process over messages received, the harness included.",
			Of:   results.CPUPerMsg, About: results.Cell.IsClosed, Next: takesMore,
		},
	}
}

const offers = "A rate is the same for all; a load is a share of the saturation rate of each strategy, or of the baseline, the same rate for all."

// Sample returns the values of a cell that strategies are compared by: what is less than
// what matters, or than what the clock resolves, counts as that.
func (q Question) Sample(c *results.CellSummary) stat.Sample {
	sample, least := c.Sample(q.Of), q.Least
	if _, quantile := q.Of.Parts(); quantile != "" {
		least = max(least, 1)
	}
	if least > 0 {
		sample = sample.Each(func(v float64) float64 { return max(least, v) })
	}
	return sample.Positive()
}
