package plots

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// axis is a parameter of a cell that counts something, so that results can be drawn
// against it.
type axis struct {
	parameter string
	question  string
	label     string // of the axis, with its unit
	value     func(results.Cell) int
	text      func(int) string // of a value on the axis; nil for the number itself
	fromZero  bool             // cells that have none of it belong to the axis, too
	zero      int              // ... at this place
	of        results.Parameter
}

// axes lists the parameters besides the producers that a figure can go along, those that
// vary least often first.
func axes() []axis {
	all := slices.DeleteFunc(results.Parameters(), func(p results.Parameter) bool { return p.Axis == nil })
	slices.SortFunc(all, func(a, b results.Parameter) int { return a.Nesting - b.Nesting })
	var axes []axis
	for _, p := range all {
		a := axis{parameter: p.Name, question: p.Axis.Question, label: p.Axis.Label, value: func(c results.Cell) int {
			v, _ := p.Number(c)
			return int(v)
		}}
		if p.Axis.FromZero {
			// 0 has no place on a logarithmic axis: each value is moved by that of 0.
			number, zero := a.value, zeroOf(p)
			a.fromZero, a.of, a.zero = true, p, zero
			a.value = func(c results.Cell) int { return number(c) + zero }
			a.text = func(place int) string {
				if place == zero {
					return "0"
				}
				return p.NumberText(float64(place - zero))
			}
		}
		axes = append(axes, a)
	}
	return axes
}

// zeroOf returns the place of 0 on an axis: 1 for a count. For a time it is about what a
// message takes in a channel, below which work is as good as none.
func zeroOf(p results.Parameter) int {
	if p.Kind == parameter.Time {
		return 50 // ns
	}
	return 1
}

// leastValues is how many values of a parameter make a line: two are a comparison.
const leastValues = 3

// swept is what a scene goes along instead of the producers.
type swept struct {
	axis
	values []int // ascending
	once   bool  // some strategies do not have the parameter and were measured once
}

// sweeps cuts a summary into scenes along each parameter of which there are enough
// values: one scene for each number of producers and each choice of all else that
// varies and that every strategy has; at most maxScenes.
func sweeps(m *results.Manifest, summary *results.Summary) []*Scene {
	var all []*Scene
	varying := results.Varying(m.Cells)
	for _, a := range axes() {
		if a.isSwept(summary) {
			along := a.scenes(m, summary, varying)
			all = append(all, along[:min(len(along), maxScenes-len(all))]...)
		}
	}
	return all
}

// isSwept reports whether loads have enough values of the parameter.
func (a axis) isSwept(summary *results.Summary) bool {
	values := map[int]bool{}
	for i := range summary.Cells {
		if c := summary.Cells[i].Cell; c.IsOpen() || c.IsClosed() {
			if v := a.value(c); v > 0 && len(values) < leastValues {
				values[v] = true
			}
		}
	}
	return len(values) == leastValues
}

// scenes cuts the loads of a summary into scenes along the parameter.
func (a axis) scenes(m *results.Manifest, summary *results.Summary, varying []results.Parameter) []*Scene {
	var own, shared []results.Parameter
	for _, p := range varying {
		switch {
		case p.Name == a.parameter || p.Name == "kind":
		case p.Shared():
			shared = append(shared, p)
		default:
			own = append(own, p)
		}
	}
	var all []*Scene
	for i := range summary.Cells {
		cell := &summary.Cells[i]
		if !cell.IsOpen() && !cell.IsClosed() {
			continue
		}
		for _, c := range a.within(cell.Cell, summary.Cells) {
			label := strings.TrimSpace(fmt.Sprintf("producers=%d %s", c.Producers, c.Label(shared, " ")))
			at := slices.IndexFunc(all, func(s *Scene) bool { return s.Label == label })
			if at < 0 && len(all) == maxScenes {
				continue
			}
			if at < 0 {
				at = len(all)
				all = append(all, &Scene{
					Manifest: m, Kind: Swept, Label: label, Producers: []int{c.Producers},
					summary: summary, swept: &swept{axis: a}, first: c,
				})
			}
			all[at].addAlong(cell, cell.Label(own, " "))
		}
	}
	for _, s := range all {
		s.finishAlong()
	}
	return slices.DeleteFunc(all, func(s *Scene) bool { return len(s.swept.values) < leastValues })
}

