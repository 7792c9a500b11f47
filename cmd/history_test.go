package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/history"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// days stores runs of several days under out, the last of them on another machine
// and with chan twice as slow, and changes to that working directory.
func days(t *testing.T, n int) {
	t.Helper()
	root := t.TempDir()
	for day := range n {
		run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1, 16}, Reps: 6, Samples: -1})
		m := &run.Manifest
		m.Started = m.Started.Add(time.Duration(day) * 24 * time.Hour)
		if day == n-1 {
			m.Environment.Kernel = "6.12"
			for i := range run.Trials {
				if run.Trials[i].Cell.Strategy == "chan" {
					run.Trials[i].Measurement.ElapsedNs *= 2
				}
			}
		}
		if err := run.Store(filepath.Join(root, outDir, "day"+string(rune('1'+day)))); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(root)
}

func TestHistory(t *testing.T) {
	days(t, 3)
	if err := os.Symlink("day3", latest()); err != nil {
		t.Skip(err)
	}
	code, stdout, stderr := invoke(t, "history")
	if code != exitSuccess || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, want := range []string{
		"#1  2026-01-02 03:04  test     " + filepath.Join(outDir, "day1") + "\n",
		"#3  2026-01-04 03:04  test     " + filepath.Join(outDir, "day3") + "   kernel unknown -> 6.12\n",
		"chan                    1    ██▁  ", "-50.0 %\n", "~\n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in:\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "#4") || strings.Contains(stdout, "\x1b") {
		t.Errorf("the latest run stands twice, or there is colour without a terminal:\n%s", stdout)
	}
	code, stdout, _ = invoke(t, "history", filepath.Join(outDir, "day3"), filepath.Join(outDir, "day1"), "--json", "--strategies", "chan", "--producers", "16")
	var h history.History
	if err := json.Unmarshal([]byte(stdout), &h); code != exitSuccess || err != nil {
		t.Fatalf("exit %d, %v", code, err)
	}
	if len(h.Runs) != 2 || len(h.Metrics) != 1 || len(h.Metrics[0].Cells) != 1 || h.Runs[1].Changes == nil ||
		h.Metrics[0].Cells[0].Points[0].Median < 1.9*h.Metrics[0].Cells[0].Points[1].Median {
		t.Errorf("%+v", h)
	}
	code, _, stderr = invoke(t, "history", "--out", "deep/figures")
	if _, err := os.Stat(filepath.Join("deep", "figures", "history_throughput.svg")); code != exitSuccess || err != nil {
		t.Errorf("exit %d, %v: %s", code, err, stderr)
	}
}

// Runs that have no column are named.
func TestHistoryOfManyRuns(t *testing.T) {
	const note = "The tables have no column for"
	days(t, 6)
	if code, stdout, _ := invoke(t, "history"); code != exitSuccess || !strings.Contains(stdout, note+" #2: ") || strings.Contains(stdout, "#1  #2") {
		t.Errorf("exit %d:\n%s", code, stdout)
	}
	if code, stdout, _ := invoke(t, "history", "out/day1", "out/day2", "out/day3", "out/day4", "out/day6"); code != exitSuccess || strings.Contains(stdout, note) {
		t.Errorf("exit %d:\n%s", code, stdout)
	}
}

// A directory that is broken is an error when it was named, and left out
// otherwise.
func TestHistoryErrors(t *testing.T) {
	days(t, 3)
	if err := os.WriteFile(filepath.Join(outDir, "day2", results.ManifestFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := invoke(t, "history")
	if code != exitSuccess || !strings.Contains(stderr, "warning: left out: reading \"out/day2/manifest.json\"") || !strings.Contains(stdout, "#2") {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"history", "out/day1", "out/day2"}, exitFailure, "out/day2/manifest.json"},
		{[]string{"history", "out/day1", "out/../out/day1"}, exitUsage, "history needs two or more run directories, received 1"},
		{[]string{"history", "out/day1", "out/day3", "--producers", "7"}, exitUsage, "(there are strategies null chan chan-unbounded and producers 1 16)"},
	} {
		code, stdout, stderr := invoke(t, test.args...)
		checkError(t, test.args, code, test.code, stdout, stderr, test.want)
	}
}
