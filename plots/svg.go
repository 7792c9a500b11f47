package plots

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"image"
	"image/color"
	"io"
	"math"
	"strconv"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Mark is a point of a figure that has something to tell.
type Mark struct {
	X, Y             float64 // in the coordinates of the SVG
	Strategy, Series string
	Producers        int    // 0 if the point is of no one number of them
	Text             string // "16 producers: 5.51 (5.2 to 5.8) million messages per second"
}

// SVG is a drawing as an SVG element, which needs the font of [FontStyle]. Its colours
// are attributes, which a page can override for a dark ground: see [Colours]. What
// belongs to a strategy is in a group with data-strategy, what is of one number of
// producers in one with data-producers.
type SVG struct {
	Text  []byte
	Marks []Mark // for a page that shows the value of a point

	head int // the length of the opening tag
}

// NewSVG writes a drawing as SVG. It stands on a ground of its own, so that it can be
// read on a dark page too, and is described for those who do not see it. A drawing in
// colours that are none of Colours, which were chosen for white paper, has the class
// on-paper.
func NewSVG(d *Drawing) (*SVG, error) {
	c := &svgCanvas{height: d.Height.Points(), states: []svgState{{}}, theme: map[color.NRGBA]bool{}}
	for _, t := range theme() {
		c.theme[t.light] = true
	}
	vg.Initialize(c)
	d.Draw(draw.NewCanvas(c, d.Width, d.Height))
	if c.err != nil {
		return nil, c.err
	}
	class := ""
	if c.foreign {
		class = ` class="on-paper"`
	}
	var out bytes.Buffer
	w, h := short(d.Width.Points()), short(d.Height.Points())
	// Lines are the most of a figure, so that areas say their fill.
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg"%s width="%spt" height="%spt" viewBox="0 0 %s %s" role="img" aria-label="%s"`+
		` fill="none" font-family="%s">`+"\n", class, w, h, w, h, inXML(d.Question), fontFamily)
	head := out.Len()
	fmt.Fprintf(&out, "<desc>%s</desc>\n", inXML(d.Alt()))
	out.Write(c.out.Bytes())
	out.WriteString("</svg>\n")
	return &SVG{Text: out.Bytes(), Marks: c.marks, head: head}, nil
}

// WriteFile writes the element as a file that can be shown by itself: with its font.
func (s *SVG) WriteFile(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s<style>\n%s</style>\n%s", s.Text[:s.head], FontStyle(), s.Text[s.head:])
	return err
}

// inXML escapes text, and drops what may not stand in XML in any form: with a control
// character in it no reader opens the picture.
func inXML(text string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, text))
}

// svgCanvas writes SVG as small as it can be.
type svgCanvas struct {
	out     bytes.Buffer
	height  float64
	states  []svgState // the last one is in force
	theme   map[color.NRGBA]bool
	foreign bool // a colour is none of the theme's
	err     error

	panel *panel
	marks []Mark
}

type svgState struct {
	color  color.NRGBA
	width  vg.Length
	dashes []vg.Length
	offset vg.Length
	groups int // opened by transformations
}

var _ annotator = (*svgCanvas)(nil)

func (c *svgCanvas) state() *svgState { return &c.states[len(c.states)-1] }

func (c *svgCanvas) SetLineWidth(w vg.Length) { c.state().width = w }

func (c *svgCanvas) SetLineDash(dashes []vg.Length, offset vg.Length) {
	c.state().dashes, c.state().offset = dashes, offset
}

func (c *svgCanvas) SetColor(v color.Color) {
	c.state().color = color.NRGBAModel.Convert(v).(color.NRGBA)
}

// Canvases count upwards and turn to the left, SVG downwards and to the right.

func (c *svgCanvas) Rotate(angle float64) {
	c.transform(fmt.Sprintf("rotate(%s 0 %s)", short(-angle*180/math.Pi), short(c.height)))
}

func (c *svgCanvas) Translate(by vg.Point) {
	c.transform(fmt.Sprintf("translate(%s %s)", short(by.X.Points()), short(-by.Y.Points())))
}

func (c *svgCanvas) Scale(x, y float64) {
	c.transform(fmt.Sprintf("translate(0 %[1]s) scale(%[2]g %[3]g) translate(0 -%[1]s)", short(c.height), x, y))
}

func (c *svgCanvas) transform(by string) {
	fmt.Fprintf(&c.out, `<g transform="%s">`, by)
	c.state().groups++
}

func (c *svgCanvas) Push() {
	next := *c.state()
	next.groups = 0
	c.states = append(c.states, next)
}

func (c *svgCanvas) Pop() {
	for range c.state().groups {
		c.out.WriteString("</g>")
	}
	c.states = c.states[:len(c.states)-1]
}

