package cmd

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// decided is the answer of --json in what says whether there is one.
func decided(t *testing.T, dir string, args ...string) (answer advice, code int, text string) {
	t.Helper()
	args = append([]string{"recommend", "--from", dir}, args...)
	code, stdout, stderr := invoke(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil {
		t.Fatalf("%v: %v, stderr %q", args, err, stderr)
	}
	again, text, _ := invoke(t, args...)
	if again != code || (code == exitNotDecided) != (answer.Outcome == outcomeNotDecided) || (code == exitNotDecided) != (len(answer.Reasons) > 0) ||
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
		"Leave the machine alone", "warning: the machine was busy to begin with (load 9 on 2 cores)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "A tie") {
		t.Errorf("a tie in:\n%s", text)
	}
}

// Too few repetitions, and candidates that were not measured, decide nothing.
func TestRecommendTooFew(t *testing.T) {
	answer, code, _ := decided(t, stored(t, resultstest.Run(resultstest.Config{Producers: []int{4}, Samples: -1, Reps: 3})), "--producers", "4")
	if code != exitNotDecided || !strings.Contains(answer.Reasons[0], "3 repetitions were measured, and fewer than 6 tell nothing apart") {
		t.Errorf("three repetitions: exit %d for %q", code, answer.Reasons)
	}
	run := resultstest.Run(resultstest.Config{Producers: []int{4}, Samples: -1})
	run.Trials = slices.DeleteFunc(run.Trials, func(x results.Trial) bool { return x.Cell.Strategy == "lanes" })
	answer, code, _ = decided(t, stored(t, run), "--producers", "4")
	if code != exitNotDecided || answer.Pick != "" || answer.Reasons[0] != "1 candidate not measured" {
		t.Errorf("lanes is missing: exit %d, pick %q for %q", code, answer.Pick, answer.Reasons)
	}
	few := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{4}, Rates: []float64{1e5}, Reps: 3})
	if answer, code, _ = decided(t, stored(t, few), "--producers", "4", "--rate", "100k"); code != exitNotDecided ||
		!strings.Contains(answer.Reasons[0], "this run cannot tell whether it sustains 100 k msg/s") {
		t.Errorf("three repetitions of one strategy at a rate: exit %d for %q", code, answer.Reasons)
	}
}

// A run of another workload answers for that, and says so.
func TestRecommendFromOtherWorkload(t *testing.T) {
	for name, test := range map[string]struct {
		config resultstest.Config
		want   string
	}{
		"stages":   {resultstest.Config{Stages: "10ms+50ms+20ms"}, "the run has --stages 10ms+50ms+20ms, which was not asked for"},
		"overload": {resultstest.Config{Rates: []float64{1e5}, Overload: 4}, "the run has --overload 4, which was not asked for"},
		"stall":    {resultstest.Config{Rates: []float64{1e5}, Stall: true}, "the run has --stall 50ms-per-500ms, which was not asked for"},
	} {
		c := test.config
		c.Strategies, c.Producers, c.Reps = 3, []int{4}, 8
		answer, code, text := decided(t, stored(t, resultstest.Run(c)), "--producers", "4")
		if code != exitNotDecided || !slices.Contains(answer.Reasons, test.want) || !strings.Contains(text, test.want) {
			t.Errorf("%s: exit %d for %q", name, code, answer.Reasons)
		}
	}
	dir := stored(t, resultstest.Run(resultstest.Config{Producers: []int{1, 64}, Samples: -1}))
	answer, code, _ := decided(t, dir, "--producers", "16")
	if code != exitNotDecided || answer.Workload.Producers != 64 || answer.Reasons[0] != "--producers 16 does not match: the run has 64" {
		t.Errorf("other producers: exit %d, %+v for %q", code, answer.Workload, answer.Reasons)
	}
	// What was left to its default is said, and is no reason against the answer.
	if answer, code, _ = decided(t, dir); code != exitSuccess || answer.Workload.Producers != 64 ||
		!slices.Contains(answer.Notes, "the run has --producers 64, which was not asked for") {
		t.Errorf("default producers: exit %d, %+v, notes %q", code, answer.Workload, answer.Notes)
	}
}

// No field of a cell is forgotten: a run that differs in any from what is asked is another
// workload. Only what a strategy chooses, and the length of trials, may differ.
func TestQuestionNoticesEveryField(t *testing.T) {
	flags := (&app{}).recommendCommand().Flags()
	set := func(v reflect.Value, n int) {
		switch v.Kind() {
		case reflect.String:
			v.SetString(strings.Repeat("x", n))
		case reflect.Float64:
			v.SetFloat(float64(n))
		default:
			v.SetInt(int64(n) * int64(time.Second))
		}
	}
	var asked results.Cell
	fields := reflect.ValueOf(&asked).Elem()
	for i := range fields.NumField() {
		set(fields.Field(i), 1)
	}
	noticed := 0
	for i := range fields.NumField() {
		other := asked
		set(reflect.ValueOf(&other).Elem().Field(i), 2)
		if conditions(other) == conditions(asked) {
			continue
		}
		noticed++
		q := question{lossless(), asked, flags}
		if got := q.mismatches([]results.Cell{other}); len(got) == 0 || q.distance(other) <= q.distance(asked) {
			t.Errorf("another %s is not noticed", fields.Type().Field(i).Name)
		}
	}
	if noticed < 25 {
		t.Errorf("%d fields were tried", noticed)
	}
}

// More time is more repetitions, once trials are long enough.
func TestRecommendPlanUsesTheTime(t *testing.T) {
	f := recommendFlags{needs: lossless(), budget: 80 * time.Second}
	f.needs.producers, f.needs.payload, f.needs.sendBatch = 4, 8, 1
	cells, _, err := f.needs.candidates(known())
	if err != nil {
		t.Fatal(err)
	}
	_, short, err := f.plan(known(), cells)
	if err != nil {
		t.Fatal(err)
	}
	f.budget = 5 * time.Minute
	scenario, long, err := f.plan(known(), cells)
	if err != nil || long.Reps <= short.Reps || long.Reps > mostReps || time.Duration(scenario.Duration) > harness.DefaultOffer {
		t.Errorf("%d repetitions of %v in five minutes, %d in 80 s: %v", long.Reps, time.Duration(scenario.Duration), short.Reps, err)
	}
}
