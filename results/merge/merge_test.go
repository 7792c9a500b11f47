package merge_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/merge"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// part makes a run of some producers on a machine with a processor.
func part(dir, cpu string, producers ...int) *results.Run {
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: producers, Reps: 6, Samples: 20})
	run.Dir, run.Manifest.Environment.CPU = dir, cpu
	finished := run.Manifest.Started.Add(time.Hour)
	run.Manifest.Finished = &finished
	return run
}

func shard(text string, run *results.Run) *results.Run {
	run.Manifest.Shard = text
	return run
}

const (
	xeon = "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz"
	epyc = "AMD EPYC 7763 64-Core Processor"
)

// Shards of equal machines become the run that they are parts of.
func TestMergeShards(t *testing.T) {
	t.Parallel()
	a, b := shard("1/2", part("a", xeon, 1, 16)), shard("2/2", part("b", xeon, 4, 64))
	b.Manifest.Started = b.Manifest.Started.Add(-time.Hour)
	merged, err := merge.Runs([]*results.Run{a, b}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := merged.Manifest
	if len(m.Cells) != 12 || len(merged.Trials) != 72 || merged.Missing() != 0 || len(m.Machines) != 0 || len(m.Warnings) != 0 {
		t.Errorf("%d cells, %d trials, %d missing, machines %v, warnings %q", len(m.Cells), len(merged.Trials), merged.Missing(), m.Machines, m.Warnings)
	}
	if !m.Started.Equal(b.Manifest.Started) || m.Finished == nil || m.Shard != "" || m.Environment.CPU != xeon {
		t.Errorf("started %v, finished %v, shard %q, on %q", m.Started, m.Finished, m.Shard, m.Environment.CPU)
	}
	var order []int
	for _, c := range m.Cells[:4] {
		order = append(order, c.Producers)
	}
	if !slices.Equal(order, []int{1, 4, 16, 64}) || m.Cells[4].Strategy != "chan" {
		t.Errorf("cells out of order: %v, then %s", order, m.Cells[4])
	}
	// What was joined is what each shard says by itself.
	whole := results.Summarize(merged)
	for _, run := range []*results.Run{a, b} {
		for _, c := range results.Summarize(run).Cells {
			same := resultstest.Pick(t, whole, func(other results.Cell) bool { return other == c.Cell })
			joined, alone := same.Interval(results.Throughput), c.Interval(results.Throughput)
			if joined.Median != alone.Median || (same.Interval(merged.Manifest.Speedup()) == nil) != (c.Interval(merged.Manifest.Speedup()) == nil) {
				t.Errorf("%s: %v, alone %v", c.Cell, joined, alone)
			}
		}
	}
	back, err := results.Open(resultstest.Write(t, merged))
	if err != nil || len(back.Manifest.Merged) != 2 || back.Manifest.Merged[1].Shard != "2/2" || back.Manifest.Merged[1].Dir != "b" {
		t.Errorf("%v: %+v", err, back.Manifest.Merged)
	}
}

// What different machines measured is never put together: not in a table, not
// in a ratio, not in a name.
func TestMergeMachines(t *testing.T) {
	t.Parallel()
	a, b := part("a", xeon, 1, 16), part("b", epyc, 1, 16)
	for i := range b.Trials { // twice as slow
		b.Trials[i].Measurement.ElapsedNs *= 2
	}
	b.Manifest.Seed = 7
	merged, err := merge.Runs([]*results.Run{a, b}, nil)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"Xeon-Platinum-8370C-2c", "EPYC-7763-2c"}
	for i, machine := range merged.Manifest.Machines {
		if machine.Name != names[i] {
			t.Errorf("machine %q, want %q", machine.Name, names[i])
		}
	}
	s := results.Summarize(merged)
	for _, cell := range results.Summarize(a).Cells {
		at := func(machine string) *results.CellSummary {
			return resultstest.Pick(t, s, func(c results.Cell) bool {
				return c.Strategy == cell.Strategy && c.Producers == cell.Producers && c.Machine == machine
			})
		}
		fast, slow := at(names[0]), at(names[1])
		of, there, here := cell.Interval(results.Throughput), slow.Interval(results.Throughput), fast.Interval(results.Throughput)
		if here.Median != of.Median || fast.Trials != 6 || there.Median > 0.6*here.Median {
			t.Errorf("%s: %v and %v", cell.Cell, here, there)
		}
		of, there, here = cell.Interval(merged.Manifest.Speedup()), slow.Interval(merged.Manifest.Speedup()), fast.Interval(merged.Manifest.Speedup())
		if of != nil && (here.Median != of.Median || *there.Lo != *here.Lo) {
			t.Errorf("%s: speed-up %v and %v, alone %v: machines were mixed", cell.Cell, here, there, of)
		}
	}
	for _, table := range results.Tables() {
		if sheet := s.Sheet(table); sheet != nil {
			for _, row := range sheet.Rows {
				if !strings.Contains(row.Label, "machine=") {
					t.Errorf("%s: row %q names no machine", table.Title, row.Label)
				}
			}
		}
	}
	var out strings.Builder
	if err := results.Export(&out, merged, "benchfmt", results.Choice{}); err != nil {
		t.Fatal(err)
	}
	bench := out.String()
	for _, want := range []string{"cpu: " + xeon, "cpu: " + epyc, "machine=EPYC-7763-2c"} {
		if !strings.Contains(bench, want) {
			t.Errorf("the bench format lacks %q", want)
		}
	}
	if head := results.Headline(&merged.Manifest); !strings.HasPrefix(head, "2 machines, kept apart: Xeon-Platinum-8370C-2c, EPYC") {
		t.Errorf("headline %q", head)
	}
}

