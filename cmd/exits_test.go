package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/cmd/internal/output"
	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/results"
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

// errFull is what a full disk says.
var errFull = errors.New("no space left on device")

// full is a standard output on a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// A verb whose output is lost does not end as if somebody had it, and says so in one line.
func TestLostOutput(t *testing.T) {
	run, other := stored(t, smallSynthetic()), stored(t, smallSynthetic())
	for _, args := range [][]string{
		{"--help"},
		{"run", "--help"},
		{"--version"},
		{"version"},
		{"help", "run"},
		{"completion", "bash"},
		{"list"},
		{"list", "--schema"},
		{"run", "--dry-run", "--quick"},
		{"speed", run},
		{"history", run, other},
		{"compare", run, other},
		{"export", run, "--format", "csv"},
		{"report", run, "--out", "-"},
	} {
		var stderr bytes.Buffer
		a := &app{stdin: strings.NewReader(""), stdout: full{}, stderr: &stderr, known: known(), summarize: results.Summarize}
		code := a.execute(t.Context(), args)
		if said := stderr.String(); code != exitFailure || !strings.HasSuffix(said, errFull.Error()+"\n") || strings.Count(said, "\n") != 1 {
			t.Errorf("%v: exit %d, stderr %q", args, code, said)
		}
	}
	v := &verification{app: &app{stderr: io.Discard}, stdout: &output.Noting{To: full{}}}
	if err := v.run(t.Context()); !errors.Is(err, errFull) {
		t.Errorf("verify: %v", err)
	}
}

// Pictures that find no room are one line, and the commands that are proposed can be
// pasted whatever a directory is called.
func TestOneLineOfHostileNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's $(touch evil)\nesc\x1b[31m")
	code, _, stderr := invoke(t, smallRun("--strategies", "loses", "--producers", "1", "--reps", "1", "--out", dir)...)
	last := stderr[strings.LastIndex(strings.TrimSpace(stderr), "\n")+1:]
	if _, proposed, _ := strings.Cut(last, "--out "); code != exitFailure || proposed != terminal.ShellQuoted(dir)+"\n" {
		t.Errorf("exit %d, ends with %q", code, last)
	}
	if strings.ContainsRune(stderr, '\x1b') {
		t.Errorf("the name of a directory speaks to the terminal: %q", stderr)
	}
	dir = stored(t, smallSynthetic())
	for _, name := range []string{"throughput.svg", "heatmap.svg", "speedup.svg", "spectrum.svg"} {
		if err := os.MkdirAll(filepath.Join(dir, "plots", name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, stderr := invoke(t, "plot", dir); code != exitFailure || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "; and 2 more\n") {
		t.Errorf("four pictures cannot be written: exit %d, stderr %q", code, stderr)
	}
}
