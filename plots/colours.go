package plots

import (
	"fmt"
	"image/color"
)

// Colour is one that figures are drawn in: how a page names it, and what it is on
// white and on a dark ground.
type Colour struct{ Name, Light, Dark string }

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

type themed struct {
	name        string
	light, dark color.NRGBA
}

// theme lists every colour that figures use. Where two are the same on white,
// the first names it.
func theme() []themed {
	grey := func(v uint8) color.NRGBA { return color.NRGBA{v, v, v, 0xFF} }
	all := []themed{
		{"ink", inkColor, grey(0xE8)},
		{"quiet", quietColor, grey(0xA8)},
		{"grid", gridColor, grey(0x38)},
		{"shade", shadeColor, grey(0x2A)},
		{"band", bandColor, grey(0x33)},
		{"floor", floorColor, grey(0x8E)},
		{"ghost", ghostColor, grey(0x55)},
		{"paper", grey(0xFF), darkPaper},
		{"floor-wash", wash(floorColor, grey(0xFF)), wash(grey(0x8E), darkPaper)},
	}
	for i, light := range palette {
		name, dark := fmt.Sprint(i), darkPalette[i]
		all = append(all, themed{name, light, dark}, themed{name + "-wash", wash(light, grey(0xFF)), wash(dark, darkPaper)})
	}
	return all
}

// wash mixes two parts of a colour with three of the paper.
func wash(c, paper color.NRGBA) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8((2*uint32(a))/5 + 3*uint32(b)/5) }
	return color.NRGBA{mix(c.R, paper.R), mix(c.G, paper.G), mix(c.B, paper.B), 0xFF}
}

func colourNames() map[color.NRGBA]string {
	names := map[color.NRGBA]string{}
	for _, t := range theme() {
		if _, taken := names[t.light]; !taken {
			names[t.light] = t.name
		}
	}
	return names
}

// Colours lists the colours of inline figures, whose classes are s-Name for lines
// and f-Name for areas and text.
func Colours() []Colour {
	var all []Colour
	hex := func(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
	for _, t := range theme() {
		all = append(all, Colour{t.name, hex(t.light), hex(t.dark)})
	}
	return all
}
