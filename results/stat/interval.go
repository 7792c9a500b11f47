package stat

import (
	"fmt"
	"math"
	"slices"

	"github.com/montanaflynn/stats"
	"golang.org/x/perf/benchmath"
)

// Confidence is the level of every interval.
const Confidence = 0.95

// MinReps is how many repetitions an order-statistic interval at Confidence
// needs: with five, the whole range covers the median in only 93.75 % of runs.
const MinReps = 6

// Interval is a median over repetitions with its confidence interval. Unless a
// field says otherwise that is the one of order statistics, which assumes nothing
// about the distribution. Lo and Hi are absent with fewer than MinReps values.
type Interval struct {
	Median float64  `json:"median"`
	Lo     *float64 `json:"lo,omitempty"`
	Hi     *float64 `json:"hi,omitempty"`
}

// NewInterval summarises the values, or returns nil when there are none.
func NewInterval(values []float64) *Interval {
	if len(values) == 0 {
		return nil
	}
	// NewSample sorts in place.
	sample := benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
	s := benchmath.AssumeNothing.Summary(sample, Confidence)
	interval := &Interval{Median: s.Center}
	if !math.IsInf(s.Lo, 0) && !math.IsInf(s.Hi, 0) {
		interval.Lo, interval.Hi = &s.Lo, &s.Hi
	}
	return interval
}

// Spread returns the distance of the farther bound from the median as a
// fraction of the median, and false without bounds.
func (i Interval) Spread() (float64, bool) {
	if i.Lo == nil || i.Hi == nil || i.Median <= 0 {
		return 0, false
	}
	return max(*i.Hi-i.Median, i.Median-*i.Lo) / i.Median, true
}

// FewReps is the warning for n values, empty when they are enough, or none at
// all: then there is nothing to warn about.
func FewReps(n int) string {
	if n >= MinReps || n == 0 {
		return ""
	}
	return fmt.Sprintf("n=%d: at least %d repetitions needed for a %.0f %% interval", n, MinReps, 100*Confidence)
}

// Median returns the median, or nil when there are no values.
func Median(values []float64) *float64 {
	m, err := stats.Median(values)
	if err != nil {
		return nil // the only error is that there are none
	}
	return &m
}

// Bounded reports whether the interval has bounds. It accepts nil.
func (i *Interval) Bounded() bool { return i != nil && i.Lo != nil && i.Hi != nil }

// Excludes reports whether the interval has bounds and v lies beyond them.
func (i *Interval) Excludes(v float64) bool {
	return i.Bounded() && (*i.Lo > v || *i.Hi < v)
}

// exp is the interval of what the interval is of the logarithm of. It accepts nil.
func (i *Interval) exp() *Interval {
	if i == nil {
		return nil
	}
	out := &Interval{Median: math.Exp(i.Median)}
	if i.Bounded() {
		out.Lo, out.Hi = new(math.Exp(*i.Lo)), new(math.Exp(*i.Hi))
	}
	return out
}

// WithSpread formats an interval, as "12.3 ±4 %"; it is empty for nil.
func (i *Interval) WithSpread(text func(float64) string) string {
	if i == nil {
		return ""
	}
	if spread, ok := i.Spread(); ok {
		return fmt.Sprintf("%s ±%.0f %%", text(i.Median), 100*spread)
	}
	return text(i.Median)
}
