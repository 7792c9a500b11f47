package resultstest

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// WantError fails a test unless err is one of one line that has every part.
func WantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error of more than one line: %q", err)
	}
}

// Write stores a run with all that is derived from it and returns its directory.
func Write(t testing.TB, run *results.Run) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	w, err := results.Create(dir, run.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	for _, trial := range run.Trials {
		if err := w.Append(trial); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Finish(), results.WriteDerived(w.Run(), results.Summarize(w.Run()))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Pick returns the first cell of a summary that is wanted.
func Pick(t testing.TB, s *results.Summary, want func(results.Cell) bool) *results.CellSummary {
	t.Helper()
	for i := range s.Cells {
		if want(s.Cells[i].Cell) {
			return &s.Cells[i]
		}
	}
	t.Fatal("no such cell")
	return nil
}