// within returns a cell under the conditions of each scene that it belongs to: where 0 is
// a value, one of 0 belongs to the scenes of all others.
func (a axis) within(cell results.Cell, all []results.CellSummary) []results.Cell {
	if !a.fromZero || a.has(cell) {
		return []results.Cell{cell}
	}
	var out []results.Cell
	for i := range all {
		if other := all[i].Cell; a.has(other) {
			if c := a.beside(cell, other); !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// has reports whether a cell has any of what the axis counts.
func (a axis) has(c results.Cell) bool { return a.value(c) > a.zero }

// beside returns a cell, which has none of what the axis counts, with what another's says
// of it: the kind of neighbours means nothing without any, with which the neighbours of
// each kind begin.
func (a axis) beside(cell, other results.Cell) results.Cell {
	without := other
	a.of.Clear(&without)
	for _, p := range results.Parameters() {
		if p.Concerns != nil && p.Concerns(other, parameter.Traits{}) && !p.Concerns(without, parameter.Traits{}) {
			p.Copy(&cell, other)
		}
	}
	return cell
}

// written puts a value on the axis into words.
func (a axis) written(value int) string {
	if a.text != nil {
		return a.text(value)
	}
	return strconv.Itoa(value)
}

// addAlong adds a cell at its value of what the scene goes along, 0 if it has none.
func (s *Scene) addAlong(cell *results.CellSummary, choice string) {
	if counted := cell.CapacityCounted(); counted != "" && s.along("capacity") {
		choice = strings.TrimSpace(choice + " counted " + counted)
	}
	value := s.swept.value(cell.Cell)
	s.seriesOf(cell, choice).Cells[value] = cell
	if value > 0 && !slices.Contains(s.swept.values, value) {
		s.swept.values = append(s.swept.values, value)
	}
}

// finishAlong sorts the values, and makes level lines of the cells that have none.
func (s *Scene) finishAlong() {
	slices.Sort(s.swept.values)
	for i := range s.Series {
		x := &s.Series[i]
		level := x.Cells[0]
		delete(x.Cells, 0)
		if level == nil || len(x.Cells) > 0 {
			continue
		}
		for _, v := range s.swept.values {
			x.Cells[v] = level
		}
		if !x.Look.floor {
			s.swept.once = true
			x.Name += " · not swept"
			x.Look.owner.series = x.Name
		}
	}
}

// along reports whether the scene goes along a parameter.
func (s *Scene) along(parameter string) bool { return s.swept != nil && s.swept.parameter == parameter }

// counts returns what the horizontal axis counts, ascending.
func (s *Scene) counts() []int {
	if s.swept != nil {
		return s.swept.values
	}
	return s.Producers
}

// countText writes a number on the horizontal axis.
func (s *Scene) countText(n int) string {
	if s.swept != nil {
		return s.swept.written(n)
	}
	return strconv.Itoa(n)
}

// countLabel names what the horizontal axis counts.
func (s *Scene) countLabel() string {
	if s.swept != nil {
		return s.swept.label
	}
	return "producers"
}

// reading puts what the horizontal axis counts into words.
func (s *Scene) reading() reading {
	if s.swept == nil {
		return reading{counts: s.Producers}
	}
	return reading{counts: s.swept.values, producers: s.Producers[0], count: func(n int) string {
		return s.swept.parameter + " " + s.swept.written(n)
	}}
}

// busyName is the parameter that counts neighbours, goroutines that compute beside the
// fan-in.
const busyName = "busy"

// besideNote says what the neighbours of a scene along them are.
func (s *Scene) besideNote() string {
	does := "compute"
	if s.first.BusyKind == results.BusyAlloc {
		does = "compute and allocate"
	}
	return fmt.Sprintf("busy neighbours: goroutines of the same process that %s, all on %s", does, units.Plural(s.first.GOMAXPROCS, "processor"))
}
