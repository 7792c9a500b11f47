package plots

import (
	"fmt"
	"image/color"
)

// Colour is one that figures are drawn in, on white, and what a page makes of it on a
// dark ground, each as #rrggbb.
type Colour struct{ Light, Dark string }

// darkPalette is palette for a dark ground: lighter, and as far apart.
var darkPalette = []color.NRGBA{
	{0x2F, 0x8F, 0xE0, 0xFF}, // blue
	{0xFF, 0x6F, 0x1F, 0xFF}, // vermillion
	{0x0F, 0xB9, 0x8A, 0xFF}, // bluish green
	{0xE6, 0x9C, 0xC6, 0xFF}, // reddish purple
	{0xF0, 0xB4, 0x29, 0xFF}, // orange
	{0x8A, 0xD0, 0xFF, 0xFF}, // sky blue
	{0xF4, 0xF4, 0xF4, 0xFF}, // white, for black
	{0xB5, 0x4A, 0x84, 0xFF}, // wine
}

// darkPaper is the ground of a figure on a dark page.
var darkPaper = color.NRGBA{0x1B, 0x1F, 0x24, 0xFF}

type themed struct{ light, dark color.NRGBA }

// theme lists every colour that figures use.
func theme() []themed {
	grey := func(v uint8) color.NRGBA { return color.NRGBA{v, v, v, 0xFF} }
	all := []themed{
		{inkColor, grey(0xE8)},
		{quietColor, grey(0xA8)},
		{gridColor, grey(0x38)},
		{shadeColor, grey(0x2A)},
		{bandColor, grey(0x33)},
		{floorColor, grey(0x8E)},
		{ghostColor, grey(0x55)},
		{grey(0xFF), darkPaper},
		{wash(floorColor, grey(0xFF)), wash(grey(0x8E), darkPaper)},
	}
	for i, light := range palette {
		dark := darkPalette[i]
		all = append(all, themed{light, dark}, themed{wash(light, grey(0xFF)), wash(dark, darkPaper)})
	}
	return all
}

// wash mixes two parts of a colour with three of the paper.
func wash(c, paper color.NRGBA) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8((2*uint32(a))/5 + 3*uint32(b)/5) }
	return color.NRGBA{mix(c.R, paper.R), mix(c.G, paper.G), mix(c.B, paper.B), 0xFF}
}

// Colours lists the colours that figures are drawn in, each once.
func Colours() []Colour {
	var all []Colour
	for _, t := range theme() {
		all = append(all, Colour{hex(t.light), hex(t.dark)})
	}
	return all
}

// hex writes a colour as SVG and CSS do, without its transparency.
func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
