package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/peers"
)

// childVariable, when set, makes the test binary a child that executes a trial.
const childVariable = "FANIN_BENCH_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(wholeVariable) != "" {
		os.Exit(Main(context.Background(), os.Args[1:], known()...))
	}
	if os.Getenv(childVariable) != "" {
		all := known()
		if os.Getenv(foreignVariable) != "" {
			all = []strategies.Strategy{foreign()}
		}
		if os.Getenv(saboteursVariable) != "" {
			all = plugged()
		}
		os.Exit(Main(context.Background(), []string{"trial"}, all...))
	}
	os.Exit(m.Run())
}

// known are the built-in strategies, one that loses an item, and a peer that
// cannot be built.
func known() []strategies.Strategy {
	return append(strategies.All(), strategies.Strategy{
		Descriptor: strategies.Descriptor{Name: "loses", Doc: "loses its first item", Bound: strategies.Unbounded},
		Word: func(o strategies.Options) strategies.FanIn[strategies.Word] {
			return losing{strategies.NewMutexSwap[strategies.Word](o)}
		},
	}, strategies.Strategy{Descriptor: strategies.Descriptor{
		Name: "relic", Doc: "a queue of former days", Bound: strategies.Total, Module: "example.org/relic@v1.2.3",
		Unbuildable: "it does not link",
		Lacks:       map[strategies.Promise]string{strategies.PromisePark: "it spins", strategies.PromiseWake: "it spins"},
	}})
}

type losing struct {
	strategies.FanIn[strategies.Word]
}

func (f losing) Producer() strategies.Producer[strategies.Word] {
	return losingProducer{f.FanIn.Producer()}
}

type losingProducer struct {
	strategies.Producer[strategies.Word]
}

func (p losingProducer) Send(w strategies.Word) error {
	if w.Seq() == 0 {
		return nil
	}
	return p.Producer.Send(w)
}

// invoke runs a command line as Main does, in a fresh working directory unless
// the test changed to one.
func invoke(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return invokeWith(t, known(), args...)
}

// invokeWith is invoke over other strategies; trials know those of known.
func invokeWith(t *testing.T, known []strategies.Strategy, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return invokeApp(t, &app{known: known, summarize: results.Summarize}, args...)
}

// invokeApp is invoke by an app whose input, outputs and children are the test's.
func invokeApp(t *testing.T, a *app, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Setenv(childVariable, "1")
	var out, errs bytes.Buffer
	a.stdin, a.stdout, a.stderr = strings.NewReader(""), &out, &errs
	a.child = func() ([]string, error) { return []string{os.Args[0], "trial"}, nil }
	code = a.execute(t.Context(), args)
	return code, out.String(), errs.String()
}

// smallRun is a run that takes a second.
func smallRun(more ...string) []string {
	return append([]string{
		"run", "--producers", "1,3", "--strategies", "null,chan,lanes", "--messages", "20000", "--reps", "2", "--seed", "5",
	}, more...)
}

// stored writes a made-up run and returns its directory.
func stored(t *testing.T, run *results.Run) string {
	t.Helper()
	dir := t.TempDir()
	resultstest.Put(t, dir, run)
	return dir
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	resultstest.Golden(t, filepath.Join("testdata", name), got)
}

func TestGolden(t *testing.T) {
	for name, args := range map[string][]string{
		"help.txt":           {"--help"},
		"run-help.txt":       {"run", "--help"},
		"list.txt":           {"list"},
		"scenarios.txt":      {"list", "--scenarios"},
		"list.md":            {"list", "--format", "markdown"},
		"verify-help.txt":    {"verify", "--help"},
		"recommend-help.txt": {"recommend", "--help"},
	} {
		code, stdout, stderr := invoke(t, args...)
		if code != exitSuccess || stderr != "" {
			t.Errorf("%v: exit %d, stderr %q", args, code, stderr)
		}
		golden(t, name, stdout)
	}
}

// The README's table of strategies is the one that list prints.
func TestReadmeTable(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- strategies: made by `fanin-bench list --format markdown` -->\n", "<!-- end of strategies -->"
	_, rest, found := strings.Cut(string(readme), begin)
	table, _, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatal("README.md has no strategies table between its marks")
	}
	if want := strategyTable(append(strategies.All(), peers.All()...)); table != want {
		t.Errorf("README.md's table of strategies is stale; it should be:\n%s", want)
	}
}

