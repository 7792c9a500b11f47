package resultstest

import (
	"math"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
)

// Company is a number of neighbours and what they do, as in a cell.
type Company struct {
	Busy int
	Kind string
}

// companies returns the neighbours that loads are to have.
func (c Config) companies() []Company {
	if c.Companies == nil {
		return []Company{{}}
	}
	return c.Companies
}

// beside makes up what neighbours do to a load: each strategy loses some of its pace to
// them, the fourth and the fifth nearly all, as those do that yield.
func (k maker) beside(m *results.Measurement) {
	busy := float64(k.cell.Busy)
	if busy == 0 {
		return
	}
	loss, longer := 1+busy/2, 1+0.1*busy
	if k.index >= 3 {
		loss, longer = math.Exp(busy), 1000*busy
	}
	if k.cell.IsClosed() {
		m.ElapsedNs = int64(float64(m.ElapsedNs) * loss)
	}
	if m.Transit != nil {
		slower := histogram.New()
		for _, bar := range m.Transit.Distribution() {
			if bar.Count > 0 {
				slower.RecordMany(int64(float64(bar.From)*longer), bar.Count)
			}
		}
		m.Transit = slower
	}
	const alone = 50_000 // units in 50 ms
	share := busy / (busy + 1 + 0.3*float64(k.index)) * math.Exp(0.02*k.rng.NormFloat64())
	m.Neighbours = &results.Neighbours{
		Alone:  results.Work{Units: alone, ElapsedNs: 50e6},
		Beside: results.Work{Units: int64(share * alone / 50e6 * float64(m.ElapsedNs)), ElapsedNs: m.ElapsedNs},
	}
	m.CPUNs = 0
	if k.cell.BusyKind == results.BusyAlloc {
		m.Mallocs = nil
	}
}
