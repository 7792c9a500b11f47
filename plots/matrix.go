package plots

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/question"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// matrix answers which strategy is good at what: a row for each strategy, under its
// kind, and a column for each question, with ratios to the baseline.
var matrix = Figure{
	Name:     "matrix",
	Question: "What is each strategy good at?",
	About:    Whole,
	Read: "Choose the columns that matter to you, and look for a row that is blue in them and not orange. A number is how many times as good as " +
		"the baseline the strategy is: 2 is twice the throughput, or half the time, memory or processor time.",
	Draw: drawMatrix,
}

// mostQuestions is how many questions fit side by side.
const mostQuestions = 14

// whole returns the scene of all that was measured.
func whole(m *results.Manifest, summary *results.Summary) *Scene {
	s := &Scene{Manifest: m, Kind: Whole, summary: summary}
	own := slices.DeleteFunc(results.Varying(m.Cells), func(p results.Parameter) bool { return p.Shared() })
	for i := range summary.Cells {
		cell := &summary.Cells[i]
		if cell.Cell.Kind == results.KindSearch {
			continue
		}
		if s.first == (results.Cell{}) {
			s.first = cell.Cell
		}
		series := s.seriesOf(cell, cell.Label(own, " "))
		series.all = append(series.all, cell)
	}
	return s
}

func drawMatrix(s *Scene) (*Drawing, error) {
	baseline := s.Manifest.Baseline()
	columns := question.Columns(s.summary, baseline)
	switch {
	case len(columns) == 0:
		return nil, noData("the run has no " + baseline + " to compare with")
	case len(columns) == 1:
		return nil, noData("a single question makes no matrix")
	}
	g := &ratios{columns: columns[:min(len(columns), mostQuestions)]}
	for _, kind := range kinds(s.ranked()) {
		slices.SortStableFunc(kind.series, func(a, b Series) int { // the baseline first
			return cmp.Compare(placeBeside(a.strategy.Name, baseline), placeBeside(b.strategy.Name, baseline))
		})
		rows := g.of(s, kind.series)
		if len(rows) > 0 {
			g.rows = append(append(g.rows, ratioRow{heading: kind.title[0]}), rows...)
		}
	}
	if len(g.rows) == 0 {
		return nil, noData("no strategy was compared with " + baseline)
	}
	d := &Drawing{
		subtitle: []string{s.machine(), "times as good as " + baseline + " in the same run, median over blocks; 1 is the same"},
		panels:   []panel{g.panel()},
		notes:    g.notes(s.Manifest.LeastReps(), len(columns)-len(g.columns)),
		gutter:   margin,
	}
	return d.finish(), nil
}

// placeBeside is 0 for the baseline and 1 for others.
func placeBeside(name, baseline string) int {
	if name == baseline {
		return 0
	}
	return 1
}

// ratios is the matrix.
type ratios struct {
	columns []question.Column
	rows    []ratioRow
	names   vg.Length // the width of the names
	head    headings
}

// ratioRow is a series with its entries in all columns, or a heading above some.
type ratioRow struct {
	Series
	heading string
	entries []question.Entry
	best    []bool // of the kind, or not clearly worse
}

// of returns the rows of a kind, of those of its series that were asked something.
func (g *ratios) of(s *Scene, series []Series) []ratioRow {
	var rows []ratioRow
	cells := make([][]*results.CellSummary, len(g.columns)) // by column, one for each row
	for _, x := range series {
		row := ratioRow{Series: x, best: make([]bool, len(g.columns))}
		asked := false
		mine := make([]*results.CellSummary, len(g.columns))
		for i := range g.columns {
			at := slices.IndexFunc(x.all, func(c *results.CellSummary) bool { return g.columns[i].About(c.Cell) && g.columns[i].Has(c.Cell) })
			if at >= 0 {
				mine[i], asked = x.all[at], true
			}
			row.entries = append(row.entries, g.columns[i].Entry(s.Manifest, mine[i]))
		}
		if !asked {
			continue
		}
		rows = append(rows, row)
		for i, c := range mine {
			cells[i] = append(cells[i], c)
		}
	}
	for i := range g.columns {
		frameBest(&g.columns[i], rows, cells[i], i)
	}
	return rows
}