// Wrong input gets one clear line that names the flag or file, and exit code 2.
func TestUsageErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("bad.yaml", []byte("load:\n  producers: [1, many]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("zero.yaml", []byte("load: {producers: 0}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"rum"}, `unknown command "rum" (did you mean "run"?)`},
		{[]string{"run", "--rate", "1000"}, "--rate is of open loops, and all arrivals are closed: give --arrival constant, poisson or burst"},
		{[]string{"run", "--against", ""}, "--against: it is empty"},
		{[]string{"compare", "a", "b", "--fail-on", ""}, "--fail-on: it is empty"},
		{[]string{"run", "extra"}, `run takes flags only, received "extra"`},
		{[]string{"run", "--nope"}, "unknown flag: --nope"},
		{[]string{"run", "--strategies", "lnes"}, `--strategies: unknown strategy "lnes" (did you mean "lanes"? one of null, chan,`},
		{[]string{"run", "--scenario", "swep"}, `--scenario: unknown scenario "swep" (did you mean "sweep"? one of`},
		{[]string{"run", "--scenario", "bad.yaml"}, `--scenario: bad.yaml: line 2: producers: "many" is not a whole number`},
		{[]string{"run", "--scenario", "zero.yaml"}, "--scenario: zero.yaml: line 1: producers: 0 is not in 1..1000000"},
		{[]string{"run", "--scenario", "."}, `--scenario: "." is a directory, not a scenario file`},
		{[]string{"run", "--producers", "0"}, "--producers: 0 is not in 1..1000000"},
		{[]string{"run", "--producers", "-4"}, "--producers: -4 is not in 1..1000000"},
		{[]string{"run", "--producers", "1000000000"}, "--producers: 1000000000 is not in 1..1000000"},
		{[]string{"run", "--producers", "four"}, `--producers: "four" is not a whole number such as 16 or 64k, nor a range such as 1..64`},
		{[]string{"run", "--duration", "0s"}, "--duration: 0s is not above 0"},
		{[]string{"run", "--duration", "-1s"}, "--duration: -1s is not in 0..1h"},
		{[]string{"run", "--duration", "soon"}, `--duration: "soon" is not a duration such as 50ms`},
		{[]string{"run", "--messages", "0"}, "--messages: 0 is not above 0"},
		{[]string{"run", "--messages", "5", "--duration", "1s"}, "--messages and --duration contradict each other"},
		{[]string{"run", "--quick", "--reps", "9"}, "--quick and --reps contradict each other"},
		{[]string{"run", "--resume", "--seed", "1"}, "--resume finishes a run as it was begun: it cannot be combined with --seed"},
		{[]string{"run", "--reps", "0"}, "--reps: 0 is not in 1..10000"},
		{[]string{"run", "--payload", "3"}, "--payload: 3 is not in 8..67108864"},
		{[]string{"run", "--item", "box"}, `--item: unknown item "box" (one of pointer, value)`},
		{[]string{"run", "--item", "value", "--payload", "100"}, "--payload: 100 bytes cannot be carried by value: there are items of 8, 64, 1024, 16384, 65536"},
		{
			[]string{"run", "--item", "value", "--payload", "65536", "--strategies", "chan"},
			`--item: strategy "chan" does not carry 65536 bytes of payload by value: at most 16384`,
		},
		{[]string{"run", "--allocation", "pool"}, `--allocation: unknown allocation "pool" (one of slab, fresh)`},
		{[]string{"run", "--policy", "drop-all"}, `--policy: unknown policy "drop-all" (one of block, fail, drop-newest, drop-oldest)`},
		{[]string{"run", "--strategies", "lanes", "--policy", "fail"}, `--policy: strategy "lanes" (unbounded) offers none of fail`},
		{[]string{"run", "--isolation", "vm"}, `--isolation: unknown isolation "vm" (one of process, none)`},
		{[]string{"run", "--memory-limit", "lots"}, `--memory-limit: "lots" is not a size such as 512MiB or 64k`},
		{[]string{"run", "--timeout", "0"}, "--timeout: 0s is not above 0"},
		{[]string{"run", "--out", ""}, "--out: it is empty"},
		{[]string{"list", "--format", "json", "--schema"}, "--format, --scenarios and --schema contradict each other"},
		{[]string{"list", "--format", "xml"}, `unknown format "xml" (one of text, markdown, json)`},
		{[]string{"verify", "--strategies", "nil"}, `--strategies: unknown strategy "nil"`},
		{[]string{"run", "--strategies", "chan,relic"}, `--strategies: strategy "relic" cannot be built: it does not link`},
		{[]string{"verify", "--strategies", "relic"}, `--strategies: strategy "relic" cannot be built: it does not link`},
		{[]string{"verify", "--strategies", "null"}, `--strategies: "null" carries no items`},
		{[]string{"verify", "--for", "-1s"}, "--for: -1s is not in 0..720h"},
		{[]string{"plot", "a", "b"}, "plot takes one run directory, received 2"},
		{[]string{"report", "a", "b"}, "report takes one run directory, received 2"},
		{[]string{"report", "--out", ""}, "--out: it is empty"},
	} {
		code, stdout, stderr := invoke(t, test.args...)
		checkError(t, test.args, code, exitUsage, stdout, stderr, test.want)
	}
	if entries, _ := os.ReadDir("out"); len(entries) > 0 {
		t.Errorf("wrong usage left %v in out", entries)
	}
}

