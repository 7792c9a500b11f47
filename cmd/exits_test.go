package cmd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/compare"
)

// The help of the root has the exit codes that the code has.
func TestExitCodes(t *testing.T) {
	_, stdout, _ := invoke(t, "--help")
	for _, e := range exits {
		if !strings.Contains(stdout, fmt.Sprintf("%d  %s\n", e.code, e.when)) {
			t.Errorf("no %d in the help:\n%s", e.code, stdout)
		}
	}
	for code, err := range map[int]error{
		exitNotDecided: fmt.Errorf("comparing: %w", compare.ErrNotDecided), exitFailure: compare.ErrRegression,
	} {
		if got := exitCode(err); got != code {
			t.Errorf("%v: exit %d, want %d", err, got, code)
		}
	}
}
