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
		if !t.Measurement.Steady && t.Measurement.Slices == nil {
			unsteady++
		}
		for _, w := range t.Measurement.Warnings {
			reported[w]++
		}
	}
	warnings = append(warnings, s.count(unsteady, n, " were not steady after warm-up")...)
	if cold := warmingUp(trials); cold != "" {
		warnings = append(warnings, cold)
	}
	warnings = append(warnings, s.count(s.Disturbed, n, fmt.Sprintf(
		" were disturbed: of the goroutines that slept for a millisecond, over 1 %% woke more than %s late", units.Duration(mostHiccup)))...)
	if s.Humps != nil {
		warnings = append(warnings, s.Humps.String())
	}
	if missed := s.missedRate(); missed != "" {
		warnings = append(warnings, missed)
	}
	for _, w := range sortedKeys(reported) {
		warnings = append(warnings, s.count(reported[w], n, ": "+w)...)
	}
	others := conditions(trials)
	for _, other := range sortedKeys(others) {
		warnings = append(warnings, s.count(others[other], len(trials), " were measured under other conditions than the run began with: "+other)...)
	}
	return warnings
}

// share is a warning about some trials of a cell. What a run says of all its cells adds
// them up.
type share struct {
	some, all int
	what      string
}

func (s share) String() string { return fmt.Sprintf("%d of %d trials%s", s.some, s.all, s.what) }

// count returns the warning about some trials of the cell, if there are any, and keeps how
// many they are.
func (s *CellSummary) count(some, all int, what string) []string {
	if some == 0 {
		return nil
	}
	counted := share{some, all, what}
	if s.shares == nil {
		s.shares = map[string]share{}
	}
	s.shares[counted.String()] = counted
	return []string{counted.String()}
}

// mostCold is by what share the first slices of a cell's trials may make the trials longer:
// ratios and rates of a cell are off by more than that anyway.
const mostCold = 0.01

// warmingUp says of trials in slices whether they were still warming up. The rounds of their
// warm-up are as short as slices, and vary by more than those agree that last longer; what
// tells is whether the first slices are slower than the others, over all trials.
func warmingUp(trials []Trial) string {
	var excess, added []float64 // by the first slice, as a share of another, and of all of them
	for _, t := range trials {
		if t.Measurement == nil || t.Measurement.Slices == nil {
			continue
		}
		if ns := t.Measurement.nsPerMsgInTurns(); len(ns) > 1 {
			over := ns[0] / *stat.Median(ns[1:]) - 1
			excess, added = append(excess, over), append(added, over/float64(len(ns)))
		}
	}
	if share := stat.NewInterval(added); share == nil || share.Lo == nil || *share.Lo <= mostCold {
		return ""
	}
	interval := stat.NewInterval(excess)
	return fmt.Sprintf("still warming up: the first slices took %.0f %% longer than the others (at least %.0f %%)",
		100*interval.Median, 100**interval.Lo)
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

// mostHiccup is how late a goroutine of an open loop may wake, in ns, in 99 of 100 cases. On
// a machine of two cores that was left alone it was 0.7 to 4.3 ms late, with another process
// computing 4.1 to 11, with two of them 6 to 16.
const mostHiccup = 5e6

// Disturbed reports whether the machine took away the processors of an open loop for long, so
// that its times are the machine's.
func (h *Host) Disturbed() bool { return h != nil && h.HiccupP99Ns > mostHiccup }

// DisturbedMark stands where times do of trials that the machine disturbed.
const DisturbedMark = "¶"

// disturbed counts the trials of a cell that the machine disturbed. What computes in a
// closed loop, beside neighbours or in an overload keeps a goroutine waiting itself.
func disturbed(cell Cell, measured []*Measurement) int {
	if !cell.IsOpen() || cell.Busy > 0 || cell.Overload > 0 {
		return 0
	}
	n := 0
	for _, m := range measured {
		if m.Host.Disturbed() {
			n++
		}
	}
	return n
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

// warnings lists every warning once, with the cells it is about. One that counts trials
// counts those of all its cells.
func (s *Summary) warnings() []string {
	lines := slices.Clone(s.Warnings)
	about := map[string][]string{}
	sums := map[string]share{}
	var order []string
	s.each(func(label string, c *CellSummary) {
		for _, text := range c.Warnings {
			if text == c.failures {
				continue // these have a list of their own
			}
			if counted, ok := c.shares[text]; ok {
				text = counted.what
				sum := sums[text]
				sums[text] = share{sum.some + counted.some, sum.all + counted.all, text}
			}
			if about[text] == nil {
				order = append(order, text)
			}
			about[text] = append(about[text], fmt.Sprintf("%s at %d", label, c.Producers))
		}
	})
	for _, text := range order {
		line := text
		if sum, ok := sums[text]; ok {
			line = sum.String()
		}
		lines = append(lines, line+" ("+Naming(about[text])+")")
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

// conditions counts the trials that were measured under other conditions than the run began
// with, by those.
func conditions(trials []Trial) map[string]int {
	others := map[string]int{}
	for i := range trials {
		if other := sheet.OneLine(trials[i].OtherConditions); other != "" {
			others[other]++
		}
	}
	return others
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
