package results

import (
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
