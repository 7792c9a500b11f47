package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/cmd"
	"github.com/fanin-bench/fanin-bench/cmd/internal/fineness"
	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/peers"
)

// standInVariable, when set, makes the test binary the program that the documentation
// speaks of, in a short form: see shorten.
const standInVariable = "FANIN_BENCH_DOCS_TEST"

// root is the top of the repository.
const root = "../.."

func TestMain(m *testing.M) {
	if os.Getenv(standInVariable) != "" {
		os.Exit(standIn(os.Args[1:]))
	}
	debug.SetGCPercent(400) // the tests hold whole reference runs, and collecting took a sixth of their time
	os.Exit(m.Run())
}

// standsFor are programs of the documentation that take long to build, or cargo, and
// some of their strategies.
var standsFor = map[string][]string{
	"originals": {"tokio-mpsc", "tokio-unbounded", "spillway"},
	"remote":    {"bytes-chan", "remote-shm"},
	"brokers":   {"nats-core", "jetstream"},
}

// standIn does what a program of the documentation does. Those of standsFor are ours
// under the names of their strategies.
func standIn(args []string) int {
	known := append(strategies.All(), peers.All()...)
	trial := slices.Equal(args, []string{"trial"})
	names, other := standsFor[filepath.Base(os.Args[0])]
	switch {
	case !other && trial:
		return cmd.Main(context.Background(), args, harnesstest.Unweighed(known)...)
	case !other:
		return shorten(args, known)
	}
	known = nil
	for _, name := range names {
		s := strategies.Strategy{Word: strategies.NewMutexSwap[strategies.Word]}
		s.Descriptor = strategies.Descriptor{Name: name, Doc: "a stand-in", Wait: "parks"}
		known = append(known, s)
	}
	if slices.Equal(args, []string{"describe"}) {
		fmt.Print(`{"schema":1,"strategies":`)
		code := cmd.Main(context.Background(), []string{"list", "--format", "json"}, known...)
		fmt.Print("}")
		return code
	}
	return cmd.Main(context.Background(), args, harnesstest.Unweighed(known)...)
}

// coarsely has PNGs drawn coarsely: no command of a page looks into them.
var coarsely = fineness.With(context.Background(), fineness.Coarse)

// shorten executes a command line of the documentation in a form that takes no time.
// The shorter forms are these, and all other lines are executed as they are:
//
//   - run: --dry-run takes the whole line, and then two strategies, or those of the line,
//     are measured with two producers, or one and two if it is a shard, for 5 ms each.
//   - recommend: it answers from the reference run, if not from another, and may say that
//     this is not decided (3).
//   - compare: runs that short decide nothing (3).
//   - doctor: six trials of 5 ms.
//   - verify: only its flags are read.
func shorten(args []string, known []strategies.Strategy) int {
	given := func(flag string) bool {
		return slices.ContainsFunc(args, func(arg string) bool { return arg == flag || strings.HasPrefix(arg, flag+"=") })
	}
	undecided := func(code int) int {
		if code == 3 {
			return 0
		}
		return code
	}
	execute := func(more ...string) int {
		return cmd.Main(coarsely, append(slices.Clone(args), more...), known...)
	}
	verb := ""
	if len(args) > 0 {
		verb = args[0]
	}
	switch verb {
	case "run":
		if given("--dry-run") {
			return execute()
		}
		stdout := os.Stdout
		os.Stdout, _ = os.OpenFile(os.DevNull, os.O_WRONLY, 0) // the plan is not shown
		if code := execute("--dry-run"); code != 0 {
			return code
		}
		os.Stdout = stdout
		args = slices.DeleteFunc(args, func(arg string) bool { return arg == "--quick" })
		if !given("--strategies") {
			args = append(args, "--strategies", "chan,lanes-ring")
		}
		producers := "2"
		if given("--shard") { // a part has all strategies of some numbers of producers
			producers = "1,2"
		}
		if !given("--out") { // directories are named after the second, and runs this short may share one
			time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
		}
		return execute("--producers", producers, "--duration", "5ms", "--reps", "1")
	case "recommend":
		if given("--from") {
			return execute()
		}
		return undecided(execute("--from", "docs/reference/amd-epyc"))
	case "compare":
		return undecided(execute())
	case "doctor":
		return execute("--duration", "5ms", "--reps", "6")
	case "verify":
		return execute("--help")
	}
	return execute()
}

// program executes the program at the top of the repository and returns what it prints.
func program(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), testBinary(t), args...)
	command.Dir = root
	command.Env = append(os.Environ(), standInVariable+"=1")
	var errs strings.Builder
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil {
		t.Fatalf("fanin-bench %s: %v: %s", strings.Join(args, " "), err, errs.String())
	}
	return string(out)
}

// testBinary returns the absolute path of this program.
func testBinary(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns the text of a file, whose path is relative to the top of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pages are the paths of all pages of documentation.
func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(found) < 5 {
		t.Fatalf("%d pages in docs, error %v", len(found), err)
	}
	all := []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}
	for _, path := range found {
		all = append(all, filepath.ToSlash(filepath.Join("docs", filepath.Base(path))))
	}
	return all
}
