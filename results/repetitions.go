package results

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fanin-bench/fanin-bench/results/units"
)

// Fewer is how often cells are run that have fewer repetitions than their run has blocks.
type Fewer map[Cell]int

// Of returns how often a cell is run in a run of so many blocks.
func (f Fewer) Of(c Cell, blocks int) int {
	if reps, is := f[c]; is {
		return reps
	}
	return blocks
}

// InBlock reports whether a cell of some repetitions has one in a block. They are spread
// evenly over a run, so that they see as much of the machine as those of other cells.
func InBlock(block, reps, blocks int) bool {
	return (block+1)*reps/blocks > block*reps/blocks
}

// Fewer returns which cells have fewer repetitions than the run.
func (m *Manifest) Fewer() Fewer {
	fewer := Fewer{}
	for i, reps := range m.CellReps {
		if reps < m.Reps {
			fewer[m.Cells[i]] = reps
		}
	}
	return fewer
}

// SetFewer stores which of the cells have fewer repetitions than the run.
func (m *Manifest) SetFewer(fewer Fewer) {
	m.CellReps = nil
	if !slices.ContainsFunc(m.Cells, func(c Cell) bool { return fewer.Of(c, m.Reps) != m.Reps }) {
		return
	}
	for _, c := range m.Cells {
		m.CellReps = append(m.CellReps, fewer.Of(c, m.Reps))
	}
}

// Planned returns how many trials the run is to have.
func (m *Manifest) Planned() int {
	if m.CellReps == nil {
		return len(m.Cells) * m.Reps
	}
	n := 0
	for _, reps := range m.CellReps {
		n += reps
	}
	return n
}

// LeastReps returns the repetitions of the cells that have the fewest.
func (m *Manifest) LeastReps() int {
	if m.CellReps == nil {
		return m.Reps
	}
	return slices.Min(m.CellReps)
}

// Repetitions says how many the cells have: "10 repetitions", "6 to 12 repetitions".
func (m *Manifest) Repetitions() string {
	if least := m.LeastReps(); least < m.Reps {
		return fmt.Sprintf("%d to %s", least, units.Plural(m.Reps, "repetition"))
	}
	return units.Plural(m.Reps, "repetition")
}

// validateReps checks how often each cell is run.
func (m *Manifest) validateReps() error {
	if m.Reps < 1 || m.Reps > maxReps {
		return outside("reps", m.Reps, 1, maxReps)
	}
	if m.CellReps == nil {
		return nil
	}
	if len(m.CellReps) != len(m.Cells) {
		return fmt.Errorf("cell_reps has %s for %s", units.Plural(len(m.CellReps), "value"), units.Plural(len(m.Cells), "cell"))
	}
	for _, reps := range m.CellReps {
		if reps < 1 || reps > m.Reps {
			return outside("cell_reps", reps, 1, m.Reps)
		}
	}
	return nil
}

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
