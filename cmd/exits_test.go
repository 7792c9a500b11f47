package cmd

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
)

// The table of exit codes in docs/READING.md, and that of the root's help, are the one that the code has.
func TestExitCodes(t *testing.T) {
	page, err := os.ReadFile("../docs/READING.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| exit code | when |\n|---:|---|\n")
	for _, e := range exits {
		fmt.Fprintf(&table, "| %d | %s |\n", e.code, e.when)
	}
	if !strings.Contains(string(page), "\n\n"+table.String()+"\n") {
		t.Errorf("the table of exit codes in docs/READING.md is not this one:\n%s", table.String())
	}
	_, stdout, _ := invoke(t, "--help")
	for _, e := range exits {
		if !strings.Contains(stdout, fmt.Sprintf("%d  %s\n", e.code, e.when)) {
			t.Errorf("no %d in the help:\n%s", e.code, stdout)
		}
	}
	for code, err := range map[int]error{
		exitNotDecided: fmt.Errorf("comparing: %w", results.ErrNotDecided), exitFailure: results.ErrRegression,
	} {
		if got := exitCode(err); got != code {
			t.Errorf("%v: exit %d, want %d", err, got, code)
		}
	}
}
