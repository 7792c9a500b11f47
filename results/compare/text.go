package compare

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/results/sheet"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// WriteJSON writes the comparison for scripts.
func (d *Diff) WriteJSON(out io.Writer) error { return files.WriteJSON(out, d) }

// WriteText writes the comparison for a terminal.
func (d *Diff) WriteText(out io.Writer) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "%s\n\nBASE  %s\nNEW   %s\n%s\n", d.headline(), d.Base.describe(), d.New.describe(), d.method())
	textList(w, "!!! THE CONDITIONS ARE NOT THE SAME: the comparison includes them !!!", texts(d.Differences))
	for _, table := range d.tables() {
		fmt.Fprintf(w, "\n%s\n", table.title)
		columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(columns, "\t%s\t\n", strings.Join(diffColumns(), "\t"))
		for _, row := range table.rows {
			fmt.Fprintf(columns, "%s\t%s\t\n", row.Label, strings.Join(row.Texts, "\t"))
		}
		if err := columns.Flush(); err != nil {
			return err
		}
		if legend := table.sheet().Legend("blank"); legend != "" {
			fmt.Fprintln(w, legend)
		}
	}
	for _, list := range d.lists() {
		textList(w, list.title+":", list.lines)
	}
	return w.Flush()
}

func textList(w *bufio.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", title)
	for _, line := range lines {
		fmt.Fprintf(w, "  %s\n", line)
	}
}

// WriteMarkdown writes the comparison for a CI job summary. Whatever a run
// directory brought in is escaped.
func (d *Diff) WriteMarkdown(out io.Writer) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "# fanin-bench: BASE and NEW\n\n**%s**\n\n- BASE: %s\n- NEW: %s\n- %s\n\n", sheet.Markdown(d.headline()),
		sheet.Markdown(d.Base.describe()), sheet.Markdown(d.New.describe()), sheet.Markdown(d.method()))
	if len(d.Differences) > 0 {
		w.WriteString("> [!WARNING]\n> **THE CONDITIONS ARE NOT THE SAME: the comparison includes them.**\n>\n")
		for _, difference := range d.Differences {
			fmt.Fprintf(w, "> - %s\n", sheet.Markdown(difference.String()))
		}
		w.WriteString("\n")
	}
	for _, table := range d.tables() {
		if table.gates {
			fmt.Fprintf(w, "## %s\n\n", table.title)
			table.sheet().WriteMarkdown(w)
			continue
		}
		fmt.Fprintf(w, "<details><summary>%s</summary>\n\n", table.title)
		table.sheet().WriteMarkdown(w)
		w.WriteString("</details>\n\n")
	}
	for _, list := range d.lists() {
		sheet.WriteList(w, list.title, list.lines)
	}
	return w.Flush()
}

// headline is what came of it in a line.
func (d *Diff) headline() string {
	count := map[Verdict]int{}
	for _, m := range d.family(true) {
		count[m.Verdict]++
	}
	text := fmt.Sprintf("%d worse, %d better, %d not told apart", count[Worse], count[Better], count[Undecided])
	switch d.Outcome {
	case "":
		if len(d.Differences) > 0 {
			return "the conditions are not the same: " + text
		}
		return text
	case NoRegression:
		if excused := d.limited(); excused > 0 {
			text += fmt.Sprintf("; %d not judged, because %s in both", excused, excusedLimited)
		}
		return fmt.Sprintf("no regression of more than %s %% (%s)", shareText(d.Gate.FailOn), text)
	default:
		return fmt.Sprintf("%s: %s (%s)", strings.ToUpper(string(d.Outcome)), d.sentence(), text)
	}
}

// limited counts what does not gate because the pacer's own error is all it shows.
func (d *Diff) limited() int {
	n := 0
	for _, m := range d.family(false) {
		if m.Excused == excusedLimited {
			n++
		}
	}
	return n
}

func (s Side) describe() string {
	parts := []string{sheet.OneLine(s.Dir)}
	if s.Label != "" {
		parts = append(parts, strconv.Quote(s.Label))
	}
	parts = append(parts, "version "+cmp.Or(sheet.OneLine(s.Version), "unknown"))
	if s.Commit != "" {
		parts = append(parts, "commit "+sheet.OneLine(s.Commit))
	}
	parts = append(parts, s.Started.UTC().Format(time.RFC3339), fmt.Sprintf("%d trials, %d failed", s.Trials, s.Failed-s.Expected))
	if s.Expected > 0 {
		parts = append(parts, fmt.Sprintf("%d ended as expected", s.Expected))
	}
	return strings.Join(parts, " · ")
}

