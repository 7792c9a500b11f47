package results

import (
	"cmp"
	"fmt"
	"slices"
)

// Expectable lists the failures that a scenario may expect, so that they are what it
// shows and not what went wrong: what becomes of a process under a load. A wrong
// delivery, a broken promise, a crash or a fault of the harness is never one.
func Expectable() []FailureKind {
	return []FailureKind{FailureMemory, FailureTimeout, FailureKilled}
}

// Ended says how a trial of an expectable kind of failure ended.
func (k FailureKind) Ended() string {
	by := map[FailureKind]string{FailureMemory: "the memory limit", FailureTimeout: "the timeout", FailureKilled: "a signal"}
	return "ended by " + cmp.Or(by[k], string(k))
}

// Expects reports whether a trial's end is what the run is to show. It accepts nil.
func (m *Manifest) Expects(f *Failure) bool {
	return f != nil && slices.Contains(m.Expect, f.Kind)
}

func (m *Manifest) validateExpect() error {
	if len(m.Expect) > len(Expectable()) {
		return outside("number of expected kinds of failure", len(m.Expect), 0, len(Expectable()))
	}
	for _, kind := range m.Expect {
		if !slices.Contains(Expectable(), kind) {
			return fmt.Errorf("a failure of kind %.40q cannot be expected; one of %q", string(kind), Expectable())
		}
	}
	return nil
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
			s.ends = append(s.ends, fmt.Sprintf("%d of %s %s, as expected", n, Plural(len(trials), "trial"), kind.Ended()))
		}
	}
}

// Unmeasured reports whether the cell has trials but no measurement, and whether
// that is as the run expects.
func (s *CellSummary) Unmeasured() (unmeasured, expected bool) {
	unmeasured = s.Trials > 0 && s.Failed == s.Trials
	return unmeasured, unmeasured && s.Expected == s.Failed
}
