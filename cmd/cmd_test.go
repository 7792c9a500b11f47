package cmd

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fanin-bench/fanin-bench/cmd/internal/fineness"
	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// programs are those that stories and children run: copies of this test binary under
// their names, or this very binary where programVariable names one.
var programs = map[string]func() []strategies.Strategy{
	programName: known,
	"newer":     func() []strategies.Strategy { return append(known(), mine()) }, // as a later build that has one more
	"foreign":   func() []strategies.Strategy { return []strategies.Strategy{foreign()} },
	"plugged":   plugged,
	"shipped":   strategies.All,
}

// otherPrograms are mains of programs for --program.
var otherPrograms = map[string]func(args []string) int{betweenName: between}

const (
	programName = "fanin-bench"
	// programVariable is how the children of a program, which are started from its
	// running file, know what they are.
	programVariable = "FANIN_BENCH_TEST_PROGRAM"
)

func TestMain(m *testing.M) {
	commands := make(map[string]func())
	for name := range programs {
		commands[name] = func() { os.Exit(runAs(name)) }
	}
	for name, main := range otherPrograms {
		commands[name] = func() { os.Exit(main(os.Args[1:])) }
	}
	called := filepath.Base(os.Args[0])
	if name := os.Getenv(programVariable); name != "" && commands[called] == nil {
		os.Exit(runAs(name))
	}
	if commands[called] == nil {
		debug.SetGCPercent(400) // collecting took a fifth of what the verbs compute that tests call in this process
	}
	testscript.Main(m, commands)
}

// coarse is how fine PNGs are in stories. Drawing them in full took a third of what all
// stories compute, and none looks into them; TestPicturesInFull does.
const coarse = fineness.Coarse

// runAs runs the command line of this process as one of programs does, but for the PNGs.
// Trials do not look into the strategies, but for those of plugged, which are found out.
func runAs(name string) int {
	if err := os.Setenv(programVariable, name); err != nil {
		panic(err)
	}
	all := programs[name]()
	if name != "plugged" && slices.Equal(os.Args[1:], []string{"trial"}) {
		all = harnesstest.Unweighed(all)
	}
	a := newApp(all)
	a.dpi = coarse
	return a.main(context.Background(), os.Args[1:])
}

// mine is a strategy that a newer program has.
func mine() strategies.Strategy {
	s := strategies.All()[1]
	s.Name = "mine"
	return s
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

// invoke runs a command line as Main does, in this process; its trials are children.
func invoke(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return invokeAs(t, programName, args...)
}

// invokeAs is invoke for another of programs.
func invokeAs(t *testing.T, name string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return invokeCounting(t, name, results.Summarize, args...)
}

// invokeCounting is invokeAs with another way to summarise a run.
func invokeCounting(t *testing.T, name string, summarize func(*results.Run) *results.Summary, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	a := &app{
		stdin: strings.NewReader(""), stdout: &out, stderr: &errs, known: programs[name](), summarize: summarize,
		child: func() ([]string, error) { return []string{path, "trial"}, nil }, dpi: coarse,
	}
	code = a.execute(t.Context(), args)
	return code, out.String(), errs.String()
}

// smallRun is a run that takes half a second.
func smallRun(more ...string) []string {
	return append([]string{
		"run", "--producers", "3", "--strategies", "null,chan,lanes", "--messages", "2000", "--reps", "2", "--seed", "5",
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
		{[]string{"run", "--rate", "1000"}, "--rate applies to open loops, and every arrival is closed: give --arrival constant, poisson or burst"},
		{[]string{"run", "--against", ""}, "--against: the value is empty"},
		{[]string{"compare", "a", "b", "--fail-on", ""}, "--fail-on: the value is empty"},
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
		{[]string{"run", "--duration", "2m"}, "--duration: 2m0s is not shorter than the timeout of 1m0s, after which a trial is abandoned"},
		{[]string{"run", "--timeout", "1ns"}, "scenario portfolio: duration: 160ms is not shorter than the timeout of 1ns, after"},
		{[]string{"run", "--memory-limit", "1,5GiB"}, `--memory-limit: "1,5GiB" is not a size such as 512MiB or 64k`},
		{[]string{"run", "--messages", "0"}, "--messages: 0 is not above 0"},
		{[]string{"run", "--messages", "5", "--duration", "1s"}, "--messages and --duration contradict each other"},
		{[]string{"run", "--quick", "--reps", "9"}, "--quick and --reps contradict each other"},
		{[]string{"run", "--resume", "--seed", "1"}, "--resume finishes a run with its own settings: it cannot be combined with --seed"},
		{[]string{"run", "--reps", "0"}, "--reps: 0 is not in 1..10000"},
		{[]string{"run", "--payload", "3"}, "--payload: 3 is not in 8 B..64 MiB"},
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
		{[]string{"run", "--out", ""}, "--out: the value is empty"},
		{[]string{"list", "--format", "json", "--schema"}, "--format, --scenarios and --schema contradict each other"},
		{[]string{"list", "--format", "xml"}, `unknown format "xml" (one of text, markdown, json)`},
		{[]string{"verify", "--strategies", "nil"}, `--strategies: unknown strategy "nil"`},
		{[]string{"run", "--strategies", "chan,relic"}, `--strategies: strategy "relic" cannot be built: it does not link`},
		{[]string{"verify", "--strategies", "relic"}, `--strategies: strategy "relic" cannot be built: it does not link`},
		{[]string{"verify", "--strategies", "null"}, `--strategies: "null" carries no items`},
		{[]string{"verify", "--for", "-1s"}, "--for: -1s is not in 0..720h"},
		{[]string{"plot", "a", "b"}, "plot takes one run directory, received 2"},
		{[]string{"report", "a", "b"}, "report takes one run directory, received 2"},
		{[]string{"report", "--out", ""}, "--out: the value is empty"},
		{[]string{"run", "--label", "\x1b[31m"}, "may hold printable characters only"},
		{[]string{"run", "--label", strings.Repeat("x", 101)}, "has 101 bytes; at most 100"},
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
