package plots

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
)

// beyond answers what it costs when producers are in other processes, by the size of
// messages.
var beyond = Figure{
	Name:     "beyond",
	Question: "What does it cost to leave the process?",
	About:    Swept,
	Read: "Compare a strategy between processes with those within one: where its line in the first panels is above the dashed one, it " +
		"gets half of a channel's messages through. Processor time is that of all processes together.",
	Draw: drawBeyond,
}

// leastShare is the share of the baseline's throughput at which a way between processes is
// called enough.
const leastShare = 0.5

func drawBeyond(s *Scene) (*Drawing, error) {
	leaves := func(x Series) bool { return x.first.Processes > 0 }
	switch {
	case !slices.ContainsFunc(s.Series, leaves):
		return nil, noData("no strategy leaves the process")
	case !s.along("payload") || !s.first.IsClosed():
		return nil, noData("it goes along the size of messages in a closed loop")
	}
	baseline := s.Manifest.Baseline()
	over := byCount{series: s.ranked(), value: quoted(s.Manifest.Speedup()), unit: 1}
	over.finish = func(p *panel, g group) {
		y := &p.plot.Y
		setRange(y, span{y.Min, y.Max}, octaveTicks(span{y.Min, y.Max}))
		base, share := look{}.reference(), look{}.reference()
		base.line.Dashes, base.marker.Radius, share.marker.Radius = nil, 0, 0
		share.line = draw.LineStyle{Color: share.line.Color, Width: 1, Dashes: []vg.Length{5, 3}}
		p.plot.Add(across{1, draw.LineStyle{Color: base.line.Color, Width: 1}}, across{leastShare, share.line})
		p.lines = append(p.lines,
			lineEnd{s.baselineOf(g) + " = 1×", base, p.plot.X.Max, 1}, lineEnd{fmt.Sprintf("%g×", leastShare), share, p.plot.X.Max, leastShare})
	}
	overSection := "throughput over that of " + baseline + ", higher is better"
	d := &Drawing{subtitle: append(s.subtitle(), "medians over repetitions; "+s.intervals("intervals"))}
	for _, part := range []struct {
		section, label string
		b              byCount
	}{
		{overSection, "times " + baseline, over},
		{
			"transit time, p50, lower is better", results.TransitP50.Title,
			byCount{series: s.ranked(), unit: 1, text: timeText, value: quantileOf(results.Transit, results.P50)},
		},
		{
			"processor time of all processes per message, lower is better", results.CPUPerMsg.Title,
			byCount{series: s.ranked(), unit: 1, text: timeText, value: quoted(results.CPUPerMsg)},
		},
	} {
		first, notes := len(d.panels), d.notes
		widen := func(y span) span {
			if part.section == overSection {
				y.add(1, leastShare) // the lines are always in view
			}
			return y.widened(1.2, 4)
		}
		if part.b.add(d, s, part.label, widen) {
			d.panels[first].section = part.section
		}
		if len(notes) > 0 { // they are the same again
			d.notes = notes
		}
	}
	if len(d.panels) == 0 {
		return nil, noData("nothing was measured")
	}
	d.notes = append(d.notes, s.enoughNote(over, leaves))
	return d.finish(), nil
}

// enoughNote says from which size on a way between processes gets half of the baseline's
// messages through, as far as intervals show.
func (s *Scene) enoughNote(b byCount, leaves func(Series) bool) string {
	var parts []string
	for _, x := range b.series {
		if !leaves(x) || x.reference {
			continue
		}
		from, none := "", " at none"
		for _, place := range slices.Backward(s.counts()) {
			c := x.Cells[place]
			if c == nil {
				break
			}
			v := b.value(c)
			if v == nil || v.Lo == nil {
				none = " unknown, without intervals"
				break
			}
			if *v.Lo < leastShare {
				break
			}
			from = s.countText(place)
		}
		if from == "" {
			parts = append(parts, x.Name+none)
		} else {
			parts = append(parts, x.Name+" from "+from+" bytes on")
		}
	}
	return fmt.Sprintf("at least %g× the messages of %s: %s", leastShare, s.Manifest.Baseline(), strings.Join(parts, ", "))
}
