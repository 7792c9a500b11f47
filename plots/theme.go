package plots

import (
	"image/color"

	"golang.org/x/image/font"
	"gonum.org/v1/plot"
	gfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes in points. A figure is 600 pt wide, which is 800 CSS pixels, so 9 pt is
// 12 px: the smallest that is comfortable to read.
const (
	figureWidth = 600 * vg.Length(1)
	textSize    = 9
	titleSize   = 14
	lineHeight  = 12.5
	textRise    = 1 // centres lower-case letters, not the box with the descenders
	margin      = 12
)

// palette is Okabe and Ito's set for colour-blind readers without its yellow,
// which is too faint on white, and with a dark wine red instead. The order puts
// the ones farthest apart first.
var palette = []color.NRGBA{
	{0x00, 0x72, 0xB2, 0xFF}, // blue
	{0xD5, 0x5E, 0x00, 0xFF}, // vermillion
	{0x00, 0x9E, 0x73, 0xFF}, // bluish green
	{0xCC, 0x79, 0xA7, 0xFF}, // reddish purple
	{0xE6, 0x9F, 0x00, 0xFF}, // orange
	{0x56, 0xB4, 0xE9, 0xFF}, // sky blue
	{0x00, 0x00, 0x00, 0xFF}, // black
	{0x7B, 0x1E, 0x4B, 0xFF}, // wine
}

var (
	inkColor   = color.NRGBA{0x22, 0x22, 0x22, 0xFF}
	quietColor = color.NRGBA{0x66, 0x66, 0x66, 0xFF}
	gridColor  = color.NRGBA{0xE4, 0xE4, 0xE4, 0xFF}
	shadeColor = color.NRGBA{0xF3, 0xF3, 0xF3, 0xFF}
	bandColor  = color.NRGBA{0xEC, 0xEC, 0xEC, 0xFF}
	ghostColor = color.NRGBA{0xC4, 0xC4, 0xC4, 0xFF}
	floorColor = color.NRGBA{0x8C, 0x8C, 0x8C, 0xFF}
)

// diamond is a filled square on its corner.
type diamond struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (diamond) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, at vg.Point) {
	r := sty.Radius * 1.3 // the same area to the eye as the square
	var p vg.Path
	p.Move(vg.Point{X: at.X, Y: at.Y + r})
	p.Line(vg.Point{X: at.X + r, Y: at.Y})
	p.Line(vg.Point{X: at.X, Y: at.Y - r})
	p.Line(vg.Point{X: at.X - r, Y: at.Y})
	p.Close()
	c.Fill(p)
}

// hollow is a filled glyph with a white inside, which hides the line that it
// stands on.
type hollow struct{ draw.GlyphDrawer }

// DrawGlyph implements draw.GlyphDrawer.
func (h hollow) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, at vg.Point) {
	sty.Shape = h.GlyphDrawer
	sty.Radius *= 1.15
	c.DrawGlyph(sty, at)
	sty.Color, sty.Radius = color.White, sty.Radius*0.55
	c.DrawGlyph(sty, at)
}

// markers are told apart without colour. There are seven to eight colours, so
// that pairs repeat only after 56 strategies. The cross is kept for failures.
var markers = []draw.GlyphDrawer{
	draw.CircleGlyph{},
	draw.BoxGlyph{},
	draw.PyramidGlyph{},
	diamond{},
	hollow{draw.CircleGlyph{}},
	hollow{draw.BoxGlyph{}},
	hollow{diamond{}},
}

// dashes follow the rounds through the palette; the first is solid.
var dashes = [][]vg.Length{nil, {6, 2.5}, {1.5, 2}, {7, 2, 1.5, 2}}

// look is how a series is drawn everywhere.
type look struct {
	line   draw.LineStyle
	marker draw.GlyphStyle
	floor  bool
	owner  owner // for a page that shows only some of the strategies
}

// lookOf returns the look of the strategy at a place in the registry, and of
// its variant: the how-manieth choice of its own parameters in the run.
func lookOf(index, variant int) look {
	c := palette[index%len(palette)]
	return look{
		line: draw.LineStyle{Color: c, Width: 1.6, Dashes: dashes[(index/len(palette)+variant)%len(dashes)]},
		marker: draw.GlyphStyle{
			Color: c, Radius: 2.8,
			Shape: markers[(index+3*variant)%len(markers)],
		},
	}
}

// floorLook is how the harness floor is drawn: there to compare with, not one
// of the strategies.
func floorLook() look {
	return look{
		line:   draw.LineStyle{Color: floorColor, Width: 1.2, Dashes: []vg.Length{4, 3}},
		marker: draw.GlyphStyle{Color: floorColor, Radius: 0, Shape: draw.CircleGlyph{}},
		floor:  true,
	}
}

// reference is how the baseline is drawn among others: grey as the floor, but
// marked, as it was measured like them.
func (l look) reference() look {
	return look{
		line:   draw.LineStyle{Color: quietColor, Width: 1.3, Dashes: []vg.Length{2.5, 2}},
		marker: draw.GlyphStyle{Color: quietColor, Radius: 2, Shape: draw.CircleGlyph{}},
		owner:  l.owner,
	}
}

// ghost is how series of the same kind are drawn in panels that name others.
func (l look) ghost() look {
	return look{line: draw.LineStyle{Color: ghostColor, Width: 0.8}, owner: l.owner}
}

func textStyle(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color: c, Font: gfont.From(gfont.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		XAlign: draw.XLeft, YAlign: draw.YCenter, Handler: plot.DefaultTextHandler,
	}
}

func boldStyle(size vg.Length, c color.Color) text.Style {
	s := textStyle(size, c)
	s.Font.Weight = font.WeightBold
	return s
}
