package cmd

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// speedRun writes a run of the scenario speed at 16 producers, made up: each
// strategy has a throughput of its own by items per send, in M msg/s.
func speedRun(t *testing.T, reps int, throughput map[string]map[int]int64) string {
	t.Helper()
	chosen, err := scenario.Load("speed")
	if err != nil {
		t.Fatal(err)
	}
	var all []strategies.Strategy
	for _, name := range slices.Sorted(maps.Keys(throughput)) {
		s := strategies.Strategy{Descriptor: strategies.Descriptor{Name: name, Floor: name == "null"}}
		switch name {
		case "chan":
			s.Bound = strategies.Total
		case "lanes-ring":
			s.Bound = strategies.PerProducer
		}
		all = append(all, s)
	}
	chosen.Values.Give(results.Cell{Producers: 16}, "producers")
	chosen.Strategies, chosen.Variants = nil, nil // all that there are, through handles
	plan, err := scenario.NewPlan(chosen, all, 1)
	if err != nil {
		t.Fatal(err)
	}
	run := &results.Run{Manifest: results.Manifest{
		Schema: results.SchemaVersion, Scenario: "speed", Seed: 1, Version: "test", Started: time.Unix(0, 0), Reps: reps,
		Isolation: harness.IsolationProcess, Cells: plan.Cells, Strategies: harness.DescribeIn(plan.Cells, all),
	}}
	for block := range reps {
		for position, cell := range plan.Cells {
			delivered := throughput[cell.Strategy][cell.SendBatch] * 1000
			m := &results.Measurement{ElapsedNs: 1e6, Attempted: delivered, Delivered: delivered, Receives: 1, Clock: "tsc"}
			run.Trials = append(run.Trials, results.Trial{
				Schema: results.SchemaVersion, Cell: cell, Block: block, Position: position,
				Started: time.Unix(0, 0), WallNs: 2e6, Measurement: m,
			})
		}
	}
	return stored(t, run)
}

// rowOf returns the columns of the first row of a goal at 16 producers.
func rowOf(t *testing.T, output, goal string) []string {
	t.Helper()
	for line := range strings.Lines(output) {
		if columns := regexp.MustCompile(`  +`).Split(strings.TrimSpace(line), -1); columns[0] == goal && columns[1] == "16" {
			return columns[2:]
		}
	}
	t.Fatalf("no row for %q in:\n%s", goal, output)
	return nil
}

// wantRows compares the rows of goals at 16 producers.
func wantRows(t *testing.T, output string, rows map[string]string) {
	t.Helper()
	for goal, want := range rows {
		if got := strings.Join(rowOf(t, output, goal), " "); got != want {
			t.Errorf("%s: %s; want %s", goal, got, want)
		}
	}
}

// Every goal is held against the median ratio of the fastest strategy it is
// about, under the same conditions; what the run lacks is said to be missing.
func TestSpeed(t *testing.T) {
	dir := speedRun(t, 6, map[string]map[int]int64{
		"null": {1: 200, 32: 500}, "chan": {1: 10, 32: 20}, "lanes": {1: 99, 32: 460}, "lanes-linked": {1: 100, 32: 449},
		"lanes-ring": {1: 119, 32: 300},
	})
	code, stdout, stderr := invoke(t, "speed", dir)
	if code != exitSuccess || stderr != "" {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	wantRows(t, stdout, map[string]string{
		"best unbounded lanes, single Send":         "lanes-linked 10.00x 10.00..10.00 6 10x 16x reached 20.0x",
		"best bounded lanes, single Send, blocking": "lanes-ring 11.90x 11.90..11.90 6 12x 20x short 20.0x",
		"any lanes, batches of 32":                  "lanes 46.00x 46.00..46.00 6 30x 45x aim 50.0x",
		"any lanes over xsync-umpsc, single Send":   "- - - - 2.5x 4x missing -",
	})
	for _, want := range []string{"capacity=1024-per-producer", "capacity=65536-in-total", "missing in this run: xsync-umpsc\n"} {
		if strings.Count(stdout, want) != 1 {
			t.Errorf("not one %q in:\n%s", want, stdout)
		}
	}
}

// Too few blocks have no interval; a run without the baseline is refused.
func TestSpeedOfOtherRuns(t *testing.T) {
	_, stdout, _ := invoke(t, "speed", speedRun(t, 2, map[string]map[int]int64{"chan": {1: 10, 32: 20}, "lanes": {1: 40, 32: 50}}))
	if got := strings.Join(rowOf(t, stdout, "best unbounded lanes, single Send"), " "); got != "lanes 4.00x - 2 10x 16x short -" {
		t.Errorf("two blocks: %s", got)
	}
	dir := speedRun(t, 1, map[string]map[int]int64{"lanes": {1: 40, 32: 50}})
	code, _, stderr := invoke(t, "speed", dir)
	if code != exitFailure || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, dir) {
		t.Errorf("exit %d, stderr %q; want one line that names the directory", code, stderr)
	}
	if code, _, stderr := invoke(t, "speed", "a", "b"); code != exitUsage || !strings.HasPrefix(stderr, "fanin-bench: ") {
		t.Errorf("two directories: exit %d, stderr %q", code, stderr)
	}
}

// The scenario measures what the goals are about.
func TestSpeedScenario(t *testing.T) {
	chosen, err := scenario.Load("speed")
	if err != nil {
		t.Fatal(err)
	}
	has := func(name string, value results.Cell) bool { return slices.Contains(chosen.Values[name], value) }
	for _, goal := range speedGoals {
		for _, name := range append([]string{cmp.Or(goal.over, results.Baselines[0])}, goal.best...) {
			if !slices.Contains(chosen.Strategies, name) && !slices.Contains(chosen.Strategies, name+"?") {
				t.Errorf("%s: the scenario lacks strategy %q", goal.title, name)
			}
		}
		for _, mark := range goal.marks {
			if mark.reach >= mark.aim || !has("producers", results.Cell{Producers: mark.producers}) || !has("send-batch", results.Cell{SendBatch: goal.batch}) {
				t.Errorf("%s: %+v with batches of %d cannot be measured by %+v", goal.title, mark, goal.batch, chosen)
			}
		}
	}
}