func (c *svgCanvas) Stroke(path vg.Path) {
	s := c.state()
	if s.width <= 0 {
		return
	}
	fmt.Fprintf(&c.out, `<path %s stroke-width="%s"`, c.paint("stroke"), short(s.width.Points()))
	if len(s.dashes) > 0 {
		c.out.WriteString(` stroke-dasharray="`)
		for i, d := range s.dashes {
			if i > 0 {
				c.out.WriteByte(' ')
			}
			c.out.WriteString(short(d.Points()))
		}
		c.out.WriteByte('"')
		if s.offset != 0 {
			fmt.Fprintf(&c.out, ` stroke-dashoffset="%s"`, short(s.offset.Points()))
		}
	}
	c.outline(path)
}

func (c *svgCanvas) Fill(path vg.Path) {
	fmt.Fprintf(&c.out, `<path %s`, c.paint("fill"))
	c.outline(path)
}

// paint returns the attribute that gives an element the colour in force.
func (c *svgCanvas) paint(attribute string) string {
	v := c.state().color
	c.foreign = c.foreign || !c.theme[v]
	text := fmt.Sprintf(`%s="%s"`, attribute, hex(v))
	if v.A != 0xff {
		text += fmt.Sprintf(` %s-opacity="%s"`, attribute, short(float64(v.A)/0xff))
	}
	return text
}

// outline writes the shape of a path, and ends its element.
func (c *svgCanvas) outline(path vg.Path) {
	c.out.WriteString(` d="`)
	for _, part := range path {
		switch part.Type {
		case vg.MoveComp:
			c.step("M", part.Pos)
		case vg.LineComp:
			c.step("L", part.Pos)
		case vg.ArcComp:
			c.arc(part)
		case vg.CurveComp:
			c.step(map[int]string{1: "Q", 2: "C"}[len(part.Control)], append(part.Control, part.Pos)...)
		case vg.CloseComp:
			c.out.WriteByte('Z')
		}
	}
	c.out.WriteString(`"/>`)
}

func (c *svgCanvas) step(command string, points ...vg.Point) {
	c.out.WriteString(command)
	for i, p := range points {
		if i > 0 {
			c.out.WriteByte(' ')
		}
		c.out.WriteString(short(p.X.Points()))
		c.out.WriteByte(' ')
		c.out.WriteString(short(c.height - p.Y.Points()))
	}
}

// arc draws two halves: one arc cannot end where it began.
func (c *svgCanvas) arc(part vg.PathComp) {
	at := func(angle float64) vg.Point {
		sin, cos := math.Sincos(angle)
		return vg.Point{X: part.Pos.X + part.Radius*vg.Length(cos), Y: part.Pos.Y + part.Radius*vg.Length(sin)}
	}
	sweep := "0"
	if part.Angle < 0 {
		sweep = "1"
	}
	r := short(part.Radius.Points())
	c.step("L", at(part.Start))
	for _, share := range []float64{0.5, 1} {
		c.step(fmt.Sprintf("A%s %s 0 0 %s ", r, r, sweep), at(part.Start+share*part.Angle))
	}
}

// FillString says how wide the text was when it was laid out, so that what the font
// lacks, or all where the font is not loaded, is condensed rather than run into its
// neighbour.
func (c *svgCanvas) FillString(f font.Face, at vg.Point, text string) {
	weight := ""
	if f.Font.Weight >= xfont.WeightBold {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(&c.out, `<text %s x="%s" y="%s" font-size="%s"%s textLength="%s" lengthAdjust="spacingAndGlyphs">%s</text>`, c.paint("fill"),
		short(at.X.Points()), short(c.height-at.Y.Points()), short(f.Font.Size.Points()), weight, short(f.Width(text).Points()), inXML(text))
}

func (c *svgCanvas) DrawImage(vg.Rectangle, image.Image) {
	c.err = errors.New("drawing a figure as SVG: it has an image of pixels, which is not supported")
}

// short writes a coordinate as exactly as a screen can show it.
func short(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64)
}

func (c *svgCanvas) enter(o owner, producers int) {
	c.out.WriteString("<g")
	if o.strategy != "" {
		fmt.Fprintf(&c.out, ` data-strategy="%s"`, inXML(o.strategy))
	}
	if producers > 0 {
		fmt.Fprintf(&c.out, ` data-producers="%d"`, producers)
	}
	c.out.WriteByte('>')
}

func (c *svgCanvas) leave() { c.out.WriteString("</g>") }

func (c *svgCanvas) in(p *panel) { c.panel = p }

func (c *svgCanvas) point(o owner, at vg.Point, pt point) {
	text, producers := c.panel.words(pt)
	c.mark(o, at, producers, text)
}

func (c *svgCanvas) note(o owner, at vg.Point, text string) {
	c.mark(o, at, c.panel.reading.producers, text)
}

func (c *svgCanvas) mark(o owner, at vg.Point, producers int, text string) {
	c.marks = append(c.marks, Mark{
		X: at.X.Points(), Y: c.height - at.Y.Points(), Strategy: o.strategy, Series: o.series, Producers: producers, Text: text,
	})
}
