package main

import (
	"encoding/csv"
	"encoding/json"
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
	reference := readReference(t)
	for _, part := range []struct{ page, mark, text string }{
		{"README.md", "numbers", reference.numbers(t) + "\n" + neighbours(t)},
		{"README.md", "terminal", terminal(t)},
		{"docs/READING.md", "exits", exits(t)},
		{"docs/STRATEGIES.md", "measured", reference.measured()},
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
	// So are the tables and figures of the reference run, from its trials.
	for file, format := range map[string]string{"summary.md": "markdown", "summary.csv": "csv"} {
		resultstest.Golden(t, filepath.Join(root, "docs", "reference", file), program(t, "export", "docs/reference", "--format", format))
	}
	drawn := t.TempDir()
	for _, file := range []string{"manifest.json", "trials.ndjson"} {
		if err := os.WriteFile(filepath.Join(drawn, file), []byte(read(t, "docs/reference/"+file)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program(t, "plot", drawn)
	for _, file := range []string{"throughput.svg", "heatmap.svg"} {
		svg, err := os.ReadFile(filepath.Join(drawn, "plots", file))
		if err != nil {
			t.Fatal(err)
		}
		resultstest.Golden(t, filepath.Join(root, "docs", "figures", file), string(svg))
	}
}

// reference is what the reference run measured.
type reference struct {
	cells      map[string]map[int]map[string]string // by strategy, producers and column
	strategies []string                             // in the order of the run
	producers  []int
	conditions string
}

func readReference(t *testing.T) reference {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(program(t, "export", "docs/reference", "--format", "csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	r := reference{cells: map[string]map[int]map[string]string{}}
	for _, row := range rows[1:] {
		cell := map[string]string{}
		for i, name := range rows[0] {
			cell[name] = row[i]
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
	var manifest struct {
		Started     string
		Reps        int
		Environment struct {
			CPU        string
			Cores      int
			Go         string
			GOMAXPROCS int
		}
	}
	if err := json.Unmarshal([]byte(read(t, "docs/reference/manifest.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	e := manifest.Environment
	r.conditions = fmt.Sprintf("Producers live long and send single words without pause, the consumer receives up to %s at a time, and nothing else computes. "+
		"The numbers are medians of %d trials, each with the farther end of its 95 %% interval. The run is in "+
		"[docs/reference](docs/reference/summary.md): %s, %d cores, %s, %s.\n",
		r.cells[r.baseline()][1]["recv_batch"], manifest.Reps, e.CPU, e.Cores, e.Go, manifest.Started[:len("2026-01-31")])
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

// numbers are the README's three rows.
func (r reference) numbers(t *testing.T) string {
	t.Helper()
	shown := []int{1, 16, 1000}
	var b strings.Builder
	fmt.Fprintf(&b, "Millions of 8-byte words received per second, and the ratio to `%s`, a Go channel, in the same run:\n\n| |", r.baseline())
	for _, producers := range shown {
		fmt.Fprintf(&b, " %d producer%s |", producers, plural(producers))
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(shown)) + "\n")
	for _, row := range []struct{ strategy, about string }{
		{"chan-bare", "`chan-bare`: a buffered channel, as people write it"},
		{"chan", "`chan`: a buffered channel whose sends end when the consumer leaves"},
		{"mpsc-ring", "`mpsc-ring`: one lock-free ring"},
		{"lanes-ring", "`lanes-ring`: a ring for each producer"},
	} {
		if r.cells[row.strategy] == nil && slices.Contains(results.Baselines, row.strategy) {
			continue // the run has another baseline
		}
		fmt.Fprintf(&b, "| %s |", row.about)
		for _, producers := range shown {
			const throughput = "throughput_msgs_per_s"
			ratio := r.speedup()
			millions := r.number(row.strategy, producers, throughput+"_median") / 1e6
			if math.IsNaN(millions) {
				t.Fatalf("the reference run has no %s from %d producers", row.strategy, producers)
			}
			fmt.Fprintf(&b, " %s ±%s %%", digits(millions), r.margin(row.strategy, producers, throughput))
			if times := r.number(row.strategy, producers, ratio+"_median"); row.strategy != r.baseline() {
				fmt.Fprintf(&b, "<br>(× %s ±%s %%)", digits(times), r.margin(row.strategy, producers, ratio))
			}
			b.WriteString(" |")
		}
		b.WriteString("\n")
	}
	return b.String() + "\n" + r.conditions
}

// margin is how far the farther end of an interval is from the median, in percent.
func (r reference) margin(strategy string, producers int, column string) string {
	median := r.number(strategy, producers, column+"_median")
	far := max(median-r.number(strategy, producers, column+"_lo"), r.number(strategy, producers, column+"_hi")-median)
	return strconv.FormatFloat(math.Round(100*far/median), 'f', -1, 64)
}

// measured are the ranges of docs/STRATEGIES.md.
func (r reference) measured() string {
	var b strings.Builder
	b.WriteString("| strategy |")
	groups := [][]int{r.producers[:1], r.producers[1:4], r.producers[4:]}
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
	return b.String()
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
func terminal(t *testing.T) string {
	t.Helper()
	args := strings.Fields("recommend --from docs/reference --strategies chan,mutex-swap,mpsc-ring,lanes-ring")
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
