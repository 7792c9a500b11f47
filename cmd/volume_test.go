package cmd

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// Every verb that reports beside its result does not with -q, and prints the same result.
func TestQuietVerbs(t *testing.T) {
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{16}, Reps: 8, Samples: -1})
	run.Warnings = []string{"a warning"}
	a, b := stored(t, run), stored(t, run)
	dir := t.TempDir()
	for name, args := range map[string][]string{
		"report":    {"report", a, "--out", filepath.Join(dir, "page.html")},
		"export":    {"export", a, "--format", "csv", "--out", filepath.Join(dir, "cells.csv")},
		"history":   {"history", a, b, "--out", filepath.Join(dir, "figures")},
		"recommend": {"recommend", "--from", a, "--producers", "16"},
	} {
		loudCode, loud, _ := invoke(t, args...)
		code, stdout, stderr := invoke(t, append(args, "-q")...)
		if code != exitSuccess || loudCode != code || stderr != "" || stdout != loud {
			t.Errorf("%s -q: exit %d, stderr %q, and %d bytes of result instead of %d", name, code, stderr, len(stdout), len(loud))
		}
	}
	code, stdout, stderr := invoke(t, "recommend", "--from", a, "--producers", "17", "-q")
	if code != exitNotDecided || stdout == "" || !strings.HasPrefix(stderr, "fanin-bench: recommending") {
		t.Errorf("what fails is told by a quiet verb, too: exit %d, stderr %q", code, stderr)
	}
}
