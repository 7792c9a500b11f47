package results

import (
	"errors"
	"fmt"
)

// What the neighbours of a fan-in do: goroutines that compute in its process.
const (
	BusySpin  = "spin"  // they compute and allocate nothing; a cell says so by absence
	BusyAlloc = "alloc" // they also allocate, which brings the collector and its assists
)

// BusyKinds lists them.
func BusyKinds() []string { return []string{BusySpin, BusyAlloc} }

// Neighbours is what the neighbours of a fan-in got done, all of them together.
type Neighbours struct {
	Alone  Work `json:"alone"`  // before the warm-up, with the process to themselves
	Beside Work `json:"beside"` // in the measured part, beside the fan-in
}

// Work is some work and how long it took. What a unit is only matters to whom did
// it: works of one trial can be compared.
type Work struct {
	Units     int64 `json:"units"`
	ElapsedNs int64 `json:"elapsed_ns"`
}

// perNs returns the pace of the work, 0 if it is not known.
func (w Work) perNs() float64 {
	if w.ElapsedNs == 0 {
		return 0
	}
	return float64(w.Units) / float64(w.ElapsedNs)
}

// NeighbourShare returns how much the neighbours got done beside the fan-in, as a
// share of what they get done alone in the same time: near 1, the fan-in took
// nothing from them. It is false where there are none.
func (m *Measurement) NeighbourShare() (float64, bool) {
	if m.Neighbours == nil || m.Neighbours.Alone.perNs() == 0 {
		return 0, false
	}
	return m.Neighbours.Beside.perNs() / m.Neighbours.Alone.perNs(), true
}

func (n *Neighbours) validate() error {
	if n == nil {
		return nil
	}
	for _, part := range []struct {
		name string
		work Work
	}{{"alone", n.Alone}, {"beside", n.Beside}} {
		if err := firstOutside(
			bounds{"units", part.work.Units, 0, maxCount},
			bounds{"elapsed_ns", part.work.ElapsedNs, 1, maxNs},
		); err != nil {
			return fmt.Errorf("neighbours %s: %w", part.name, err)
		}
	}
	if n.Alone.Units == 0 {
		return errors.New("neighbours alone: they got nothing done")
	}
	return nil
}

// Suits reports what a measurement that is valid by itself has too much or too little
// for its cell. One that says nothing of the neighbours that its cell has was made
// without them.
func (m *Measurement) Suits(c Cell) error {
	switch {
	case c.Busy > 0 && c.Kind == "" && m.Neighbours == nil:
		return fmt.Errorf("the cell has busy %d, and the measurement does not say what they got done", c.Busy)
	case c.Busy == 0 && m.Neighbours != nil:
		return errors.New("the measurement has neighbours, and the cell has none")
	case m.Slices != nil && c.Kind != "":
		return fmt.Errorf("the measurement has slices, and a %s takes no turns", c.Kind)
	}
	return nil
}
