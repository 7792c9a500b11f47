package results

import (
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

// warnOfRetries says in a summary which trials failed before they were measured again:
// what a strategy broke once it may break again.
func (s *Summary) warnOfRetries(superseded []Trial) {
	if len(superseded) == 0 {
		return
	}
	kinds := map[Cell]map[string]int{}
	for _, t := range superseded {
		if kinds[t.Cell] == nil {
			kinds[t.Cell] = map[string]int{}
		}
		kinds[t.Cell][string(t.Failure.Kind)]++
	}
	for i := range s.Cells {
		c := &s.Cells[i]
		failed := 0
		for _, n := range kinds[c.Cell] {
			failed += n
		}
		if failed > 0 {
			c.Warnings = append(c.Warnings, fmt.Sprintf("measured again after %s: %s", Plural(failed, "failure"), listKinds(kinds[c.Cell])))
		}
	}
}

// warnOfConditions says which trials were measured under other conditions than the run
// began with.
func warnOfConditions(trials []Trial) (warnings []string) {
	others := map[string]int{}
	for i := range trials {
		if other := oneLine(trials[i].OtherConditions); other != "" {
			others[other]++
		}
	}
	for _, other := range sortedKeys(others) {
		warnings = append(warnings, fmt.Sprintf("%d of %d trials were measured under other conditions than the run began with: %s",
			others[other], len(trials), other))
	}
	return warnings
}
