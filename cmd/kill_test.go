package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
)

// program returns the program as a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(programName, args...)
	c.Env = append(os.Environ(), programVariable+"="+programName)
	c.Dir = t.TempDir()
	return c
}

// trialsIn returns how many whole lines a run has stored.
func trialsIn(dir string) int {
	text, _ := os.ReadFile(filepath.Join(dir, results.TrialsFile))
	return strings.Count(string(text), "\n")
}

// Whenever the program is killed, what it had stored stays, no child lives on, and
// --resume runs exactly the trials that are missing: those of the sitting in flight, or of
// one whose trials were about to be stored, among them.
func TestKilledAtAnyMoment(t *testing.T) {
	if testing.Short() {
		t.Skip("draws many pictures, which takes minutes under the race detector")
	}
	out := filepath.Join(t.TempDir(), "run")
	const trials = 3 * 2 * 4 // the floor comes along
	begin := []string{
		"run", "--out", out, "--strategies", "chan,lanes", "--producers", "1,4", "--duration", "20ms", "--reps", "4", "--seed", "3",
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
