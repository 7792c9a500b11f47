package cmd

import (
	"io"
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
)

// printTables prints the tables of a summary for a terminal.
func printTables(out io.Writer, summary *results.Summary) error {
	p := newPage(out)
	for _, table := range results.Tables() {
		sheet := summary.Sheet(table)
		if sheet == nil { // it has nothing to say about this run
			continue
		}
		p.out.WriteByte('\n')
		p.heading(table.Title, table.Note)
		p.table(1, sheetRows(sheet))
		if legend := sheet.Legend("blank"); legend != "" {
			p.text(faint, legend)
			p.out.WriteByte('\n')
		}
	}
	p.out.WriteByte('\n')
	for _, warning := range summary.AllWarnings() {
		p.text(yellow, "warning:")
		p.text(plain, " "+warning+"\n")
	}
	return p.flush()
}

// sheetRows lays a sheet out, with a sparkline at the end of the rows that have
// a shape.
func sheetRows(sheet *results.Sheet) [][]cell {
	head := cells(append([]string{""}, sheet.Columns...)...)
	shaped := len(sheet.Columns) > 2 && slices.ContainsFunc(sheet.Rows, func(r results.Row) bool { return r.Points != nil })
	if shaped {
		head = append(head, cell{text: "shape"})
	}
	for i := range head {
		head[i].style = faint
	}
	rows := [][]cell{head}
	for _, row := range sheet.Rows {
		line := cells(append([]string{row.Label}, row.Texts...)...)
		for i := range line {
			if line[i].text == results.FailedText {
				line[i].style = red
			}
		}
		if shaped {
			line = append(line, cell{sparkline(row.Points), cyan})
		}
		rows = append(rows, line)
	}
	return rows
}
