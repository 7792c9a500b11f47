package sheet

import (
	"bufio"
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode"

	"github.com/fanin-bench/fanin-bench/results/stat"
)

// Sheet is a table laid out: a row for each strategy and combination of varying
// parameters.
type Sheet struct {
	Columns   []string // "16 producers", "50 % load", "200 k msg/s", "idle CPU"
	Producers []int    // of each column, 0 if it is not of one number of them
	Rows      []Row    // those that hold a number

	BlankMeans string // what is blank where that is not what BlankMeans says
}

// Row is one line of a table: its label, then a text for each column, the number that
// it is sorted by, nil where there is none, and an interval if the table has Points.
type Row struct {
	Label     string
	Texts     []string
	Numbers   []*float64
	Points    []*stat.Interval
	Strategy  string
	Producers int // 0 if the columns tell
}

// NoTail follows a median that has no percentile beside it.
const NoTail = " / –"

// What stands where no trial of a cell has a measurement.
const (
	FailedText = "failed"
	EndedText  = "ended" // as expected: see Manifest.Expect
)

// BlankMeans says what a blank stands for in the tables of a run.
const BlankMeans = "not measured: the strategy has no such cell, or the question does not apply to it"

// Legend explains in a line what in a sheet is neither a number nor a word; "" if nothing
// is. Blank is how it shows what is absent.
func (s *Sheet) Legend(blank string) string {
	var parts []string
	if s.has(func(text string) bool { return text == "" }) {
		means := s.BlankMeans
		if means == "" {
			means = BlankMeans
		}
		parts = append(parts, blank+": "+means)
	}
	if s.has(func(text string) bool { return strings.Contains(text, "≤") }) {
		parts = append(parts, "≤: at most this value, the pacer's own error")
	}
	if s.has(func(text string) bool { return strings.HasSuffix(text, NoTail) }) {
		parts = append(parts, "/ –: too few messages were timed for this percentile")
	}
	return strings.Join(parts, "; ")
}

func (s *Sheet) has(is func(text string) bool) bool {
	return slices.ContainsFunc(s.Rows, func(r Row) bool { return slices.ContainsFunc(r.Texts, is) })
}

// WriteMarkdown writes the table with what explains it.
func (s *Sheet) WriteMarkdown(w *bufio.Writer) {
	w.WriteString("| strategy |")
	for _, head := range s.Columns {
		fmt.Fprintf(w, " %s |", head)
	}
	w.WriteString("\n|---|" + strings.Repeat("---:|", len(s.Columns)) + "\n")
	for _, row := range s.Rows {
		fmt.Fprintf(w, "| %s |", Markdown(row.Label))
		for _, text := range row.Texts {
			fmt.Fprintf(w, " %s |", cmp.Or(text, "–"))
		}
		w.WriteString("\n")
	}
	if legend := s.Legend("–"); legend != "" {
		fmt.Fprintf(w, "\n%s\n", legend)
	}
	w.WriteString("\n")
}

// WriteList writes lines under a title, nothing if there are none.
func WriteList(w *bufio.Writer, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(w, "## %s\n\n", title)
	for _, line := range lines {
		fmt.Fprintf(w, "- %s\n", Markdown(line))
	}
	w.WriteString("\n")
}

// Markdown makes text from outside safe in a table or a list.
func Markdown(text string) string {
	text = html.EscapeString(OneLine(text))
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`).Replace(text)
}

// OneLine makes text from outside safe where a line break would start
// something new.
func OneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
