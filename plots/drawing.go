package plots

import (
	"cmp"
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Drawing is a figure ready to be drawn: it knows its size and lays itself out.
type Drawing struct {
	Question      string // the title; empty for that of its figure
	Width, Height vg.Length
	subtitle      []string
	notes         []string // below the panels
	columns       int      // panels side by side; 0 means 1
	panels        []panel
	gutter        vg.Length // to the right of every column, for labels
	rowNames      vg.Length // extra width of the first column, for names of rows
}

// panel is one plot with labels at its lines' ends.
type panel struct {
	section string // heads the rows from here on; begins a new one
	plot    *plot.Plot
	title   string    // bold, above
	yLabel  string    // what the vertical axis measures, after the title
	xLabel  string    // below the horizontal axis
	height  vg.Length // of the plot with its tick labels
	indent  vg.Length // on the left, to line up with panels of longer tick labels
	lines   []lineEnd

	reading reading // how a page puts its values into words
}

// lineEnd is a label before its place on the canvas is known.
type lineEnd struct {
	text string
	look look
	x, y float64 // in the plot's coordinates
}

// Alt says in words what the figure shows, for those who do not see it: the
// question, and of each panel which lines it has from the top down, where they end.
func (d *Drawing) Alt() string {
	var parts []string
	for _, p := range d.panels {
		if p.section != "" {
			parts = append(parts, p.section)
		}
		lines := slices.Clone(p.lines)
		slices.SortStableFunc(lines, func(a, b lineEnd) int { return cmp.Compare(b.y, a.y) })
		var names []string
		for _, l := range lines {
			names = append(names, l.text)
		}
		heads := slices.DeleteFunc([]string{p.title, p.yLabel}, func(s string) bool { return s == "" })
		text := strings.Join(heads, ": ")
		if len(names) > 0 {
			text += ", from the top: " + strings.Join(names, ", ")
		}
		parts = append(parts, text)
	}
	return d.Question + " " + strings.Join(parts, "; ")
}

const (
	panelGap   = 10
	headHeight = lineHeight + 8 // the line above a panel, and half a label

	sectionHeight = 20 // the line above the rows of a section
)

// finish computes the height, and the gutter if labels need one.
func (d *Drawing) finish() *Drawing {
	d.Width = figureWidth
	d.columns = max(1, d.columns)
	var names []string
	body := vg.Length(0)
	for _, p := range d.panels {
		for _, l := range p.lines {
			names = append(names, l.text)
		}
	}
	for _, row := range d.rows() {
		body += rowHeight(row)
	}
	d.gutter = max(d.gutter, marginFor(names))
	d.subtitle = wrapAll(d.subtitle)
	d.notes = wrapAll(d.notes)
	d.Height = d.headerHeight() + body + vg.Length(len(d.notes))*lineHeight + 2*margin
	return d
}

func (d *Drawing) headerHeight() vg.Length {
	return titleSize + 8 + vg.Length(len(d.subtitle))*lineHeight + 8
}

// rows divides the panels into rows, which sections begin anew.
func (d *Drawing) rows() [][]panel {
	var rows [][]panel
	for _, p := range d.panels {
		last := len(rows) - 1
		if last < 0 || p.section != "" || len(rows[last]) == d.columns {
			rows, last = append(rows, nil), last+1
		}
		rows[last] = append(rows[last], p)
	}
	return rows
}

// rowHeight returns the height of a row, whose panels are alike.
func rowHeight(row []panel) vg.Length {
	first := row[0]
	h := first.height + headHeight + panelGap
	if first.section != "" {
		h += sectionHeight
	}
	if first.xLabel != "" {
		h += lineHeight
	}
	return h
}

// Draw draws the figure onto a canvas of its size.
func (d *Drawing) Draw(c draw.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	inner := draw.Crop(c, margin, -margin, margin, -margin)
	y := d.drawHeader(inner)
	columnWidth := (inner.Max.X - inner.Min.X - d.rowNames) / vg.Length(d.columns)
	for _, row := range d.rows() {
		bottom := y - rowHeight(row)
		if name := row[0].section; name != "" {
			c.FillText(boldStyle(textSize+2, inkColor), vg.Point{X: inner.Min.X, Y: y - sectionHeight/2}, name)
			y -= sectionHeight
		}
		for column, p := range row {
			area := inner
			area.Min.X = inner.Min.X + vg.Length(column)*columnWidth
			if column > 0 {
				area.Min.X += d.rowNames
			}
			area.Max.X = inner.Min.X + d.rowNames + vg.Length(column+1)*columnWidth
			area.Min.Y, area.Max.Y = bottom+panelGap, y
			p.draw(area, d.gutter)
		}
		y = bottom
	}
	for i, note := range d.notes {
		at := inner.Min.Y + vg.Length(len(d.notes)-1-i)*lineHeight + lineHeight/2
		c.FillText(textStyle(textSize, quietColor), vg.Point{X: inner.Min.X, Y: at}, note)
	}
}

// drawHeader draws title and subtitle and returns where the panels begin.
func (d *Drawing) drawHeader(c draw.Canvas) vg.Length {
	title := boldStyle(titleSize, inkColor)
	c.FillText(title, vg.Point{X: c.Min.X, Y: c.Max.Y - titleSize/2}, d.Question)
	for i, line := range d.subtitle {
		at := c.Max.Y - titleSize - 8 - vg.Length(i)*lineHeight - lineHeight/2
		c.FillText(textStyle(textSize, quietColor), vg.Point{X: c.Min.X, Y: at}, line)
	}
	return c.Max.Y - d.headerHeight()
}

func (p panel) draw(c draw.Canvas, gutter vg.Length) {
	area := draw.Crop(c, p.indent, -gutter, 0, -headHeight)
	if p.xLabel != "" {
		area.Min.Y += lineHeight
	}
	data := p.plot.DataCanvas(area)
	page := annotate(c)
	page.in(&p)
	page.enter(owner{}, p.reading.producers)
	defer page.leave()
	p.plot.Draw(area)
	head := vg.Point{X: data.Min.X, Y: c.Max.Y - lineHeight/2}
	if p.title != "" {
		bold := boldStyle(textSize+1, inkColor)
		c.FillText(bold, head, p.title)
		head.X += bold.Width(p.title) + 8
	}
	c.FillText(textStyle(textSize, quietColor), head, p.yLabel)
	under := textStyle(textSize, quietColor)
	under.XAlign = draw.XCenter
	c.FillText(under, vg.Point{X: (data.Min.X + data.Max.X) / 2, Y: c.Min.Y + lineHeight/2}, p.xLabel)
	for _, l := range p.placeLabels(data) {
		l.draw(c)
	}
}

func (p panel) placeLabels(data draw.Canvas) []placed {
	x, y := p.plot.Transforms(&data)
	var labels []label
	for _, l := range p.lines {
		labels = append(labels, label{l.text, l.look, vg.Point{X: x(l.x), Y: y(l.y)}})
	}
	return placeLabels(labels, data.Max.X, data.Min.Y-lineHeight, data.Max.Y+lineHeight/2)
}

// alignedPanels lets the vertical axes of panels begin at the same place, however wide
// their tick labels are.
func alignedPanels(panels ...panel) []panel {
	widths := make([]vg.Length, len(panels))
	for i, p := range panels {
		for _, tick := range p.plot.Y.Tick.Marker.Ticks(p.plot.Y.Min, p.plot.Y.Max) {
			widths[i] = max(widths[i], textStyle(textSize, inkColor).Width(tick.Label))
		}
	}
	for i := range panels {
		panels[i].indent = slices.Max(widths) - widths[i]
	}
	return panels
}

// labelledHeight returns a panel height with room for n labels one below the
// other, and no less than least.
func labelledHeight(n int, least vg.Length) vg.Length {
	// Axis labels and ticks below take about four lines.
	return max(least, vg.Length(n+4)*lineHeight)
}

// wrapAll breaks lines that are wider than the figure, at spaces.
func wrapAll(lines []string) []string {
	style := textStyle(textSize, inkColor)
	room := figureWidth - 2*margin
	var out []string
	for _, line := range lines {
		for style.Width(line) > room {
			cut := cutAt(line, func(s string) bool { return style.Width(s) <= room })
			out = append(out, line[:cut])
			line = line[cut:]
		}
		out = append(out, line)
	}
	return out
}

// cutAt returns where to end the longest beginning of a line that fits: after a
// space, or anywhere if there is none.
func cutAt(line string, fits func(string) bool) int {
	space, any := 0, 0
	for i, r := range line {
		if i > 0 && !fits(line[:i]) {
			break
		}
		any = i
		if r == ' ' {
			space = i + 1
		}
	}
	if space > 0 {
		return space
	}
	return max(any, 1)
}
