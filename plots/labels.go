package plots

import (
	"cmp"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The room around the labels beside a panel.
const (
	leaderWidth = 16 // from the panel's edge to the sample
	sampleWidth = 20 // a piece of the line with its marker
	sampleGap   = 4
)

// label stands at the end of a line, in the right margin.
type label struct {
	text string
	look look
	end  vg.Point // the line's last point on the canvas
}

// spread returns for each wanted centre the nearest place so that neighbours
// are at least height apart and all lie within lo..hi, moving the labels as
// little as possible in the sense of least squares. The wanted places must
// ascend. If they do not all fit, they go beyond hi rather than overlap.
func spread(wanted []vg.Length, height, lo, hi vg.Length) []vg.Length {
	// Without the i*height that each place has over the first one, "at least
	// height apart" is "not descending": the isotonic regression, which pooling
	// neighbours that violate it solves exactly.
	type pool struct {
		sum vg.Length
		n   int
	}
	var pools []pool
	mean := func(p pool) vg.Length { return p.sum / vg.Length(p.n) }
	for i, w := range wanted {
		pools = append(pools, pool{w - vg.Length(i)*height, 1})
		for n := len(pools); n > 1 && mean(pools[n-2]) > mean(pools[n-1]); n = len(pools) {
			pools[n-2] = pool{pools[n-2].sum + pools[n-1].sum, pools[n-2].n + pools[n-1].n}
			pools = pools[:n-1]
		}
	}
	first := lo + height/2
	last := max(first, hi-height/2-vg.Length(len(wanted)-1)*height)
	var places []vg.Length
	for _, p := range pools {
		// Holding an isotonic solution to bounds keeps it the best one.
		base := min(max(mean(p), first), last)
		for range p.n {
			places = append(places, base+vg.Length(len(places))*height)
		}
	}
	return places
}

// marginFor returns how much room the labels need beside the panel.
func marginFor(names []string) vg.Length {
	widest := vg.Length(0)
	for _, name := range names {
		widest = max(widest, textStyle(textSize, inkColor).Width(name))
	}
	if widest == 0 {
		return margin
	}
	return leaderWidth + sampleWidth + sampleGap + widest
}

// placed is a label with its rectangle on the canvas.
type placed struct {
	label
	box vg.Rectangle
}

// placeLabels puts the labels to the right of x, within the panel's height.
func placeLabels(labels []label, x, lo, hi vg.Length) []placed {
	labels = slices.Clone(labels)
	slices.SortStableFunc(labels, func(a, b label) int { return cmp.Compare(a.end.Y, b.end.Y) })
	var wanted []vg.Length
	for _, l := range labels {
		wanted = append(wanted, l.end.Y)
	}
	style := textStyle(textSize, inkColor)
	var out []placed
	for i, y := range spread(wanted, lineHeight, lo, hi) {
		left := x + leaderWidth
		right := left + sampleWidth + sampleGap + style.Width(labels[i].text)
		out = append(out, placed{labels[i], vg.Rectangle{
			Min: vg.Point{X: left, Y: y - lineHeight/2}, Max: vg.Point{X: right, Y: y + lineHeight/2},
		}})
	}
	return out
}

func (p placed) draw(c draw.Canvas) {
	page := annotate(c)
	page.enter(p.look.owner, 0)
	defer page.leave()
	y := (p.box.Min.Y + p.box.Max.Y) / 2
	from, to := p.box.Min.X, p.box.Min.X+sampleWidth
	// Dotted, so that it is not taken for data where a line ends early.
	leader := draw.LineStyle{Color: p.look.line.Color, Width: 0.6, Dashes: []vg.Length{1, 1.6}}
	c.StrokeLines(leader, []vg.Point{{X: p.end.X + 4, Y: p.end.Y}, {X: from - 2, Y: y}})
	c.StrokeLines(p.look.line, []vg.Point{{X: from, Y: y}, {X: to, Y: y}})
	if p.look.marker.Radius > 0 {
		c.DrawGlyph(p.look.marker, vg.Point{X: (from + to) / 2, Y: y})
	}
	c.FillText(textStyle(textSize, inkColor), vg.Point{X: to + sampleGap, Y: y + textRise}, p.text)
}
