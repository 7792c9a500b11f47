package plots

import "github.com/fanin-bench/fanin-bench/results"

// throughput answers how many messages per second get through, against the
// number of producers, with the harness floor for comparison.
var throughput = Figure{
	Name:     "throughput",
	Question: "How many messages per second get through?",
	About:    Closed,
	Read: "Higher is better; a line that falls to the right pays for more producers. " +
		"Strategies whose bars overlap show no clear difference. Near the harness floor the harness is the limit.",
	Draw: drawThroughput,
}

func drawThroughput(s *Scene) (*Drawing, error) {
	unit, name := s.rateUnit()
	b := byCount{series: s.Series, value: quoted(results.Throughput), unit: unit, named: true}
	d := &Drawing{
		subtitle: append(s.subtitle(), "median over repetitions, higher is better; "+s.intervals("order-statistic interval")),
	}
	if !b.add(d, s, name, func(y span) span { return y.widened(1.2, 4) }) {
		return nil, noData("no trial has a throughput")
	}
	return d.finish(), nil
}

// rateUnit returns in what rates are drawn: in millions, or one by one where a
// consumer that takes its time leaves only so few.
func (s *Scene) rateUnit() (unit float64, name string) {
	const few = 1e4
	for _, x := range s.Series {
		for _, c := range x.Cells {
			if v := c.Number(results.Throughput); v != nil && *v >= few {
				return results.Throughput.Unit.Scale, results.Throughput.Unit.Heading
			}
		}
	}
	return 1, "messages per second"
}
