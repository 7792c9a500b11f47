package plots

import (
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
)

// muchMemory is from where on, or from a quarter of the memory limit on, memory is
// worth a look over time: below that it is the runtime and the harness.
const muchMemory = 256 * mebibyte

const mebibyte = 1 << 20

// growth answers whether memory stays flat as time goes by, in trials that ended at
// their limit too.
func growth(s *Scene) (*Drawing, error) {
	limit := float64(s.Manifest.MemoryLimit) / mebibyte
	l := timeline{
		track: func(c *results.CellSummary) *results.Series { return c.Growth },
		unit:  mebibyte, yLabel: "MiB", ends: true,
		axis:  func(y span) axisRange { return evenRange(span{0, 1.12 * y.hi}) },
		words: func(most float64) string { return "at most " + results.Bytes(most) },
		limit: func(*results.CellSummary) float64 { return limit },
	}
	at, ok := s.mainPlace(l.sampled)
	if !ok {
		return nil, noData("the memory was not watched")
	}
	ended := slices.ContainsFunc(s.ranked(), func(x Series) bool { c := at.cell(x); return c != nil && len(c.Ends) > 0 })
	if !ended && !slices.ContainsFunc(s.ranked(), func(x Series) bool { return isMuch(at.cell(x), s.Manifest.MemoryLimit) }) {
		return nil, noData("memory stayed small")
	}
	d := &Drawing{
		Question: "Does memory stay flat while it runs?",
		subtitle: append(s.subtitle(), "resident memory of the process at "+at.title()+
			", warm-up included: highest in each step, median over repetitions; lower is better"),
		gutter: 8,
	}
	l.add(d, s, at)
	if limit > 0 {
		d.notes = append(d.notes, "dashed: the memory limit, "+results.Bytes(float64(s.Manifest.MemoryLimit)))
	}
	if ended {
		d.notes = append(d.notes, "×: a trial "+endings(s, at))
	}
	return d.finish(), nil
}

// isMuch reports whether a cell came to have much memory.
func isMuch(c *results.CellSummary, limit int64) bool {
	if c == nil || c.Memory == nil {
		return false
	}
	return c.Memory.PeakBytes >= muchMemory || limit > 0 && c.Memory.PeakBytes >= limit/4
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
