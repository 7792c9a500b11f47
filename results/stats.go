package results

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

// fewReps is the warning for n values, empty when they are enough, or none at
// all: then there is nothing to warn about.
func fewReps(n int) string {
	if n >= MinReps || n == 0 {
		return ""
	}
	return fmt.Sprintf("n=%d: at least %d repetitions needed for a %.0f %% interval", n, MinReps, 100*Confidence)
}

// median returns the median, or nil when there are no values.
func median(values []float64) *float64 {
	m, err := stats.Median(values)
	if err != nil {
		return nil // the only error is that there are none
	}
	return &m
}

// Quantiles are what is quoted of a distribution of times, in ns. A quantile
// with fewer than ten samples beyond it is absent: it would be an accident of
// this run.
type Quantiles struct {
	P50     *int64  `json:"p50,omitempty"`
	P90     *int64  `json:"p90,omitempty"`
	P99     *int64  `json:"p99,omitempty"`
	P999    *int64  `json:"p999,omitempty"`
	P9999   *int64  `json:"p9999,omitempty"`
	Max     int64   `json:"max"`
	Mean    float64 `json:"mean"`
	Samples int64   `json:"sample_count"`
}

// minBeyond is how many samples must lie beyond a quantile for it to be quoted.
const minBeyond = 10

// NewQuantiles reads the quantiles of a histogram, or returns nil when it is
// empty.
func NewQuantiles(h *Histogram) *Quantiles {
	if h == nil || h.TotalCount() == 0 {
		return nil
	}
	b := h.briefly()
	at := func(i int) *int64 {
		if b.count/quoted[i] < minBeyond {
			return nil
		}
		return &b.quantiles[i]
	}
	return &Quantiles{
		P50: at(0), P90: at(1), P99: at(2), P999: at(3), P9999: at(4),
		Max: b.max, Mean: b.mean, Samples: b.count,
	}
}

// merge adds up one histogram of each of some trials, or returns nil when none
// has one.
func merge(trials []Trial, of func(*Measurement) *Histogram) *Histogram {
	var merged *Histogram
	for _, t := range trials {
		if t.Measurement == nil {
			continue
		}
		h := of(t.Measurement)
		if h == nil {
			continue
		}
		if merged == nil {
			merged = NewHistogram()
		}
		merged.Merge(h)
	}
	merged.pack()
	return merged
}
