package plots

import "github.com/fanin-bench/fanin-bench/results"

// neighbours answers what is left to those who compute beside a fan-in.
var neighbours = Figure{
	Name:     "neighbours",
	Question: "How much work do the busy neighbours of a fan-in do?",
	About:    Swept,
	Read: "At 1 the fan-in takes nothing from its neighbours. A strategy that is fast in the figure before and low in this one " +
		"is fast at their cost; a strategy that yields to all of them leaves them nearly everything, and does little itself.",
	Draw: drawNeighbours,
}

func drawNeighbours(s *Scene) (*Drawing, error) {
	b := byCount{series: s.Series, unit: 1, linear: true, value: quoted(results.NeighbourShare)}
	d := &Drawing{
		subtitle: append(s.subtitle(), "their work beside the fan-in over their work alone, median over repetitions; higher is better for them",
			s.intervals("order-statistic interval")),
	}
	if !b.add(d, s, "share of their work alone", func(y span) span { return span{0, 1.05 * max(1, y.hi)} }) {
		return nil, noData("no neighbour computes beside the fan-in")
	}
	return d.finish(), nil
}
