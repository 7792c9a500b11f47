package cmd

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/cmd/internal/rundir"
	"github.com/fanin-bench/fanin-bench/harness/advice"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

func TestRecommendFrom(t *testing.T) {
	dir := stored(t, resultstest.Run(resultstest.Config{Producers: []int{4, 64}, Rates: []float64{1e5, 1e6}, Reps: 8}))
	code, stdout, stderr := invoke(t, "recommend", "--from", dir, "--producers", "50", "--rate", "200k", "--consumer-cost", "5us")
	if code != exitNotDecided || strings.Count(stderr, "\n") != 1 {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	golden(t, "recommend-from.txt", stdout)

	code, stdout, _ = invoke(t, "recommend", "--from", dir, "--producers", "4", "--rate", "1M", "--json", "--memory", "1MiB")
	var answer advice.Advice
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil || code != exitSuccess {
		t.Fatalf("exit %d, %v", code, err)
	}
	if answer.Pick != "chan" || answer.Workload.Producers != 4 || answer.Workload.Rate != 1e6 || answer.Quantile != 0.99 ||
		len(answer.Candidates) != 1 || len(answer.Excluded) != 3 || answer.Candidates[0].Response == nil ||
		answer.Outcome != advice.OutcomeRecommended || answer.Candidates[0].QueueBytes == nil {
		t.Errorf("the answer is %+v", answer)
	}

	code, stdout, stderr = invoke(t, "recommend", "--from", dir, "--order", "global")
	if code != exitFailure || !strings.Contains(stdout, "Nothing meets the guarantees.") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("no strategy keeps that order: exit %d, stderr %q, stdout %s", code, stderr, stdout)
	}
}

// A closed loop is ranked by throughput, and rates of a run that has none do not
// match.
func TestRecommendFromClosedLoop(t *testing.T) {
	dir := stored(t, resultstest.Run(resultstest.Config{Producers: []int{16}, Samples: 200}))
	code, stdout, stderr := invoke(t, "recommend", "--from", dir, "--rate", "200k")
	if code != exitNotDecided || strings.Count(stderr, "\n") != 1 {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	for _, want := range []string{"--rate 200 k msg/s does not match: the run's producers send as fast as possible", "Use lanes.", "each as fast as possible"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in:\n%s", want, stdout)
		}
	}
	dir = stored(t, resultstest.Run(resultstest.Config{Producers: []int{16}, Probe: true}))
	if code, _, stderr := invoke(t, "recommend", "--from", dir); code != exitFailure || !strings.Contains(stderr, "no load to rank") {
		t.Errorf("a run of probes: exit %d, stderr %q", code, stderr)
	}
	if code, _, stderr := invoke(t, "recommend", "--from", filepath.Join(dir, "none")); code != exitFailure || strings.Count(stderr, "\n") != 1 {
		t.Errorf("no run: exit %d, stderr %q", code, stderr)
	}
}

func TestRecommendMeasures(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := invoke(t, "recommend", "--producers", "3", "--strategies", "chan", "--for", "3s", "--order", "global", "--seed", "3")
	if code != exitSuccess || !strings.Contains(stdout, "Use chan.") ||
		!strings.Contains(stdout, "strategies.NewChan[Event](strategies.Options{Capacity: 1024})") {
		t.Fatalf("exit %d, stderr %q, stdout %s", code, stderr, stdout)
	}
	run, err := results.Open(rundir.Latest())
	if err != nil || len(run.Trials) == 0 || run.Manifest.Scenario != "recommend" || run.Manifest.Seed != 3 {
		t.Errorf("the run: %v", err)
	}
	code, stdout, stderr = invoke(t, "recommend", "--from", rundir.Latest(), "--producers", "3")
	if code != exitSuccess || !strings.Contains(stdout, "Use chan.") {
		t.Errorf("from it: exit %d, stderr %q", code, stderr)
	}
}

// A strategy that loses items is said to, while the others are measured, and fails the verb.
func TestRecommendBroken(t *testing.T) {
	t.Chdir(t.TempDir())
	code, stdout, stderr := invoke(t, "recommend", "--producers", "2", "--strategies", "loses,chan", "--for", "4s", "-q")
	if code != exitFailure || !strings.Contains(stdout, "Use chan.") || !strings.Contains(stderr, "failed: loses") ||
		!strings.Contains(stderr, "measuring loses: it broke the contract") {
		t.Errorf("exit %d, stderr %q, stdout:\n%s", code, stderr, stdout)
	}
}

