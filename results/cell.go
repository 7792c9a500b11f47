package results

import (
	"fmt"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// summarizeCell computes everything that needs no other cell.
func summarizeCell(m *Manifest, cell Cell, trials []Trial) CellSummary {
	s := CellSummary{Cell: cell, Trials: len(trials)}
	var measured []*Measurement
	for _, t := range trials {
		if t.Measurement != nil {
			measured = append(measured, t.Measurement)
		}
	}
	s.countFailures(m, trials)
	for _, q := range quantities {
		if !q.IsAbout(cell) {
			continue
		}
		s.Set(q, q.Sample(trials))
		if q.Times != nil {
			s.SetTimes(q, merge(trials, q.Times))
		}
	}
	if isLoad(cell) {
		s.courses(measured)
	}
	s.lives(m, trials)
	s.Warnings = s.cellWarnings(trials)
	return s
}

// values collects what some measurements have.
func values(measured []*Measurement, of func(*Measurement) (float64, bool)) []float64 {
	var out []float64
	for _, m := range measured {
		if v, ok := of(m); ok {
			out = append(out, v)
		}
	}
	return out
}

// merge adds up one histogram of each of some trials, or returns nil when none
// has one.
func merge(trials []Trial, of func(*Measurement) *histogram.Histogram) *histogram.Histogram {
	var merged *histogram.Histogram
	for _, t := range trials {
		if t.Measurement == nil {
			continue
		}
		h := of(t.Measurement)
		if h == nil {
			continue
		}
		if merged == nil {
			merged = histogram.New()
		}
		merged.Merge(h)
	}
	merged.Pack()
	return merged
}

// countFailures counts the trials that have no measurement, and those of them that
// ended as expected, and puts both into words.
func (s *CellSummary) countFailures(m *Manifest, trials []Trial) {
	failed, expected := map[string]int{}, map[FailureKind]int{}
	for _, t := range trials {
		switch {
		case t.Failure == nil:
			continue
		case m.Expects(t.Failure):
			s.Expected++
			expected[t.Failure.Kind]++
		default:
			failed[string(t.Failure.Kind)]++
		}
		s.Failed++
	}
	s.failures = describeFailures(failed, s.Failed-s.Expected, len(trials))
	for _, kind := range Expectable() {
		if n := expected[kind]; n > 0 {
			s.ends = append(s.ends, fmt.Sprintf("%d of %s %s, as expected", n, units.Plural(len(trials), "trial"), kind.Ended()))
		}
	}
}

// Unmeasured reports whether the cell has trials but no measurement, and whether
// that is as the run expects.
func (s *CellSummary) Unmeasured() (unmeasured, expected bool) {
	unmeasured = s.Trials > 0 && s.Failed == s.Trials
	return unmeasured, unmeasured && s.Expected == s.Failed
}
