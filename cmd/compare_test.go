package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// writeRun leaves a synthetic run in a directory.
func writeRun(t *testing.T, dir string, c resultstest.Config, change func(*results.Manifest)) {
	t.Helper()
	run := resultstest.Run(c)
	if change != nil {
		change(&run.Manifest)
	}
	resultstest.Put(t, dir, run)
}

// comparedRuns makes a directory with runs to compare and goes there: base and same
// are equal but for noise; of new, lanes takes a third longer and a trial of
// mutex-swap failed; alien is base in all but name on another machine. calm and quiet
// are equal closed loops, which spread little; few are three repetitions of them, of
// which chan takes twice as long in slow; dead is quiet without a trial of lanes that
// ended well, and less is quiet without lanes.
func comparedRuns(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	pair := func(id, side string) func(*results.Manifest) {
		return func(m *results.Manifest) { m.Pair = &results.Pair{ID: id, Side: side} }
	}
	config := resultstest.Config{Producers: []int{1, 16}, Reps: 8, Samples: 1100, Rates: []float64{200_000}, Closed: true}
	writeRun(t, "base", config, pair("a", results.SideBase))
	config.Seed = 7
	writeRun(t, "same", config, pair("a", results.SideNew))
	config.Slow = map[string]float64{"lanes": 4.0 / 3}
	config.Fails = func(x resultstest.Trial) bool { return x.Strategy == "mutex-swap" && x.Producers == 16 && x.Block == 3 }
	writeRun(t, "new", config, pair("a", results.SideNew))
	calm := resultstest.Config{Producers: []int{16}, Reps: 20, Samples: -1}
	writeRun(t, "calm", calm, pair("b", results.SideBase))
	calm.Seed = 8
	writeRun(t, "quiet", calm, pair("b", results.SideNew))
	calm.Fails = func(x resultstest.Trial) bool { return x.Strategy == "lanes" }
	writeRun(t, "dead", calm, pair("b", results.SideNew))
	calm.Fails, calm.Strategies = nil, 4
	writeRun(t, "less", calm, pair("b", results.SideNew))
	calm.Strategies, calm.Reps = 5, 3
	writeRun(t, "few", calm, pair("c", results.SideBase))
	calm.Slow = map[string]float64{"chan": 2}
	writeRun(t, "slow", calm, pair("c", results.SideNew))
	config.Producers = []int{1, 4}
	writeRun(t, "alien", config, func(m *results.Manifest) {
		e := &m.Environment
		e.CPU, e.Go, e.GOGC, e.Governor = "Evil CPU <img src=x>|**", "go1.27.0", "off", "powersave"
		m.Warnings = []string{"![x](http://example.org) | `busy`\n# not a heading"}
		for i := range m.Strategies {
			if m.Strategies[i].Name == "lanes" {
				m.Strategies[i].Index = 7
			}
		}
	})
}

func TestCompareGolden(t *testing.T) {
	testdata, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	comparedRuns(t)
	for _, test := range []struct {
		name string
		args []string
		code int
	}{
		{"compare-help.txt", []string{"--help"}, exitSuccess},
		{"compare-calm.txt", []string{"calm", "quiet", "--fail-on", "10%"}, exitSuccess},
		{"compare-same.txt", []string{"base", "same", "--fail-on", "5%"}, exitNotDecided},
		{"compare-few.txt", []string{"few", "slow", "--fail-on", "5%"}, exitNotDecided},
		{"compare-dead.json", []string{"calm", "dead", "--fail-on", "10%", "--format", "json"}, exitNotDecided},
		{"compare-alien-verdict.txt", []string{"base", "alien", "--fail-on", "5%", "--strategies", "mutex-swap"}, exitNotDecided},
		{"compare.txt", []string{"base", "new", "--fail-on", "5%"}, exitFailure},
		{"compare.md", []string{"base", "new", "--fail-on", "0.05", "--format", "markdown"}, exitFailure},
		{"compare.json", []string{"base", "new", "--format", "json"}, exitSuccess},
		{"compare-alien.txt", []string{"base", "alien"}, exitSuccess},
		{"compare-alien.md", []string{"base", "alien", "--format", "markdown"}, exitSuccess},
		{"compare-backwards.txt", []string{"new", "base"}, exitSuccess},
	} {
		code, stdout, stderr := invoke(t, append([]string{"compare"}, test.args...)...)
		said := map[int]string{exitFailure: "fanin-bench: regression: ", exitNotDecided: "fanin-bench: not "}[test.code]
		if code != test.code || !strings.HasPrefix(stderr, said) || said == "" && stderr != "" {
			t.Errorf("%v: exit %d, want %d; stderr %q", test.args, code, test.code, stderr)
		}
		resultstest.Golden(t, filepath.Join(testdata, test.name), stdout)
	}
}

