package cmd

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// besideFour is a run of which some cells have neighbours, of either kind.
func besideFour(t *testing.T) string {
	t.Helper()
	return stored(t, resultstest.Run(resultstest.Config{
		Producers: []int{4}, Rates: []float64{8e4}, Closed: true, Reps: 8, Samples: 2000,
		Companies: []resultstest.Company{{}, {Busy: 4}, {Busy: 2, Kind: results.BusyAlloc}},
	}))
}

// What is answered from a run is answered from cells with the same neighbours, or
// says that they are others.
func TestRecommendFromBusy(t *testing.T) {
	dir := besideFour(t)
	for _, test := range []struct {
		args       string
		busy       int
		kind       string
		says, not  []string
		timesGiven string
		code       int
	}{
		{"--rate 80k", 0, "", []string{"RESPONSE p99", "CPU/ITEM"}, []string{"neighbours get done", "the run has --busy"}, "response", exitSuccess},
		{
			"--rate 80k --busy 4", 4, "",
			[]string{"beside 4 busy neighbours", "TRANSIT p99", "NEIGHBOURS"},
			[]string{"does not match", "CPU/ITEM", "not asked for"},
			"transit", exitSuccess,
		},
		{"--rate 80k --busy 2 --busy-kind alloc", 2, results.BusyAlloc, []string{"of kind alloc"}, []string{"does not match"}, "transit", exitSuccess},
		{"--busy 3", 4, "", []string{"--busy 3 does not match: the run has 4"}, []string{"busy 4, which"}, "", exitNotDecided},
		{"--busy 2", 2, results.BusyAlloc, []string{"--busy-kind spin does not match: the run has alloc"}, nil, "", exitNotDecided},
	} {
		args := append([]string{"recommend", "--from", dir, "--producers", "4"}, strings.Fields(test.args)...)
		code, stdout, stderr := invoke(t, append(args, "--json")...)
		var answer advice
		if err := json.Unmarshal([]byte(stdout), &answer); err != nil || code != test.code {
			t.Fatalf("%s: exit %d, %v, stderr %q", test.args, code, err, stderr)
		}
		if w := answer.Workload; w.Busy != test.busy || w.BusyKind != test.kind || answer.Times != test.timesGiven {
			t.Errorf("%s: answered for %+v by %q", test.args, w, answer.Times)
		}
		for _, x := range answer.Candidates {
			if (x.Neighbours != nil) != (test.busy > 0) || (x.Transit != nil) != (test.timesGiven == "transit") {
				t.Errorf("%s: candidate %+v", test.args, x)
			}
		}
		_, stdout, _ = invoke(t, args...)
		for _, want := range test.says {
			if !strings.Contains(stdout, want) {
				t.Errorf("%s: no %q in:\n%s", test.args, want, stdout)
			}
		}
		for _, not := range test.not {
			if strings.Contains(stdout, not) {
				t.Errorf("%s: %q in:\n%s", test.args, not, stdout)
			}
		}
	}
}

// A run that has only been made beside neighbours says so to who did not ask for them.
func TestRecommendFromUnaskedBusy(t *testing.T) {
	dir := stored(t, resultstest.Run(resultstest.Config{Producers: []int{4}, Reps: 8, Samples: 200, Companies: []resultstest.Company{{Busy: 4}}}))
	code, stdout, stderr := invoke(t, "recommend", "--from", dir, "--producers", "4")
	if code != exitSuccess || !strings.Contains(stdout, "the run has --busy 4, which was not asked for") {
		t.Errorf("exit %d, stderr %q, stdout:\n%s", code, stderr, stdout)
	}
}

// Who wins at the cost of the neighbours does so with a note.
func TestRecommendNotesStarved(t *testing.T) {
	share := func(v float64) *results.Interval { return &results.Interval{Median: v} }
	for name, test := range map[string]struct {
		pick, other float64
		noted       bool
	}{"starved": {0.2, 0.6, true}, "about the same": {0.55, 0.6, false}, "more left": {0.6, 0.2, false}} {
		a := &advice{Pick: "fast", Candidates: []candidate{
			{Name: "fast", Place: 1, Neighbours: share(test.pick)}, {Name: "slow", Place: 2, Neighbours: share(test.other)},
		}}
		a.noteNeighbours()
		if noted := len(a.Notes) > 0; noted != test.noted || noted && !strings.Contains(a.Notes[0], "beside fast they get done 0.200") {
			t.Errorf("%s: notes %q", name, a.Notes)
		}
	}
}

// Measuring beside neighbours is measuring cells that have them.
func TestRecommendBusyPlan(t *testing.T) {
	n := lossless()
	n.producers, n.payload, n.sendBatch, n.busy, n.busyKind = 4, 8, 1, 4, results.BusyAlloc
	if err := n.check(); err != nil {
		t.Fatal(err)
	}
	f := recommendFlags{needs: n, budget: 10 * time.Minute}
	cells, _, err := n.candidates(known())
	if err != nil {
		t.Fatal(err)
	}
	_, plan, err := f.plan(known(), cells)
	if err != nil || len(plan.Cells) == 0 {
		t.Fatalf("plan %v, %v", plan, err)
	}
	for _, c := range plan.Cells {
		if c.Busy != 4 || c.BusyKind != results.BusyAlloc {
			t.Errorf("cell %s; want 4 neighbours that allocate", c)
		}
	}
}
