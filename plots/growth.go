package plots

import (
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// muchMemory is from where on memory is worth a look over time: below that it is the
// runtime and the harness.
const muchMemory = 256 * mebibyte

const mebibyte = 1 << 20

// growth answers whether memory stays flat as time goes by, in trials that ended at
// their limit too.
var growth = Figure{
	Name:     "growth",
	Question: "Does memory stay flat during a trial?",
	About:    Closed | Open,
	Read: "A flat line is bounded. A line that reaches the dashed line would not have stopped: each cross is a trial that " +
		"ended there. The whole process is counted, with its warm-up.",
	Draw: drawGrowth,
}

func drawGrowth(s *Scene) (*Drawing, error) {
	l := memoryOverTime()
	at, ok := s.mainPlace(l.sampled)
	if !ok {
		return nil, noData("the memory was not watched")
	}
	if s.boundsBytes(at) {
		return nil, noData("where a queue is bounded in bytes, " + mixed.Name + " shows it")
	}
	limit, peak, ended := s.Manifest.MemoryLimit, int64(0), false
	for _, x := range s.ranked() {
		if c := at.cell(x); c != nil && c.Number(results.MemoryPeak) != nil {
			peak, ended = max(peak, int64(*c.Number(results.MemoryPeak))), ended || len(c.Ends) > 0
		}
	}
	isNear := limit > 0 && (ended || peak >= limit/4)
	if !isNear && !ended && peak < muchMemory {
		return nil, noData("memory stayed small")
	}
	d := s.overMemory(at)
	switch words := units.Bytes(float64(limit)); {
	case isNear:
		l.limit = func(*results.CellSummary) float64 { return float64(limit) / mebibyte }
		d.notes = append(d.notes, "dashed: the memory limit, "+words)
	case limit > 0: // drawn, it would press the rest flat
		d.notes = append(d.notes, "the memory limit, "+words+", is far above")
	}
	l.add(d, s, at)
	if ended {
		d.notes = append(d.notes, "×: a trial "+endings(s, at))
	}
	return d.finish(), nil
}

// memoryOverTime is the resident memory of a process.
func memoryOverTime() timeline {
	return timeline{
		track: func(c *results.CellSummary) *stat.Series { return c.Growth },
		unit:  mebibyte, yLabel: "MiB", ends: true,
		axis:  func(y span) axisRange { return evenRange(span{0, 1.12 * y.hi}) },
		words: func(most float64) string { return "at most " + units.Bytes(most) },
		limit: func(*results.CellSummary) float64 { return 0 },
	}
}

// overMemory begins a drawing of memory over time.
func (s *Scene) overMemory(at place) *Drawing {
	return &Drawing{
		subtitle: append(s.subtitle(), "resident memory of the process at "+at.title()+
			", warm-up included: highest in each step, median over repetitions; lower is better"),
		gutter: 8,
	}
}

// endings says how the trials ended that have no measurement, each way once.
func endings(s *Scene, at place) string {
	var ways []string
	for _, x := range s.ranked() {
		if c := at.cell(x); c != nil {
			for _, end := range c.Ends {
				if way := ending(end); !slices.Contains(ways, way) {
					ways = append(ways, way)
				}
			}
		}
	}
	return strings.Join(ways, "; ")
}
