package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// TestScripts runs the stories in testdata/script, each in a directory of its own and
// beside the others. They are the program's manual by example: a file begins with what
// it shows. Besides testscript's own commands they have those of scriptCommands; the
// programs are those of TestMain. With -update the texts that cmp compares are rewritten.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"), UpdateScripts: *resultstest.Update, RequireUniqueNames: true,
		Setup: setupScript, Cmds: scriptCommands,
	})
}

// setupScript gives a story $PROGRAM, the path of the program, for flags that take one, and
// $ROOT, that of the repository.
func setupScript(env *testscript.Env) error {
	program, err := exec.LookPath(programName)
	if err != nil {
		return err
	}
	env.Setenv("PROGRAM", program)
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	env.Setenv("ROOT", root)
	env.Setenv("GORACE", "atexit_sleep_ms=0") // else each child of a race build takes a second to exit
	return nil
}

var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"exits":   scriptExits,
	"refuses": scriptRefuses,
	"made":    scriptMade,
	"json":    scriptJSON,
	"set":     scriptSet,
	"edit":    scriptEdit,
	"keep":    scriptKeep,
	"await":   scriptAwait,
	"filled":  scriptFilled,
	"same":    scriptSame,
	"copy":    scriptCopy,
	"inturns": scriptInTurns,
}

func need(ts *testscript.TestScript, neg, right bool, usage string) {
	if neg || !right {
		ts.Fatalf("usage: %s, without !", usage)
	}
}

// scriptExits runs a command that ends with an exit code.
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) >= 2, "exits CODE PROGRAM [ARG]...")
	code := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit %d, want %s", code, args[0])
	}
}

// scriptRefuses runs a command that ends with an exit code before it does anything: it
// prints an error in one line and at most a hint in a second.
func scriptRefuses(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) >= 2, "refuses CODE PROGRAM [ARG]...")
	scriptExits(ts, neg, args)
	stderr := ts.ReadFile("stderr")
	if !strings.HasPrefix(stderr, "fanin-bench: ") || strings.Count(stderr, "\n") > 2 || ts.ReadFile("stdout") != "" {
		ts.Fatalf("it does not say what is wrong in a line of standard error and no more")
	}
}

// scriptMade writes a made-up run, of those of madeRuns, into a directory that is named
// as the run unless there is another name.
func scriptMade(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 1 || len(args) == 2, "made RUN [DIR]")
	files, found := madeRuns[args[0]]
	if !found {
		ts.Fatalf("no run %q is made up", args[0])
	}
	dir := ts.MkAbs(args[len(args)-1])
	ts.Check(os.MkdirAll(dir, 0o755))
	made, err := files()
	ts.Check(err)
	for name, text := range made {
		ts.Check(os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
}

// scriptJSON reads JSON and compares the value at a path such as cells.0.strategy with a
// text, or prints it; len is the length of a list.
func scriptJSON(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2 || len(args) == 3, "json FILE PATH [VALUE]")
	value := readJSON(ts, args[0])
	for _, step := range strings.Split(args[1], ".") {
		value = below(value, step)
	}
	if got := fmt.Sprint(value); len(args) == 2 {
		fmt.Fprintln(ts.Stdout(), got)
	} else if got != args[2] {
		ts.Fatalf("%s has %s at %s, want %s", args[0], got, args[1], args[2])
	}
}

// scriptSet changes, or adds, the value at a path in a file of JSON; without a value it
// removes what is there.
func scriptSet(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2 || len(args) == 3, "set FILE PATH [VALUE]")
	whole := readJSON(ts, args[0])
	steps := strings.Split(args[1], ".")
	value, last := whole, len(steps)-1
	for _, step := range steps[:last] {
		value = below(value, step)
	}
	parent, is := value.(map[string]any)
	switch {
	case !is:
		ts.Fatalf("%s has nothing that could hold %s", args[0], args[1])
	case len(args) == 2:
		delete(parent, steps[last])
	case json.Valid([]byte(args[2])):
		parent[steps[last]] = json.RawMessage(args[2])
	default:
		parent[steps[last]] = args[2]
	}
	text, err := json.Marshal(whole)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// readJSON reads a file that holds one value, whose numbers stay as they are written.
func readJSON(ts *testscript.TestScript, file string) (value any) {
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	decoder.UseNumber()
	ts.Check(decoder.Decode(&value))
	if decoder.More() {
		ts.Fatalf("%s holds more than one value", file)
	}
	return value
}

