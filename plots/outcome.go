package plots

import (
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results"
)

// failed reports whether a cell has trials and none of them a measurement.
func failed(c *results.CellSummary) bool {
	if c == nil {
		return false
	}
	unmeasured, _ := c.Unmeasured()
	return unmeasured
}

// outcome says what became of such a cell.
func outcome(c *results.CellSummary) string {
	if _, expected := c.Unmeasured(); expected {
		return "every trial ended as expected"
	}
	return "every trial failed"
}

// outcomes explains a mark of the cells of some series that have no measurement, and
// says whose they are: a series without a single point has no label.
func outcomes(mark string, series []Series, cells func(Series) []*results.CellSummary) []string {
	var texts []string
	names := map[string][]string{}
	for _, x := range series {
		for _, c := range cells(x) {
			if !failed(c) {
				continue
			}
			text := outcome(c)
			if names[text] == nil {
				texts = append(texts, text)
			}
			if !slices.Contains(names[text], x.Name) {
				names[text] = append(names[text], x.Name)
			}
		}
	}
	var notes []string
	for _, text := range texts {
		notes = append(notes, mark+text+", see summary.md: "+strings.Join(names[text], ", "))
	}
	return notes
}
