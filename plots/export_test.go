package plots

import "github.com/fanin-bench/fanin-bench/results"

// Allocations is a figure that only tests have, as a new one would be declared. It adds
// to drawn how often it is laid out.
func Allocations(drawn *int) Figure {
	return Figure{
		Name:     "allocations",
		Question: "How much does a message allocate?",
		About:    Closed | Open,
		Read:     "Lower is better: what is allocated is collected some time.",
		Draw: func(s *Scene) (*Drawing, error) {
			*drawn++
			b := byCount{series: s.ranked(), unit: 1, named: true, value: quoted(results.AllocsPerMsg)}
			d := &Drawing{subtitle: append(s.subtitle(), "median over repetitions")}
			if !b.add(d, s, "objects per message", func(y span) span { return y.widened(1.2, 4) }) {
				return nil, noData("no allocation was counted")
			}
			return d.finish(), nil
		},
	}
}
