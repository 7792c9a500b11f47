package plots

import "errors"

// Figure is one question that a run can answer with a picture.
type Figure struct {
	// Name begins the names of its files, and links point to it.
	Name string
	// Question is the title, unless a drawing has one of its own.
	Question string
	// About says which scenes it is drawn of, and whether cut ByKind.
	About SceneKind
	// Read tells in a sentence how to read the picture.
	Read string
	// Draw lays a picture out, or returns an error that wraps ErrNoData.
	Draw func(*Scene) (*Drawing, error)
}

// Figures lists every figure, in the order of the page.
func Figures() []Figure {
	return []Figure{
		matrix,
		throughput,
		speedup,
		heatmap,
		sweep,
		crossover,
		beyond,
		neighbours,
		response,
		load,
		spectrum,
		transitHistogram,
		overload,
		backlog,
		memory,
		mixed,
		growth,
		inFlight,
		stages,
		fairness,
		rest,
	}
}

// ErrNoData is wrapped when a run has nothing to show in a figure.
var ErrNoData = errors.New("no data")

func noData(reason string) error { return &noDataError{reason} }

type noDataError struct{ reason string }

func (e *noDataError) Error() string { return e.reason }
func (e *noDataError) Unwrap() error { return ErrNoData }
