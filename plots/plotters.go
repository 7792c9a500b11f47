package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
)

// point is a value with its interval; lo and hi are 0 without one. A missing
// point breaks the line.
type point struct {
	x, y, lo, hi float64
	missing      bool
	ringed       bool      // with a circle around its marker, which a note explains
	size         vg.Length // of the marker, relative to the look's; 0 means 1
}

// curve draws points, the line between them where none is missing, and
// intervals.
type curve struct {
	points []point
	look   look
}

// Plot implements plot.Plotter.
func (k curve) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	page := annotate(c)
	page.enter(k.look.owner, 0)
	defer page.leave()
	bar := draw.LineStyle{Color: k.look.line.Color, Width: 0.9}
	var run []vg.Point
	flush := func() {
		if len(run) > 1 {
			c.StrokeLines(k.look.line, run)
		}
		run = nil
	}
	for i, pt := range k.points {
		if pt.missing {
			flush()
			continue
		}
		at := vg.Point{X: x(pt.x), Y: y(pt.y)}
		run = append(run, at)
		if len(k.points) < manyPoints || i%manyStep == 0 {
			page.point(k.look.owner, at, pt)
		}
		if pt.lo > 0 && pt.hi > 0 && !k.look.floor {
			lo, hi := y(pt.lo), y(pt.hi)
			const cap = 2.5
			c.StrokeLine2(bar, at.X, lo, at.X, hi)
			c.StrokeLine2(bar, at.X-cap, lo, at.X+cap, lo)
			c.StrokeLine2(bar, at.X-cap, hi, at.X+cap, hi)
		}
		if k.look.marker.Radius > 0 {
			marker := k.look.marker
			if pt.size > 0 {
				marker.Radius *= pt.size
			}
			c.DrawGlyph(marker, at)
		}
		if pt.ringed {
			c.SetColor(k.look.line.Color)
			c.SetLineWidth(0.9)
			var ring vg.Path
			ring.Move(vg.Point{X: at.X + ringRadius, Y: at.Y})
			ring.Arc(at, ringRadius, 0, 2*math.Pi)
			ring.Close()
			c.SetLineDash(nil, 0)
			c.Stroke(ring)
		}
	}
	flush()
}

// A percentile curve has more points than anybody asks about: of that many, every
// sixth tells its value on a page, four to a decade.
const manyPoints, manyStep = 40, 6

// last returns the last point that is there.
func (k curve) last() (point, bool) {
	for i := len(k.points) - 1; i >= 0; i-- {
		if !k.points[i].missing {
			return k.points[i], true
		}
	}
	return point{}, false
}

// across is a horizontal line over the whole panel.
type across struct {
	y    float64
	line draw.LineStyle
}

// Plot implements plot.Plotter.
func (a across) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	c.StrokeLine2(a.line, c.Min.X, y(a.y), c.Max.X, y(a.y))
}

// upright is a vertical line over the whole panel.
type upright struct {
	x    float64
	line draw.LineStyle
}

// Plot implements plot.Plotter.
func (u upright) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	c.StrokeLine2(u.line, x(u.x), c.Min.Y, x(u.x), c.Max.Y)
}

// sideTexts writes texts to the right of the panel, beside a row.
type sideTexts struct {
	y     float64
	texts []sideText
}

// sideText is one of them, and how far from the panel it ends.
type sideText struct {
	text string
	ends vg.Length
}

// Plot implements plot.Plotter.
func (t sideTexts) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	style := textStyle(textSize, inkColor)
	style.XAlign = draw.XRight
	for _, s := range t.texts {
		c.FillText(style, vg.Point{X: c.Max.X + s.ends, Y: y(t.y) + textRise}, s.text)
	}
}

// grid draws faint lines at the labelled ticks.
type grid struct{}

// Plot implements plot.Plotter.
func (grid) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	line := draw.LineStyle{Color: gridColor, Width: 0.6}
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if !t.IsMinor() {
			c.StrokeLine2(line, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
		}
	}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if !t.IsMinor() {
			c.StrokeLine2(line, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
		}
	}
}

// crosses marks failed cells at the panel's lower edge, one above the other.
type crosses struct {
	at []cross
}

type cross struct {
	x    float64
	look look
	text string // what became of the cell
}

func newCross(x float64, look look, c *results.CellSummary) cross { return cross{x, look, outcome(c)} }

// Plot implements plot.Plotter.
func (k crosses) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	stacked := map[float64]int{}
	for _, f := range k.at {
		center := vg.Point{X: x(f.x), Y: c.Min.Y + 7 + vg.Length(stacked[f.x])*9}
		stacked[f.x]++
		page := annotate(c)
		page.enter(f.look.owner, 0)
		page.note(f.look.owner, center, f.text)
		drawCross(c, center, f.look.line.Color)
		page.leave()
	}
}

func drawCross(c draw.Canvas, at vg.Point, colour color.Color) {
	const r = 3.2
	line := draw.LineStyle{Color: colour, Width: 1.5}
	c.StrokeLine2(line, at.X-r, at.Y-r, at.X+r, at.Y+r)
	c.StrokeLine2(line, at.X-r, at.Y+r, at.X+r, at.Y-r)
}

// failureMargin returns by which factor a panel's axis has to go further down,
// so that crosses do not cover lines.
func failureMargin(k crosses) float64 {
	most := map[float64]int{}
	n := 0
	for _, f := range k.at {
		most[f.x]++
		n = max(n, most[f.x])
	}
	return math.Pow(1.15, float64(n))
}

// ringRadius is that of the circle around a marker.
const ringRadius = 5.5

// shade fills the area below some points.
type shade struct{ points []point }

// Plot implements plot.Plotter.
func (s shade) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	first, last := s.points[0], s.points[len(s.points)-1]
	outline := []vg.Point{{X: x(first.x), Y: c.Min.Y}}
	for _, pt := range s.points {
		outline = append(outline, vg.Point{X: x(pt.x), Y: y(pt.y)})
	}
	outline = append(outline, vg.Point{X: x(last.x), Y: c.Min.Y})
	c.FillPolygon(shadeColor, outline)
}

// lowerTick marks a value on the lower edge of a panel.
type lowerTick struct {
	x    float64
	line draw.LineStyle
}

// Plot implements plot.Plotter.
func (t lowerTick) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	const height = 22
	c.StrokeLine2(draw.LineStyle{Color: t.line.Color, Width: 1.4, Dashes: []vg.Length{3, 2}}, x(t.x), c.Min.Y, x(t.x), c.Min.Y+height)
}
