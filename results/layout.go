package results

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results/sheet"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// Step is how much an open loop offers: a rate in messages per second or a load,
// a share of the saturation rate.
type Step struct {
	Rate, Load float64
	LoadOf     string // as in a cell
}

// Step returns what the cell offers; it is zero for other cells than open loops.
func (c Cell) Step() Step { return Step{c.Rate, c.Load, c.LoadOf} }

// String returns "200 k msg/s", "50 % load", or "50 % of the baseline".
func (s Step) String() string {
	switch {
	case s.LoadOf == LoadOfBaseline:
		return fmt.Sprintf("%.3g %% of the baseline", 100*s.Load)
	case s.Load > 0:
		return fmt.Sprintf("%.3g %% load", 100*s.Load)
	}
	return units.PerSecond(s.Rate)
}

// Short is String in as few letters as there are: "200k", "50 %".
func (s Step) Short() string {
	if s.Load > 0 {
		return fmt.Sprintf("%.3g %%", 100*s.Load)
	}
	number, scale, _ := strings.Cut(units.PerSecond(s.Rate), " ")
	return number + strings.TrimSuffix(strings.TrimSuffix(scale, "msg/s"), " ")
}

// Compare orders rates before loads, and either by its value.
func (s Step) Compare(other Step) int {
	return cmp.Or(cmp.Compare(s.LoadOf, other.LoadOf), cmp.Compare(s.Load, other.Load), cmp.Compare(s.Rate, other.Rate))
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
func (s *Summary) Sheet(t Table) *sheet.Sheet {
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
	laid := &sheet.Sheet{}
	for _, c := range columns {
		laid.Columns = append(laid.Columns, c.Head)
		laid.Producers = append(laid.Producers, c.producers)
	}
	label := Labels(keys, without)
	at := map[string]int{}
	for _, c := range cells {
		name := label(c.Cell)
		if _, seen := at[name]; !seen {
			at[name] = len(laid.Rows)
			row := t.row(name, len(columns))
			row.Strategy = c.Strategy
			if !slices.Contains(without, ProducersName) {
				row.Producers = c.Producers
			}
			laid.Rows = append(laid.Rows, row)
		}
		for i, column := range columns {
			if text := column.text(c); text != "" {
				row := laid.Rows[at[name]]
				row.Texts[i], row.Numbers[i] = text, column.number(c)
				if t.Point != nil {
					row.Points[i] = t.Point(c)
				}
			}
		}
	}
	laid.Rows = slices.DeleteFunc(laid.Rows, func(r sheet.Row) bool {
		return !slices.ContainsFunc(r.Texts, func(text string) bool { return text != "" && text != sheet.FailedText && text != sheet.EndedText })
	})
	if len(laid.Rows) == 0 {
		return nil
	}
	return laid
}

func (t Table) row(label string, columns int) sheet.Row {
	row := sheet.Row{Label: label, Texts: make([]string, columns), Numbers: make([]*float64, columns)}
	if t.Point != nil {
		row.Points = make([]*stat.Interval, columns)
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
			return sheet.EndedText
		}
		return sheet.FailedText
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
	for _, producers := range ProducersOf(cells) {
		of := func(c Cell) bool { return c.Producers == producers }
		columns = append(columns, Column{Head: units.Plural(producers, "producer"), Text: t.Text, Number: t.Number, of: of, producers: producers})
	}
	return columns, []string{ProducersName}
}

// ProducersName stands before the number of producers in a label.
const ProducersName = "producers"

// ProducersOf lists the numbers of producers of some cells, each once, in order.
func ProducersOf(cells []Cell) []int {
	var list []int
	for _, c := range cells {
		list = append(list, c.Producers)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Labels returns what names the row of a cell: its strategy and those parameters
// in which some cells of a table differ, except the told ones.
func Labels(cells []Cell, told []string) func(Cell) string {
	varying := slices.DeleteFunc(Varying(cells), func(p Parameter) bool { return slices.Contains(told, p.Name) })
	producers := !slices.Contains(told, ProducersName) && len(ProducersOf(cells)) > 1
	return func(c Cell) string {
		name := c.Strategy
		if producers {
			name += fmt.Sprintf(" %s=%d", ProducersName, c.Producers)
		}
		return strings.TrimSpace(name + " " + c.Label(varying, " "))
	}
}

// company is a number of neighbours and what they do.
type company struct {
	busy int
	kind string // as in the cell
}

// String returns "no neighbours", "2 busy" or "2 busy, alloc".
func (c company) String() string {
	switch {
	case c.busy == 0:
		return "no neighbours"
	case c.kind == "":
		return fmt.Sprintf("%d busy", c.busy)
	default:
		return fmt.Sprintf("%d busy, %s", c.busy, c.kind)
	}
}

// besideNeighbours returns a column for each company that some cells have.
func (t Table) besideNeighbours(cells []Cell) []Column {
	var all []company
	for _, c := range cells {
		all = append(all, company{c.Busy, c.BusyKind})
	}
	slices.SortFunc(all, func(a, b company) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.busy, b.busy)) })
	var columns []Column
	for _, at := range slices.Compact(all) {
		columns = append(columns, Column{Head: at.String(), Text: t.Text, Number: t.Number, of: func(c Cell) bool { return company{c.Busy, c.BusyKind} == at }})
	}
	return columns
}
