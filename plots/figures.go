package plots

import "errors"

// Figure is one question that a run can answer with a picture.
type Figure struct {
	// Name is the file name without its extension.
	Name string
	// Read tells in a sentence how to read the picture.
	Read string
	// Draw makes the picture, or returns an error that wraps ErrNoData.
	Draw func(*Scene) (*Drawing, error)
}

// Figures lists every figure, in the order of the page.
func Figures() []Figure {
	return []Figure{
		{"throughput", "Higher is better; a line that falls to the right pays for more producers. " +
			"Two strategies whose bars overlap were not told apart. Near the harness floor it is the harness that limits.", throughput},
		{"speedup", "Above 1× is faster than a Go channel, below it slower. Each step of the axis doubles.", speedup},
		{"spectrum", "Further right are rarer messages: at 99 %, one in a hundred took longer than the line shows.", spectrum},
		{"histogram", "A narrow ridge is predictable, a second hump or a long right side is waiting.", histogram},
	}
}

// ErrNoData is wrapped when a run has nothing to show in a figure.
var ErrNoData = errors.New("no data")

func noData(reason string) error { return &noDataError{reason} }

type noDataError struct{ reason string }

func (e *noDataError) Error() string { return e.reason }
func (e *noDataError) Unwrap() error { return ErrNoData }