// Failures of the system name the file and exit 1.
func TestFailures(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("future", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("future/manifest.json", []byte(`{"schema":99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{smallRun("--out", "file"), `creating the run directory "file"`},
		{smallRun("--out", "file/below"), `creating the run directory "file/below"`},
		{smallRun("--out", "future"), "it is not empty (continue that run with --resume, or give another --out)"},
		{[]string{"run", "--resume"}, "out/latest"},
		{[]string{"plot", "nowhere"}, `opening the run directory "nowhere"`},
		{[]string{"plot", "future"}, "future/manifest.json"},
		{[]string{"report", "nowhere"}, `opening the run directory "nowhere"`},
		{[]string{"report"}, `opening the run directory "out/latest"`},
		{[]string{"run", "--resume", "--out", "future"}, "future/manifest.json"},
		{[]string{"trial"}, "reading the trial spec from standard input"},
	} {
		code, stdout, stderr := invoke(t, test.args...)
		checkError(t, test.args, code, exitFailure, stdout, stderr, test.want)
	}
}

func checkError(t *testing.T, args []string, code, wantCode int, stdout, stderr, want string) {
	t.Helper()
	line, rest, _ := strings.Cut(stderr, "\n")
	if code != wantCode || stdout != "" || !strings.HasPrefix(line, "fanin-bench: ") || !strings.Contains(line, want) {
		t.Errorf("%v: exit %d, stdout %q, stderr %q; want exit %d and a line with %q", args, code, stdout, stderr, wantCode, want)
	}
	if lines := strings.Count(rest, "\n"); lines > 1 || strings.Contains(stderr, "goroutine ") {
		t.Errorf("%v: more than one line and a hint: %q", args, stderr)
	}
}

// A run leaves every file, its numbers add up, and plot makes the same again.
func TestRunAndPlot(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := invoke(t, smallRun()...)
	if code != exitSuccess {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, want := range []string{"Throughput", "Speed-up over chan", "Transit", "lanes"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the tables lack %q:\n%s", want, stdout)
		}
	}
	if !strings.Contains(stderr, "seed 5") {
		t.Errorf("the seed is not printed: %s", stderr)
	}
	run, err := results.Open(latest())
	if err != nil {
		t.Fatal(err)
	}
	if len(run.Trials) != 3*2*2 || run.Manifest.Finished == nil {
		t.Errorf("%d trials, finished %v; want 12 and a time", len(run.Trials), run.Manifest.Finished)
	}
	for _, trial := range run.Trials {
		if m := trial.Measurement; m == nil || m.Delivered != 20000 {
			t.Errorf("trial %+v did not deliver 20000 messages", trial)
		}
	}
	before := files(t, latest())
	for _, name := range []string{
		"manifest.json", "trials.ndjson", "latency.hlog", "bench.txt", "summary.json", "summary.csv", "summary.md",
		"index.html", "plots/throughput.svg", "plots/throughput.png", "plots/speedup.svg", "plots/speedup.png",
	} {
		if before[name] == "" {
			t.Errorf("%s is missing or empty", name)
		}
	}
	if err := os.Remove(filepath.Join(latest(), "plots", "throughput.svg")); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := invoke(t, "plot", latest()); code != exitSuccess {
		t.Fatalf("plot: exit %d: %s", code, stderr)
	}
	for name, text := range files(t, latest()) {
		if before[name] != text {
			t.Errorf("plot made another %s", name)
		}
	}
	if code, stdout, stderr := invoke(t, "report", "--out", "page.html"); code != exitSuccess || stdout != "" || stderr != "the page is page.html\n" {
		t.Errorf("report: exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	if data, err := os.ReadFile("page.html"); err != nil || string(data) != before["index.html"] {
		t.Errorf("report made another page than run, %v", err)
	}
}

// files returns the content of every file below a directory.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		all[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// --json prints the summary and nothing else.
func TestRunJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := invoke(t, smallRun("--json", "--isolation", "none")...)
	var summary struct {
		Schema int              `json:"schema"`
		Cells  []map[string]any `json:"cells"`
	}
	if err := json.Unmarshal([]byte(stdout), &summary); code != exitSuccess || err != nil || len(summary.Cells) != 6 {
		t.Errorf("exit %d, error %v, %d cells; stderr %s", code, err, len(summary.Cells), stderr)
	}
}

// A wrong delivery is stored as a failed trial, the others go on, and the run
// exits 1.
func TestRunWithFailures(t *testing.T) {
	t.Chdir(t.TempDir())
	code, _, stderr := invoke(t, "run", "--producers", "2", "--strategies", "chan,loses", "--messages", "1000", "--reps", "2", "--out", "here")
	if code != exitFailure || !strings.Contains(stderr, "2 of 4 trials failed") || !strings.Contains(stderr, "failed: loses") {
		t.Errorf("exit %d, stderr %s", code, stderr)
	}
	run, err := results.Open("here")
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, trial := range run.Trials {
		if trial.Failure != nil {
			failed++
			if trial.Cell.Strategy != "loses" || trial.Failure.Kind != results.FailureDelivery {
				t.Errorf("%s failed: %+v", trial.Cell.Strategy, trial.Failure)
			}
		}
	}
	if failed != 2 || len(run.Trials) != 4 {
		t.Errorf("%d of %d trials failed; want 2 of 4", failed, len(run.Trials))
	}
}

// A run that ended halfway, in the middle of a line, is finished by --resume:
// nothing is measured again and nothing is missing.
func TestResume(t *testing.T) {
	if testing.Short() {
		t.Skip("draws many pictures, which takes minutes under the race detector")
	}
	t.Chdir(t.TempDir())
	if code, _, stderr := invoke(t, smallRun("--out", "here")...); code != exitSuccess {
		t.Fatal(stderr)
	}
	name := filepath.Join("here", "trials.ndjson")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	kept := strings.Join(lines[:5], "")
	if err := os.WriteFile(name, []byte(kept+lines[5][:len(lines[5])/2]), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := invoke(t, "plot", "here"); code != exitSuccess || !strings.Contains(stderr, "warning:") {
		t.Errorf("plot of a torn run: exit %d, stderr %s", code, stderr)
	}
	code, _, stderr := invoke(t, "run", "--resume", "--out", "here")
	if code != exitSuccess || !strings.Contains(stderr, "7 of 12 trials are missing") {
		t.Errorf("exit %d, stderr %s", code, stderr)
	}
	after, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(after), kept) || strings.Count(string(after), "\n") != 12 {
		t.Errorf("%d lines; want 12 that begin with the 5 kept", strings.Count(string(after), "\n"))
	}
	if code, _, stderr := invoke(t, "run", "--resume", "--out", "here"); code != exitSuccess || !strings.Contains(stderr, "0 of 12") {
		t.Errorf("resuming a finished run: exit %d, stderr %s", code, stderr)
	}
}

func TestVersion(t *testing.T) {
	code, stdout, _ := invoke(t, "version")
	if code != exitSuccess || !regexp.MustCompile(`^fanin-bench \S+ go1\.\S+ \w+/\w+\n$`).MatchString(stdout) {
		t.Errorf("exit %d, stdout %q", code, stdout)
	}
}

// Every shell's completion script is there.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, stdout, stderr := invoke(t, "completion", shell); code != exitSuccess || !strings.Contains(stdout, "fanin-bench") {
			t.Errorf("completion %s: exit %d, stderr %s", shell, code, stderr)
		}
	}
	args := []string{"completion", "fsh"}
	code, stdout, stderr := invoke(t, args...)
	checkError(t, args, code, exitUsage, stdout, stderr, `unknown command "fsh"`)
}
