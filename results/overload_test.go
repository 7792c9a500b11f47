package results_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// Beyond the consumer's capacity the tables say what was delivered, lost, and who
// waited; without a capacity they say nothing of it.
func TestOverloadTables(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Producers: []int{16}, Reps: 6, Samples: 200, Rates: []float64{5e3, 4e4}, Cost: 100_000})
	texts := map[string][]string{}
	summary := results.Summarize(run)
	for _, table := range results.Tables() {
		sheet := summary.Sheet(table)
		if sheet == nil {
			continue
		}
		for _, row := range sheet.Rows {
			if strings.Contains(row.Label, "drop-newest") || strings.Contains(row.Label, "policy=block") {
				texts[table.Title] = append(texts[table.Title], row.Texts...)
			}
		}
	}
	if got, want := texts["Goodput, and what was lost"], []string{"5.00", "10.0", "5.00", "10.0, 75.0 % lost"}; !slices.Equal(got, want) {
		t.Errorf("goodput %q, want %q", got, want)
	}
	if len(texts["Send call"]) != 4 || len(texts["Peak memory"]) != 4 {
		t.Errorf("send calls %q, memory %q", texts["Send call"], texts["Peak memory"])
	}
	plain := results.Summarize(resultstest.Run(resultstest.Config{Producers: []int{16}, Reps: 2, Samples: 200, Rates: []float64{5e3}}))
	for _, table := range results.Tables() {
		if table.Title == "Send call" && plain.Sheet(table) != nil {
			t.Error("a consumer without a cost has a table of overload")
		}
	}
}
