package results_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// fewer gives a run's cells of 64 producers half of its repetitions.
func fewer(run *results.Run) {
	m := &run.Manifest
	few := results.Fewer{}
	for _, c := range m.Cells {
		if c.Producers == 64 {
			few[c] = m.Reps / 2
		}
	}
	m.SetFewer(few)
	run.Trials = slices.DeleteFunc(run.Trials, func(t results.Trial) bool {
		return !results.InBlock(t.Block, few.Of(t.Cell, m.Reps), m.Reps)
	})
}

// A run whose cells have different numbers of trials is stored and read as such, is not
// missing any, and says how many they are.
func TestFewerRepetitions(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Producers: []int{1, 64}, Reps: 12})
	fewer(run)
	back, err := results.Open(resultstest.Write(t, run))
	if err != nil {
		t.Fatal(err)
	}
	m := &back.Manifest
	if n := len(m.Cells) * 9; m.Planned() != n || len(back.Trials) != n || back.Missing() != 0 {
		t.Errorf("%d trials planned, %d stored, %d missing; want %d", m.Planned(), len(back.Trials), back.Missing(), n)
	}
	if m.Repetitions() != "6 to 12 repetitions" || m.LeastReps() != 6 || len(m.Fewer()) != len(m.Cells)/2 {
		t.Errorf("%s, %d at least, %d cells with fewer", m.Repetitions(), m.LeastReps(), len(m.Fewer()))
	}
	for _, c := range results.Summarize(back).Cells {
		want := 12
		if c.Producers == 64 {
			want = 6
		}
		if c.Trials != want || c.Interval(results.Throughput) == nil {
			t.Errorf("%s: %d trials, throughput %v; want %d and an interval", c.Cell, c.Trials, c.Interval(results.Throughput), want)
		}
	}
	back.Trials = back.Trials[5:]
	if back.Missing() != 5 {
		t.Errorf("%d are missing, want 5", back.Missing())
	}
}

// Repetitions are spread evenly, and each is there.
func TestInBlock(t *testing.T) {
	t.Parallel()
	for blocks := 1; blocks <= 30; blocks++ {
		for reps := 1; reps <= blocks; reps++ {
			last, n := -1, 0
			for block := range blocks {
				if results.InBlock(block, reps, blocks) {
					if gap := block - last; gap > (blocks+reps-1)/reps {
						t.Errorf("%d of %d: %d blocks to block %d", reps, blocks, gap, block)
					}
					last, n = block, n+1
				}
			}
			if n != reps {
				t.Errorf("%d of %d: %d", reps, blocks, n)
			}
		}
	}
}

func TestWrongRepetitions(t *testing.T) {
	t.Parallel()
	for want, reps := range map[string][]int{
		"cell_reps has 1 value for": {3}, "cell_reps 0 is outside 1..12": {0}, "cell_reps 13 is outside 1..12": {13},
	} {
		run := resultstest.Run(resultstest.Config{Producers: []int{1}, Reps: 12})
		if reps[0] != 3 {
			reps = slices.Repeat(reps, len(run.Manifest.Cells))
		}
		run.Manifest.CellReps = reps
		if _, err := results.Create(t.TempDir(), run.Manifest); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", reps[0], err, want)
		}
	}
}
