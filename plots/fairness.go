package plots

import "github.com/fanin-bench/fanin-bench/results"

// fairness answers whether producers are served alike, against their number.
var fairness = Figure{
	Name:     "fairness",
	Question: "Does every producer get its share?",
	About:    Closed | Open,
	Read: "At 1 every producer got the same share in every window; at 0.5 half of " +
		"them got everything.",
	Draw: drawFairness,
}

func drawFairness(s *Scene) (*Drawing, error) {
	b := byCount{series: s.ranked(), unit: 1, linear: true, value: quoted(results.FairnessIndex)}
	d := &Drawing{
		subtitle: append(s.subtitle(), "Jain's index of the messages received per producer in short windows, median over repetitions"+
			s.atStep()+"; 1 is fair"),
	}
	ok := b.add(d, s, "Jain's index", func(y span) span {
		// Equal shares are at 1; the axis goes down no further than it must.
		for _, lo := range []float64{0.9, 0.8, 0.5} {
			if y.lo > lo {
				return span{lo, 1 + 0.04*(1-lo)}
			}
		}
		return span{0, 1.04}
	})
	if !ok {
		return nil, noData("no cell of several producers lasted long enough to compare them")
	}
	return d.finish(), nil
}
