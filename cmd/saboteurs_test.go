package cmd

import (
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/saboteurs"
)

// plugged are what a program of somebody else's would hand to Main: the built-in
// strategies and those that break a promise unseen.
func plugged() []strategies.Strategy {
	all := strategies.All()
	for _, s := range saboteurs.All() {
		all = append(all, s.Strategy)
	}
	return all
}

// A run of strategies that are plugged in fails the trials of those that break a
// promise, by its name, and exits 1; the others' trials count.
func TestRunWithSaboteurs(t *testing.T) {
	t.Chdir(t.TempDir())
	names := []string{"mpsc-ring"}
	broken := map[string]strategies.Promise{}
	for _, s := range saboteurs.All() {
		if s.LosesAfter == 0 && s.Promise != strategies.PromiseShrink { // those take their time
			names = append(names, s.Name)
			broken[s.Name] = s.Promise
		}
	}
	code, _, stderr := invokeAs(t, "plugged", "run", "--producers", "4", "--strategies", strings.Join(names, ","),
		"--messages", "20000", "--reps", "1", "--out", "here")
	if code != exitFailure {
		t.Errorf("exit %d, stderr %s", code, stderr)
	}
	run, err := results.Open("here")
	if err != nil {
		t.Fatal(err)
	}
	if want := len(names) + 1; len(run.Trials) != want { // the floor comes along
		t.Errorf("%d trials; want %d", len(run.Trials), want)
	}
	for _, trial := range run.Trials {
		name, f := trial.Cell.Strategy, trial.Failure
		switch promise := broken[name]; {
		case promise == "" && f != nil:
			t.Errorf("%s failed: %+v", name, f)
		case promise != "" && (f == nil || f.Kind != results.FailurePromise || !strings.Contains(f.Detail, string(promise)+": ")):
			t.Errorf("%s: failure %+v; want promise %q to be broken", name, f, promise)
		case promise != "" && !strings.Contains(stderr, "failed: "+name):
			t.Errorf("stderr does not say that %s failed: %s", name, stderr)
		}
	}
}
