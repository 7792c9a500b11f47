package results

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// fairnessSlack is by how much an index may be off from rounding alone.
const fairnessSlack = 1e-9

// Validate reports the first count of a measurement that cannot be: a child
// process made it, or a file tells of it.
func (m *Measurement) Validate() error {
	for _, check := range []func() error{
		m.validateCounts, m.validateStages, m.validateRates, m.validateHistograms,
		m.Backlog.validate, m.InFlight.validate, m.Fairness.validate, m.Host.validate, m.Probe.validate, m.Sink.validate, m.Neighbours.validate,
		m.validateSlices, m.validateProcesses,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	for _, w := range m.WarmUp {
		if err := firstOutside(bounds{"warm_up messages", w.Messages, 0, maxCount},
			bounds{"warm_up elapsed_ns", w.ElapsedNs, 0, maxNs}); err != nil {
			return err
		}
	}
	return nil
}

// checkQuantities reports what no quantity can be in a trial, whatever it is: a field that
// has no bounds of its own is held to these.
func checkQuantities(t *Trial) error {
	for _, q := range quantities {
		if q.Of == nil {
			continue
		}
		if v, ok := q.Of(t); ok {
			if err := firstOutside(limits{q.Name, v, 0, math.MaxInt64}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *Measurement) validateCounts() error {
	if err := firstOutside(
		bounds{"elapsed_ns", m.ElapsedNs, 1, maxNs},
		bounds{"attempted", m.Attempted, 0, maxCount},
		bounds{"delivered", m.Delivered, 0, maxCount},
		bounds{"dropped", m.Dropped, 0, maxCount},
		bounds{"rejected", m.Rejected, 0, maxCount},
		bounds{"receives", m.Receives, 0, maxCount},
		bounds{"parks", orZero(m.Parks), 0, maxCount},
		bounds{"sample_step", int64(m.SampleStep), 0, maxCount},
		bounds{"mallocs", orZero(m.Mallocs), 0, maxCount},
		bounds{"heap_high_bytes", m.HeapBytes, 0, maxBytes},
		bounds{"peak_bytes", m.PeakBytes, 0, maxBytes},
		bounds{"gcs", orZero(m.GCs), 0, maxCount},
		bounds{"cpu_ns", m.CPUNs, 0, maxNs},
		bounds{"recovery_ns", m.RecoveryNs, 0, maxNs},
		bounds{"duplicated", orZero(m.Duplicated), 0, maxCount},
		bounds{"late", orZero(m.Late), 0, maxCount},
		bounds{"confirmed", orZero(m.Confirmed), 0, m.Attempted},
	); err != nil {
		return err
	}
	if m.Attempted != m.Delivered+m.Dropped+m.Rejected {
		return fmt.Errorf("attempted = delivered + dropped + rejected does not hold: %d = %d + %d + %d",
			m.Attempted, m.Delivered, m.Dropped, m.Rejected)
	}
	return nil
}

func (m *Measurement) validateProcesses() error {
	var before []string
	for _, p := range m.Processes {
		if !slices.Contains(Roles(), p.Role) || slices.Contains(before, p.Role) {
			return fmt.Errorf("role %.40q of processes is unknown or there twice; one of %q", p.Role, Roles())
		}
		before = append(before, p.Role)
		if err := firstOutside(
			bounds{"processes count", int64(p.Count), 1, maxProducers},
			bounds{"processes cpu_ns", p.CPUNs, 0, maxNs},
			bounds{"processes peak_bytes", p.PeakBytes, 0, maxBytes},
		); err != nil {
			return err
		}
	}
	return nil
}

func (m *Measurement) validateRates() error {
	if err := firstOutside(
		limits{"clock_ns", m.ClockNs, 0, maxNs},
		limits{"offered_msgs_per_s", m.OfferedRate, 0, maxRate},
		limits{"achieved_msgs_per_s", m.AchievedRate, 0, maxRate},
		limits{"saturation_msgs_per_s", m.Saturation, 0, maxRate},
	); err != nil || m.SendCall == nil {
		return err
	}
	if err := firstOutside(limits{"send_call mean", m.SendCall.Mean, 0, maxNs}); err != nil {
		return err
	}
	return firstOutside(bounds{"send_call count", m.SendCall.Count, 0, maxCount})
}

func (m *Measurement) validateHistograms() error {
	for name, h := range map[string]*histogram.Histogram{"transit": m.Transit, "response": m.Response, "send_delay": m.SendDelay} {
		if err := validateHistogram(name, h); err != nil {
			return err
		}
	}
	return nil
}

// validateHistogram accepts a histogram that is absent.
func validateHistogram(name string, h *histogram.Histogram) error {
	if h == nil {
		return nil
	}
	if !h.Made() || h.TotalCount() > maxCount {
		return fmt.Errorf("%s holds more samples than any trial has messages", name)
	}
	return nil
}

func (b *Backlog) validate() error {
	if b == nil {
		return nil
	}
	if err := firstOutside(limits{"backlog mean", b.Mean, 0, maxCount}); err != nil {
		return err
	}
	if err := firstOutside(
		bounds{"backlog max", b.Max, 0, maxCount},
		bounds{"backlog step_ns", b.StepNs, 1, maxNs},
	); err != nil {
		return err
	}
	return validateSeries("backlog series", b.Series, maxCount)
}

func (f *Fairness) validate() error {
	if f == nil {
		return nil
	}
	if err := firstOutside(bounds{"fairness window_ns", f.WindowNs, 1, maxNs}); err != nil {
		return err
	}
	if !(f.Jain > 0 && f.Jain <= 1+fairnessSlack) {
		return fmt.Errorf("jain %v is outside (0, 1]", f.Jain)
	}
	if f.P99Ratio == 0 { // absent
		return nil
	}
	return firstOutside(limits{"p99_ratio", f.P99Ratio, 1, maxNs})
}

func (h *Host) validate() error {
	if h == nil {
		return nil
	}
	return firstOutside(
		bounds{"hiccup_p99_ns", h.HiccupP99Ns, 0, maxNs},
		bounds{"hiccup_max_ns", h.HiccupMaxNs, 0, maxNs},
		bounds{"sched_p99_ns", h.SchedP99Ns, 0, maxNs},
		bounds{"gc_pause_ns", h.GCPauseNs, 0, maxNs},
		bounds{"evictions", h.Evictions, 0, maxCount},
		bounds{"mutex_wait_ns", h.MutexWaitNs, 0, math.MaxInt64}, // of all goroutines together
	)
}

func (p *Probe) validate() error {
	if p == nil {
		return nil
	}
	if p.Wake == nil {
		return errors.New("a probe has no wake times")
	}
	if err := validateHistogram("wake", p.Wake); err != nil {
		return err
	}
	if err := firstOutside(limits{"idle_cpu_share", p.IdleCPUShare, 0, maxShare}); err != nil {
		return err
	}
	return firstOutside(
		bounds{"retained_bytes", p.RetainedBytes, 0, maxBytes},
		bounds{"burst_bytes", p.BurstBytes, 0, maxBytes},
	)
}

func (s *Sink) validate() error {
	if s == nil {
		return nil
	}
	return firstOutside(
		bounds{"sink bytes", s.Bytes, 0, maxBytes},
		bounds{"sink writes", s.Writes, 0, maxCount},
		bounds{"sink syncs", s.Syncs, 0, maxCount},
	)
}

func (m *Memory) validate() error {
	if m == nil {
		return nil
	}
	if err := firstOutside(
		bounds{"memory peak_bytes", m.PeakBytes, 0, maxBytes},
		bounds{"memory step_ns", m.StepNs, 1, maxNs},
	); err != nil {
		return err
	}
	return validateSeries("memory series", m.Series, maxBytes)
}

// validateSeries checks what was sampled over time.
func validateSeries(name string, series stat.Levels, highest int64) error {
	if series.Len() > maxSteps {
		return outside(name+" length", series.Len(), 0, maxSteps)
	}
	for i, v := range series.Values() {
		if v < 0 || v > highest {
			return fmt.Errorf("%s: %w", name, outside(fmt.Sprintf("step %d with", i), v, 0, highest))
		}
	}
	return nil
}

// orZero returns what an optional count holds.
func orZero(v *int64) int64 {
	if v == nil {
		return 0
	}
	return *v
}
