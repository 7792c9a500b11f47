package results

import (
	"fmt"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
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
	s.count(measured)
	switch cell.Kind {
	case KindSearch:
		s.Saturation = stat.NewInterval(values(measured, (*Measurement).saturation))
	case KindProbe:
		s.probe(measured, trials)
	default:
		s.rates(measured)
		s.NsOfBlocks = ByBlock(trials, func(m *Measurement) (float64, bool) { return m.perMsg(m.ElapsedNs) })
		s.times(trials)
		s.costs(measured)
		s.occupancy(measured)
	}
	s.lives(m, trials)
	s.host(measured)
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

// measuredValue is one that stands for "not measured" at 0.
func measuredValue(v float64) (float64, bool) { return v, v > 0 }

func (m *Measurement) saturation() (float64, bool) { return measuredValue(m.Saturation) }

// perMsg divides by the messages delivered, if there are any.
func (m *Measurement) perMsg(v int64) (float64, bool) {
	if m.Delivered == 0 {
		return 0, false
	}
	return float64(v) / float64(m.Delivered), true
}

// countPerMsg is perMsg of what may not have been counted.
func (m *Measurement) countPerMsg(v *int64) (float64, bool) {
	if v == nil {
		return 0, false
	}
	return m.perMsg(*v)
}

func (s *CellSummary) count(measured []*Measurement) {
	if len(measured) == 0 {
		return
	}
	s.Counts = &Counts{}
	for _, m := range measured {
		s.Attempted += m.Attempted
		s.Delivered += m.Delivered
		s.Dropped += m.Dropped
		s.Rejected += m.Rejected
	}
}

func (s *CellSummary) rates(measured []*Measurement) {
	interval := func(of func(*Measurement) (float64, bool)) *stat.Interval {
		return stat.NewInterval(values(measured, of))
	}
	s.Throughput = interval(func(m *Measurement) (float64, bool) { return m.Throughput(), true })
	s.NsPerMsg = interval(func(m *Measurement) (float64, bool) { return m.perMsg(m.ElapsedNs) })
	s.Offered = interval(func(m *Measurement) (float64, bool) { return measuredValue(m.OfferedRate) })
	s.Achieved = interval(func(m *Measurement) (float64, bool) { return measuredValue(m.AchievedRate) })
	s.NeighbourShare = interval((*Measurement).NeighbourShare)
	s.RecoveryNs = interval(func(m *Measurement) (float64, bool) { return measuredValue(float64(m.RecoveryNs)) })
}

func (s *CellSummary) times(trials []Trial) {
	s.TransitHistogram = merge(trials, func(m *Measurement) *histogram.Histogram { return m.Transit })
	s.ResponseHistogram = merge(trials, func(m *Measurement) *histogram.Histogram { return m.Response })
	s.SendDelayHistogram = merge(trials, func(m *Measurement) *histogram.Histogram { return m.SendDelay })
	s.Transit = histogram.NewQuantiles(s.TransitHistogram)
	s.Response = histogram.NewQuantiles(s.ResponseHistogram)
	s.SendDelay = histogram.NewQuantiles(s.SendDelayHistogram)
}

func (s *CellSummary) costs(measured []*Measurement) {
	middle := func(of func(*Measurement) (float64, bool)) *float64 { return stat.Median(values(measured, of)) }
	s.BatchMean = middle(func(m *Measurement) (float64, bool) {
		return float64(m.Delivered) / float64(max(1, m.Receives)), m.Receives > 0
	})
	s.AllocsPerMsg = middle(func(m *Measurement) (float64, bool) { return m.countPerMsg(m.Mallocs) })
	s.ParksPerMsg = middle(func(m *Measurement) (float64, bool) { return m.countPerMsg(m.Parks) })
	s.CPUNsPerMsg = middle(func(m *Measurement) (float64, bool) {
		v, ok := m.perMsg(m.CPUNs)
		return v, ok && m.CPUNs > 0
	})
	s.SendCallNs = middle(func(m *Measurement) (float64, bool) {
		if m.SendCall == nil {
			return 0, false
		}
		return m.SendCall.Mean, m.SendCall.Count > 0
	})
	ofSink := func(of func(*Measurement) (float64, bool)) *float64 {
		return middle(func(m *Measurement) (float64, bool) {
			if m.Sink == nil {
				return 0, false
			}
			return of(m)
		})
	}
	s.WritesPerMsg = ofSink(func(m *Measurement) (float64, bool) { return m.perMsg(m.Sink.Writes) })
	s.SinkBytesPerS = ofSink(func(m *Measurement) (float64, bool) {
		return float64(m.Sink.Bytes) / (float64(m.ElapsedNs) / 1e9), true
	})
	s.BlockedShare = middle(s.blocked)
	s.Fairness = middle(func(m *Measurement) (float64, bool) {
		if m.Fairness == nil {
			return 0, false
		}
		return m.Fairness.Jain, true
	})
	s.P99Ratio = middle(func(m *Measurement) (float64, bool) {
		if m.Fairness == nil {
			return 0, false
		}
		return measuredValue(m.Fairness.P99Ratio)
	})
}

// blocked returns which share of their time the producers spent in send calls.
func (s *CellSummary) blocked(m *Measurement) (float64, bool) {
	if m.SendCall == nil || m.SendCall.Count == 0 {
		return 0, false
	}
	calls := float64(m.Attempted) / float64(s.SendBatch)
	return min(1, m.SendCall.Mean*calls/(float64(s.Producers)*float64(m.ElapsedNs))), true
}

// highest returns the highest positive value, nil if there is none.
func highest(measured []*Measurement, of func(*Measurement) int64) *int64 {
	var top int64
	for _, m := range measured {
		top = max(top, of(m))
	}
	if top == 0 {
		return nil
	}
	return &top
}

func (s *CellSummary) probe(measured []*Measurement, trials []Trial) {
	s.WakeHistogram = merge(trials, func(m *Measurement) *histogram.Histogram {
		if m.Probe == nil {
			return nil
		}
		return m.Probe.Wake
	})
	middle := func(of func(*Probe) float64) *float64 {
		return stat.Median(values(measured, func(m *Measurement) (float64, bool) {
			if m.Probe == nil {
				return 0, false
			}
			return of(m.Probe), true
		}))
	}
	idle := middle(func(p *Probe) float64 { return p.IdleCPUShare })
	if idle == nil {
		return
	}
	s.Probe = &ProbeSummary{
		Wake: histogram.NewQuantiles(s.WakeHistogram), IdleCPUShare: *idle,
		RetainedBytes: *middle(func(p *Probe) float64 { return float64(p.RetainedBytes) }),
		BurstBytes:    *middle(func(p *Probe) float64 { return float64(p.BurstBytes) }),
	}
}

func (s *CellSummary) host(measured []*Measurement) {
	middle := func(of func(*Host) int64) *float64 {
		return stat.Median(values(measured, func(m *Measurement) (float64, bool) {
			if m.Host == nil {
				return 0, false
			}
			return float64(of(m.Host)), true
		}))
	}
	p99 := middle(func(h *Host) int64 { return h.HiccupP99Ns })
	if p99 == nil {
		return
	}
	s.Host = &HostSummary{
		HiccupP99Ns: *p99,
		SchedP99Ns:  *middle(func(h *Host) int64 { return h.SchedP99Ns }),
		GCPauseNs:   *middle(func(h *Host) int64 { return h.GCPauseNs }),
		MutexWaitNs: *middle(func(h *Host) int64 { return h.MutexWaitNs }),
	}
	for _, m := range measured {
		if m.Host != nil {
			s.Host.HiccupMaxNs = max(s.Host.HiccupMaxNs, m.Host.HiccupMaxNs)
		}
	}
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
