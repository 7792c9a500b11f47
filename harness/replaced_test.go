package harness

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// A child that is of another build than expected has failed, whatever it measured; one
// that does not say of which it is has not.
func TestChildOfAnotherBuild(t *testing.T) {
	for build, fails := range map[string]bool{"": false, machine.OwnBuild().ID: false, "another": true} {
		r := Runner{Command: childCommand(t, "serve"), Build: build, Done: func(trial results.Trial) error {
			if f := trial.Failure; fails != (f != nil) || fails && !strings.Contains(f.Detail, `"another": the program was replaced`) {
				t.Errorf("expecting %q: failure %+v", build, f)
			}
			if trial.Build != machine.OwnBuild().ID {
				t.Errorf("the trial is of build %q, want %q", trial.Build, machine.OwnBuild().ID)
			}
			return nil
		}}
		if err := r.Run(t.Context(), []scenario.Slot{{Cell: specOf("chan").Cell}}); err != nil {
			t.Fatal(err)
		}
	}
	if reply := sameBuild("expected", runChild(t.Context(), childCommand(t, "modest"), specOf("chan"))); reply.Failure != nil {
		t.Errorf("a child that does not name its build: %+v", reply.Failure)
	}
}

// On Linux this program can be executed after its file was replaced, and is the same.
func TestOwnFile(t *testing.T) {
	onLinux(t)
	if os.Getenv("FANIN_BENCH_TEST_REPLACED") != "" {
		replaceOwnFile(t)
		return
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	copyFile(t, program, os.Args[0])
	t.Setenv("FANIN_BENCH_TEST_REPLACED", "1")
	if text, err := exec.Command(program, "-test.run=^TestOwnFile$", "-test.count=1").CombinedOutput(); err != nil {
		t.Errorf("in a program that was replaced: %v: %s", err, text)
	}
}

// replaceOwnFile puts another program in the place of this one, and then none, and has
// both execute a trial.
func replaceOwnFile(t *testing.T) {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file, err := machine.OwnFile()
	if err != nil {
		t.Fatal(err)
	}
	replaced := own + ".new"
	if err := os.WriteFile(replaced, []byte("#!/bin/sh\nexit 7\n"), 0o700); err != nil { //nolint:gosec // a program must be executable
		t.Fatal(err)
	}
	t.Setenv(childVariable, "serve")
	for _, change := range []func() error{
		func() error { return os.Rename(replaced, own) },
		func() error { return os.Remove(own) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		reply := sameBuild(machine.OwnBuild().ID, runChild(t.Context(), []string{file}, specOf("chan")))
		if reply.Measurement == nil || reply.Build == "" {
			t.Errorf("%+v", reply.Failure)
		}
	}
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o700) //nolint:gosec // a program must be executable
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// Another program whose file is replaced fails its trials from then on, for that reason;
// one that is merely touched does not.
func TestProgramReplaced(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no script there that is a program")
	}
	path := filepath.Join(t.TempDir(), "theirs")
	script := "#!/bin/sh\nexec '" + os.Args[0] + "'\n"
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil { //nolint:gosec // a program must be executable
			t.Fatal(err)
		}
	}
	write(script)
	t.Setenv(childVariable, "serve")
	program, err := openProgram(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		change func()
		want   string
	}{
		{func() {}, ""},
		{func() { touch(t, path) }, ""},
		{func() { write(script + "\n") }, "was replaced while it measured"},
		{func() { write(script) }, ""},
		{func() { _ = os.Remove(path) }, "the program that the run began with is gone"},
	} {
		test.change()
		r := Runner{
			Known: []strategies.Strategy{{Descriptor: strategies.Descriptor{Name: "chan"}}}, Programs: map[string]Program{"chan": program},
			Done: func(trial results.Trial) error {
				if f := trial.Failure; (test.want != "") != (f != nil) || f != nil && !strings.Contains(f.Detail, test.want) {
					t.Errorf("failure %+v, want %q", f, test.want)
				}
				return nil
			},
		}
		if err := r.Run(t.Context(), []scenario.Slot{{Cell: specOf("chan").Cell}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := openProgram(os.DevNull); err == nil {
		t.Error("a device is no program")
	}
}

func touch(t *testing.T, path string) {
	t.Helper()
	then := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}
