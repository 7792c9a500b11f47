package advice

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// answerFrom answers from a run what was asked for in some parameters, and words it.
func answerFrom(t *testing.T, run *results.Run, change func(*Needs), did ...string) (answer *Advice, text string) {
	t.Helper()
	n := lossless()
	change(&n)
	answer, err := mustAsk(n).From(run, results.Summarize(run), Asked{
		Can: func(name string) bool {
			return slices.ContainsFunc(scenario.Asked(), func(p results.Parameter) bool { return p.Name == name })
		},
		Did: func(name string) bool { return slices.Contains(did, name) },
	})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := answer.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	open := answer.Outcome == OutcomeNotDecided
	if open != errors.Is(answer.Err(), compare.ErrNotDecided) || open != (len(answer.Reasons) > 0) || open != strings.Contains(out.String(), "Not decided") {
		t.Errorf("outcome %q, error %v, reasons %q:\n%s", answer.Outcome, answer.Err(), answer.Reasons, out.String())
	}
	return answer, out.String()
}

func four(n *Needs) { n.Producers = 4 }

// Too few repetitions, and candidates that were not measured, decide nothing.
func TestTooFew(t *testing.T) {
	t.Parallel()
	answer, _ := answerFrom(t, resultstest.Run(resultstest.Config{Producers: []int{4}, Samples: -1, Reps: 3}), four, "producers")
	if answer.Outcome != OutcomeNotDecided || !strings.Contains(answer.Reasons[0], "the run has 3 repetitions, and fewer than 6 show no difference") {
		t.Errorf("three repetitions: %s for %q", answer.Outcome, answer.Reasons)
	}
	run := resultstest.Run(resultstest.Config{Producers: []int{4}, Samples: -1})
	run.Trials = slices.DeleteFunc(run.Trials, func(x results.Trial) bool { return x.Cell.Strategy == "lanes" })
	answer, _ = answerFrom(t, run, four, "producers")
	if answer.Outcome != OutcomeNotDecided || answer.Pick != "" || answer.Reasons[0] != "1 candidate not measured" {
		t.Errorf("lanes is missing: %s, pick %q for %q", answer.Outcome, answer.Pick, answer.Reasons)
	}
	few := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{4}, Rates: []float64{1e5}, Reps: 3})
	answer, _ = answerFrom(t, few, func(n *Needs) { n.Producers, n.Rate = 4, 1e5 }, "producers", "rate")
	if answer.Outcome != OutcomeNotDecided || !strings.Contains(answer.Reasons[0], "this run does not show whether it sustains 100 k msg/s") {
		t.Errorf("three repetitions of one strategy at a rate: %s for %q", answer.Outcome, answer.Reasons)
	}
}

// A run of another workload answers for that, and says so.
func TestFromOtherWorkload(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config resultstest.Config
		want   string
	}{
		"stages":   {resultstest.Config{Stages: threeStages}, "the run has --stages 10ms+50ms+20ms, which was not asked for"},
		"overload": {resultstest.Config{Rates: []float64{1e5}, Overload: 4}, "the run has --overload 4, which was not asked for"},
		"stall":    {resultstest.Config{Rates: []float64{1e5}, Stall: true}, "the run has --stall 50ms-per-500ms, which was not asked for"},
	} {
		c := test.config
		c.Strategies, c.Producers, c.Reps = 3, []int{4}, 8
		answer, text := answerFrom(t, resultstest.Run(c), four, "producers")
		if answer.Outcome != OutcomeNotDecided || !slices.Contains(answer.Reasons, test.want) || !strings.Contains(text, test.want) {
			t.Errorf("%s: %s for %q", name, answer.Outcome, answer.Reasons)
		}
	}
	run := resultstest.Run(resultstest.Config{Producers: []int{1, 64}, Samples: -1})
	answer, _ := answerFrom(t, run, func(*Needs) {}, "producers")
	if answer.Outcome != OutcomeNotDecided || answer.Workload.Producers != 64 || answer.Reasons[0] != "--producers 16 does not match: the run has 64" {
		t.Errorf("other producers: %s, %+v for %q", answer.Outcome, answer.Workload, answer.Reasons)
	}
	// What was left to its default is said, and is no reason against the answer.
	answer, _ = answerFrom(t, run, func(*Needs) {})
	if answer.Outcome != OutcomeRecommended || answer.Workload.Producers != 64 ||
		!slices.Contains(answer.Notes, "the run has --producers 64, which was not asked for") {
		t.Errorf("default producers: %s, %+v, notes %q", answer.Outcome, answer.Workload, answer.Notes)
	}
}

