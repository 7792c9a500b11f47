package terminal

import (
	"io"
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
)

// WriteTables prints the tables of a summary for a terminal.
func WriteTables(out io.Writer, summary *results.Summary) error {
	p := NewPage(out)
	for _, table := range results.Tables() {
		sheet := summary.Sheet(table)
		if sheet == nil { // it has nothing to say about this run
			continue
		}
		p.out.WriteByte('\n')
		p.Heading(table.Title, table.Note)
		p.Table(1, sheetRows(sheet))
		if legend := sheet.Legend("blank"); legend != "" {
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
func sheetRows(sheet *results.Sheet) [][]Cell {
	head := Cells(append([]string{""}, sheet.Columns...)...)
	shaped := len(sheet.Columns) > 2 && slices.ContainsFunc(sheet.Rows, func(r results.Row) bool { return r.Points != nil })
	if shaped {
		head = append(head, Cell{Text: "shape"})
	}
	for i := range head {
		head[i].Style = Faint
	}
	rows := [][]Cell{head}
	for _, row := range sheet.Rows {
		line := Cells(append([]string{row.Label}, row.Texts...)...)
		for i := range line {
			if line[i].Text == results.FailedText {
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