// frameBest marks the best of a kind in a column, by the rule of stat.Rank.
func frameBest(column *question.Column, rows []ratioRow, cells []*results.CellSummary, at int) {
	var samples []stat.Sample
	var whose []int
	for i, row := range rows {
		if outcome := row.entries[at].Outcome; outcome > question.Itself {
			continue
		}
		sample := column.Sample(cells[i])
		if column.Of.HigherIsBetter {
			sample = sample.Each(func(v float64) float64 { return 1 / v })
		}
		samples, whose = append(samples, sample), append(whose, i)
	}
	if len(samples) < 2 {
		return // the only one is the best of nothing
	}
	for i, r := range stat.Rank(samples) {
		if i == 0 || r.Place == 1 && r.Value.Lo != nil {
			rows[whose[r.Index]].best[at] = true
		}
	}
}

const matrixRow = 17 // the height of a row

func (g *ratios) panel() panel {
	for _, r := range g.rows {
		g.names = max(g.names, textStyle(textSize, inkColor).Width(r.Name)+6)
	}
	width := (figureWidth - 3*margin - g.names) / vg.Length(len(g.columns))
	g.head = newHeadings(g.columns, width)
	above := float64(g.head.height()) / matrixRow
	out := panel{plot: newPlot(), indent: g.names, height: vg.Length(float64(len(g.rows))+above)*matrixRow + 4}
	p := out.plot
	p.X.Scale, p.Y.Scale = plot.LinearScale{}, plot.LinearScale{}
	setRange(&p.X, span{-0.5, float64(len(g.columns)) - 0.5}, nil)
	setRange(&p.Y, span{-0.5, float64(len(g.rows)) - 0.5 + above}, nil)
	p.HideAxes()
	p.Add(g)
	return out
}

// Plot implements plot.Plotter.
func (g *ratios) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	g.head.draw(c, func(column float64) vg.Length { return x(column) }, y(float64(len(g.rows))-0.5))
	for i, row := range g.rows {
		at := float64(len(g.rows) - 1 - i)
		if row.heading != "" {
			c.FillText(boldStyle(textSize+1, inkColor), vg.Point{X: c.Min.X, Y: y(at) - 2}, row.heading)
			continue
		}
		page := annotate(c)
		page.enter(row.Look.owner, 0)
		name := textStyle(textSize, inkColor)
		name.XAlign = draw.XRight
		c.FillText(name, vg.Point{X: c.Min.X - 6, Y: y(at) + textRise}, row.Name)
		for j := range g.columns {
			const gap = 0.75
			box := vg.Rectangle{
				Min: vg.Point{X: x(float64(j)-0.5) + gap, Y: y(at-0.5) + gap}, Max: vg.Point{X: x(float64(j)+0.5) - gap, Y: y(at+0.5) - gap},
			}
			g.drawEntry(c, box, row, j)
		}
		page.leave()
	}
}

func (g *ratios) drawEntry(c draw.Canvas, box vg.Rectangle, row ratioRow, at int) {
	entry, column := row.entries[at], &g.columns[at]
	style := textStyle(textSize, quietColor)
	text := signs[entry.Outcome]
	switch entry.Outcome {
	case question.Apart, question.Tied:
		text = ratioText(entry.Times.Median)
		fill, ink := color.Color(bandColor), color.Color(inkColor)
		if entry.Outcome == question.Apart {
			fill, ink = ratioColours(entry.Times.Median)
		}
		c.SetColor(fill)
		c.Fill(box.Path())
		style.Color = ink
	case question.Itself:
		text = valueText(column.Of, *entry.Value)
	}
	if row.best[at] {
		frame := vg.Rectangle{Min: box.Min.Add(vg.Point{X: 0.8, Y: 0.8}), Max: box.Max.Sub(vg.Point{X: 0.8, Y: 0.8})}
		c.SetLineStyle(draw.LineStyle{Color: frameColor, Width: 1.8})
		c.Stroke(frame.Path())
		style.Font = boldStyle(textSize, inkColor).Font
	}
	if marked := closeUp.Replace(entry.Mark(text)); style.Width(marked) <= box.Max.X-box.Min.X-3 {
		text = marked
	} else if style.Width(text) > box.Max.X-box.Min.X-3 {
		text, _, _ = strings.Cut(text, " ") // unit and marks are in the words of the point
	}
	middle := vg.Point{X: (box.Min.X + box.Max.X) / 2, Y: (box.Min.Y + box.Max.Y) / 2}
	style.XAlign = draw.XCenter
	c.FillText(style, vg.Point{X: middle.X, Y: middle.Y + textRise}, text)
	annotate(c).note(row.Look.owner, middle, g.words(column, entry))
}

