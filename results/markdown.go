package results

import (
	"bufio"
	"cmp"
	"fmt"
	"html"
	"io"
	"strconv"
	"strings"
)

// WriteMarkdown writes a short page for people: what ran where, and the
// tables that matter, as a CI job summary shows them.
func WriteMarkdown(out io.Writer, run *Run, summary *Summary) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "# fanin-bench: %s\n\n%s\n\n", markdown(run.Manifest.Scenario), markdown(Headline(&run.Manifest)))
	for _, t := range Tables() {
		if sheet := summary.Sheet(t); sheet != nil {
			fmt.Fprintf(w, "## %s\n\n%s\n\n", t.Title, t.Note)
			sheet.write(w)
		}
	}
	writeWarnings(w, "Failed", summary.failedCells())
	writeWarnings(w, "Warnings", summary.warnings())
	return w.Flush()
}

// Headline says in one line where and how a run was made.
func Headline(m *Manifest) string {
	where := m.Environment.String()
	if len(m.Machines) > 0 {
		var names []string
		for _, machine := range m.Machines {
			names = append(names, machine.Name)
		}
		where = Plural(len(names), "machine") + ", kept apart: " + strings.Join(names, ", ")
	}
	return strings.Join([]string{where, Plural(m.Reps, "repetition"), fmt.Sprintf("seed %d", m.Seed)}, " · ")
}

// String says in a line what a machine is.
func (e Environment) String() string {
	return strings.Join([]string{
		cmp.Or(oneLine(e.CPU), "unknown CPU"), Plural(e.Cores, "core"),
		fmt.Sprintf("GOMAXPROCS %d", e.GOMAXPROCS), strings.TrimSpace(fmt.Sprintf("%s/%s", e.OS, e.Arch)), oneLine(e.Go),
	}, " · ")
}

// Plural returns "1 core" or "2 cores".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func (s *Sheet) write(w *bufio.Writer) {
	w.WriteString("| strategy |")
	for _, head := range s.Columns {
		fmt.Fprintf(w, " %s |", head)
	}
	w.WriteString("\n|---|" + strings.Repeat("---:|", len(s.Columns)) + "\n")
	for _, row := range s.Rows {
		fmt.Fprintf(w, "| %s |", markdown(row.Label))
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
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`).Replace(text)
}