// A gate is shut by regressions alone: not by what got better, nor by what is within its
// share. It is open only if everything that gates was compared and excludes one.
// Whatever the outcome and the format, what was found is written.
func TestCompareGate(t *testing.T) {
	comparedRuns(t)
	for _, test := range []struct {
		args    string
		outcome compare.Outcome
		reason  string // in one of them
	}{
		{"base new", "", ""},
		{"base new --fail-on 5%", compare.Regression, ""},
		{"base new --fail-on 0", compare.Regression, ""},
		{"base new --fail-on 60%", compare.NotDecided, "response time, p99 of"},
		{"new base --fail-on 5%", compare.NotDecided, "to decide: "},
		{"calm quiet --fail-on 10%", compare.NoRegression, ""},
		{"calm quiet --fail-on 0%", compare.NotDecided, "a --fail-on above 0, for where nothing changed no measurement excludes every loss"},
		{"calm quiet --fail-on 1%", compare.NotDecided, "throughput of chan producers=16, chan-unbounded producers=16"},
		{"few slow --fail-on 5%", compare.NotDecided, "a loss of more than 5 % is not excluded by 4 of 4 comparisons: throughput of chan producers=16"},
		{"few slow --fail-on 5%", compare.NotDecided, "to decide: run --reps 6 at least, for fewer give no interval"},
		{"calm dead --fail-on 10%", compare.NotDecided, "not compared, for all its trials failed in NEW: throughput of lanes producers=16"},
		{"dead calm --fail-on 10%", compare.NotDecided, "not compared, for all its trials failed in BASE: throughput of lanes producers=16"},
		{"calm dead --fail-on 10% --strategies chan", compare.NoRegression, ""},
		{"calm less --fail-on 10%", compare.NotDecided, "not compared, for NEW lacks it: throughput of lanes producers=16"},
		{"less calm --fail-on 10%", compare.NoRegression, ""},
		{"calm less --fail-on 10% --strategies chan,mutex-swap", compare.NoRegression, ""},
		{"base alien --fail-on 5%", compare.NotComparable, "the conditions are not the same (CPU, Go, GOGC, governor)"},
		{"base alien --fail-on 5% --allow-different", compare.Regression, ""},
		{"base new --fail-on 5% --producers 1 --strategies lanes", compare.Regression, ""},
	} {
		out := filepath.Join(t.TempDir(), "comparison.json")
		args := append([]string{"compare", "--format", "json", "--out", out}, strings.Fields(test.args)...)
		code, stdout, stderr := invoke(t, args...)
		want := map[compare.Outcome]int{
			"": exitSuccess, compare.NoRegression: exitSuccess, compare.Regression: exitFailure,
			compare.NotDecided: exitNotDecided, compare.NotComparable: exitNotDecided,
		}[test.outcome]
		if code != want || stdout != "" {
			t.Errorf("%v: exit %d, want %d; stdout %q, stderr %q", test.args, code, want, stdout, stderr)
		}
		if want != exitSuccess && !strings.HasPrefix(stderr, "fanin-bench: "+string(test.outcome)+": ") {
			t.Errorf("%v: stderr %q", test.args, stderr)
		}
		var diff compare.Diff
		if data, err := os.ReadFile(out); err != nil || json.Unmarshal(data, &diff) != nil || len(diff.Cells) == 0 {
			t.Fatalf("%v: %v, %d cells in %s", test.args, err, len(diff.Cells), data)
		}
		if diff.Outcome != test.outcome || !strings.Contains(strings.Join(diff.Reasons, "; "), test.reason) {
			t.Errorf("%v: outcome %q for %q", test.args, diff.Outcome, diff.Reasons)
		}
		if (len(diff.Reasons) == 0) != (want != exitNotDecided) && test.outcome != compare.Regression {
			t.Errorf("%v: outcome %q for %q", test.args, diff.Outcome, diff.Reasons)
		}
		_, stdout, _ = invoke(t, append([]string{"compare"}, strings.Fields(test.args)...)...)
		headline, _, _ := strings.Cut(stdout, "\n")
		if strings.Contains(headline, "%!") || strings.Contains(headline, "than  %") || !strings.Contains(headline, test.reason) ||
			!strings.HasPrefix(strings.ToLower(headline), string(test.outcome)) {
			t.Errorf("%v: headline %q", test.args, headline)
		}
	}
}