// closeUp sets a bound's sign close to its number, which saves room.
var closeUp = strings.NewReplacer("≥ ", "≥", "≤ ", "≤", "≈ ", "≈")

// words tells an entry of a column.
func (g *ratios) words(column *question.Column, entry question.Entry) string {
	text := column.Head
	if column.Conditions != "" {
		text += ", " + column.Conditions
	}
	text += ": "
	if entry.Times != nil {
		text += entry.Mark(ratioText(entry.Times.Median)) + " times as good as " + column.Baseline
		if entry.Times.Bounded() {
			text += " (" + ratioText(*entry.Times.Lo) + " to " + ratioText(*entry.Times.Hi) + ")"
		}
		text += ", "
	}
	if entry.Value == nil {
		return text + meanings[entry.Outcome]
	}
	text += column.Of.Unit.Text(*entry.Value)
	if means := meanings[entry.Outcome]; means != "" {
		text += ", " + means
	}
	return text
}

// What stands in a cell without a ratio, and what it means.
var (
	signs = map[question.Outcome]string{
		question.Absent: "–", question.Failed: "×", question.Missed: "†", question.Few: "…", question.Baseless: "?",
	}
	meanings = map[question.Outcome]string{
		question.Tied:   "no clear difference",
		question.Absent: "not measured",
		question.Failed: "every trial failed",
		question.Missed: "the producers could not keep up the rate",
		question.Few:    "too few messages or repetitions",

		question.Baseless: "the baseline has no number to compare with",
	}
)

// notes explains shades, frames, columns and signs, as far as they occur.
func (g *ratios) notes(reps, left int) []string {
	baseline := g.columns[0].Baseline
	notes := []string{
		"blue: better than " + baseline + "; orange: worse; grey: no clear difference, by the 95 % interval or under 10 %; " +
			baseline + " itself: what it measured",
		"framed: the best of its kind in the column, and every cell within 10 % of it or without a clear difference",
	}
	if reps < stat.MinReps {
		notes = append(notes, "n<6: no interval, so that nothing is told apart")
	}
	if conditions := g.conditions(); conditions != "" {
		notes = append(notes, conditions)
	}
	var means []string
	for _, outcome := range []question.Outcome{question.Absent, question.Failed, question.Missed, question.Few, question.Baseless} {
		if slices.ContainsFunc(g.rows, func(r ratioRow) bool {
			return slices.ContainsFunc(r.entries, func(e question.Entry) bool { return e.Outcome == outcome })
		}) {
			means = append(means, signs[outcome]+" "+meanings[outcome])
		}
	}
	if len(means) > 0 {
		notes = append(notes, strings.Join(means, "; "))
	}
	notes = append(notes, results.MarkNotes(g.marked()...)...)
	if left > 0 {
		notes = append(notes, units.Plural(left, "further column")+" would not fit")
	}
	return notes
}

// marked returns the marks of all entries.
func (g *ratios) marked() (marks []string) {
	for _, row := range g.rows {
		for _, entry := range row.entries {
			if entry.Value != nil {
				marks = append(marks, entry.Mark("0"))
			}
		}
	}
	return marks
}

// conditions says of the columns what their heads do not: of how many producers they are,
// and what a share of the load is of.
func (g *ratios) conditions() string {
	var parts []string
	var counts []int
	for _, c := range g.columns {
		if !strings.HasSuffix(c.Head, question.ByProducers) {
			counts = append(counts, c.Producers)
		}
	}
	if slices.Sort(counts); len(slices.Compact(counts)) == 1 {
		parts = append(parts, units.Plural(counts[0], "producer")+" where no number of them is said")
	}
	switch shares := func(of string) bool {
		return slices.ContainsFunc(g.columns, func(c question.Column) bool { return c.Share() == of })
	}; {
	case shares(results.LoadOfBaseline):
		parts = append(parts, "%: offered, of the highest rate that "+g.columns[0].Baseline+" sustains")
	case shares(results.LoadOfOwn):
		parts = append(parts, "%: offered, of the highest rate that each strategy itself sustains")
	}
	return strings.Join(parts, "; ")
}

