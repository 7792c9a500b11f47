package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// compared are the made-up runs that the tests compare.
var compared = []string{"base", "same", "new", "alien", "calm", "quiet", "dead", "less", "few", "slow"}

// What other programs read stays what it is.
func TestCompareGolden(t *testing.T) {
	testdata, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	inMade(t, compared...)
	for _, test := range []struct {
		name string
		args []string
		code int
		said string
	}{
		{"compare-dead.json", []string{"calm", "dead", "--fail-on", "10%"}, exitNotDecided, "fanin-bench: not decided: "},
		{"compare.json", []string{"base", "new"}, exitSuccess, ""},
	} {
		code, stdout, stderr := invoke(t, append([]string{"compare", "--format", "json"}, test.args...)...)
		if code != test.code || !strings.HasPrefix(stderr, test.said) || test.said == "" && stderr != "" {
			t.Errorf("%v: exit %d, want %d; stderr %q", test.args, code, test.code, stderr)
		}
		resultstest.Golden(t, filepath.Join(testdata, test.name), stdout)
	}
}

// A gate is shut by regressions alone: not by what got better, nor by what is within its
// share. It is open only if everything that gates was compared and excludes one.
// Whatever the outcome and the format, what was found is written.
func TestCompareGate(t *testing.T) {
	inMade(t, compared...)
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
		{"calm quiet --fail-on 0%", compare.NotDecided, "give a --fail-on above 0, because no measurement excludes every loss"},
		{"calm quiet --fail-on 1%", compare.NotDecided, "throughput of chan producers=16, chan-unbounded producers=16"},
		{"few slow --fail-on 5%", compare.NotDecided, "a loss of more than 5 % is not excluded by 4 of 4 comparisons: throughput of chan producers=16"},
		{"few slow --fail-on 5%", compare.NotDecided, "to decide: run --reps 6 or more, because fewer give no interval"},
		{"calm dead --fail-on 10%", compare.NotDecided, "not compared, because all its trials failed in NEW: throughput of lanes producers=16"},
		{"dead calm --fail-on 10%", compare.NotDecided, "not compared, because all its trials failed in BASE: throughput of lanes producers=16"},
		{"calm dead --fail-on 10% --strategies chan", compare.NoRegression, ""},
		{"calm less --fail-on 10%", compare.NotDecided, "not compared, because NEW lacks it: throughput of lanes producers=16"},
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

func TestCompareWrongInput(t *testing.T) {
	inMade(t, compared...)
	resultstest.Put(t, "elsewhere", resultstest.Run(resultstest.Config{Producers: []int{3}, Reps: 2, Samples: -1}))
	resultstest.Put(t, "longer", resultstest.Run(resultstest.Config{Producers: []int{3}, Reps: 2, Samples: -1, Rates: []float64{300_000}}))
	if err := os.MkdirAll("future", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("future/manifest.json", []byte(`{"schema":99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("base", "link"); err != nil {
		t.Fatal(err)
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
		{[]string{"base", "nowhere"}, exitFailure, `opening the run directory "nowhere": it does not exist`},
		{[]string{".", "base"}, exitFailure, `opening the run directory "."`},
		{[]string{"base", "future"}, exitFailure, "schema version 99; this program reads version 1"},
		{[]string{"elsewhere", "longer"}, exitNotDecided, "no cell in common: for example BASE has (null producers=3 arrival=closed"},
		{[]string{"base", "new", "--fail-on", "much"}, exitUsage, `--fail-on: "much" is not a share from 0% to below 100%`},
		{[]string{"base", "new", "--fail-on", "5"}, exitUsage, `--fail-on: "5" is not a share`},
		{[]string{"base", "new", "--fail-on", "NaN"}, exitUsage, `--fail-on: "NaN" is not a share`},
		{[]string{"base", "new", "--fail-on", "-5%"}, exitUsage, `--fail-on: "-5%" is not a share`},
		{[]string{"base", "new", "--fail-on", ""}, exitUsage, "--fail-on: the value is empty"},
		{[]string{"base", "new", "--allow-different"}, exitUsage, "--allow-different needs --fail-on"},
		{[]string{"base", "new", "--strategies", "lnes"}, exitUsage, `choosing cells to compare: neither run has a strategy "lnes" (one of null, chan`},
		{[]string{"base", "new", "--producers", "3"}, exitUsage, `neither run has a number of producers "3" (one of 1, 16)`},
		{[]string{"base", "alien", "--producers", "16"}, exitNotDecided, "have no cell in common"},
		{[]string{"base", "new", "--format", "xml"}, exitUsage, `--format: unknown format "xml" (one of text, markdown, json)`},
		{[]string{"base", "new", "--out", "nowhere/x.md"}, exitFailure, `writing "nowhere/x.md"`},
		{[]string{"base", "new", "--figure", "nowhere/x"}, exitFailure, `writing "nowhere/x.svg"`},
	} {
		code, stdout, stderr := invoke(t, append([]string{"compare"}, test.args...)...)
		checkError(t, test.args, code, test.code, stdout, stderr, test.want)
	}
}
