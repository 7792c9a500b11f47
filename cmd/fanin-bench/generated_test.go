package main

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// Parts of the pages are made from the program and from the reference run. `make docs`
// writes them; this test says where they are stale.
func TestGenerated(t *testing.T) {
	t.Parallel()
	all := machines(t)
	for _, part := range []struct{ page, mark, text string }{
		{"README.md", "numbers", numbers(t, all) + "\n" + neighbours(t)},
		{"README.md", "terminal", terminal(t, all[0])},
		{"docs/MACHINES.md", "machines", everywhere(all)},
		{"docs/BEYOND.md", "kills", killed(t)},
		{"docs/CI.md", "truth", truth(t)},
		{"docs/READING.md", "exits", exits(t)},
		{"docs/STRATEGIES.md", "measured", measured(t, all)},
		{"docs/STRATEGIES.md", "strategies", program(t, "list", "--format", "markdown")},
	} {
		page := read(t, part.page)
		mark := regexp.MustCompile(`(?s)(<!-- ` + part.mark + `: made by [^\n]* -->\n).*?(<!-- end of ` + part.mark + ` -->\n)`)
		at := mark.FindStringSubmatchIndex(page)
		if at == nil {
			t.Errorf("%s has no part marked %q", part.page, part.mark)
			continue
		}
		if fresh := page[:at[3]] + part.text + page[at[4]:]; fresh != page {
			if !*resultstest.Update {
				t.Errorf("%s: the part %q is stale (make docs writes it); it should be:\n%s", part.page, part.mark, part.text)
			} else if err := os.WriteFile(filepath.Join(root, part.page), []byte(fresh), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	// So are the tables of the reference runs, and the figures of the first, from their trials.
	for _, m := range all {
		for _, file := range []string{"summary.md", "summary.csv"} {
			resultstest.Golden(t, filepath.Join(root, m.dir, file), m.derived(t, file))
		}
	}
	drawn := drawReference(t, all[0], "throughput", "heatmap", "matrix")
	for _, file := range []string{"throughput.svg", "heatmap.svg", "matrix.svg", "matrix.png"} {
		figure, extension, _ := strings.Cut(file, ".")
		resultstest.Golden(t, filepath.Join(root, "docs", "figures", file), largest(t, filepath.Join(drawn, figure+"*."+extension)))
	}
}

// truth shows what `make bench-truth` printed on each machine whose report is kept.
func truth(t *testing.T) string {
	t.Helper()
	reports, err := filepath.Glob(filepath.Join(root, "docs", "reference", "*", "truth.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, name := range reports {
		report, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "```text\n%s\n```\n", strings.TrimSpace(string(report)))
	}
	if len(reports) == 0 {
		return "No report is kept yet.\n"
	}
	return text.String()
}

// largest reads the largest file of a pattern: of a figure, the picture that shows the
// most.
func largest(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	most := ""
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > len(most) {
			most = string(text)
		}
	}
	return most
}

// reference is what a reference run measured in its plain closed loops.
type reference struct {
	cells      map[string]map[int]map[string]string // by strategy, producers and column
	strategies []string                             // in the order of the run
	producers  []int
}

func readReference(t *testing.T, m *machine) reference {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(m.derived(t, "summary.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	r := reference{cells: map[string]map[int]map[string]string{}}
	for _, row := range rows[1:] {
		cell := map[string]string{}
		for i, name := range rows[0] {
			cell[name] = row[i]
		}
		if cell["kind"] != "" || cell["arrival"] != results.ArrivalClosed || cell["recv_batch"] == "1" || cell["payload_bytes"] != "8" ||
			cell["busy"] != "" && cell["busy"] != "0" {
			continue
		}
		strategy := cell["strategy"]
		producers, err := strconv.Atoi(cell["producers"])
		if err != nil {
			t.Fatal(err)
		}
		if r.cells[strategy] == nil {
			r.cells[strategy] = map[int]map[string]string{}
			r.strategies = append(r.strategies, strategy)
		}
		if !slices.Contains(r.producers, producers) {
			r.producers = append(r.producers, producers)
		}
		r.cells[strategy][producers] = cell
	}
	slices.Sort(r.producers)
	if len(r.strategies) == 0 {
		t.Fatalf("%s has no plain closed loop", m.dir)
	}
	return r
}

// baseline is the strategy that the run's ratios are over.
func (r reference) baseline() string {
	for _, name := range results.Baselines {
		if r.cells[name] != nil {
			return name
		}
	}
	return ""
}

// speedup is the beginning of the columns of those ratios.
func (r reference) speedup() string {
	return "speedup_over_" + strings.ReplaceAll(r.baseline(), "-", "_")
}

// number returns a column of a cell, NaN where it was not measured.
func (r reference) number(strategy string, producers int, column string) float64 {
	value, err := strconv.ParseFloat(r.cells[strategy][producers][column], 64)
	if err != nil {
		return math.NaN()
	}
	return value
}

// measured are the ranges of docs/STRATEGIES.md, a table for each machine.
func measured(t *testing.T, all []*machine) string {
	t.Helper()
	var b strings.Builder
	for _, m := range all {
		r := readReference(t, m)
		fmt.Fprintf(&b, "%s:\n\n| strategy |", m)
		groups := r.groups()
		for _, group := range groups {
			fmt.Fprintf(&b, " over `%s`, %s |", r.baseline(), span(group))
		}
		b.WriteString(" median transit, µs |\n|---|" + strings.Repeat("---:|", len(groups)+1) + "\n")
		for _, strategy := range r.strategies {
			if strategy == "null" { // it carries nothing
				continue
			}
			fmt.Fprintf(&b, "| `%s` |", strategy)
			for _, group := range groups {
				fmt.Fprintf(&b, " %s |", r.values(strategy, group, r.speedup()+"_median", 1))
			}
			fmt.Fprintf(&b, " %s |\n", r.values(strategy, r.producers, "transit_p50_ns", 1e-3))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// groups divides the numbers of producers: one, some, and hundreds.
func (r reference) groups() [][]int {
	var groups [3][]int
	for _, n := range r.producers {
		at := 1
		if n == 1 {
			at = 0
		} else if n >= 100 {
			at = 2
		}
		groups[at] = append(groups[at], n)
	}
	return slices.DeleteFunc(groups[:], func(g []int) bool { return len(g) == 0 })
}

// values is the range of a column over producers.
func (r reference) values(strategy string, producers []int, column string, scale float64) string {
	var all []float64
	for _, n := range producers {
		if value := r.number(strategy, n, column); !math.IsNaN(value) {
			all = append(all, value*scale)
		}
	}
	if len(all) == 0 {
		return "1"
	}
	low, high := digits(slices.Min(all)), digits(slices.Max(all))
	if low == high {
		return low
	}
	return low + " to " + high
}

// terminal shows the beginning of an answer.
func terminal(t *testing.T, of *machine) string {
	t.Helper()
	args := strings.Fields("recommend --from " + of.dir + " --strategies chan,mutex-swap,mpsc-ring,lanes-ring")
	answer := program(t, args...)
	table, _, found := strings.Cut(answer, "\n-: ")
	if !found {
		t.Fatalf("where does the table end in\n%s", answer)
	}
	table = regexp.MustCompile(`(warning: .*\n)+`).ReplaceAllString(table, "...\n")
	return "```console\n$ fanin-bench " + strings.Join(args, " ") + "\n" + strings.TrimLeft(table, "\n") + "\n...\n```\n"
}

// exits is the table of exit codes, from the help.
func exits(t *testing.T) string {
	t.Helper()
	_, codes, _ := strings.Cut(program(t, "--help"), "\nExit codes:\n")
	codes, _, found := strings.Cut(codes, "\n\n")
	if !found {
		t.Fatal("the help has no exit codes")
	}
	return "| exit code | when |\n|---:|---|\n" + regexp.MustCompile(`(?m)^ *(\d+)  (.*)$`).ReplaceAllString(codes, "| $1 | $2 |") + "\n"
}

// neighbours is the README's sentence on lanes beside goroutines that compute, from the
// tables of docs/LANES.md.
func neighbours(t *testing.T) string {
	t.Helper()
	_, section, _ := strings.Cut(read(t, "docs/LANES.md"), "\n## Beside busy neighbours")
	section, _, _ = strings.Cut(section, "\n## ")
	var lanes [2][]float64 // of lanes-ring and lanes-linked
	rows := regexp.MustCompile(`(?m)^\| \d+ \| ([\d., ]+) \| ([\d., ]+) \|$`).FindAllStringSubmatch(section, -1)
	for _, row := range rows {
		for i := range lanes {
			for _, ratio := range strings.Split(row[i+1], ", ")[1:] { // the first is without neighbours
				value, err := strconv.ParseFloat(ratio, 64)
				if err != nil {
					t.Fatal(err)
				}
				lanes[i] = append(lanes[i], value)
			}
		}
	}
	if len(rows) != 6 {
		t.Fatalf("docs/LANES.md has %d rows of ratios beside neighbours, want 6", len(rows))
	}
	return fmt.Sprintf("Beside one to eight goroutines that compute, `lanes-ring` moved %s to %s times what `chan` moved there, "+
		"and `lanes-linked` %s to %s times: [docs/LANES.md](docs/LANES.md#beside-busy-neighbours-what-was-tried), on another machine of two cores.\n",
		digits(slices.Min(lanes[0])), digits(slices.Max(lanes[0])), digits(slices.Min(lanes[1])), digits(slices.Max(lanes[1])))
}

// digits prints three significant digits.
func digits(value float64) string {
	if value >= 100 {
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	return strconv.FormatFloat(value, 'g', 3, 64)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// span words a group of producer counts.
func span(producers []int) string {
	first, last := producers[0], producers[len(producers)-1]
	if first == last {
		return fmt.Sprintf("%d producer%s", first, plural(first))
	}
	return fmt.Sprintf("%d to %d", first, last)
}
