package results_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/merge"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// Trials that end as expected are counted and shown as such, in a table of their
// own, and are no warning; any other failure is.
func TestExpectedEnds(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{
		Strategies: 4, Producers: []int{1}, Reps: 3, Samples: -1, Limit: 64 << 20,
		Fails: func(x resultstest.Trial) bool { return x.Strategy == "mutex-swap" && x.Block == 0 },
	})
	summary := results.Summarize(run)
	type count struct{ trials, failed, expected int }
	got := map[string]count{}
	for _, c := range summary.Cells {
		got[c.Strategy] = count{c.Trials, c.Failed, c.Expected}
		if c.Number(results.MemoryPeak) == nil || *c.Number(results.MemoryPeak) == 0 || len(c.Ends) != c.Failed {
			t.Errorf("%s: memory %+v, ends %+v", c.Strategy, c.Number(results.MemoryPeak), c.Ends)
		}
	}
	for strategy, want := range map[string]count{"chan": {3, 0, 0}, "chan-unbounded": {3, 3, 3}, "mutex-swap": {3, 3, 2}} {
		if got[strategy] != want {
			t.Errorf("%s: %+v; want %+v", strategy, got[strategy], want)
		}
	}
	warnings := strings.Join(summary.AllWarnings(), "\n")
	if !strings.Contains(warnings, "mutex-swap, 1 producer: 1 of 3 trials failed: 1 timeout") || strings.Contains(warnings, "memory") {
		t.Errorf("warnings:\n%s", warnings)
	}
	var page bytes.Buffer
	if err := results.WriteMarkdown(&page, run, summary); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| chan-unbounded | 3 of 3 trials ended by the memory limit, as expected |",
		"| mutex-swap | 2 of 3 trials ended by the memory limit, as expected |",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("no %q in\n%s", want, page.String())
		}
	}
	if n := strings.Count(page.String(), "chan-unbounded"); n != 1 {
		t.Errorf("what ended is named %d times, of which one holds something", n)
	}
}

// What a run expects is stored with it, checked when it is read, and the same for
// all that is merged.
func TestExpectStored(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1}, Reps: 2, Samples: -1, Limit: 64 << 20})
	dir := filepath.Join(t.TempDir(), "run")
	if err := run.Store(dir); err != nil {
		t.Fatal(err)
	}
	read, err := results.Open(dir)
	if err != nil || !slices.Equal(read.Manifest.Expect, []results.FailureKind{results.FailureMemory}) {
		t.Fatalf("expects %q, %v", read.Manifest.Expect, err)
	}
	for _, kinds := range [][]results.FailureKind{
		{results.FailureDelivery},
		{"no such thing"},
		{results.FailureMemory, results.FailureMemory, results.FailureMemory, results.FailureMemory},
	} {
		run.Manifest.Expect = kinds
		if err := run.Store(filepath.Join(t.TempDir(), "bad")); err == nil || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%q: error %v", kinds, err)
		}
	}
	run.Manifest.Expect = nil
	if _, err := merge.Runs([]*results.Run{read, run}, []string{"a", "b"}); err == nil || !strings.Contains(err.Error(), "--expect") {
		t.Errorf("merging with a run that expects nothing: %v", err)
	}
}

// Two runs that both end as expected are nothing to warn of when they are compared.
func TestCompareExpectedEnds(t *testing.T) {
	t.Parallel()
	c := resultstest.Config{Strategies: 3, Producers: []int{1}, Reps: 8, Samples: -1, Limit: 64 << 20}
	diff, err := compare.Runs(resultstest.Run(c), resultstest.Run(c), results.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	if diff.New.Failed != 8 || diff.New.Expected != 8 {
		t.Errorf("%+v; want the 8 trials of chan-unbounded", diff.New)
	}
	if text := strings.Join(diff.Warnings, "\n"); strings.Contains(text, "chan-unbounded") {
		t.Errorf("warnings:\n%s", text)
	}
	var text bytes.Buffer
	if err := diff.WriteText(&text); err != nil || !strings.Contains(text.String(), "24 trials, 0 failed · 8 ended as expected") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

// A pipeline's stages and what is in flight are in the summary, the tables and the
// sheet; what a trial does not have is absent.
func TestStagesAndInFlight(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{
		Strategies: 2, Producers: []int{4}, Reps: 6, Samples: -1, Capacities: []int{5}, Stages: threeStages,
		Describe: func(s *results.Strategy) {
			if s.Index == 1 {
				s.Bound = "bounded in flight"
			}
		},
	})
	summary := results.Summarize(run)
	c := summary.Cells[1]
	if len(c.PerStage) != 4 || c.Number(results.InFlightMax) == nil || *c.Number(results.InFlightMax) != 5 || summary.Cells[0].Number(results.InFlightMax) != nil {
		t.Fatalf("stages %+v, in flight %+v", c.PerStage, c.Number(results.InFlightMax))
	}
	first, second, last := c.PerStage[0], c.PerStage[1], c.PerStage[3]
	if first.Backlog != nil || *first.BlockedShare != 1 || first.Throughput == nil || first.Throughput.Lo == nil {
		t.Errorf("producers %+v; want them blocked all the time, and no backlog before them", first)
	}
	if second.CostNs != 10e6 || *second.BlockedShare < 0.79 || second.Backlog.Max != 5 || last.BlockedShare != nil {
		t.Errorf("stages %+v", c.PerStage)
	}
	var page, sheet bytes.Buffer
	if err := results.WriteMarkdown(&page, run, summary); err != nil {
		t.Fatal(err)
	}
	if err := results.WriteCSV(&sheet, summary); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[*bytes.Buffer]string{&page: "| 100 % → 80 % → 0 % → – |", &sheet: ";5;5;1,"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	short := run.Trials[1].Measurement // a trial of another pipeline than its cell says
	short.Stages = short.Stages[:1]
	if n := len(results.Summarize(run).Cells[1].PerStage); n != 4 {
		t.Errorf("%d stages of trials that have one and four", n)
	}
}

// threeStages are those of a pipeline.
var threeStages = []time.Duration{10 * time.Millisecond, 50 * time.Millisecond, 20 * time.Millisecond}
