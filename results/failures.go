package results

import (
	"cmp"
	"fmt"
	"slices"
)

// A trial that failed may be measured again: run --retry-failed adds its next line to
// trials.ndjson, where nothing is ever taken away. The last line of a trial is the one
// that counts, and only a failed one may be followed by another.

// standing divides the trials of a run, in the order they ended, into those that count
// and those that failed and were measured again.
func (c *checker) standing(trials []Trial) (standing, superseded []Trial) {
	last := make(map[repetition]int, len(trials))
	for i := range trials {
		last[c.repetition(&trials[i])] = i
	}
	if len(last) == len(trials) {
		return trials, nil
	}
	for i := range trials {
		if last[c.repetition(&trials[i])] == i {
			standing = append(standing, trials[i])
		} else {
			superseded = append(superseded, trials[i])
		}
	}
	return standing, superseded
}

// add adds a trial that has just ended. Usually it is the first of its name.
func (r *Run) add(t Trial, again bool) {
	if again {
		i := slices.IndexFunc(r.Trials, func(old Trial) bool { return old.Cell == t.Cell && old.Block == t.Block })
		r.Superseded = append(r.Superseded, r.Trials[i])
		r.Trials = slices.Delete(r.Trials, i, i+1)
	}
	r.Trials = append(r.Trials, t)
}

// lines returns the trials as they are stored: those that were superseded come first.
func (r *Run) lines() []Trial { return slices.Concat(r.Superseded, r.Trials) }

// Failed returns how many trials failed unexpectedly, of those that count.
func (r *Run) Failed() (failed int) {
	for i := range r.Trials {
		if f := r.Trials[i].Failure; f != nil && !r.Manifest.Expects(f) {
			failed++
		}
	}
	return failed
}

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
