package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// runaway is a run of trials that pass their memory limit within the blink of an
// eye: an unbounded queue of large items before a consumer that sleeps.
func runaway(more ...string) []string {
	return append([]string{
		"run", "--strategies", "chan-unbounded", "--producers", "1", "--payload", "1000000", "--messages", "5000", "--reps", "2",
		"--consumer-cost", "10ms", "--cost-kind", "sleep", "--memory-limit", "64MiB",
	}, more...)
}

// What is expected is a result: in the exit code, in what is stored, when the run is
// resumed and when it is compared.
func TestExpectedEnd(t *testing.T) {
	t.Chdir(t.TempDir())
	const said = "ended by the memory limit, as expected"
	code, stdout, stderr := invoke(t, runaway("--expect", "memory", "--out", "here")...)
	if code != exitSuccess || !strings.Contains(stderr, said+": chan-unbounded") || !strings.Contains(stdout, "2 of 2 trials "+said) {
		t.Fatalf("exit %d, stdout %s, stderr %s", code, stdout, stderr)
	}
	run, err := results.Open("here")
	if err != nil {
		t.Fatal(err)
	}
	cell := results.Summarize(run).Cells[0]
	if cell.Failed != 2 || cell.Expected != 2 || len(cell.Warnings) > 0 || cell.Memory == nil {
		t.Errorf("summary %+v; want two trials that ended as expected, with their memory", cell)
	}
	if _, err := os.Stat(filepath.Join("here", "plots", "growth.png")); err != nil {
		t.Error(err)
	}
	name := filepath.Join("here", results.TrialsFile)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(name, []byte(first+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := invoke(t, "run", "--resume", "--out", "here"); code != exitSuccess || !strings.Contains(stderr, said) {
		t.Errorf("resumed: exit %d, stderr %s", code, stderr)
	}
	code, _, stderr = invoke(t, runaway("--expect", "timeout,killed", "--out", "there")...)
	if code != exitFailure || !strings.Contains(stderr, "2 of 2 trials failed") || !strings.Contains(stderr, "failed: chan-unbounded") {
		t.Errorf("another failure than the expected ones: exit %d, stderr %s", code, stderr)
	}
}

func TestExpectUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	for kind, want := range map[string]string{
		"memroy":   `--expect: unknown failure "memroy" (did you mean "memory"? one of memory, timeout, killed)`,
		"delivery": `--expect: unknown failure "delivery" (one of memory, timeout, killed)`, // never to be expected
	} {
		if code, _, stderr := invoke(t, runaway("--expect", kind)...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d, stderr %s; want %s", kind, code, stderr, want)
		}
	}
}
