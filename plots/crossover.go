package plots

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// crossover answers from how much work per message on it is of no matter which fan-in
// carries it.
var crossover = Figure{
	Name:     "crossover",
	Question: "How much work per message hides the fan-in?",
	About:    Swept,
	Read: "Where all lines are below the dashed line at 1.2×, the choice hardly matters: use a channel. " +
		"Both axes are logarithmic; 0, which has no place on such an axis, stands at its left end.",
	Draw: drawCrossover,
}

// leastGain is how many times as fast as the baseline a strategy is where the choice
// matters: less is hard to tell from what else differs between two programs.
const leastGain = 1.2

// workNames are the parameters that are work per message, the one first that is drawn
// along where both vary.
var workNames = []string{"producer-cost", "consumer-cost"}

func drawCrossover(s *Scene) (*Drawing, error) {
	at := slices.IndexFunc(workNames, s.along)
	switch {
	case at < 0 || !s.first.IsClosed():
		return nil, noData("no work per message varies in a closed loop")
	case at > 0 && strings.Contains(s.Label, workNames[0]+"="):
		return nil, noData("it is drawn along " + workNames[0])
	}
	baseline := s.Manifest.Baseline()
	// Without rings around what is near the floor: that has the work, too.
	b := byCount{series: s.ranked(), value: quoted(s.Manifest.Speedup()), unit: 1}
	from, found := s.hidden(b)
	b.finish = func(p *panel, g group) {
		y := &p.plot.Y
		setRange(y, span{y.Min, y.Max}, octaveTicks(span{y.Min, y.Max}))
		base, gain := look{}.reference(), look{}.reference()
		base.line.Dashes, base.marker.Radius, gain.marker.Radius = nil, 0, 0
		mark := draw.LineStyle{Color: gain.line.Color, Width: 1, Dashes: []vg.Length{5, 3}}
		gain.line = mark
		p.plot.Add(across{1, draw.LineStyle{Color: base.line.Color, Width: 1}}, across{leastGain, mark})
		if found {
			p.plot.Add(upright{float64(from), mark})
		}
		p.lines = append(p.lines,
			lineEnd{s.baselineOf(g) + " = 1×", base, p.plot.X.Max, 1}, lineEnd{fmt.Sprintf("%g×", leastGain), gain, p.plot.X.Max, leastGain})
	}
	d := &Drawing{
		subtitle: append(s.subtitle(), "ratio within each block of trials, median over blocks; "+s.intervals("interval over blocks")),
	}
	if !b.add(d, s, "throughput over that of "+baseline, func(y span) span {
		y.add(1, leastGain) // the lines are always in view
		return y.widened(1.2, 4)
	}) {
		return nil, noData("no strategy can be compared with " + baseline)
	}
	d.notes = append(d.notes, s.hiddenNote(b, from, found))
	return d.finish(), nil
}

// gainAt returns by how much the fastest series is faster than the baseline at a place of
// the axis, at least and at most, as far as the run can tell; 0 if it cannot.
func (b byCount) gainAt(place int) (least, most float64) {
	for _, series := range b.series {
		c := series.Cells[place]
		if c == nil || series.reference {
			continue
		}
		if v := b.value(c); v != nil && v.Lo != nil && v.Hi != nil {
			least, most = max(least, *v.Lo), max(most, *v.Hi)
		}
	}
	return least, most
}

// hidden returns the first place of the axis from which on no series is shown to be faster
// than the baseline by leastGain; false if there is none.
func (s *Scene) hidden(b byCount) (from int, found bool) {
	for _, place := range slices.Backward(s.counts()) {
		if least, _ := b.gainAt(place); least >= leastGain || least == 0 {
			break
		}
		from, found = place, true
	}
	return from, found
}

// hiddenNote says from where on the choice does not matter.
func (s *Scene) hiddenNote(b byCount, from int, found bool) string {
	baseline, what := s.Manifest.Baseline(), s.countLabel()
	last := s.counts()[len(s.counts())-1]
	least, _ := b.gainAt(last)
	switch {
	case !found && least == 0:
		return "without intervals the figure does not say from where on the choice stops mattering"
	case !found:
		return fmt.Sprintf("the choice matters at every %s that was measured, up to %s: the fastest is at least %.2g× as fast as %s there",
			what, s.countText(last), least, baseline)
	}
	note := fmt.Sprintf("from %s on (%s; the upright line) no strategy is shown to be %g× as fast as %s: the choice stops mattering",
		s.countText(from), what, leastGain, baseline)
	for _, place := range s.counts() {
		if _, most := b.gainAt(place); place >= from && most >= leastGain {
			return note + "; some intervals reach beyond that"
		}
	}
	return note + "; all intervals end below that"
}
