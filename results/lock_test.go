package results_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// As long as one writes to a run directory, nobody else can; the error names the
// directory and who it is. Afterwards anybody can, and nothing of it stays.
func TestOneWriterAtATime(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	w, err := results.Create(dir, small().Manifest)
	if err != nil {
		t.Fatal(err)
	}
	_, _, resumed := results.Resume(dir)
	_, created := results.Create(dir, small().Manifest)
	for _, err := range []error{resumed, created} {
		who := fmt.Sprintf("%q: process %d is adding trials to it", dir, os.Getpid())
		if err == nil || !strings.Contains(err.Error(), who) {
			t.Errorf("a second writer: error %v; want one with %q", err, who)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w, _, err = results.Resume(dir)
	if err != nil {
		t.Fatalf("after the first writer: %v", err)
	}
	if err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, files.LockFile)); !os.IsNotExist(err) {
		t.Errorf("the lock file stayed: %v", err)
	}
}

// What a killed process leaves locks nobody out, whatever is in it.
func TestStaleLock(t *testing.T) {
	t.Parallel()
	dir := resultstest.Write(t, small())
	for _, text := range []string{"1\n", "", "nonsense", strings.Repeat("9", 1000)} {
		if err := os.WriteFile(filepath.Join(dir, files.LockFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		w, _, err := results.Resume(dir)
		if err != nil {
			t.Errorf("left %q: %v", text, err)
			continue
		}
		_ = w.Close()
	}
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, files.LockFile), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if w, err := results.Create(dir, small().Manifest); err != nil {
		t.Errorf("a directory with nothing but a lock: %v", err)
	} else {
		_ = w.Close()
	}
}

// What cannot be resumed is not left locked.
func TestLockOfWhatIsNoRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 2 {
		if _, _, err := results.Resume(dir); err == nil || !strings.Contains(err.Error(), "it has no manifest.json") {
			t.Errorf("error %v; want one of a directory without a manifest", err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	missing := filepath.Join(dir, "missing")
	if _, _, err := results.Resume(missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("error %v; want one that names %s", err, missing)
	}
}

// However many try at once, and remove the lock in doing so, never do two write.
func TestLockRace(t *testing.T) {
	t.Parallel()
	dir := resultstest.Write(t, small())
	var writers, turns atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				w, _, err := results.Resume(dir)
				if err != nil {
					continue
				}
				if n := writers.Add(1); n != 1 {
					t.Errorf("%d writers at once", n)
				}
				turns.Add(1)
				writers.Add(-1)
				_ = w.Close()
			}
		})
	}
	group.Wait()
	if turns.Load() == 0 {
		t.Error("nobody got to write")
	}
}
