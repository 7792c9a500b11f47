package stat

import (
	"math"

	"github.com/aclements/go-moremath/stats"
)

// Paired is two samples whose values come in pairs, one pair of each block.
type Paired struct {
	// Ratio is the median over blocks of b's value over a's, with its interval: see
	// Pairs.Ratio.
	Ratio Interval
	P     float64 // see Pairs.P
}

// Differ reports whether both the test, at level Alpha, and the interval of the
// ratios say so. The test alone, at a level of 5 %, is bound to find two or more
// differences in 20 comparisons of equal samples in every fourth run of such 20;
// both together are wrong in under 2 % of comparisons (TestCompareAA in harness), in
// under 5 % where they took turns (TestTurnsCover).
func (p Paired) Differ() bool {
	return p.P < Alpha && p.Ratio.Excludes(1)
}

// Pairs are the values of two samples in the blocks that both have. Every ratio of two
// cells is one of pairs: what drifts over a run, as a machine's speed does, hits both
// values of a block and cancels out.
type Pairs struct {
	over, by []float64 // one of each block
	// logs is the logarithm of each block's ratio by the turns that both took; nil
	// where the blocks are to be compared as wholes.
	logs []float64
}

// NewPairs pairs the values of a sample with those above 0 that they are divided by. Where
// both took turns with each other in all blocks, or in enough for an interval, only those
// blocks count, and each by its turns: a block measured in any other way is a measurement of
// another quality, as after a trial was repeated alone.
func NewPairs(of, by Sample) Pairs {
	var whole, turns Pairs
	of.inCommon(by.Positive(), func(o, b Observation) {
		whole.over, whole.by = append(whole.over, o.Value), append(whole.by, b.Value)
		if o.Turns.with(b.Turns) {
			turns.over, turns.by = append(turns.over, o.Value), append(turns.by, b.Value)
			turns.logs = append(turns.logs, o.Turns.logRatio(b.Turns))
		}
	})
	if n := len(turns.logs); n > 0 && (n == len(whole.over) || n >= MinReps) {
		return turns
	}
	return whole
}

// Len returns how many blocks there are.
func (p Pairs) Len() int { return len(p.over) }

// InTurns reports whether the ratios are of turns.
func (p Pairs) InTurns() bool { return p.logs != nil }

// Values returns the ratio of each block.
func (p Pairs) Values() []float64 {
	ratios := make([]float64, len(p.over))
	for i := range ratios {
		if ratios[i] = p.over[i] / p.by[i]; p.InTurns() {
			ratios[i] = math.Exp(p.logs[i])
		}
	}
	return ratios
}

// Ratio returns the median over blocks of the ratio with its interval, nil without
// blocks. The interval is NewInterpolated of the logarithms where the
// blocks were measured in turns, otherwise that of order statistics.
//
// Turns of a block are not independent of each other, for its processes have one
// layout in memory and one luck; blocks are new processes, so nothing but blocks is
// counted. What a block's estimate owes to its turns is part of how far the
// estimates of blocks lie apart, so their interval covers both levels (T. Kalibera,
// R. Jones: Rigorous benchmarking in reasonable time, ISMM 2013). Rejected: their interval of
// the mean, by Student's t, is narrower by a tenth and holds the mean in 55 to
// 85 of 100 cases where one process in seven is of another kind; a bootstrap of
// both levels does so in 50 to 80, and one of the medians in 88 to 92 of any.
func (p Pairs) Ratio() *Interval {
	if p.InTurns() {
		return NewInterpolated(p.logs).exp()
	}
	return NewInterval(p.Values())
}

// Bootstrap is Ratio with the interval of NewBootstrap where blocks are compared as
// wholes.
func (p Pairs) Bootstrap(seed uint64) *Interval {
	if p.InTurns() {
		return p.Ratio()
	}
	return NewBootstrap(p.Values(), seed)
}

// P returns the chance of such values if nothing differs: by the Mann-Whitney U test, or,
// of turns, by Student's t of the logarithms of the blocks' ratios. Those are
// symmetric about 0 if nothing differs, whatever humps they have, which is
// what the test needs of ten values; that of Mann-Whitney would not see
// that they are pairs, and one of ranks has no small p for few blocks.
func (p Pairs) P() float64 {
	if !p.InTurns() {
		return MannWhitney(p.over, p.by).P
	}
	if p.Len() < 2 {
		return 1
	}
	t, err := stats.OneSampleTTest(stats.Sample{Xs: p.logs}, 0, stats.LocationDiffers)
	if err != nil { // all are equal: as if by their signs
		return math.Exp2(float64(1 - p.Len()))
	}
	return t.P
}

// Compare returns the ratio and the test; there must be a block.
func (p Pairs) Compare() Paired { return Paired{Ratio: *p.Ratio(), P: p.P()} }

// RatioByBlock returns the median over blocks of b's value over a's with its
// interval, nil if they share none. Only values above 0 count.
func RatioByBlock(a, b Sample) *Interval { return NewPairs(b.Positive(), a).Ratio() }
