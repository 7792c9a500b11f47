package plots

import "github.com/fanin-bench/fanin-bench/results"

// memory answers how much memory a strategy needs at its worst moment, against
// the number of producers.
var memory = Figure{
	Name:     "memory",
	Question: "How much memory does it take at most?",
	About:    Closed | Open,
	Read: "Lower is better. The whole process is counted, so what all strategies share is the runtime and " +
		"the harness.",
	Draw: drawMemory,
}

func drawMemory(s *Scene) (*Drawing, error) {
	b := byCount{series: s.Series, unit: mebibyte, named: true, value: quoted(results.PeakMemory)}
	d := &Drawing{
		subtitle: append(s.subtitle(), "highest resident memory of the process, of all repetitions"+s.atStep()+"; lower is better"),
	}
	if !b.add(d, s, "MiB", func(y span) span { return y.widened(1.2, 4) }) {
		return nil, noData("the peak memory was not measured")
	}
	return d.finish(), nil
}
