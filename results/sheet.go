package results

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Sheet is a table laid out: a row for each strategy and combination of varying
// parameters.
type Sheet struct {
	Columns   []string // "16 producers", "50 % load", "200 k msg/s", "idle CPU"
	Producers []int    // of each column, 0 if it is not of one number of them
	Rows      []Row    // those that hold a number

	BlankMeans string // what is blank where that is not what BlankMeans says
}

// Row is one line of a table: its label, then a text for each column, the number that
// it is sorted by, nil where there is none, and an interval if the table has Points.
type Row struct {
	Label     string
	Texts     []string
	Numbers   []*float64
	Points    []*Interval
	Strategy  string
	Producers int // 0 if the columns tell
}

// What stands where no trial of a cell has a measurement.
const (
	FailedText = "failed"
	EndedText  = "ended" // as expected: see Manifest.Expect
)

// Step is how much an open loop offers: a rate in messages per second or a load,
// a share of the saturation rate.
type Step struct{ Rate, Load float64 }

// Step returns what the cell offers; it is zero for other cells than open loops.
func (c Cell) Step() Step { return Step{c.Rate, c.Load} }

// String returns "200 k msg/s" or "50 % load".
func (s Step) String() string {
	if s.Load > 0 {
		return fmt.Sprintf("%.3g %% load", 100*s.Load)
	}
	return PerSecond(s.Rate)
}

// Compare orders rates before loads, and either by its value.
func (s Step) Compare(other Step) int {
	return cmp.Or(cmp.Compare(s.Load, other.Load), cmp.Compare(s.Rate, other.Rate))
}

// Steps lists what some cells offer, each once, in order.
func Steps(cells []Cell) []Step {
	var steps []Step
	for _, c := range cells {
		steps = append(steps, c.Step())
	}
	slices.SortFunc(steps, Step.Compare)
	return slices.Compact(steps)
}

// Sheet lays a table out; it is nil when no cell has anything to show in it.
func (s *Summary) Sheet(t Table) *Sheet {
	var cells []*CellSummary
	var keys []Cell
	for i := range s.Cells {
		if c := &s.Cells[i]; t.About(c.Cell) {
			cells, keys = append(cells, c), append(keys, c.Cell)
		}
	}
	if t.Of != nil && !t.Of(keys) {
		return nil
	}
	columns, without := t.columns(keys)
	sheet := &Sheet{}
	for _, c := range columns {
		sheet.Columns = append(sheet.Columns, c.Head)
		sheet.Producers = append(sheet.Producers, c.producers)
	}
	label := labels(keys, without)
	at := map[string]int{}
	for _, c := range cells {
		name := label(c.Cell)
		if _, seen := at[name]; !seen {
			at[name] = len(sheet.Rows)
			row := t.row(name, len(columns))
			row.Strategy = c.Strategy
			if !slices.Contains(without, producersName) {
				row.Producers = c.Producers
			}
			sheet.Rows = append(sheet.Rows, row)
		}
		for i, column := range columns {
			if text := column.text(c); text != "" {
				row := sheet.Rows[at[name]]
				row.Texts[i], row.Numbers[i] = text, column.number(c)
				if t.Point != nil {
					row.Points[i] = t.Point(c)
				}
			}
		}
	}
	sheet.Rows = slices.DeleteFunc(sheet.Rows, func(r Row) bool {
		return !slices.ContainsFunc(r.Texts, func(text string) bool { return text != "" && text != FailedText && text != EndedText })
	})
	if len(sheet.Rows) == 0 {
		return nil
	}
	return sheet
}

func (t Table) row(label string, columns int) Row {
	row := Row{Label: label, Texts: make([]string, columns), Numbers: make([]*float64, columns)}
	if t.Point != nil {
		row.Points = make([]*Interval, columns)
	}
	return row
}

// text is what a column shows of a cell.
func (c Column) text(cell *CellSummary) string {
	if c.of != nil && !c.of(cell.Cell) {
		return ""
	}
	if unmeasured, expected := cell.Unmeasured(); unmeasured && !c.ofFailed {
		if expected {
			return EndedText
		}
		return FailedText
	}
	return c.Text(cell)
}

// number is what a column that shows something of a cell is sorted by.
func (c Column) number(cell *CellSummary) *float64 {
	if unmeasured, _ := cell.Unmeasured(); c.Number == nil || unmeasured && !c.ofFailed {
		return nil
	}
	return c.Number(cell)
}

// columns returns the columns of a table about some cells, and which parameters
// need not be named in a row because the columns tell them.
func (t Table) columns(cells []Cell) (columns []Column, told []string) {
	if t.Columns != nil {
		return t.Columns, nil
	}
	if columns := t.besideNeighbours(cells); len(columns) > 1 {
		return columns, []string{"busy", "busy-kind"}
	}
	if steps := Steps(cells); t.ByLoad && len(steps) > 1 {
		for _, step := range steps {
			columns = append(columns, Column{Head: step.String(), Text: t.Text, Number: t.Number, of: func(c Cell) bool { return c.Step() == step }})
		}
		return columns, []string{"rate", "load"}
	}
	for _, producers := range producersOf(cells) {
		of := func(c Cell) bool { return c.Producers == producers }
		columns = append(columns, Column{Head: Plural(producers, "producer"), Text: t.Text, Number: t.Number, of: of, producers: producers})
	}
	return columns, []string{producersName}
}

const producersName = "producers"

func producersOf(cells []Cell) []int {
	var list []int
	for _, c := range cells {
		list = append(list, c.Producers)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// labels returns what names the row of a cell: its strategy and those parameters
// in which some cells of a table differ, except the told ones.
func labels(cells []Cell, told []string) func(Cell) string {
	varying := slices.DeleteFunc(Varying(cells), func(p Parameter) bool { return slices.Contains(told, p.Name) })
	producers := !slices.Contains(told, producersName) && len(producersOf(cells)) > 1
	return func(c Cell) string {
		name := c.Strategy
		if producers {
			name += fmt.Sprintf(" %s=%d", producersName, c.Producers)
		}
		return strings.TrimSpace(name + " " + c.Label(varying, " "))
	}
}
