package cmd

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/cmd/internal/held"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What is measured is what was started, although both programs are replaced and deleted
// meanwhile.
func TestReplacedWhileMeasuring(t *testing.T) {
	if testing.Short() {
		t.Skip("draws many pictures, which takes minutes under the race detector")
	}
	if runtime.GOOS == "windows" {
		t.Skip("there a program that runs cannot be replaced")
	}
	dir := t.TempDir()
	next, base, out := filepath.Join(dir, "next"), filepath.Join(dir, "base"), filepath.Join(dir, "run")
	for _, to := range []string{next, base} {
		if err := held.Copy(to, os.Args[0]); err != nil {
			t.Fatal(err)
		}
	}
	c := program(t, "run", "--against", base, "--out", out, "--strategies", "chan", "--producers", "2", "--messages", "2000", "--reps", "6")
	c.Path, c.Args[0] = next, next
	c.Env = append(c.Env, "TMPDIR="+dir)
	var stderr strings.Builder
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- c.Wait()
		close(ended) // whoever looks again finds it ended
	}()
	awaitFirst(t, ended, out, 1)
	for _, path := range []string{next, base} {
		writeScript(t, path+".new", "#!/bin/sh\nexit 7\n")
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	awaitFirst(t, ended, out, 3)
	for _, path := range []string{next, base} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("%v: %s", err, stderr.String())
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("the run does not end")
	}
	for _, dir := range []string{out, out + baseSuffix} {
		run, err := results.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(run.Trials) != 2*6 || run.Failed() > 0 { // the floor comes along
			t.Errorf("%s: %d trials, %d failed", dir, len(run.Trials), run.Failed())
		}
		for _, trial := range run.Trials {
			if trial.Build != run.Manifest.Environment.Build.ID {
				t.Errorf("%s: a trial of build %q, the run is of %q", dir, trial.Build, run.Manifest.Environment.Build.ID)
			}
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "fanin-bench-held-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// awaitFirst waits until so many trials are stored. Where this test hardly gets to run,
// the run may have ended meanwhile; it must not have failed.
func awaitFirst(t *testing.T, ended <-chan error, out string, count int) {
	t.Helper()
	if err, over := awaitTrials(ended, out, count); over && err != nil {
		t.Fatalf("the run ended before %d trials were stored: %v", count, err)
	}
}

// What is to be measured again is what failed, but for what was expected to.
func TestSlotsLeft(t *testing.T) {
	run := resultstest.Run(resultstest.Config{
		Strategies: 2, Producers: []int{2}, Reps: 2, Samples: -1,
		Fails: func(x resultstest.Trial) bool { return x.Strategy == "chan" && x.Block == 1 },
	})
	for i := range run.Trials {
		if run.Trials[i].Failure != nil {
			run.Trials[i].Failure.Kind = results.FailureTimeout
		}
	}
	if slots, again := slotsLeft(run, true); len(slots) != 1 || again != 1 || slots[0].Cell.Strategy != "chan" || slots[0].Block != 1 {
		t.Errorf("%+v, %d again; want the trial that failed", slots, again)
	}
	if slots, again := slotsLeft(run, false); len(slots) != 0 || again != 0 {
		t.Errorf("%+v, %d again, although nobody asked for that", slots, again)
	}
	run.Manifest.Expect = []results.FailureKind{results.FailureTimeout}
	if slots, again := slotsLeft(run, true); len(slots) != 0 || again != 0 {
		t.Errorf("%d trials, %d again; what was expected is measured again", len(slots), again)
	}
}
