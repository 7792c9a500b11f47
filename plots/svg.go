package plots

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"image"
	"image/color"
	"math"
	"strconv"

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
	Text             string // "16 producers: 5.51 (5.2 to 5.8), million messages per second"
}

// Inline is a figure as a part of an HTML page. Its colours are classes, which
// the page defines from [Colours]; what belongs to a strategy is in a group with
// data-strategy, what is of one number of producers in one with data-producers.
type Inline struct {
	SVG   []byte
	Marks []Mark
}

// NewInline draws a figure for a page.
func NewInline(d *Drawing) (*Inline, error) {
	c := &inlineCanvas{height: d.Height.Points(), states: []inlineState{{}}, names: colourNames()}
	vg.Initialize(c)
	d.Draw(draw.NewCanvas(c, d.Width, d.Height))
	if c.err != nil {
		return nil, c.err
	}
	class := "figure"
	if c.foreign {
		// Colours of its own were chosen for white paper: the rest shall stay so too.
		class += " on-paper"
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" class="%s" viewBox="0 0 %s %s" role="img" aria-label="%s">`,
		class, short(d.Width.Points()), short(d.Height.Points()), html.EscapeString(d.Question))
	out.Write(c.out.Bytes())
	out.WriteString("</svg>")
	return &Inline{out.Bytes(), c.marks}, nil
}

// inlineCanvas writes SVG as small as it can be, in classes.
type inlineCanvas struct {
	out     bytes.Buffer
	height  float64
	states  []inlineState // the last one is in force
	names   map[color.NRGBA]string
	foreign bool // a colour is none of the theme's
	err     error

	panel *panel
	marks []Mark
}

type inlineState struct {
	color  color.NRGBA
	width  vg.Length
	dashes []vg.Length
	offset vg.Length
	groups int // opened by transformations
}

var _ annotator = (*inlineCanvas)(nil)

func (c *inlineCanvas) state() *inlineState { return &c.states[len(c.states)-1] }

func (c *inlineCanvas) SetLineWidth(w vg.Length) { c.state().width = w }

func (c *inlineCanvas) SetLineDash(dashes []vg.Length, offset vg.Length) {
	c.state().dashes, c.state().offset = dashes, offset
}

func (c *inlineCanvas) SetColor(v color.Color) {
	c.state().color = color.NRGBAModel.Convert(v).(color.NRGBA)
}

// Canvases count upwards and turn to the left, SVG downwards and to the right.

func (c *inlineCanvas) Rotate(angle float64) {
	c.transform(fmt.Sprintf("rotate(%s 0 %s)", short(-angle*180/math.Pi), short(c.height)))
}

func (c *inlineCanvas) Translate(by vg.Point) {
	c.transform(fmt.Sprintf("translate(%s %s)", short(by.X.Points()), short(-by.Y.Points())))
}

func (c *inlineCanvas) Scale(x, y float64) {
	c.transform(fmt.Sprintf("translate(0 %[1]s) scale(%[2]g %[3]g) translate(0 -%[1]s)", short(c.height), x, y))
}

func (c *inlineCanvas) transform(by string) {
	fmt.Fprintf(&c.out, `<g transform="%s">`, by)
	c.state().groups++
}

func (c *inlineCanvas) Push() {
	next := *c.state()
	next.groups = 0
	c.states = append(c.states, next)
}

func (c *inlineCanvas) Pop() {
	for range c.state().groups {
		c.out.WriteString("</g>")
	}
	c.states = c.states[:len(c.states)-1]
}

func (c *inlineCanvas) Stroke(path vg.Path) {
	s := c.state()
	if s.width <= 0 {
		return
	}
	fmt.Fprintf(&c.out, `<path %s stroke-width="%s"`, c.paint("stroke", "s"), short(s.width.Points()))
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

func (c *inlineCanvas) Fill(path vg.Path) {
	fmt.Fprintf(&c.out, `<path %s`, c.paint("fill", "f"))
	c.outline(path)
}

// paint names the colour in force: as a class of the theme, or as it is.
func (c *inlineCanvas) paint(attribute, class string) string {
	v := c.state().color
	if name, ok := c.names[v]; ok {
		return fmt.Sprintf(`class="%s-%s"`, class, name)
	}
	c.foreign = true
	text := fmt.Sprintf(`%s="#%02x%02x%02x"`, attribute, v.R, v.G, v.B)
	if attribute == "stroke" {
		text += ` fill="none"`
	}
	if v.A != 0xff {
		text += fmt.Sprintf(` %s-opacity="%s"`, attribute, short(float64(v.A)/0xff))
	}
	return text
}

// outline writes the shape of a path, and ends its element.
func (c *inlineCanvas) outline(path vg.Path) {
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

func (c *inlineCanvas) step(command string, points ...vg.Point) {
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
func (c *inlineCanvas) arc(part vg.PathComp) {
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

func (c *inlineCanvas) FillString(f font.Face, at vg.Point, text string) {
	weight := ""
	if f.Font.Weight >= xfont.WeightBold {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(&c.out, `<text %s x="%s" y="%s" font-size="%s"%s>%s</text>`, c.paint("fill", "f"),
		short(at.X.Points()), short(c.height-at.Y.Points()), short(f.Font.Size.Points()), weight, html.EscapeString(text))
}

func (c *inlineCanvas) DrawImage(vg.Rectangle, image.Image) {
	c.err = errors.New("drawing a figure for the page: it has a picture of pixels, which the page does not take")
}

// short writes a coordinate as exactly as a screen can show it.
func short(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64)
}

func (c *inlineCanvas) enter(o owner, producers int) {
	c.out.WriteString("<g")
	if o.strategy != "" {
		fmt.Fprintf(&c.out, ` data-strategy="%s"`, html.EscapeString(o.strategy))
	}
	if producers > 0 {
		fmt.Fprintf(&c.out, ` data-producers="%d"`, producers)
	}
	c.out.WriteByte('>')
}

func (c *inlineCanvas) leave() { c.out.WriteString("</g>") }

func (c *inlineCanvas) in(p *panel) { c.panel = p }

func (c *inlineCanvas) point(o owner, at vg.Point, pt point) {
	text, producers := c.panel.words(pt)
	c.mark(o, at, producers, text)
}

func (c *inlineCanvas) note(o owner, at vg.Point, text string) {
	c.mark(o, at, c.panel.reading.producers, text)
}

func (c *inlineCanvas) mark(o owner, at vg.Point, producers int, text string) {
	c.marks = append(c.marks, Mark{
		X: at.X.Points(), Y: c.height - at.Y.Points(), Strategy: o.strategy, Series: o.series, Producers: producers, Text: text,
	})
}
