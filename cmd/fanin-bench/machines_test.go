package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/plots"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/question"
)

// machine is a kind of machine with its reference run.
type machine struct {
	dir     string // from the top of the repository
	run     *results.Run
	summary *results.Summary
	columns []question.Column
	files   string // where derived has what is made of the run; empty before
}

// derived returns a file that the program makes of the run, which is open and summarised
// already.
func (m *machine) derived(t *testing.T, file string) string {
	t.Helper()
	if m.files == "" {
		elsewhere := *m.run
		elsewhere.Dir = t.TempDir()
		if err := results.WriteDerived(&elsewhere, m.summary); err != nil {
			t.Fatal(err)
		}
		m.files = elsewhere.Dir
	}
	text, err := os.ReadFile(filepath.Join(m.files, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// String names the machine for people.
func (m *machine) String() string {
	e := m.run.Manifest.Environment
	return fmt.Sprintf("%s, %d cores, %s, %s", e.CPU, e.Cores, e.Go, m.run.Manifest.Started.Format("2006-01-02"))
}

// machines opens the reference runs.
func machines(t *testing.T) []*machine {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(root, "docs", "reference", "*", results.ManifestFile))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("there is no reference run: %v", err)
	}
	var all []*machine
	for _, file := range dirs {
		run, err := results.Open(filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		summary := results.Summarize(run)
		dir := "docs/reference/" + filepath.Base(filepath.Dir(file))
		all = append(all, &machine{dir: dir, run: run, summary: summary})
	}
	baseline := common(t, all)
	for _, m := range all {
		m.columns = question.Columns(m.summary, baseline)
	}
	return all
}

// common returns the first baseline that all machines have: their ratios are over one.
func common(t *testing.T, all []*machine) string {
	t.Helper()
	for _, name := range results.Baselines {
		if !slices.ContainsFunc(all, func(m *machine) bool { return m.run.Manifest.Strategy(name) == nil }) {
			return name
		}
	}
	t.Fatal("the reference runs have no baseline in common")
	return ""
}

// baseline is what the ratios of machines are over.
func baseline(all []*machine) string { return all[0].columns[0].Baseline }

// entry returns what a machine says of a strategy in a column of any machine.
func (m *machine) entry(asked question.Column, strategy string) question.Entry {
	for i := range m.columns {
		column := &m.columns[i]
		if column.ID != asked.ID || column.Producers != asked.Producers || column.Conditions != asked.Conditions {
			continue
		}
		for j := range m.summary.Cells {
			if c := &m.summary.Cells[j]; c.Strategy == strategy && column.About(c.Cell) && column.Has(c.Cell) {
				return column.Entry(&m.run.Manifest, c)
			}
		}
	}
	return question.Entry{Outcome: question.Absent}
}

// finding is what machines say of a strategy in a column.
type finding struct {
	strategy string
	ratios   []float64 // a machine's each
	names    []string  // of the machines
	better   int       // on how many it is clearly better than the baseline
	worse    int
}

// holds reports whether all machines say the same, which is something.
func (f finding) holds() bool {
	n := len(f.ratios)
	return n > 0 && (f.better == n || f.worse == n)
}

// apart reports whether a machine says something that another does not.
func (f finding) apart() bool { return !f.holds() && f.better+f.worse > 0 }

// text writes the range of the ratios.
func (f finding) text() string {
	low, high := digits(slices.Min(f.ratios)), digits(slices.Max(f.ratios))
	if low == high {
		return low
	}
	return low + " to " + high
}

// find asks every machine about a strategy in a column.
func find(all []*machine, column question.Column, strategy string) finding {
	f := finding{strategy: strategy}
	for _, m := range all {
		e := m.entry(column, strategy)
		if e.Times == nil {
			continue
		}
		f.ratios, f.names = append(f.ratios, e.Times.Median), append(f.names, filepath.Base(m.dir))
		switch {
		case e.Outcome != question.Apart:
		case e.Times.Median > 1:
			f.better++
		default:
			f.worse++
		}
	}
	return f
}

// asked lists the columns of all machines, each once.
func asked(all []*machine) []question.Column {
	var out []question.Column
	for _, m := range all {
		for _, c := range m.columns {
			if !slices.ContainsFunc(out, func(o question.Column) bool {
				return o.ID == c.ID && o.Producers == c.Producers && o.Conditions == c.Conditions
			}) {
				out = append(out, c)
			}
		}
	}
	order := question.All()
	place := func(c question.Column) int {
		return slices.IndexFunc(order, func(q question.Question) bool { return q.ID == c.ID })
	}
	slices.SortStableFunc(out, func(a, b question.Column) int {
		if a.ID == b.ID {
			return a.Producers - b.Producers
		}
		return place(a) - place(b)
	})
	return out
}

// everywhere is docs/MACHINES.md: what holds on all machines, and what on some only.
func everywhere(all []*machine) string {
	var b strings.Builder
	for _, m := range all {
		fmt.Fprintf(&b, "- [%s](%s/summary.md): %s\n", filepath.Base(m.dir), strings.TrimPrefix(m.dir, "docs/"), m)
	}
	fmt.Fprintf(&b, "\n| question | machines | better than `%[1]s` on all | worse than `%[1]s` on all | depends on the machine |\n", baseline(all))
	b.WriteString("|---|---:|---|---|---|\n")
	for _, column := range asked(all) {
		name := column.Head
		if column.Conditions != "" {
			name = strings.TrimSuffix(name, question.ByProducers) + ", " + column.Conditions
		}
		var better, worse, depends []string
		most := 0
		for _, s := range strategiesOf(all) {
			f := find(all, column, s)
			most = max(most, len(f.ratios))
			switch {
			case f.holds() && f.better > 0:
				better = append(better, fmt.Sprintf("`%s` %s", s, f.text()))
			case f.holds():
				worse = append(worse, fmt.Sprintf("`%s` %s", s, f.text()))
			case f.apart():
				var parts []string
				for i, r := range f.ratios {
					parts = append(parts, f.names[i]+" "+digits(r))
				}
				depends = append(depends, fmt.Sprintf("`%s` (%s)", s, strings.Join(parts, ", ")))
			}
		}
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s |\n", name, most, list(better), list(worse), list(depends))
	}
	return b.String()
}

func list(parts []string) string {
	if len(parts) == 0 {
		return "–"
	}
	return strings.Join(parts, ", ")
}

// strategiesOf lists the strategies of all runs but the floor and the baseline.
func strategiesOf(all []*machine) []string {
	var names []string
	for _, m := range all {
		for _, s := range m.run.Manifest.Strategies {
			if !s.Floor && s.Name != baseline(all) && !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

// numbers are the README's rows: ratios to the baseline that hold on all machines.
func numbers(t *testing.T, all []*machine) string {
	t.Helper()
	shown := []int{1, 16, 1000}
	var b strings.Builder
	note := ""
	fmt.Fprintf(&b, "Messages per second over those of `%s`, a Go channel, in the same run:\n\n| |", baseline(all))
	for _, producers := range shown {
		fmt.Fprintf(&b, " %d producer%s |", producers, plural(producers))
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(shown)) + "\n")
	for _, row := range []struct{ strategy, about string }{
		{"mpsc-ring", "`mpsc-ring`: one lock-free ring"},
		{"lanes-ring", "`lanes-ring`: a ring for each producer"},
		{"lanes-linked", "`lanes-linked`: the same without a bound"},
	} {
		fmt.Fprintf(&b, "| %s |", row.about)
		for _, producers := range shown {
			f := throughputOf(t, all, row.strategy, producers)
			text, differ := "depends", "; \"depends\" is where the machines differ"
			if f.holds() {
				text, differ = "× "+f.text(), ""
			}
			note = cmp.Or(note, differ)
			fmt.Fprintf(&b, " %s |", text)
		}
		b.WriteString("\n")
	}
	var names []string
	for _, m := range all {
		names = append(names, fmt.Sprintf("[%s](%s/summary.md)", m, m.dir))
	}
	fmt.Fprintf(&b, "\nProducers live long and send single words without pause, the consumer receives up to 256 at a time, and nothing else computes. "+
		"The ratios hold on every machine that was measured, and range over them%s. "+
		"[docs/MACHINES.md](docs/MACHINES.md) has all of them. The machines: %s.\n", note, strings.Join(names, "; "))
	return b.String()
}

// throughputOf finds the throughput of a strategy at a number of producers.
func throughputOf(t *testing.T, all []*machine, strategy string, producers int) finding {
	t.Helper()
	for _, column := range asked(all) {
		if column.ID == "goodput" && column.Producers == producers {
			if f := find(all, column, strategy); len(f.ratios) > 0 {
				return f
			}
		}
	}
	t.Fatalf("no reference run has %s from %d producers", strategy, producers)
	return finding{}
}

// drawReference draws some figures of a reference run into a directory of the test, as the
// program does.
func drawReference(t *testing.T, m *machine, names ...string) string {
	t.Helper()
	drawn := t.TempDir()
	figures := slices.DeleteFunc(plots.Figures(), func(f plots.Figure) bool { return !slices.Contains(names, f.Name) })
	if len(figures) != len(names) {
		t.Fatalf("%d figures are called one of %q", len(figures), names)
	}
	pictures, err := plots.Draw(&m.run.Manifest, m.summary, figures)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pictures.Write(drawn, plots.DPI); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(drawn, plots.Dir)
}
