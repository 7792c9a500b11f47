package results

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results/sheet"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// cellWarnings says what a reader should know before trusting the numbers of a
// cell, whose other fields are filled in.
func (s *CellSummary) cellWarnings(trials []Trial) []string {
	var warnings []string
	if s.failures != "" {
		warnings = append(warnings, s.failures)
	}
	n := s.Trials - s.Failed
	if few := stat.FewReps(n); few != "" {
		warnings = append(warnings, few)
	}
	unsteady := 0
	reported := map[string]int{}
	for _, t := range trials {
		if t.Measurement == nil {
			continue
		}
		if !t.Measurement.Steady {
			unsteady++
		}
		for _, w := range t.Measurement.Warnings {
			reported[w]++
		}
	}
	if unsteady > 0 {
		warnings = append(warnings, fmt.Sprintf("%d of %d trials were not steady after warm-up", unsteady, n))
	}
	if missed := s.missedRate(); missed != "" {
		warnings = append(warnings, missed)
	}
	for _, w := range sortedKeys(reported) {
		warnings = append(warnings, fmt.Sprintf("%d of %d trials: %s", reported[w], n, w))
	}
	return append(warnings, warnOfConditions(trials)...)
}

// describeFailures says how many of some trials failed, and by which kinds; it is
// empty when none did.
func describeFailures(kinds map[string]int, failed, trials int) string {
	if failed == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d trials failed: %s", failed, trials, listKinds(kinds))
}

// listKinds words how many failures there are of each kind.
func listKinds(kinds map[string]int) string {
	var parts []string
	for _, kind := range sortedKeys(kinds) {
		parts = append(parts, fmt.Sprintf("%d %s", kinds[kind], kind))
	}
	return strings.Join(parts, ", ")
}

// maxMissed is the share of the offered rate that may go missing: more, and the
// response times belong to another rate than the cell says.
const maxMissed = 0.01

// MissedRate reports whether the producers fell short of the offered rate by
// over 1 %.
func (s *CellSummary) MissedRate() bool {
	sent, offered := s.Number(Achieved), s.Number(Offered)
	return sent != nil && offered != nil && *sent < (1-maxMissed)**offered
}

func (s *CellSummary) missedRate() string {
	if !s.MissedRate() {
		return ""
	}
	sent, offered := *s.Number(Achieved), *s.Number(Offered)
	return fmt.Sprintf("missed the offered rate: sent %s of %s, %.2g %% short",
		units.PerSecond(sent), units.PerSecond(offered), 100*(1-sent/offered))
}

// FailedCells lists the cells that have failed trials.
func (s *Summary) FailedCells() []string {
	var lines []string
	s.each(func(label string, c *CellSummary) {
		if c.failures != "" {
			lines = append(lines, fmt.Sprintf("%s, %s: %s", label, units.Plural(c.Producers, "producer"), c.failures))
		}
	})
	return lines
}

// warnings lists every warning once, with the cells it is about.
func (s *Summary) warnings() []string {
	lines := slices.Clone(s.Warnings)
	about := map[string][]string{}
	var order []string
	s.each(func(label string, c *CellSummary) {
		for _, text := range c.Warnings {
			if text == c.failures {
				continue // these have a list of their own
			}
			if about[text] == nil {
				order = append(order, text)
			}
			about[text] = append(about[text], fmt.Sprintf("%s at %d", label, c.Producers))
		}
	})
	for _, text := range order {
		lines = append(lines, text+" ("+Naming(about[text])+")")
	}
	return lines
}

// maxNamed is how many cells a warning names before it only counts them.
const maxNamed = 4

// Naming lists labels, or counts them if they are many.
func Naming(labels []string) string {
	if len(labels) > maxNamed {
		return units.Plural(len(labels), "cell")
	}
	return strings.Join(labels, ", ")
}

// AllWarnings lists everything that a reader should know before trusting the
// numbers, run and cells together, each once.
func (s *Summary) AllWarnings() []string {
	return append(s.FailedCells(), s.warnings()...)
}

// each visits every cell with its label, in the order of tables: by label, then
// by producers.
func (s *Summary) each(visit func(label string, c *CellSummary)) {
	varying := Varying(s.cells())
	var labels []string
	byLabel := map[string][]*CellSummary{}
	for i := range s.Cells {
		c := &s.Cells[i]
		label := strings.TrimSpace(c.Strategy + " " + c.Label(varying, " "))
		if byLabel[label] == nil {
			labels = append(labels, label)
		}
		byLabel[label] = append(byLabel[label], c)
	}
	for _, label := range labels {
		cells := byLabel[label]
		slices.SortStableFunc(cells, func(a, b *CellSummary) int { return cmp.Compare(a.Producers, b.Producers) })
		for _, c := range cells {
			visit(label, c)
		}
	}
}

func (s *Summary) cells() []Cell {
	cells := make([]Cell, len(s.Cells))
	for i := range s.Cells {
		cells[i] = s.Cells[i].Cell
	}
	return cells
}

// warnOfRetries says in a summary which trials failed before they were measured again:
// what a strategy broke once it may break again.
func (s *Summary) warnOfRetries(superseded []Trial) {
	if len(superseded) == 0 {
		return
	}
	kinds := map[Cell]map[string]int{}
	for _, t := range superseded {
		if kinds[t.Cell] == nil {
			kinds[t.Cell] = map[string]int{}
		}
		kinds[t.Cell][string(t.Failure.Kind)]++
	}
	for i := range s.Cells {
		c := &s.Cells[i]
		failed := 0
		for _, n := range kinds[c.Cell] {
			failed += n
		}
		if failed > 0 {
			c.Warnings = append(c.Warnings, fmt.Sprintf("measured again after %s: %s", units.Plural(failed, "failure"), listKinds(kinds[c.Cell])))
		}
	}
}

// warnOfConditions says which trials were measured under other conditions than the run
// began with.
func warnOfConditions(trials []Trial) (warnings []string) {
	others := map[string]int{}
	for i := range trials {
		if other := sheet.OneLine(trials[i].OtherConditions); other != "" {
			others[other]++
		}
	}
	for _, other := range sortedKeys(others) {
		warnings = append(warnings, fmt.Sprintf("%d of %d trials were measured under other conditions than the run began with: %s",
			others[other], len(trials), other))
	}
	return warnings
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
