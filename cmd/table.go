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
		producers, rows := summary.Rows(table)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s: %s\n", table.Title, table.Note)
		fmt.Fprint(w, "producers\t")
		for _, n := range producers {
			fmt.Fprintf(w, "%d\t", n)
		}
		fmt.Fprintln(w)
		for _, row := range rows {
			fmt.Fprintf(w, "%s\t%s\t\n", row.Label, strings.Join(row.Texts, "\t"))
		}
	}
	fmt.Fprintln(w)
	for _, warning := range summary.AllWarnings() {
		fmt.Fprintln(w, "warning:", warning)
	}
	return w.Flush()
}
