package doctor

import (
	"fmt"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial/schedule"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Severity says how much a finding matters.
type Severity string

// The severities, the worst first.
const (
	SeverityFault   Severity = "fault"   // what is measured here is wrong
	SeverityWarning Severity = "warning" // what is measured here is noisier than it need be, or biased
	SeverityNote    Severity = "note"    // good to know
)

// Severities lists them, the worst first.
func Severities() []Severity { return []Severity{SeverityFault, SeverityWarning, SeverityNote} }

// Finding is something about the machine that whoever reads its results should
// know.
type Finding struct {
	Code     string   `json:"code"` // stable, for scripts
	Severity Severity `json:"severity"`
	What     string   `json:"what"`
	Advice   string   `json:"advice"` // what to do about it
}

// From when on something is worth a finding. The floor is promised to take 6 ns
// per message and a clock reading takes 12 to 60 ns on common machines; these
// are several times as much. Hiccups are held against what the pacer of an open
// loop allows for, and at full load against Go's time slice of 10 ms, of which a
// goroutine may have to wait for two.
const (
	resolutionMost = 0.10  // of SmallestEffect
	ppmMost        = 1000  // 0.1 %; adjusting the system's clock accounts for up to 500 ppm
	clockCostMost  = 100.0 // ns
	floorMost      = 20.0  // ns per message
	loadMost       = 0.25  // per core
	othersMost     = 0.05  // of the machine's processors
	stealMost      = 0.002 // of the CPU time; the counters resolve 0.05 % of 20 s
	idleHiccupMost = 10 * time.Millisecond
	busyHiccupMost = 30 * time.Millisecond
	memoryLeast    = 1 << 30 // bytes
)

// examine says in plain words what is wrong with the machine, the worst first.
func (d *Diagnosis) examine() []Finding {
	f := findings{} // not nil: JSON shall have an empty list
	f.noise(d.Noise)
	f.clock(d.Clock, d.Environment)
	f.timers(d)
	f.environment(d.Environment)
	f.system(d.System, d.Environment)
	if d.Floor != nil && d.Floor.Median > floorMost {
		f.add("floor", SeverityWarning, "use a faster machine to compare strategies near the floor",
			"the harness alone takes %s ns per message", units.Significant(d.Floor.Median))
	}
	slices.SortStableFunc(f, func(a, b Finding) int {
		return slices.Index(Severities(), a.Severity) - slices.Index(Severities(), b.Severity)
	})
	return f
}

type findings []Finding

func (f *findings) add(code string, severity Severity, advice, what string, args ...any) {
	*f = append(*f, Finding{Code: code, Severity: severity, What: fmt.Sprintf(what, args...), Advice: advice})
}

func (f *findings) noise(n Noise) {
	tries := len(n.Tries)
	if n.Differences*20 > tries {
		advice := "trust no difference measured here until you have found the disturbance"
		if tries < 20 {
			advice = "repeat with --tries 20: one difference in 20 tries is chance, more come from the machine"
		}
		f.add("aa-difference", SeverityWarning, advice,
			"comparing %s with itself found a difference in %d of %s", n.Cell.Strategy, n.Differences, tryCount(tries))
	}
	if n.SmallestEffect > resolutionMost {
		f.add("resolution", SeverityWarning, "use more repetitions (--reps), longer trials (--duration) or a quieter machine",
			"%s", n.Resolution())
	}
}

// Resolution says SmallestEffect in words.
func (n Noise) Resolution() string {
	return fmt.Sprintf("differences below %s are invisible here with %d repetitions", percent(n.SmallestEffect), n.Reps)
}

func tryCount(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}

// percent formats a fraction, 0..1, with three significant digits.
func percent(fraction float64) string { return units.Significant(100*fraction) + " %" }

func (f *findings) clock(c ClockCheck, e results.Environment) {
	if c.BackwardNs > 0 {
		f.add("clock-backward", SeverityFault, "use no transit or response time measured here; boot with another clock source",
			"the clock runs backwards between processors, by up to %s", units.Nanoseconds(float64(c.BackwardNs)))
	}
	if c.StepNs == 0 {
		f.add("clock-stopped", SeverityFault, "discard all measurements; boot with another clock source",
			"the clock stood still for thousands of readings")
	}
	if c.ErrorPPM != nil && max(*c.ErrorPPM, -*c.ErrorPPM) > ppmMost {
		f.add("clock-rate", SeverityFault, "run doctor again; if the finding stays, boot with another clock source",
			"the time-stamp counter and the monotonic clock disagree by %s", percent(max(*c.ErrorPPM, -*c.ErrorPPM)/1e6))
	}
	if e.ClockNs > clockCostMost {
		f.add("clock-cost", SeverityWarning, "prefer the time-stamp counter as the kernel's clock source if the machine has a good one",
			"reading the clock takes %s (%s)", units.Nanoseconds(e.ClockNs), c.Why)
	}
}

// timers judges how late sleeping goroutines wake.
func (f *findings) timers(d *Diagnosis) {
	for _, s := range d.Sleeps {
		if p99 := s.Overshoot.P99; p99 != nil && *p99 > int64(schedule.SleepMargin) {
			f.add("sleep", SeverityWarning, "expect open loops to send late by the difference; check the send delay",
				"a sleep of %v takes %s longer at its p99; the pacer allows for %v",
				time.Duration(s.AskedNs), units.Nanoseconds(float64(*p99)), schedule.SleepMargin)
		}
	}
	if h := d.Idle; h != nil && h.HiccupMaxNs > int64(idleHiccupMost) {
		f.add("hiccup", SeverityWarning, "attribute the highest response times to the machine, not to the strategy",
			"on an idle machine a goroutine woke %s late", units.Nanoseconds(float64(h.HiccupMaxNs)))
	}
	if h := d.Busy; h != nil && h.HiccupP99Ns > int64(busyHiccupMost) {
		f.add("busy-hiccup", SeverityWarning, "stop other programs, or use a machine with dedicated processors",
			"with every processor busy a goroutine wakes %s late at the p99; Go alone accounts for some 20 ms",
			units.Nanoseconds(float64(h.HiccupP99Ns)))
	}
}

// system judges what else the machine was doing.
func (f *findings) system(s System, e results.Environment) {
	if s.OtherCores != nil && *s.OtherCores > othersMost*float64(e.Cores) {
		f.add("others", SeverityWarning, "stop the other programs",
			"other programs keep %s of %s busy", units.Significant(*s.OtherCores), units.Plural(e.Cores, "core"))
	}
	if s.StealShare != nil && *s.StealShare > stealMost {
		f.add("steal", SeverityWarning, "use a machine or an instance type with dedicated processors",
			"the host of this virtual machine gave %s of its CPU time to others: smaller differences and the tails may come from the host",
			percent(*s.StealShare))
	}
	if t := s.Throttled; t != nil && t.Periods > 0 {
		f.add("throttled", SeverityWarning, "lift the CPU quota of the cgroup",
			"the cgroup's CPU quota stopped this program in %d periods, for %s",
			t.Periods, units.Nanoseconds(float64(t.TimeNs)))
	}
	if s.AvailableBytes != nil && *s.AvailableBytes < memoryLeast {
		f.add("memory", SeverityWarning, "free memory: unbounded strategies may be killed or swapped",
			"only %d MB of memory are available", *s.AvailableBytes/1e6)
	}
	if s.SwappedBytes != nil && *s.SwappedBytes > 0 {
		f.add("swapping", SeverityWarning, "free memory, or turn swap off",
			"the machine swapped %d kB while measuring", (*s.SwappedBytes+999)/1000)
	}
}