// Machines that measured different cells are named too.
func TestMergeMachinesOfDifferentCells(t *testing.T) {
	t.Parallel()
	merged, err := merge.Runs([]*results.Run{shard("1/3", part("a", xeon, 1)), shard("2/3", part("b", epyc, 16))}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if varying := results.Varying(merged.Manifest.Cells); len(varying) != 1 || varying[0].Name != "machine" {
		t.Errorf("varying %v", varying)
	}
	warnings := strings.Join(merged.Manifest.Warnings, "\n")
	for _, want := range []string{"1 of 3 shards of the plan are missing", "measured by different machines"} {
		if !strings.Contains(warnings, want) {
			t.Errorf("warnings %q lack %q", warnings, want)
		}
	}
}

func TestMergeNames(t *testing.T) {
	t.Parallel()
	a, b, c := part("a", xeon, 1), part("b", xeon, 1), part("c", xeon, 1)
	merged, err := merge.Runs([]*results.Run{a, b}, []string{"left", "right"})
	if err != nil || merged.Manifest.Machines[1].Name != "right" || merged.Manifest.Cells[0].Machine != "left" {
		t.Errorf("%v: %+v", err, merged)
	}
	// Two of a kind are told apart by what differs, and by a number if only a
	// number would do.
	b.Manifest.Environment.Go, c.Manifest.Environment.Clock = "go1.27.0", "±"
	merged, err = merge.Runs([]*results.Run{a, b, c}, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, machine := range merged.Manifest.Machines {
		seen[machine.Name] = true
		if !strings.HasPrefix(machine.Name, "Xeon-Platinum-8370C-2c") || results.CheckMachine(machine.Name) != nil {
			t.Errorf("machine %q", machine.Name)
		}
	}
	if len(seen) != 3 {
		t.Errorf("machines %v", seen)
	}
}

func TestMergeConflicts(t *testing.T) {
	t.Parallel()
	other := func(change func(*results.Manifest)) []*results.Run {
		b := part("b", xeon, 4)
		change(&b.Manifest)
		return []*results.Run{part("a", xeon, 1), b}
	}
	merged, err := merge.Runs([]*results.Run{part("m", xeon, 1), part("n", epyc, 1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	merged.Dir = "both"
	for want, runs := range map[string][]*results.Run{
		"at least two runs": {part("a", xeon, 1)},
		`"a" and "b" both have the cell null producers=1`:                 {part("a", xeon, 1), part("b", xeon, 1)},
		"their seeds are 42 and 43 (--machines":                           other(func(m *results.Manifest) { m.Seed++ }),
		`"b" ran the scenario "other", "a" ran "synthetic"`:               other(func(m *results.Manifest) { m.Scenario = "other" }),
		`"b" has 7 repetitions, "a" has 6: run them with the same --reps`: other(func(m *results.Manifest) { m.Reps++ }),
		`"both" was merged from several machines itself`:                  {part("a", xeon, 1), merged},
	} {
		_, err := merge.Runs(runs, nil)
		resultstest.WantError(t, err, want)
	}
	_, err = merge.Runs([]*results.Run{part("a", xeon, 1), part("b", epyc, 1)}, []string{"x", "x"})
	resultstest.WantError(t, err, `"b" is said to be of machine "x", but differs from another run of it: CPU `+xeon+" -> "+epyc)
	_, err = merge.Runs([]*results.Run{part("a", xeon, 1), part("b", epyc, 1)}, []string{"x"})
	resultstest.WantError(t, err, "1 names of machines for 2 runs")

	runs := other(func(m *results.Manifest) {
		m.Version, m.Warnings, m.Finished = "v2", []string{"busy"}, nil
		m.Strategies = slices.Clone(m.Strategies)
		m.Strategies[1].Index = 9
	})
	run, err := merge.Runs(runs, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(run.Manifest.Warnings, "\n"); run.Manifest.Finished != nil ||
		!strings.Contains(got, "different versions of fanin-bench: test (a), v2 (b)") ||
		!strings.Contains(got, "b: busy") || !strings.Contains(got, "chan is registered differently") {
		t.Errorf("finished %v, warnings %q", run.Manifest.Finished, got)
	}
	bad := *run
	bad.Trials = append(slices.Clone(run.Trials), run.Trials[0])
	resultstest.WantError(t, bad.Store(t.TempDir()), "it repeats block")
}
