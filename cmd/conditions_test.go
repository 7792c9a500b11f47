package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/cmd/internal/held"
	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results"
)

// begun makes a run of 4 trials in the directory "run" and leaves so many of them.
func begun(t *testing.T, left int, more ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	args := []string{"run", "--out", "run", "--strategies", "chan,lanes", "--producers", "2", "--messages", "2000", "--reps", "2"}
	if code, _, stderr := invoke(t, append(args, more...)...); code != exitSuccess {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	name := filepath.Join("run", results.TrialsFile)
	lines := strings.SplitAfter(read(t, name), "\n")
	write(t, name, strings.Join(lines[:left], ""))
}

// drawsMuch leaves out what makes several runs, all of which draw their figures.
func drawsMuch(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("draws many pictures, which takes minutes under the race detector")
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T) *results.Run {
	t.Helper()
	run, err := results.Open("run")
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// alter changes the manifest of the run.
func alter(t *testing.T, change func(*results.Manifest)) {
	t.Helper()
	name := filepath.Join("run", results.ManifestFile)
	var m results.Manifest
	if err := json.Unmarshal([]byte(read(t, name)), &m); err != nil {
		t.Fatal(err)
	}
	change(&m)
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, string(text))
}

// A run is not continued by another program or under other conditions: each is named.
// By force it is, and every such trial says so, in the summary too.
func TestResumeElsewhere(t *testing.T) {
	begun(t, 3)
	args := []string{"run", "--resume", "--out", "run"}
	for want, change := range map[string]func(*results.Manifest){
		"build another -> ":                  func(m *results.Manifest) { m.Environment.Build.ID = "another" },
		"CPU Z80 -> ":                        func(m *results.Manifest) { m.Environment.CPU = "Z80" },
		"instrumentation msan -> ":           func(m *results.Manifest) { m.Environment.Build.Instrumented = "msan" },
		"GOMEMLIMIT 1 GiB -> none":           func(m *results.Manifest) { m.Environment.Settings.MemoryLimit = 1 << 30 },
		"GODEBUG gctrace=1 -> none":          func(m *results.Manifest) { m.Environment.Settings.Debug = "gctrace=1" },
		"version v0 -> ":                     func(m *results.Manifest) { m.Version = "v0" },
		"GOGC off -> 100, build another -> ": func(m *results.Manifest) { m.Environment.GOGC, m.Environment.Build.ID = "off", "another" },
	} {
		before := read(t, filepath.Join("run", results.ManifestFile))
		alter(t, change)
		code, stdout, stderr := invoke(t, args...)
		checkError(t, args, code, exitNotDecided, stdout, stderr, "resuming run: not the program and the conditions that the run began with: "+want)
		write(t, filepath.Join("run", results.ManifestFile), before)
	}
	t.Setenv("GOGC", "50")
	code, stdout, stderr := invoke(t, args...)
	checkError(t, args, code, exitNotDecided, stdout, stderr, "GOGC 100 -> 50 (restore them")
	if n := len(open(t).Trials); n != 3 {
		t.Fatalf("%d trials after all that, want 3", n)
	}
	code, _, stderr = invoke(t, "run", "--force-resume", "--out", "run")
	if code != exitSuccess || !strings.Contains(stderr, "warning: measuring under other conditions than the run began with: GOGC 100 -> 50\n") {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	marked := 0
	for _, trial := range open(t).Trials {
		if trial.OtherConditions == "GOGC 100 -> 50" {
			marked++
		}
		if trial.Build == "" || trial.Build != harness.OwnBuild().ID {
			t.Errorf("build %q of a trial, want %q", trial.Build, harness.OwnBuild().ID)
		}
	}
	want := "1 of 2 trials were measured under other conditions than the run began with: GOGC 100 -> 50"
	if summary := read(t, filepath.Join("run", results.SummaryFile)); marked != 1 || strings.Count(summary, want) != 1 {
		t.Errorf("%d trials are marked, want 1; the summary: %s", marked, summary)
	}
	// Where nothing is left to measure, nothing is refused.
	if code, _, stderr := invoke(t, args...); code != exitSuccess || !strings.Contains(stderr, "0 of 4 trials are missing") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// What an older program did not read of its conditions does not keep a run from being
// continued.
func TestResumeOlder(t *testing.T) {
	drawsMuch(t)
	begun(t, 3)
	alter(t, func(m *results.Manifest) {
		e := &m.Environment
		e.Settings, e.Build, e.Limits, e.CgroupCPUs, e.Commit = nil, nil, nil, 0, ""
	})
	if code, _, stderr := invoke(t, "run", "--resume", "--out", "run"); code != exitSuccess {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// A run that is resumed fails as long as trials of it stand that failed. They can be
// measured again; their failures stay on record.
func TestRetryFailed(t *testing.T) {
	begun(t, 4)
	name := filepath.Join("run", results.TrialsFile)
	lines := strings.SplitAfter(read(t, name), "\n")
	var failed results.Trial
	if err := json.Unmarshal([]byte(lines[1]), &failed); err != nil {
		t.Fatal(err)
	}
	failed.Measurement, failed.Failure = nil, &results.Failure{Kind: results.FailurePanic, Detail: "panic: made up"}
	line, err := json.Marshal(failed)
	if err != nil {
		t.Fatal(err)
	}
	lines[1] = string(line) + "\n"
	write(t, name, strings.Join(lines, ""))

	code, _, stderr := invoke(t, "run", "--resume", "--out", "run")
	want := "fanin-bench: 1 of 4 trials failed; measure them again with: fanin-bench run --retry-failed --out run\n"
	if code != exitFailure || !strings.HasSuffix(stderr, want) {
		t.Fatalf("exit %d: %s\nwant %s", code, stderr, want)
	}
	code, _, stderr = invoke(t, "run", "--retry-failed", "--out", "run")
	if code != exitSuccess || !strings.Contains(stderr, "run: 0 of 4 trials are missing\n1 failed and are measured again\n") {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	run := open(t)
	if len(run.Trials) != 4 || len(run.Superseded) != 1 || run.Superseded[0].Failure.Detail != "panic: made up" || run.Failed() != 0 {
		t.Errorf("%d trials stand, superseded %+v", len(run.Trials), run.Superseded)
	}
	if !strings.HasPrefix(read(t, name), strings.Join(lines, "")) {
		t.Error("what was stored is no longer what it was")
	}
	if text := "measured again after 1 failure: 1 panic"; !strings.Contains(read(t, filepath.Join("run", results.SummaryFile)), text) {
		t.Errorf("the summary does not say %q", text)
	}
}

// A trial that fails again is stored again, and what is expected to fail is left alone.
func TestRetryFailsAgain(t *testing.T) {
	drawsMuch(t)
	t.Chdir(t.TempDir())
	args := []string{"run", "--out", "run", "--strategies", "chan,loses", "--producers", "2", "--messages", "2000", "--reps", "1"}
	if code, _, stderr := invoke(t, args...); code != exitFailure {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for again := 1; again <= 2; again++ {
		code, _, stderr := invoke(t, "run", "--retry-failed", "--out", "run")
		if run := open(t); code != exitFailure || run.Failed() != 1 || len(run.Trials) != 2 || len(run.Superseded) != again {
			t.Fatalf("exit %d, %d trials, %d superseded: %s", code, len(run.Trials), len(run.Superseded), stderr)
		}
	}
	run := open(t)
	for i := range run.Trials {
		if run.Trials[i].Failure != nil {
			run.Trials[i].Failure.Kind = results.FailureTimeout
		}
	}
	if slots, again := slotsLeft(run, true); len(slots) != 1 || again != 1 {
		t.Errorf("%d trials, %d again; want the one that failed", len(slots), again)
	}
	run.Manifest.Expect = []results.FailureKind{results.FailureTimeout}
	if slots, again := slotsLeft(run, true); len(slots) != 0 || again != 0 {
		t.Errorf("%d trials, %d again; what was expected is measured again", len(slots), again)
	}
}

// A label is kept, and shown where runs are told apart.
func TestLabel(t *testing.T) {
	drawsMuch(t)
	begun(t, 4, "--label", "before the change")
	if m := open(t).Manifest; m.Label != "before the change" {
		t.Fatalf("label %q", m.Label)
	}
	for _, args := range [][]string{{"history", "run", "second"}, {"compare", "run", "second"}} {
		if args[0] == "history" {
			again := []string{"run", "--out", "second", "--strategies", "chan", "--producers", "2", "--messages", "2000", "--reps", "2"}
			if code, _, stderr := invoke(t, again...); code != exitSuccess {
				t.Fatalf("exit %d: %s", code, stderr)
			}
		}
		if code, stdout, stderr := invoke(t, args...); code != exitSuccess || !strings.Contains(stdout, "before the change") {
			t.Errorf("%v: exit %d, %s%s", args, code, stdout, stderr)
		}
	}
	alter(t, func(m *results.Manifest) { m.Label = "two\nlines" })
	if _, err := results.Open("run"); err == nil {
		t.Error("a label of two lines was read")
	}
}

// A label that would break a table is refused.
func TestLabelWrongInput(t *testing.T) {
	for label, want := range map[string]string{
		"":                       `--label: label "" is empty`,
		"\x1b[31m":               `may hold printable characters only`,
		strings.Repeat("x", 101): "has 101 bytes; at most 100",
	} {
		args := []string{"run", "--label", label}
		code, stdout, stderr := invoke(t, args...)
		checkError(t, args, code, exitUsage, stdout, stderr, want)
	}
}

// Another program that is not what it was when the run began is named.
func TestResumeOtherProgram(t *testing.T) {
	drawsMuch(t)
	t.Chdir(t.TempDir())
	writeProgram(t, "example.org/queue@1.0.0")
	args := []string{"run", "--program", "other", "--producers", "1", "--messages", "500", "--reps", "1", "--out", "run", "--strategies", "chan,theirs"}
	if code, _, stderr := invoke(t, args...); code != exitSuccess {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if s := open(t).Manifest.Strategy("theirs"); len(s.ProgramDigest) != 64 {
		t.Errorf("digest %q", s.ProgramDigest)
	}
	write(t, filepath.Join("run", results.TrialsFile), "")
	writeScript(t, "other", read(t, "other")+"# built again\n")
	resume := []string{"run", "--resume", "--program", "other", "--out", "run"}
	code, stdout, stderr := invoke(t, resume...)
	checkError(t, resume, code, exitNotDecided, stdout, stderr, "program ")
}

// What is measured is what was started, although both programs are replaced and deleted
// meanwhile.
func TestReplacedWhileMeasuring(t *testing.T) {
	drawsMuch(t)
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
	c := program(t, "run", "--against", base, "--out", out, "--strategies", "chan", "--producers", "2", "--messages", "2000", "--reps", "8")
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
		if len(run.Trials) != 8 || run.Failed() > 0 {
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
