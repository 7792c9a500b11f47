package terminal

import (
	"io"
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/sheet"
)

// WriteTables prints the tables of a summary for a terminal.
func WriteTables(out io.Writer, summary *results.Summary) error {
	p := NewPage(out)
	for _, table := range results.Tables() {
		laid := summary.Sheet(table)
		if laid == nil { // it has nothing to say about this run
			continue
		}
		p.out.WriteByte('\n')
		p.Heading(table.Title, table.Note)
		p.Table(1, sheetRows(laid))
		if legend := laid.Legend("blank"); legend != "" {
			p.Text(Faint, legend)
			p.out.WriteByte('\n')
		}
	}
	p.out.WriteByte('\n')
	for _, warning := range summary.AllWarnings() {
		p.Text(Yellow, "warning:")
		p.Text(Plain, " "+warning+"\n")
	}
	return p.Flush()
}

// sheetRows lays a sheet out, with a sparkline at the end of the rows that have
// a shape.
func sheetRows(laid *sheet.Sheet) [][]Cell {
	head := Cells(append([]string{""}, laid.Columns...)...)
	shaped := len(laid.Columns) > 2 && slices.ContainsFunc(laid.Rows, func(r sheet.Row) bool { return r.Points != nil })
	if shaped {
		head = append(head, Cell{Text: "shape"})
	}
	for i := range head {
		head[i].Style = Faint
	}
	rows := [][]Cell{head}
	for _, row := range laid.Rows {
		line := Cells(append([]string{row.Label}, row.Texts...)...)
		for i := range line {
			if line[i].Text == sheet.FailedText {
				line[i].Style = Red
			}
		}
		if shaped {
			line = append(line, Cell{Sparkline(row.Points), Cyan})
		}
		rows = append(rows, line)
	}
	return rows
}