// ratioText writes a ratio with two digits that matter.
func ratioText(v float64) string {
	switch {
	case v >= 9.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 0.995:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.00995:
		return fmt.Sprintf("%.2f", v)
	default:
		return "<0.01"
	}
}

// valueText writes what the baseline measured, with two digits that matter: a rate
// without its unit, which is that of all.
func valueText(q *results.Quantity, v float64) string {
	number, unit, _ := strings.Cut(strings.TrimSuffix(q.Unit.Text(v), " msg/s"), " ")
	if n, err := strconv.ParseFloat(number, 64); err == nil && n >= 1 {
		number = ratioText(n)
	}
	return strings.TrimSpace(number + " " + strings.TrimSuffix(unit, "msg/s"))
}

// ratioColours returns the fill of a ratio and the ink on it: blues for better, oranges
// for worse, the full colour from 16 times on.
func ratioColours(times float64) (fill, ink color.Color) {
	shade := min(1, math.Abs(math.Log(times))/math.Log(16))
	if times > 1 {
		return heatColor(0.15 + 0.8*shade), heatInk(0.15 + 0.8*shade)
	}
	return between(color.NRGBA{0xFD, 0xEA, 0xD6, 0xFF}, color.NRGBA{0xE8, 0x8A, 0x3A, 0xFF}, shade), inkColor
}

// headings are what stands above the columns: the question over all of its columns, and
// over each what tells it from the others.
type headings struct {
	width  vg.Length // of a column
	groups []headGroup
}

type headGroup struct {
	first, columns int
	lines          []string
	under          [][]string // of each column
}

func newHeadings(columns []question.Column, width vg.Length) headings {
	h := headings{width: width}
	style := textStyle(textSize, inkColor)
	wrap := func(text string, room vg.Length) []string {
		var lines []string
		for _, word := range strings.Fields(text) {
			last := len(lines) - 1
			switch {
			case last >= 0 && style.Width(lines[last]+" "+word) <= room:
				lines[last] += " " + word
			default:
				lines = append(lines, word)
			}
		}
		return lines
	}
	for i := 0; i < len(columns); {
		n := 1
		for i+n < len(columns) && columns[i+n].ID == columns[i].ID {
			n++
		}
		g := headGroup{first: i, columns: n, lines: wrap(columns[i].Head, vg.Length(n)*width-4)}
		for _, c := range columns[i : i+n] {
			g.under = append(g.under, wrap(c.Short, width-2))
		}
		h.groups, i = append(h.groups, g), i+n
	}
	return h
}

func (h headings) height() vg.Length {
	lines := 0
	for _, g := range h.groups {
		lines = max(lines, len(g.lines)+g.deepest())
	}
	return vg.Length(lines)*lineHeight + 8
}

// deepest is how many lines stand under the group's heading.
func (g headGroup) deepest() int {
	deepest := 0
	for _, lines := range g.under {
		deepest = max(deepest, len(lines))
	}
	return deepest
}

// draw writes the headings so that the lowest line ends at y.
func (h headings) draw(c draw.Canvas, x func(float64) vg.Length, y vg.Length) {
	style := textStyle(textSize, inkColor)
	style.XAlign = draw.XCenter
	quiet := style
	quiet.Color = quietColor
	write := func(style draw.TextStyle, lines []string, at, bottom vg.Length) {
		for i, line := range lines {
			c.FillText(style, vg.Point{X: at, Y: bottom + (vg.Length(len(lines)-1-i)+0.5)*lineHeight}, line)
		}
	}
	for _, g := range h.groups {
		for i, lines := range g.under {
			write(quiet, lines, x(float64(g.first+i)), y+2)
		}
		bottom := y + 4 + vg.Length(g.deepest())*lineHeight
		if g.columns > 1 {
			rule := draw.LineStyle{Color: gridColor, Width: 0.8}
			c.StrokeLine2(rule, x(float64(g.first)-0.5)+3, bottom, x(float64(g.first+g.columns)-0.5)-3, bottom)
		}
		write(style, g.lines, x(float64(g.first)+float64(g.columns-1)/2), bottom+1)
	}
}