// method says how the runs were measured and compared.
func (d *Diff) method() string {
	how := "measured one after the other; the interval is a bootstrap of the ratio of medians"
	if d.InTurns {
		how = "measured in turns; the change is the median of the ratios within blocks, with its order-statistic interval"
	}
	test := "Mann-Whitney"
	if slices.ContainsFunc(d.Cells, CellDiff.sliced) {
		test = "Student's t of what was measured slice by slice, otherwise Mann-Whitney"
	}
	return fmt.Sprintf("%s, %.0f %%; p by %s, corrected by Holm; ~ where p is not below %s or the interval holds no change",
		how, 100*stat.Confidence, test, units.Decimal(stat.Alpha))
}

func texts[S fmt.Stringer](list []S) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.String())
	}
	return out
}

// diffTable shows one metric.
type diffTable struct {
	title string
	gates bool
	rows  []sheet.Row
}

func diffColumns() []string {
	return []string{"BASE", "NEW", "change", "interval", "p", "trials"}
}

func (t diffTable) sheet() *sheet.Sheet {
	return &sheet.Sheet{Columns: diffColumns(), Rows: t.rows, BlankMeans: noIntervalMeans}
}

// noIntervalMeans says what is blank in the tables of a comparison.
var noIntervalMeans = fmt.Sprintf("too few trials for an interval: each side needs %d", stat.MinReps)

// tables lays the comparison out, a table for each metric that was measured.
func (d *Diff) tables() []diffTable {
	var tables []diffTable
	for _, metric := range results.Compared() {
		better := "lower is better"
		if metric.HigherIsBetter {
			better = "higher is better"
		}
		table := diffTable{title: fmt.Sprintf("%s (%s)", metric.Title, better), gates: metric.Gates}
		if metric.Gates {
			table.title = fmt.Sprintf("%s (%s; gates)", metric.Title, better)
		}
		for _, row := range d.Rows(metric) {
			table.rows = append(table.rows, sheet.Row{Label: row.Label, Texts: row.texts()})
		}
		if len(table.rows) > 0 {
			tables = append(tables, table)
		}
	}
	return tables
}

// Row is a cell with what a metric of it became.
type Row struct {
	Label string // what tells it apart from the other rows of the metric
	Cell  results.Cell
	*MetricDiff
}

// Rows returns the cells of which a metric was compared.
func (d *Diff) Rows(metric *results.Quantity) []Row {
	var rows []Row
	var cells []results.Cell
	for i := range d.Cells {
		c := &d.Cells[i]
		at := slices.IndexFunc(c.Metrics, func(m MetricDiff) bool { return m.Metric == metric.Name })
		if at >= 0 {
			rows, cells = append(rows, Row{Cell: c.Cell, MetricDiff: &c.Metrics[at]}), append(cells, c.Cell)
		}
	}
	varying := results.Varying(cells)
	for i := range rows {
		rows[i].Label = diffLabel(rows[i].Cell, varying)
	}
	return rows
}

// texts are the columns of a row.
func (m *MetricDiff) texts() []string {
	interval := ""
	if m.Ratio != nil && m.Ratio.Lo != nil && m.Ratio.Hi != nil {
		interval = percent(*m.Ratio.Lo) + " to " + percent(*m.Ratio.Hi)
	}
	trials := fmt.Sprintf("%d", m.NewN)
	if m.BaseN != m.NewN {
		trials = fmt.Sprintf("%d and %d", m.BaseN, m.NewN)
	}
	change := m.Change()
	if m.Open { // of the gate; a change may be told apart from none and yet be within or beyond
		change += " NOT DECIDED"
	}
	return []string{
		m.baseText, m.newText, change, interval, fmt.Sprintf("%.2g", m.PAdjusted), trials,
	}
}

// Change words what became of the metric: "-9.1 %", with "worse" or "better", or
// "~" where that is undecided.
func (m *MetricDiff) Change() string {
	switch {
	case m.Verdict == Undecided:
		return "~"
	case m.Regressed:
		return percent(m.Ratio.Median) + " WORSE"
	default:
		return percent(m.Ratio.Median) + " " + string(m.Verdict)
	}
}

// percent writes a ratio as a change, with a sign unless it is nothing, and as it
// is where percents would be hard to read.
func percent(ratio float64) string {
	if ratio >= 10 {
		return units.Significant(ratio) + "×"
	}
	tenths := math.Round(1000 * (ratio - 1))
	if tenths == 0 {
		return "0.0 %"
	}
	return fmt.Sprintf("%+.1f %%", tenths/10)
}

// marks says what the marks mean that stand beside values.
func (d *Diff) marks() []string {
	var texts []string
	for _, c := range d.Cells {
		for _, m := range c.Metrics {
			texts = append(texts, m.baseText, m.newText)
		}
	}
	return results.MarkNotes(texts...)
}

type diffList struct {
	title string
	lines []string
}

// lists are what stands below the tables.
func (d *Diff) lists() []diffList {
	return []diffList{
		{"Marks", d.marks()},
		{"Warnings", d.Warnings},
		{"Only in BASE, not compared", texts(d.OnlyBase)},
		{"Only in NEW, not compared", texts(d.OnlyNew)},
	}
}