func TestRecommendUsage(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--rate fast", `"fast" is not a rate in messages per second, such as 5000, 200k`},
		{"--rate 0", "--rate: 0 is not in 1..1G messages per second"},
		{"--order totl", `--order: unknown order "totl" (one of none, per-producer, global)`},
		{"--loss som", `--loss: unknown loss "som" (one of none, fail, drop-newest, drop-oldest)`},
		{"--arrival burst", "--arrival needs --rate"},
		{"--rate 1k --arrival closed", "--arrival: unknown arrival"},
		{"--busy -1", "--busy: -1 is not in 0..4096"},
		{"--busy 1 --busy-kind idle", `--busy-kind: unknown kind "idle" (one of spin, alloc)`},
		{"--busy-kind alloc", "--busy-kind needs --busy above 0"},
		{"--rate 1k --send-batch 8", "--send-batch and --rate contradict each other"},
		{"--capacity 1,2", "--capacity: want one value, not several"},
		{"--sink-write batch", "--sink-write does not apply to the workload that the other flags describe"},
		{"--pause 1ms/10 --rate 1k", "--pause does not apply to the workload"},
		{"--memory lots", `"lots" is not a size`},
		{"--producers 0", "--producers: "},
		{"--strategies lnes", `--strategies: unknown strategy "lnes" (did you mean "lanes"?`},
		{"--for 1s", "--for: 1s is too short for 7 repetitions of"},
		{"--for 100h", "--for: 100h0m0s is over 1h0m0s"},
		{"--from x --for 1s", "--from measures nothing: it cannot be combined with --for"},
		{"extra", "takes flags only"},
	} {
		t.Chdir(t.TempDir())
		code, stdout, stderr := invoke(t, append([]string{"recommend"}, strings.Fields(c.args)...)...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want %q", c.args, code, stdout, stderr, c.want)
		}
	}
}

// decided is the answer of --json in what says whether there is one.
func decided(t *testing.T, dir string, args ...string) (answer advice.Advice, code int, text string) {
	t.Helper()
	args = append([]string{"recommend", "--from", dir}, args...)
	code, stdout, stderr := invoke(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil {
		t.Fatalf("%v: %v, stderr %q", args, err, stderr)
	}
	again, text, _ := invoke(t, args...)
	if again != code || (code == exitNotDecided) != (answer.Outcome == advice.OutcomeNotDecided) || (code == exitNotDecided) != (len(answer.Reasons) > 0) ||
		(code == exitNotDecided) != strings.Contains(text, "Not decided") {
		t.Errorf("%v: exit %d, %d with outcome %q for %q:\n%s", args, code, again, answer.Outcome, answer.Reasons, text)
	}
	return answer, code, text
}

// What a run says of the machine stands in the answer made from it, and a machine that
// let it see nothing is no tie.
func TestRecommendTooNoisy(t *testing.T) {
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{4}, Samples: -1, Reps: 10})
	run.Manifest.Warnings = []string{"the machine was busy to begin with (load 9 on 2 cores)"}
	for i := range run.Trials { // from a seventh to the whole of 600 k msg/s, by chance
		trial := &run.Trials[i]
		slow := []int64{1, 7, 2, 1, 6, 3, 7, 1, 4, 2}
		if trial.Cell.Strategy == "chan" {
			slow = []int64{7, 1, 6, 2, 1, 7, 1, 5, 1, 6}
		}
		trial.Measurement.ElapsedNs = trial.Measurement.Delivered * 1667 * slow[trial.Block]
	}
	answer, code, text := decided(t, stored(t, run), "--producers", "4")
	if code != exitNotDecided || answer.Pick != "" || answer.Code != "" || !slices.Contains(answer.Warnings, run.Manifest.Warnings[0]) {
		t.Errorf("exit %d, pick %q, warnings %q", code, answer.Pick, answer.Warnings)
	}
	for _, want := range []string{
		"Not decided: this machine is too noisy: the throughput of chan", "was 85.7 k msg/s to 600 k msg/s from trial to trial.",
		"Keep the machine idle", "warning: the machine was busy to begin with (load 9 on 2 cores)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "A tie") {
		t.Errorf("a tie in:\n%s", text)
	}
}