// below returns what a key, an index or len finds in a value; nil if there is nothing.
func below(value any, step string) any {
	switch v := value.(type) {
	case map[string]any:
		return v[step]
	case []any:
		if step == "len" {
			return len(v)
		}
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(v) {
			return v[i]
		}
	}
	return nil
}

// scriptEdit replaces what a regular expression matches in a file.
func scriptEdit(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 3, "edit FILE REGEXP TEXT")
	re, err := regexp.Compile(args[1])
	ts.Check(err)
	text := ts.ReadFile(args[0])
	edited := re.ReplaceAllString(text, args[2])
	if edited == text {
		ts.Fatalf("%s stays as it is", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(edited), 0o600))
}

// scriptKeep keeps the first lines of a file; of 5.5 half of the sixth, too, as a program
// leaves it that is killed while it writes.
func scriptKeep(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2, "keep LINES FILE")
	whole, half := strings.CutSuffix(args[0], ".5")
	count, err := strconv.Atoi(whole)
	ts.Check(err)
	lines := strings.SplitAfter(ts.ReadFile(args[1]), "\n")
	if count >= len(lines) {
		ts.Fatalf("%s has %d lines", args[1], len(lines)-1)
	}
	kept := strings.Join(lines[:count], "")
	if half {
		kept += lines[count][:len(lines[count])/2]
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(kept), 0o600))
}

// scriptAwait waits until a file that a program in the background writes has some lines.
func scriptAwait(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2, "await LINES FILE")
	count, err := strconv.Atoi(args[0])
	ts.Check(err)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		text, err := os.ReadFile(ts.MkAbs(args[1]))
		if err == nil && strings.Count(string(text), "\n") >= count {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s has no %d lines after a minute: %v", args[1], count, err)
		}
	}
}

// scriptFilled checks that files exist and are not empty.
func scriptFilled(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) > 0, "filled FILE...")
	for _, name := range args {
		if info, err := os.Stat(ts.MkAbs(name)); err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
			ts.Fatalf("%s is missing or empty: %v", name, err)
		}
	}
}

// scriptCopy copies a directory.
func scriptCopy(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2, "copy DIR DIR")
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}

// scriptSame checks that two directories hold the same files.
func scriptSame(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 2, "same DIR DIR")
	if a, b := filesBelow(ts, args[0]), filesBelow(ts, args[1]); !maps.Equal(a, b) {
		for name := range maps.Clone(b) {
			if a[name] == b[name] {
				delete(a, name)
				delete(b, name)
			}
		}
		ts.Fatalf("not the same: %q of %s and %q of %s", slices.Sorted(maps.Keys(a)), args[0], slices.Sorted(maps.Keys(b)), args[1])
	}
}

// filesBelow returns the content of every file below a directory.
func filesBelow(ts *testscript.TestScript, dir string) map[string]string {
	root, err := filepath.EvalSymlinks(ts.MkAbs(dir))
	ts.Check(err)
	all := make(map[string]string)
	ts.Check(filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		all[name] = ts.ReadFile(path)
		return err
	}))
	return all
}

// scriptInTurns checks that two runs hold the same trials, of which each began after that
// before it of the other run.
func scriptInTurns(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, neg, len(args) == 3, "inturns BASE NEW TRIALS")
	base, err := results.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	next, err := results.Open(ts.MkAbs(args[1]))
	ts.Check(err)
	b, n := base.Manifest, next.Manifest
	if b.Pair == nil || n.Pair == nil || b.Pair.ID != n.Pair.ID || b.Pair.Side != results.SideBase || n.Pair.Side != results.SideNew {
		ts.Fatalf("pairs %+v and %+v", b.Pair, n.Pair)
	}
	if b.Finished == nil || n.Finished == nil || b.Environment.Go != n.Environment.Go || b.Version != n.Version {
		ts.Fatalf("manifests %+v and %+v", b, n)
	}
	if strconv.Itoa(len(base.Trials)) != args[2] || len(next.Trials) != len(base.Trials) {
		ts.Fatalf("%d and %d trials, want %s each", len(base.Trials), len(next.Trials), args[2])
	}
	for i, a := range base.Trials {
		b := next.Trials[i]
		if a.Cell != b.Cell || a.Block != b.Block || a.Seed != b.Seed || a.Measurement == nil || b.Measurement == nil {
			ts.Fatalf("trial %d: %+v beside %+v", i, a, b)
		}
		if i > 0 && (a.Started.Before(next.Trials[i-1].Started) || b.Started.Before(base.Trials[i-1].Started)) {
			ts.Fatalf("trial %d began before the one before it: not in turns", i)
		}
	}
}
