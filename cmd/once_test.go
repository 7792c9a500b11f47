package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// A verb summarises a run once, however much it makes of the summary. Of 100 000
// trials each summary takes seconds.
func TestRunIsSummarizedOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	for _, c := range []struct {
		exit int
		args []string
	}{
		{exitSuccess, smallRun("--out", dir)},
		{exitSuccess, []string{"run", "--resume", "--out", dir}},
		{exitSuccess, []string{"plot", dir}},
		{exitSuccess, []string{"report", dir}},
		{exitNotDecided, []string{"recommend", "--from", dir, "--producers", "3"}},
	} {
		summarized := 0
		counting := func(run *results.Run) *results.Summary {
			summarized++
			return results.Summarize(run)
		}
		exit, _, stderr := invokeCounting(t, programName, counting, c.args...)
		if exit != c.exit || summarized != 1 {
			t.Errorf("%q exited with %d, and summarised the run %d times; want %d, and once\n%s", c.args, exit, summarized, c.exit, stderr)
		}
	}
}

// Nothing that draws or prints summarises by itself: then the test above would not count it.
func TestSummariesAreHandedOn(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"*.go", "internal/*/*.go", "../harness/advice/*.go", "../plots/*.go", "../plots/report/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "results.Summarize(") {
				t.Errorf("%s summarises a run: it is to be given the summary", file)
			}
		}
	}
}