func TestCompareFigure(t *testing.T) {
	comparedRuns(t)
	code, stdout, stderr := invoke(t, "compare", "base", "new", "--figure", "pictures.png")
	if code != exitSuccess || !strings.Contains(stdout, "lanes producers=16") || !strings.Contains(stderr, "drawn: pictures.svg") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
	for _, name := range []string{"pictures.svg", "pictures.png"} {
		if info, err := os.Stat(name); err != nil || info.Size() < 10_000 {
			t.Errorf("%s: %v, %+v", name, err, info)
		}
	}
}

func TestCompareWrongInput(t *testing.T) {
	comparedRuns(t)
	writeRun(t, "elsewhere", resultstest.Config{Producers: []int{3}, Reps: 2, Samples: -1}, nil)
	writeRun(t, "longer", resultstest.Config{Producers: []int{3}, Reps: 2, Samples: -1, Rates: []float64{300_000}}, nil)
	if err := os.MkdirAll("future", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("future/manifest.json", []byte(`{"schema":99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("base", "link"); err != nil {
		t.Skipf("no links here: %v", err)
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{}, exitUsage, "compare needs two run directories, BASE and NEW, received 0"},
		{[]string{"base"}, exitUsage, "compare needs two run directories, BASE and NEW, received 1"},
		{[]string{"base", "same", "new"}, exitUsage, "compare needs two run directories, BASE and NEW, received 3"},
		{[]string{"base", "base"}, exitUsage, `BASE "base" and NEW "base" are the same directory`},
		{[]string{"base", "./link/"}, exitUsage, `are the same directory`},
		{[]string{"base", "nowhere"}, exitFailure, `opening the run directory "nowhere": it has no manifest.json`},
		{[]string{".", "base"}, exitFailure, `opening the run directory "."`},
		{[]string{"base", "future"}, exitFailure, "schema version 99; this program reads version 1"},
		{[]string{"elsewhere", "longer"}, exitNotDecided, "no cell in common: BASE has, for one, (null producers=3 arrival=closed"},
		{[]string{"base", "new", "--fail-on", "much"}, exitUsage, `parsing --fail-on: "much" is not a share from 0% to below 100%`},
		{[]string{"base", "new", "--fail-on", "5"}, exitUsage, `parsing --fail-on: "5" is not a share`},
		{[]string{"base", "new", "--fail-on", "NaN"}, exitUsage, `parsing --fail-on: "NaN" is not a share`},
		{[]string{"base", "new", "--fail-on", "-5%"}, exitUsage, `parsing --fail-on: "-5%" is not a share`},
		{[]string{"base", "new", "--fail-on", ""}, exitUsage, "--fail-on: it is empty"},
		{[]string{"base", "new", "--allow-different"}, exitUsage, "--allow-different: it needs a --fail-on"},
		{[]string{"base", "new", "--strategies", "lnes"}, exitUsage, `choosing what to compare: neither run has a strategy "lnes" (one of null chan`},
		{[]string{"base", "new", "--producers", "3"}, exitUsage, `neither run has a number of producers "3" (one of 1 16)`},
		{[]string{"base", "alien", "--producers", "16"}, exitNotDecided, "have no cell in common"},
		{[]string{"base", "new", "--format", "xml"}, exitUsage, `parsing --format: unknown format "xml" (one of text, markdown, json)`},
		{[]string{"base", "new", "--out", "nowhere/x.md"}, exitFailure, `writing "nowhere/x.md"`},
		{[]string{"base", "new", "--figure", "nowhere/x"}, exitFailure, `writing "nowhere/x.svg"`},
	} {
		code, stdout, stderr := invoke(t, append([]string{"compare"}, test.args...)...)
		checkError(t, test.args, code, test.code, stdout, stderr, test.want)
	}
}
