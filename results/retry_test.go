package results_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/merge"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// failing is a trial without a measurement.
func failing(t results.Trial, detail string) results.Trial {
	t.Measurement, t.Failure = nil, &results.Failure{Kind: results.FailurePanic, Detail: detail}
	return t
}

// retried is a run whose second trial failed twice before it was measured.
func retried(t *testing.T) *results.Run {
	t.Helper()
	run := small()
	run.Trials = slices.Insert(slices.Clone(run.Trials), 1, failing(run.Trials[1], "first"), failing(run.Trials[1], "second"))
	read, err := results.Open(resultstest.Write(t, run))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// wantRetried checks that a run is still that of retried.
func wantRetried(t *testing.T, run *results.Run) {
	t.Helper()
	if len(run.Trials) != len(small().Trials) || run.Missing() != 0 || run.Failed() != 0 {
		t.Errorf("%d trials, %d missing, %d failed", len(run.Trials), run.Missing(), run.Failed())
	}
	if s := run.Superseded; len(s) != 2 || s[0].Failure.Detail != "first" || s[1].Failure.Detail != "second" {
		t.Errorf("superseded %+v; want both failures in their order", s)
	}
	warnings := strings.Join(results.Summarize(run).AllWarnings(), "\n")
	if want := "measured again after 2 failures: 2 panic"; !strings.Contains(warnings, want) {
		t.Errorf("warnings %q; want %q", warnings, want)
	}
}

// The last line of a trial counts, and the failures before it stay, wherever a run goes.
func TestRetried(t *testing.T) {
	t.Parallel()
	run := retried(t)
	wantRetried(t, run)

	stored := filepath.Join(t.TempDir(), "stored")
	if err := run.Store(stored); err != nil {
		t.Fatal(err)
	}
	again, err := results.Open(stored)
	if err != nil {
		t.Fatal(err)
	}
	wantRetried(t, again)

	var out bytes.Buffer
	if err := results.Export(&out, run, "ndjson", results.Choice{Strategies: []string{run.Superseded[0].Cell.Strategy}}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), `"failure"`); n != 2 {
		t.Errorf("%d failures are exported, want 2", n)
	}
	other := small()
	other.Manifest.Environment.CPU = "another"
	merged, err := merge.Runs([]*results.Run{run, other}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(merged.Superseded) != 2 || len(merged.Trials) != 2*len(run.Trials) {
		t.Errorf("%d superseded and %d trials are merged", len(merged.Superseded), len(merged.Trials))
	}
}

// Only a failed trial is measured again: nothing can take the place of a measurement.
func TestMeasuredOnce(t *testing.T) {
	t.Parallel()
	run := small()
	w, err := results.Create(filepath.Join(t.TempDir(), "run"), run.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	first := run.Trials[0]
	for _, trial := range []results.Trial{failing(first, "a"), failing(first, "b"), first} {
		if err := w.Append(trial); err != nil {
			t.Fatal(err)
		}
	}
	if n, failed := len(w.Run().Trials), w.Run().Failed(); n != 1 || failed != 0 || len(w.Run().Superseded) != 2 {
		t.Errorf("%d trials, %d failed, superseded %+v", n, failed, w.Run().Superseded)
	}
	for _, trial := range []results.Trial{failing(first, "c"), first} {
		resultstest.WantError(t, w.Append(trial), "repeats block 0")
	}
}

// A summary says how many trials of a cell were measured under other conditions.
func TestOtherConditions(t *testing.T) {
	t.Parallel()
	run := small()
	run.Trials[0].OtherConditions = "GOGC 100 -> 50\n\x1b[31m"
	warnings := strings.Join(results.Summarize(run).AllWarnings(), "\n")
	want := "1 of 2 trials were measured under other conditions than the run began with: GOGC 100 -> 50"
	if strings.Count(warnings, want) != 1 || strings.Contains(warnings, "\x1b") {
		t.Errorf("warnings %q; want %q", warnings, want)
	}
}
