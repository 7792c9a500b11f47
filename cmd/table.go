package cmd

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/fanin-bench/fanin-bench/results"
)

// printTables prints the tables of a summary for a terminal.
func printTables(out io.Writer, summary *results.Summary) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, table := range results.Tables() {
		sheet := summary.Sheet(table)
		if sheet == nil { // it has nothing to say about this run
			continue
		}
		fmt.Fprintf(w, "\n%s: %s\n\t%s\t\n", table.Title, table.Note, strings.Join(sheet.Columns, "\t"))
		for _, row := range sheet.Rows {
			fmt.Fprintf(w, "%s\t%s\t\n", row.Label, strings.Join(row.Texts, "\t"))
		}
	}
	fmt.Fprintln(w)
	for _, warning := range summary.AllWarnings() {
		fmt.Fprintln(w, "warning:", warning)
	}
	return w.Flush()
}
