package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// A run against another program leaves two run directories of the same trials, in
// turns, which compare reads; what the other lacks is left out with a note.
func TestAgainst(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv(wholeVariable, "1") // the test binary is the other program
	mine := strategies.All()[1]
	mine.Name = "mine"
	code, _, stderr := invokeWith(t, append(known(), mine), smallRun("--strategies", "mine", "--against", os.Args[0], "--out", "new")...)
	if code != exitSuccess || !strings.Contains(stderr, "lacks them: mine\n") ||
		!strings.Contains(stderr, "compare with: fanin-bench compare new-base new\n") {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	base, next := openPair(t)
	if len(base.Trials) != 3*2*2 || len(next.Trials) != len(base.Trials) {
		t.Fatalf("%d and %d trials, want 12 each", len(base.Trials), len(next.Trials))
	}
	for i, a := range base.Trials {
		b := next.Trials[i]
		if a.Cell != b.Cell || a.Block != b.Block || a.Seed != b.Seed || a.Measurement == nil || b.Measurement == nil {
			t.Errorf("trial %d: %+v beside %+v", i, a, b)
		}
		if i > 0 && (a.Started.Before(next.Trials[i-1].Started) || b.Started.Before(base.Trials[i-1].Started)) {
			t.Errorf("trial %d began before the one before it: not in turns", i)
		}
	}
	code, stdout, stderr := invoke(t, "compare", "new-base", "new")
	if code != exitSuccess || !strings.Contains(stdout, "measured in turns") || !strings.Contains(stdout, "too few repetitions") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	code, stdout, stderr = invoke(t, "run", "--resume", "--out", "new")
	checkError(t, []string{"--resume"}, code, exitUsage, stdout, stderr, "resuming new: it was measured in turns with another program")
}

func openPair(t *testing.T) (base, next *results.Run) {
	t.Helper()
	base, err := results.Open("new-base")
	if err != nil {
		t.Fatal(err)
	}
	if next, err = results.Open("new"); err != nil {
		t.Fatal(err)
	}
	b, n := base.Manifest, next.Manifest
	if b.Pair == nil || n.Pair == nil || b.Pair.ID != n.Pair.ID || b.Pair.Side != results.SideBase || n.Pair.Side != results.SideNew {
		t.Errorf("pairs %+v and %+v", b.Pair, n.Pair)
	}
	if b.Finished == nil || n.Finished == nil || b.Environment.Go != n.Environment.Go || b.Version != n.Version {
		t.Errorf("manifests %+v and %+v", b, n)
	}
	return base, next
}

func TestAgainstWrongInput(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("fails", []byte("#!/bin/sh\necho no such verb >&2\nexit 7\n"), 0o700); err != nil { //nolint:gosec // a program must be executable
		t.Fatal(err)
	}
	if err := os.WriteFile("babbles", []byte("#!/bin/sh\necho hello\n"), 0o700); err != nil { //nolint:gosec // as above
		t.Fatal(err)
	}
	other := `#!/bin/sh
case $1 in
version) ;;
*) echo '[{"name":"theirs"},{"name":"chan","unbuildable":"it is not"}]' ;;
esac
`
	if err := os.WriteFile("other", []byte(other), 0o700); err != nil { //nolint:gosec // as above
		t.Fatal(err)
	}
	for _, test := range []struct {
		against string
		more    []string
		code    int
		want    string
	}{
		{"nothing", nil, exitUsage, `--against: "nothing" is not a program that exists`},
		{".", nil, exitUsage, `--against: "." is not a program that exists`},
		{"fails", []string{"--isolation", "none"}, exitUsage, "--against and --isolation none contradict each other"},
		{"fails", nil, exitFailure, `(list --format json): exit status 7: "no such verb"`},
		{"babbles", nil, exitFailure, "(list --format json): its output: invalid character"},
		{"other", nil, exitFailure, "it has none of the strategies null, chan, lanes"},
	} {
		code, stdout, stderr := invoke(t, smallRun(append(test.more, "--against", test.against)...)...)
		checkError(t, []string{test.against}, code, test.code, stdout, stderr, test.want)
	}
	if left, err := filepath.Glob("out*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	// What is refused at its last step leaves no new directory.
	t.Setenv(wholeVariable, "1")
	if err := os.MkdirAll("new/there-base/of-others", 0o700); err != nil {
		t.Fatal(err)
	}
	args := smallRun("--against", os.Args[0], "--out", "new/there/")
	code, stdout, stderr := invoke(t, args...)
	checkError(t, args, code, exitFailure, stdout, stderr, `creating the run directory "new/there-base": it is not empty`)
	if left, err := filepath.Glob("new/*"); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if got := versionIn("\n"); got != "" {
		t.Errorf("version %q of nothing", got)
	}
}

// BASE lies beside the run however its directory is named.
func TestBesides(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("n", 253)
	for dir, want := range map[string]string{
		"a": "a-base", "a/": "a-base", "a//": "a-base", "./a/.": "a-base", "b/a/": "b/a-base", "/b/a": "/b/a-base",
		".": here + "-base", "..": filepath.Dir(here) + "-base", "../": filepath.Dir(here) + "-base", "../a": "../a-base",
		"b/" + long: "b/" + results.FileName(long, 250) + "-base",
	} {
		if got, err := besides(dir); err != nil || got != filepath.FromSlash(want) {
			t.Errorf("%q has %q beside it (%v), want %q", dir, got, err, want)
		}
	}
}
