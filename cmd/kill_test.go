package cmd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
)

// wholeVariable, when set, makes the test binary the whole program.
const wholeVariable = "FANIN_BENCH_TEST_WHOLE"

// program returns this test binary as a fanin-bench of its own process.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), wholeVariable+"=1")
	c.Dir = t.TempDir()
	return c
}

// trialsIn returns how many whole lines a run has stored.
func trialsIn(dir string) int {
	text, _ := os.ReadFile(filepath.Join(dir, results.TrialsFile))
	return strings.Count(string(text), "\n")
}

// Whenever the program is killed, what it had stored stays, no child lives on,
// and --resume runs exactly the trials that are missing.
func TestKilledAtAnyMoment(t *testing.T) {
	if testing.Short() {
		t.Skip("draws many pictures, which takes minutes under the race detector")
	}
	out := filepath.Join(t.TempDir(), "run")
	const trials = 2 * 2 * 4
	begin := []string{
		"run", "--out", out, "--strategies", "chan,lanes", "--producers", "1,4", "--messages", "20000", "--reps", "4", "--seed", "3",
	}
	resume := []string{"run", "--resume", "--out", out}
	for kill := 0; ; kill++ {
		args := resume
		if kill == 0 {
			args = begin
		}
		c := program(t, args...)
		before := trialsIn(out)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		if err, over := awaitTrials(ended, out, before+3); over {
			if err != nil || kill < 2 {
				t.Fatalf("after %d kills it ended by itself: %v", kill, err)
			}
			checkWhole(t, out, trials)
			return
		}
		time.Sleep(time.Duration(kill) * 7 * time.Millisecond) // at another moment each time
		_ = c.Process.Kill()
		<-ended //nolint:errcheck // how it ended is known
	}
}

// awaitTrials waits until so many trials are stored, or the program has ended.
func awaitTrials(ended <-chan error, out string, count int) (result error, over bool) {
	for {
		select {
		case err := <-ended:
			return err, true
		case <-time.After(time.Millisecond):
			if trialsIn(out) >= count {
				return nil, false
			}
		}
	}
}

// checkWhole checks that a run has every trial once.
func checkWhole(t *testing.T, out string, trials int) {
	t.Helper()
	run, err := results.Open(out) // refuses a trial that is there twice
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Trials) != trials || run.Missing() != 0 || run.Manifest.Finished == nil {
		t.Errorf("%d trials, %d missing, finished %v; want %d and none", len(run.Trials), run.Missing(), run.Manifest.Finished, trials)
	}
}

// An interrupt ends the run: what finished stays stored, and the message says how to
// go on.
func TestInterrupted(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	c := program(t, "run", "--out", out, "--strategies", "chan", "--producers", "2", "--duration", "50ms", "--reps", "500")
	var stderr strings.Builder
	c.Stderr = &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); trialsIn(out) < 2; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no trial was stored in 30 s")
		}
	}
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Skipf("this system cannot interrupt a process: %v", err)
	}
	err := c.Wait()
	if code := c.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit %d (%v); want 130", code, err)
	}
	if !strings.Contains(stderr.String(), "--resume --out "+out) {
		t.Errorf("stderr does not say how to go on:\n%s", stderr.String())
	}
	if run, err := results.Open(out); err != nil || len(run.Trials) < 2 {
		t.Errorf("%v", err)
	}
}

// Two processes never add to one run: the second is told of the first, until that
// has ended, were it by force.
func TestResumedTwice(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	c := program(t, "run", "--out", out, "--strategies", "chan", "--producers", "2", "--messages", "20000", "--reps", "2000")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); trialsIn(out) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no trial was stored in 30 s")
		}
	}
	args := []string{"run", "--resume", "--out", out}
	code, stdout, stderr := invoke(t, args...)
	checkError(t, args, code, exitFailure, stdout, stderr,
		fmt.Sprintf("resuming the run directory %q: process %d is adding trials to it", out, c.Process.Pid))
	_ = c.Process.Kill()
	_ = c.Wait() // how it ended is known
	// A child that was being started has what its parent has open until it executes.
	w, _, err := results.Resume(out)
	for deadline := time.Now().Add(10 * time.Second); err != nil && time.Now().Before(deadline); w, _, err = results.Resume(out) {
		time.Sleep(time.Millisecond)
	}
	if err != nil {
		t.Fatalf("after the first was killed: %v", err)
	}
	_ = w.Close()
}
