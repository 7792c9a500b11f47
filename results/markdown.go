package results

import (
	"bufio"
	"cmp"
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WriteMarkdown writes a short page for people: what ran where, and the
// tables that matter, as a CI job summary shows them.
func WriteMarkdown(out io.Writer, run *Run, summary *Summary) error {
	w := bufio.NewWriter(out)
	grid := newGrid(summary)
	fmt.Fprintf(w, "# fanin-bench: %s\n\n%s\n\n", markdown(run.Manifest.Scenario), markdown(Headline(&run.Manifest)))
	for _, t := range Tables() {
		rows := grid.rows(t)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(w, "## %s\n\n%s\n\n", t.Title, t.Note)
		grid.write(w, rows)
	}
	writeWarnings(w, "Failed", failedCells(grid))
	writeWarnings(w, "Warnings", warnings(grid, summary))
	return w.Flush()
}

// Headline says in one line where and how a run was made.
func Headline(m *Manifest) string {
	e := m.Environment
	return strings.Join([]string{
		cmp.Or(oneLine(e.CPU), "unknown CPU"), Plural(e.Cores, "core"),
		fmt.Sprintf("GOMAXPROCS %d", e.GOMAXPROCS), strings.TrimSpace(fmt.Sprintf("%s/%s", e.OS, e.Arch)), oneLine(e.Go),
		Plural(m.Reps, "repetition"), fmt.Sprintf("seed %d", m.Seed),
	}, " · ")
}

// Plural returns "1 core" or "2 cores".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Table is one table of strategies by producers.
type Table struct {
	Title string
	Note  string // what a number is, one paragraph
	// Text returns what a cell shows, empty if it has nothing.
	Text func(*CellSummary) string
}

// Tables lists the tables of summary.md and of the HTML page.
func Tables() []Table {
	const spread = "± is the farther end of the 95 % order-statistic interval."
	return []Table{
		{"Throughput", "Million messages received per second, median over repetitions; " + spread, func(c *CellSummary) string {
			return withSpread(c.Throughput, 1e6)
		}},
		{"Speed-up over " + Baseline, "Ratio of throughputs, median over blocks; " + spread, func(c *CellSummary) string {
			return withSpread(c.Speedup, 1)
		}},
		{"Transit time, p50 / p99", "From the send call to the receive, all repetitions together.", func(c *CellSummary) string {
			if c.Transit == nil || c.Transit.P50 == nil {
				return ""
			}
			text := Nanoseconds(float64(*c.Transit.P50))
			if c.Transit.P99 != nil {
				text += " / " + Nanoseconds(float64(*c.Transit.P99))
			}
			return text
		}},
	}
}

// FailedText stands where every trial of a cell failed.
const FailedText = "failed"

// grid lays the cells of a summary out as tables: a row for each strategy and
// combination of varying parameters, a column for each number of producers.
type grid struct {
	producers []int // ascending
	labels    []string
	cells     map[string]map[int]*CellSummary
}

func newGrid(s *Summary) *grid {
	g := &grid{cells: map[string]map[int]*CellSummary{}}
	varying := s.varying()
	for i := range s.Cells {
		c := &s.Cells[i]
		label := strings.TrimSpace(c.Strategy + " " + c.Label(varying, " "))
		if g.cells[label] == nil {
			g.cells[label] = map[int]*CellSummary{}
			g.labels = append(g.labels, label)
		}
		g.cells[label][c.Producers] = c
		if !slices.Contains(g.producers, c.Producers) {
			g.producers = append(g.producers, c.Producers)
		}
	}
	slices.Sort(g.producers)
	return g
}

func (s *Summary) varying() []Parameter {
	cells := make([]Cell, len(s.Cells))
	for i := range s.Cells {
		cells[i] = s.Cells[i].Cell
	}
	return Varying(cells)
}

// Row is one line of a table: its label, then a text for each
// number of producers.
type Row struct {
	Label string
	Texts []string
}

// Rows returns the numbers of producers that head a table's columns, and its
// lines without those that would hold no number.
func (s *Summary) Rows(t Table) (producers []int, rows []Row) {
	g := newGrid(s)
	return g.producers, g.rows(t)
}

func (g *grid) rows(t Table) []Row {
	var rows []Row
	for _, label := range g.labels {
		row := Row{Label: label}
		some := false
		for _, p := range g.producers {
			text := ""
			if c := g.cells[label][p]; c != nil {
				text = t.Text(c)
				some = some || text != ""
				if c.Trials > 0 && c.Failed == c.Trials {
					text = FailedText
				}
			}
			row.Texts = append(row.Texts, text)
		}
		if some {
			rows = append(rows, row)
		}
	}
	return rows
}

func (g *grid) write(w *bufio.Writer, rows []Row) {
	w.WriteString("| strategy |")
	for _, p := range g.producers {
		fmt.Fprintf(w, " %s |", Plural(p, "producer"))
	}
	w.WriteString("\n|---|" + strings.Repeat("---:|", len(g.producers)) + "\n")
	for _, row := range rows {
		fmt.Fprintf(w, "| %s |", markdown(row.Label))
		for _, text := range row.Texts {
			fmt.Fprintf(w, " %s |", cmp.Or(text, "–"))
		}
		w.WriteString("\n")
	}
	w.WriteString("\n")
}

// failedCells lists the cells that have failed trials.
func failedCells(g *grid) []string {
	var lines []string
	g.each(func(label string, c *CellSummary) {
		if c.Failed > 0 {
			lines = append(lines, fmt.Sprintf("%s, %s: %s", label, Plural(c.Producers, "producer"), c.failures))
		}
	})
	return lines
}

// warnings lists every warning once, with the cells it is about.
func warnings(g *grid, s *Summary) []string {
	lines := slices.Clone(s.Warnings)
	about := map[string][]string{}
	var order []string
	g.each(func(label string, c *CellSummary) {
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
		where := strings.Join(about[text], ", ")
		if len(about[text]) > maxNamed {
			where = Plural(len(about[text]), "cell")
		}
		lines = append(lines, text+" ("+where+")")
	}
	return lines
}

// maxNamed is how many cells a warning names before it only counts them.
const maxNamed = 4

// AllWarnings lists everything that a reader should know before trusting the
// numbers, run and cells together, each once.
func (s *Summary) AllWarnings() []string {
	g := newGrid(s)
	return append(failedCells(g), warnings(g, s)...)
}

func (g *grid) each(visit func(label string, c *CellSummary)) {
	for _, label := range g.labels {
		for _, p := range g.producers {
			if c := g.cells[label][p]; c != nil {
				visit(label, c)
			}
		}
	}
}

func writeWarnings(w *bufio.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "## %s\n\n", title)
	for _, line := range lines {
		fmt.Fprintf(w, "- %s\n", markdown(line))
	}
	w.WriteString("\n")
}

// markdown makes text from outside safe in a table or a list.
func markdown(text string) string {
	text = html.EscapeString(oneLine(text))
	return strings.NewReplacer("|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`).Replace(text)
}

// withSpread formats an interval divided by unit, as "12.3 ±4 %".
func withSpread(i *Interval, unit float64) string {
	if i == nil {
		return ""
	}
	text := Significant(i.Median / unit)
	if spread, ok := i.Spread(); ok {
		text += fmt.Sprintf(" ±%.0f %%", 100*spread)
	}
	return text
}

// Significant formats a number with three significant digits and no exponent.
func Significant(v float64) string {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	// Rounded first, so that 9.999 becomes 10.0 and not 10.00.
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 2, 64), 64)
	if err != nil {
		rounded = v // cannot happen: it was formatted just now
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(rounded))))
	return strconv.FormatFloat(rounded, 'f', max(digits, 0), 64)
}

// Nanoseconds formats a time with three significant digits in ns, µs, ms or s.
func Nanoseconds(ns float64) string {
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"s", time.Second}, {"ms", time.Millisecond}, {"µs", time.Microsecond}} {
		// 0.9995 of a unit already rounds to one.
		if ns >= 0.9995*float64(unit.size) {
			return Significant(ns/float64(unit.size)) + " " + unit.name
		}
	}
	if ns < 100 {
		// Whole numbers in storage: no digits that were never measured.
		return strconv.FormatFloat(math.Round(ns), 'f', 0, 64) + " ns"
	}
	return Significant(ns) + " ns"
}
