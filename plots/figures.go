package plots

import "errors"

// Figure is one question that a run can answer with a picture.
type Figure struct {
	// Name is the file name without its extension.
	Name string
	// About says which scenes it is drawn of, and whether cut ByKind.
	About SceneKind
	// Read tells in a sentence how to read the picture.
	Read string
	// Draw makes the picture, or returns an error that wraps ErrNoData.
	Draw func(*Scene) (*Drawing, error)
}

// Figures lists every figure, in the order of the page.
func Figures() []Figure {
	return []Figure{
		{"throughput", Closed, "Higher is better; a line that falls to the right pays for more producers. " +
			"Two strategies whose bars overlap were not told apart. Near the harness floor it is the harness that limits.", throughput},
		{"speedup", Closed, "Above 1× is faster than a Go channel, below it slower. Each step of the axis doubles.", speedup},
		{"heatmap", Closed, "Look down a column for your number of producers: the framed cells of a kind are the ones to choose from. " +
			"A row that keeps its shade does not mind more producers.", heatmap},
		{"sweep", Swept, "Where a line is level, more of the parameter changes nothing: choose the least from there on. A strategy that has no such " +
			"parameter was measured once, and is level everywhere.", sweep},
		{"neighbours", Swept, "At 1 the fan-in takes nothing from those who compute beside it. A strategy that is fast in the figure before and low in this one " +
			"is fast at their cost; one that yields to all of them leaves them nearly everything, and gets little done itself.", neighbours},
		{"response", Open | ByKind, "Further right are rarer messages: at 99 %, one in a hundred took longer than the line shows, counted from " +
			"when it was due. What lies in the grey is the pacer, not the strategy.", response},
		{"load", Open | ByKind, "Follow a line to the right: where it turns upward is its knee, and beyond the tick of its colour at the lower edge " +
			"it does not keep up for long. Below its knee one strategy is as good as another unless the lines are apart there too.", load},
		{"spectrum", Closed | ByKind, "Further right are rarer messages: at 99 %, one in a hundred took longer than the line shows.", spectrum},
		{"histogram", Closed, "A narrow ridge is predictable, a second hump or a long right side is waiting.", transitHistogram},
		{"overload", Open, "Beyond 1× something has to give: up is lost, to the right is late, and below is who pays for it. A policy that " +
			"loses nothing lets everything grow old; one that drops the oldest delivers the freshest.", overload},
		{"backlog", Closed | Open, "What rises without falling back is not keeping up. A tooth is a stall or a burst: its height is memory, " +
			"its width the time to recover.", backlog},
		{"memory", Closed | Open, "Lower is better. The whole process is counted, so what all strategies share is the runtime and " +
			"the harness.", memory},
		{"growth", Closed | Open, "Flat is bounded. What rises to the dashed line was not going to stop: each cross is a trial that " +
			"ended there. The whole process is counted, its warm-up too.", growth},
		{"inflight", Closed | Open, "It may touch the dashed line and never pass it. What is received still counts until it is done.", inFlight},
		{"stages", Closed | Open | ByKind, "All stages move at the pace of the slowest, shaded, whatever they could do (grey). Before it everybody is blocked " +
			"and everything waits; after it nobody is and nothing does.", stages},
		{"fairness", Closed | Open, "At 1 every producer got the same share in every window; at one half, as if half of them " +
			"had got everything.", fairness},
		{"rest", Rest, "Further left wakes faster. Idle CPU is what waiting costs: a fan-in that spins holds a core. Kept is " +
			"memory that a burst leaves behind.", rest},
	}
}

// ErrNoData is wrapped when a run has nothing to show in a figure.
var ErrNoData = errors.New("no data")

func noData(reason string) error { return &noDataError{reason} }

type noDataError struct{ reason string }

func (e *noDataError) Error() string { return e.reason }
func (e *noDataError) Unwrap() error { return ErrNoData }
