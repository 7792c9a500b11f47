package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/cmd/internal/terminal"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// foreignVariable, when set, makes known include a strategy that is another
// program's.
const foreignVariable = "FANIN_BENCH_TEST_FOREIGN"

func foreign() strategies.Strategy {
	return strategies.Strategy{Descriptor: strategies.Descriptor{Name: "theirs"}, Word: strategies.NewMutexSwap[strategies.Word]}
}

// writeProgram writes a program, other, that describes a strategy of some module, executes
// its trials, and no others.
func writeProgram(t *testing.T, module string) {
	t.Helper()
	script := fmt.Sprintf(`#!/bin/sh
case $1 in
describe) echo '{"schema":1,"strategies":[{"name":"theirs","doc":"a queue of others","order":"global","bound":"unbounded","wait":"parks","module":"%s"}]}' ;;
trial) %s=1 exec '%s' ;;
esac
`, module, foreignVariable, os.Args[0])
	writeScript(t, "other", script)
}

func writeScript(t *testing.T, file, script string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(script), 0o700); err != nil { //nolint:gosec // a program must be executable
		t.Fatal(err)
	}
}

// The strategies of another program are measured beside our own, in the figures
// and when the run is resumed too; its manifest says who executed them.
func TestProgram(t *testing.T) {
	t.Chdir(t.TempDir())
	writeProgram(t, "example.org/queue@1.0.0")
	absolute, err := filepath.Abs("other")
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := invoke(t, "list", "--program", "other")
	if code != exitSuccess || !strings.Contains(stdout, "a queue of others") || !strings.Contains(stdout, "is example.org/queue@1.0.0") {
		t.Errorf("list: exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	args := []string{"run", "--program", "other", "--producers", "3", "--messages", "5000", "--reps", "2", "--out", "here"}
	code, stdout, stderr = invoke(t, append(args, "--strategies", "chan,theirs")...)
	if code != exitSuccess || !strings.Contains(stdout, "theirs") {
		t.Fatalf("exit %d, stderr %s", code, stderr)
	}
	trials := filepath.Join("here", "trials.ndjson")
	text, err := os.ReadFile(trials)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(trials, []byte(first+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	resume := []string{"run", "--resume", "--out", "here"}
	code, stdout, stderr = invoke(t, resume...)
	checkError(t, resume, code, exitUsage, stdout, stderr,
		fmt.Sprintf("resuming here: theirs is the strategy of another program: name it again, with --program %s", terminal.ShellQuoted(absolute)))
	resume = append(resume, "--program", "other")
	code, _, stderr = invoke(t, resume...)
	if code != exitSuccess || !strings.Contains(stderr, "3 of 4 trials are missing") {
		t.Fatalf("resume: exit %d, stderr %s", code, stderr)
	}
	run, err := results.Open("here")
	if err != nil {
		t.Fatal(err)
	}
	if s := run.Manifest.Strategy("theirs"); s.Program != absolute || s.Module != "example.org/queue@1.0.0" || run.Manifest.Strategy("chan").Program != "" {
		t.Errorf("strategies %+v; want that of %q marked", run.Manifest.Strategies, absolute)
	}
	for _, trial := range run.Trials {
		if trial.Measurement == nil || trial.Measurement.Delivered != 5000 {
			t.Errorf("%s: %+v", trial.Cell, trial.Failure)
		}
	}
	writeProgram(t, "example.org/queue@2.0.0")
	code, _, stderr = invoke(t, resume...)
	if want := "is example.org/queue@2.0.0 now; the run was begun with example.org/queue@1.0.0"; code != exitFailure || !strings.Contains(stderr, want) {
		t.Errorf("resume with a newer program: exit %d, stderr %q; want %q", code, stderr, want)
	}
}

// A scenario that names its strategies leaves out those of a program, and says so;
// one that names none has them.
func TestProgramNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	writeProgram(t, "example.org/queue@1.0.0")
	args := []string{"run", "--program", "other", "--producers", "1", "--messages", "100", "--reps", "1"}
	code, _, stderr := invoke(t, append(args, "--strategies", "chan", "--out", "named")...)
	if code != exitSuccess || !strings.Contains(stderr, "not measured, for the scenario does not name them: theirs") {
		t.Errorf("exit %d, stderr %s", code, stderr)
	}
	if code, _, stderr = invoke(t, append(args, "--strategies", "chan,theirs?", "--out", "both")...); strings.Contains(stderr, "not measured") {
		t.Errorf("exit %d, stderr %s; want nothing to be missing", code, stderr)
	}
	code, _, stderr = invoke(t, "run", "--producers", "1", "--messages", "100", "--reps", "1", "--strategies", "chan,theirs?,bounded?", "--out", "absent")
	if code != exitSuccess || !strings.Contains(stderr, "not measured, for this program does not have them: theirs (see --program)\n") {
		t.Errorf("exit %d, stderr %s", code, stderr)
	}
	with, err := (&app{known: known()}).withPrograms(t.Context(), []string{"other"})
	if err != nil {
		t.Fatal(err)
	}
	if names := with.meant(nil); strings.Join(names, " ") != "theirs ours" {
		t.Errorf("%v are meant by nobody's naming any; want theirs and ours", names)
	}
	if names := (&app{known: known()}).meant(nil); len(names) > 0 {
		t.Errorf("%v are meant without a program; want what the harness takes", names)
	}
}

func TestProgramWrongInput(t *testing.T) {
	t.Chdir(t.TempDir())
	writeProgram(t, "example.org/queue@1.0.0")
	writeScript(t, "fails", "#!/bin/sh\necho no such verb >&2\nexit 7\n")
	writeScript(t, "babbles", "#!/bin/sh\necho hello\n")
	writeScript(t, "clashes", `#!/bin/sh
echo '{"schema":1,"strategies":[{"name":"chan","doc":"d","order":"global","bound":"unbounded","wait":"w"}]}'
`)
	for _, test := range []struct {
		programs []string
		code     int
		want     string
	}{
		{[]string{"nothing"}, exitUsage, `--program: "nothing" is not a program that exists: give the path of one that answers to describe`},
		{[]string{"."}, exitUsage, `--program: "." is not a program that exists`},
		{[]string{"fails"}, exitFailure, `asking "fails" to describe its strategies: exit status 7: "no such verb"`},
		{[]string{"babbles"}, exitFailure, `asking "babbles" to describe its strategies: reading its answer: invalid character`},
		{[]string{"clashes"}, exitFailure, `strategy "chan": that name is taken`},
		{[]string{"other", "other"}, exitFailure, `strategy "theirs": that name is taken`},
	} {
		for _, verb := range []string{"run", "list"} {
			args := []string{verb}
			for _, program := range test.programs {
				args = append(args, "--program", program)
			}
			code, stdout, stderr := invoke(t, args...)
			checkError(t, args, code, test.code, stdout, stderr, test.want)
		}
	}
	if left, err := filepath.Glob("out*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