// What is answered from a run is answered from cells with the same neighbours, or
// says that they are others.
func TestFromBusy(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{
		Producers: []int{4}, Rates: []float64{8e4}, Closed: true, Reps: 8, Samples: 2000,
		Companies: []resultstest.Company{{}, {Busy: 4}, {Busy: 2, Kind: results.BusyAlloc}},
	})
	for name, test := range map[string]struct {
		rate             float64
		neighbours       int    // asked for
		kind             string // asked for
		busy             int
		there            string
		says, not        []string
		times, concluded string
	}{
		"none": {8e4, 0, "", 0, "", []string{"RESPONSE p99", "CPU/ITEM"}, []string{"neighbours get done", "the run has --busy"}, "response", OutcomeRecommended},
		"four": {
			8e4, 4, "", 4, "",
			[]string{"beside 4 busy neighbours", "TRANSIT p99", "NEIGHBOURS"},
			[]string{"does not match", "CPU/ITEM", "not asked for"},
			"transit", OutcomeRecommended,
		},
		"two that allocate": {8e4, 2, results.BusyAlloc, 2, results.BusyAlloc, []string{"of kind alloc"}, []string{"does not match"}, "transit", OutcomeRecommended},
		"three":             {0, 3, "", 4, "", []string{"--busy 3 does not match: the run has 4"}, []string{"busy 4, which"}, "", OutcomeNotDecided},
		"two that spin":     {0, 2, "", 2, results.BusyAlloc, []string{"--busy-kind spin does not match: the run has alloc"}, nil, "", OutcomeNotDecided},
	} {
		did := []string{"producers"}
		if test.rate > 0 {
			did = append(did, "rate")
		}
		if test.neighbours > 0 {
			did = append(did, "busy")
		}
		if test.kind != "" {
			did = append(did, "busy-kind")
		}
		answer, text := answerFrom(t, run, func(n *Needs) {
			n.Producers, n.Rate, n.Busy = 4, test.rate, test.neighbours
			n.BusyKind = test.kind
		}, did...)
		if w := answer.Workload; w.Busy != test.busy || w.BusyKind != test.there || answer.Times != test.times || answer.Outcome != test.concluded {
			t.Errorf("%s: answered for %+v by %q: %s", name, w, answer.Times, answer.Outcome)
		}
		for _, x := range answer.Candidates {
			if (x.Neighbours != nil) != (test.busy > 0) || (x.Transit != nil) != (test.times == "transit") {
				t.Errorf("%s: candidate %+v", name, x)
			}
		}
		for _, want := range test.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in:\n%s", name, want, text)
			}
		}
		for _, not := range test.not {
			if strings.Contains(text, not) {
				t.Errorf("%s: %q in:\n%s", name, not, text)
			}
		}
	}
}

// A run that has only been made beside neighbours says so to who did not ask for them.
func TestFromUnaskedBusy(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Producers: []int{4}, Reps: 8, Samples: 200, Companies: []resultstest.Company{{Busy: 4}}})
	answer, text := answerFrom(t, run, four, "producers")
	if answer.Outcome != OutcomeRecommended || !strings.Contains(text, "the run has --busy 4, which was not asked for") {
		t.Errorf("%s:\n%s", answer.Outcome, text)
	}
}

// No field of a cell is forgotten: a run that differs in any from what is asked is another
// workload. Only what a strategy chooses, and the length of trials, may differ.
func TestQuestionNoticesEveryField(t *testing.T) {
	t.Parallel()
	set := func(v reflect.Value, n int) {
		switch v.Kind() {
		case reflect.String:
			v.SetString(strings.Repeat("x", n))
		case reflect.Float64:
			v.SetFloat(float64(n))
		case reflect.Struct:
			v.Set(reflect.ValueOf(results.NewStages(make([]time.Duration, n)...)))
		default:
			v.SetInt(int64(n) * int64(time.Second))
		}
	}
	var asked results.Cell
	fields := reflect.ValueOf(&asked).Elem()
	for i := range fields.NumField() {
		set(fields.Field(i), 1)
	}
	asked.PayloadMix = "" // it says what Payload is
	noticed := 0
	for i := range fields.NumField() {
		other := asked
		set(reflect.ValueOf(&other).Elem().Field(i), 2)
		if conditions(other) == conditions(asked) {
			continue
		}
		noticed++
		for _, can := range []bool{true, false} {
			is := func(string) bool { return can }
			q := match{mustAsk(lossless()), asked, Asked{Can: is, Did: is}}
			if got := q.mismatches([]results.Cell{other}); len(got) == 0 || q.distance(other) <= q.distance(asked) {
				t.Errorf("another %s is not noticed", fields.Type().Field(i).Name)
			}
		}
	}
	if noticed < 25 {
		t.Errorf("%d fields were tried", noticed)
	}
}

// The floor is no choice, and what is wrong with a parameter names it.
func TestFromWrong(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Producers: []int{4}, Samples: 200})
	for name, names := range map[string][]string{"the floor": {"null"}, "unknown": {"nul"}} {
		n := lossless()
		n.Strategies = names
		q, err := Ask(n, strategies.All())
		if err == nil {
			_, err = q.From(run, results.Summarize(run), Asked{Can: always, Did: always})
		}
		var field *results.FieldError
		if !errors.As(err, &field) || field.Field != "strategies" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func always(string) bool { return true }

// threeStages are those of a pipeline.
var threeStages = []time.Duration{10 * time.Millisecond, 50 * time.Millisecond, 20 * time.Millisecond}
