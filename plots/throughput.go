package plots

import "github.com/fanin-bench/fanin-bench/results"

// throughput answers how many messages per second get through, against the
// number of producers, with the harness floor for comparison.
func throughput(s *Scene) (*Drawing, error) {
	b := byProducers{series: s.Series, value: func(c *results.CellSummary) *results.Interval { return c.Throughput }, unit: 1e6}
	d := &Drawing{
		Question: "How many messages per second get through?",
		subtitle: append(s.subtitle(), "median over repetitions, higher is better; "+s.intervals("order-statistic interval")),
	}
	if !b.add(d, s, "million messages per second", func(y span) span { return y.widened(1.2, 4) }) {
		return nil, noData("no trial has a throughput")
	}
	return d.finish(), nil
}
