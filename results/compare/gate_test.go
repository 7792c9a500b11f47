package compare_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// turns makes two runs in turns of closed loops that take exactly as long in each trial,
// but for those of chan in NEW.
func turns(t *testing.T, reps int, chanTakes func(block int) float64) *compare.Diff {
	t.Helper()
	return compareRuns(t, steady(reps, results.SideBase, func(int) float64 { return 1 }), steady(reps, results.SideNew, chanTakes))
}

func steady(reps int, side string, takes func(block int) float64) *results.Run {
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{4}, Reps: reps, Samples: -1})
	run.Manifest.Pair = &results.Pair{ID: "x", Side: side}
	for i := range run.Trials {
		trial := &run.Trials[i]
		trial.Measurement.ElapsedNs = int64(1e8 * (1 + float64(trial.Block)/1e6)) // no two alike: ties weaken the test
		if trial.Cell.Strategy == "chan" {
			trial.Measurement.ElapsedNs = int64(takes(trial.Block) * float64(trial.Measurement.ElapsedNs))
		}
	}
	return run
}

// TestOutcome goes along what a gate of 10 % makes of a channel that got slower: shut,
// open, or undecided where the interval reaches beyond the limit.
func TestOutcome(t *testing.T) {
	t.Parallel()
	always := func(takes float64) func(int) float64 { return func(int) float64 { return takes } }
	half := func(takes float64) func(int) float64 { // of the trials
		return func(block int) float64 {
			if block%2 == 0 {
				return takes
			}
			return 1
		}
	}
	for name, test := range map[string]struct {
		reps  int
		takes func(int) float64
		want  compare.Outcome
	}{
		"the same":                              {8, always(1), compare.NoRegression},
		"faster":                                {8, always(0.5), compare.NoRegression},
		"worse, surely by less":                 {8, always(1.05), compare.NoRegression},
		"worse, surely by more":                 {8, always(1.2), compare.Regression},
		"worse, maybe by more":                  {8, func(block int) float64 { return []float64{1.06, 1.14, 1.08, 1.07}[block%4] }, compare.Regression},
		"worse or not":                          {8, half(1.5), compare.NotDecided},
		"better or not":                         {8, half(0.5), compare.NoRegression},
		"half as fast, in three repetitions":    {3, always(2), compare.NotDecided},
		"the same, in three repetitions":        {3, always(1), compare.NotDecided},
		"the same, in as few as give a verdict": {stat.MinReps, always(1), compare.NoRegression},
	} {
		d := turns(t, test.reps, test.takes)
		err := d.CloseOn(0.1, false)
		if d.Outcome != test.want {
			t.Errorf("%s: %s, %v; want %s", name, d.Outcome, err, test.want)
		}
		if (err == nil) != (test.want == compare.NoRegression) ||
			errors.Is(err, compare.ErrRegression) != (test.want == compare.Regression) ||
			errors.Is(err, compare.ErrNotDecided) != (test.want == compare.NotDecided) {
			t.Errorf("%s: error %v of %s", name, err, d.Outcome)
		}
	}
}

// What is proposed decides: so many repetitions of the same spread open the gate.
func TestNeededReps(t *testing.T) {
	t.Parallel()
	spread := func(block int) float64 { return []float64{0.9, 1.1, 1, 0.94, 1.06, 0.97, 1.03}[block%7] }
	d := turns(t, 14, spread)
	if err := d.CloseOn(0.05, false); !errors.Is(err, compare.ErrNotDecided) || d.Gate.Reps < 28 || d.Gate.Excludes == nil || *d.Gate.Excludes <= 0.05 {
		t.Fatalf("%v, gate %+v", err, d.Gate)
	}
	if more := turns(t, d.Gate.Reps, spread); more.CloseOn(0.05, false) != nil {
		t.Errorf("%d repetitions decide nothing either: %q", d.Gate.Reps, more.Reasons)
	}
	if wider := turns(t, 14, spread); wider.CloseOn(*d.Gate.Excludes, false) != nil {
		t.Errorf("the runs do not exclude what they are said to: %q", wider.Reasons)
	}
}

// A regression is one whatever else could not be told, but for other conditions.
func TestRegressionWins(t *testing.T) {
	t.Parallel()
	base, next := steady(8, results.SideBase, func(int) float64 { return 1 }), steady(8, results.SideNew, func(int) float64 { return 2 })
	for i := range next.Trials {
		if next.Trials[i].Cell.Strategy == "chan-unbounded" {
			next.Trials[i].Measurement, next.Trials[i].Failure = nil, &results.Failure{Kind: results.FailurePanic, Detail: "x"}
		}
	}
	d := compareRuns(t, base, next)
	const want = "a loss of more than 7 % not excluded; not compared, because all its trials failed in NEW: throughput of chan-unbounded producers=4"
	if err := d.CloseOn(0.07, false); !errors.Is(err, compare.ErrRegression) || d.Outcome != compare.Regression || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v", d.Outcome, err)
	}
	next.Manifest.Environment.GOGC = "off"
	d = compareRuns(t, base, next)
	if err := d.CloseOn(0.07, false); !errors.Is(err, compare.ErrNotDecided) || d.Outcome != compare.NotComparable {
		t.Errorf("other conditions: %s, %v", d.Outcome, err)
	}
	if err := d.CloseOn(0.07, true); !errors.Is(err, compare.ErrRegression) {
		t.Errorf("other conditions, allowed: %v", err)
	}
}

// Of open loops both percentiles gate: one that could not be compared leaves the verdict
// open, whether no trial tells it or the rates were not the same.
func TestOutcomeOfOpenLoops(t *testing.T) {
	t.Parallel()
	short := func(seed uint64) *results.Run {
		return resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{4}, Reps: 8, Samples: 200, Rates: []float64{1e5}, Seed: seed})
	}
	d := compareRuns(t, short(2), short(3))
	want := "not compared, because its trials have too few messages in both: response time, p99 of chan producers=4"
	if err := d.CloseOn(0.99, false); !errors.Is(err, compare.ErrNotDecided) || !strings.Contains(err.Error(), want) {
		t.Errorf("no p99: %v", err)
	}
	faster := compared(3, func(r *results.Run) {
		for _, trial := range r.Trials {
			if trial.Cell.IsOpen() {
				trial.Measurement.OfferedRate *= 1.1
			}
		}
	})
	d = compareRuns(t, compared(2, nil), faster)
	if err := d.CloseOn(0.5, false); !errors.Is(err, compare.ErrNotDecided) || !strings.Contains(err.Error(), "where --rate would offer the same") {
		t.Errorf("other rates: %v", err)
	}
}
