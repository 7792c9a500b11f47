package plots

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results/units"
)

// owner says whose a part of a figure is; the zero value is everybody's.
type owner struct {
	strategy string
	series   string // the strategy with its own choices, as labelled
}

// annotator is a canvas that can tell what is drawn on it: a page can then hide
// what its reader does not want to see, and show the value of a point. Figures
// are drawn alike on one and on canvases that cannot.
type annotator interface {
	vg.Canvas
	// enter begins a part of the panel, which ends with leave. What is of all
	// producers has 0 of them.
	enter(o owner, producers int)
	leave()
	// in says which panel is drawn from here on.
	in(p *panel)
	// point says that a point of the current panel stands at a place.
	point(o owner, at vg.Point, pt point)
	// note says what there is to tell about a place in the current panel.
	note(o owner, at vg.Point, text string)
}

// silent is the annotator of a canvas that is none.
type silent struct{ vg.Canvas }

func (silent) enter(owner, int)             {}
func (silent) leave()                       {}
func (silent) in(*panel)                    {}
func (silent) point(owner, vg.Point, point) {}
func (silent) note(owner, vg.Point, string) {}

func annotate(c draw.Canvas) annotator {
	under := c.Canvas
	for {
		switch v := under.(type) {
		case annotator:
			return v
		case draw.Canvas: // a part that was cropped out of another
			under = v.Canvas
		default:
			return silent{under}
		}
	}
}

// reading is how the values of a panel are put into words.
type reading struct {
	x, y func(float64) string
	// unit follows a number; where it is empty, what the vertical axis measures precedes it.
	unit string
	// counts are the values of the horizontal axis if it counts something: producers,
	// or what count puts into words.
	counts []int
	count  func(int) string
	// producers is whose panel it is, 0 if of several.
	producers int
}

// words returns what a point shows, and of how many producers.
func (p *panel) words(pt point) (text string, producers int) {
	r := p.reading
	producers = r.producers
	var x string
	switch {
	case r.counts != nil:
		// A point may stand beside its number, where all would be in one column.
		n := slices.MinFunc(r.counts, func(a, b int) int {
			if math.Abs(math.Log(float64(a)/pt.x)) < math.Abs(math.Log(float64(b)/pt.x)) {
				return -1
			}
			return 1
		})
		if r.count != nil {
			x = r.count(n)
			break
		}
		producers, x = n, units.Plural(n, "producer")
	case r.x != nil:
		x = r.x(pt.x)
	default:
		x = units.Significant(pt.x)
	}
	write := r.y
	if write == nil {
		write = units.Significant
	}
	if r.y == nil && r.unit == "" && p.yLabel != "" {
		x += ", " + p.yLabel
	}
	text = x + ": " + write(pt.y)
	if pt.lo > 0 && pt.hi > 0 {
		text += " (" + write(pt.lo) + " to " + write(pt.hi) + ")"
	}
	if r.unit != "" {
		text += " " + r.unit
	}
	return text, producers
}
