package results_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// sliced has closed loops that took turns, two sittings a block.
func sliced() *results.Run {
	return resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1, 16}, Reps: 6, Samples: -1, Turns: 40})
}

// A run with slices reads back as it was written, and the slices are all of a trial.
func TestSlicesRoundTrip(t *testing.T) {
	t.Parallel()
	run := sliced()
	got, err := results.Open(resultstest.Write(t, run))
	if err != nil {
		t.Fatal(err)
	}
	sittings := map[string]bool{}
	for i, trial := range got.Trials {
		turns := trial.Measurement.Slices
		if want := run.Trials[i].Measurement.Slices; turns == nil || !reflect.DeepEqual(turns, want) {
			t.Errorf("trial %d: slices %+v; want %+v", i, turns, want)
			continue
		}
		if ns := turns.NsPerMsg(); len(ns) != 40 || ns[0] <= 0 {
			t.Errorf("trial %d: times per message %v", i, ns)
		}
		sittings[turns.Sitting] = true
	}
	if len(sittings) != 2 {
		t.Errorf("sittings %v; want one for each number of producers", sittings)
	}
}

// Slices that cannot be, or that are not the whole trial, are refused in a line.
func TestRefusesImpossibleSlices(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", results.MaxNameBytes)
	for want, turns := range map[string]*results.Slices{
		"number of slices 0 is outside 1..":                               results.NewSlices("a", nil, nil),
		"number of slices 10001 is outside 1..10000":                      results.NewSlices("a", make([]int64, 10_001), nil),
		"2 slices have messages and 1 have times":                         results.NewSlices("a", []int64{50, 50}, []int64{100}),
		"messages of slice 1 with 0 is outside 1..50":                     results.NewSlices("a", []int64{50, 0}, []int64{50, 50}),
		"messages of slice 0 with -9223372036854775808 is outside 1..100": results.NewSlices("a", []int64{-1 << 63, 50}, []int64{50, 50}),
		"elapsed_ns of slice 1 with 9223372036854775807 is outside 1..50": results.NewSlices("a", []int64{50, 50}, []int64{50, 1<<63 - 1}),
		"elapsed_ns of slice 2 with 1 is outside 1..1":                    results.NewSlices("a", []int64{50, 49, 1}, []int64{50, 50, 1}),
		"messages of the slices: they lack 20 of the 100 measured":        results.NewSlices("a", []int64{50, 30}, []int64{50, 50}),
		"elapsed_ns of the slices: they lack 1 of the 100 measured":       results.NewSlices("a", []int64{50, 50}, []int64{50, 49}),
		`sitting "a b" may hold letters, digits`:                          results.NewSlices("a b", []int64{100}, []int64{100}),
		`sitting "` + long + `" must have 1 to 64 characters`:             results.NewSlices(long+"x", []int64{100}, []int64{100}),
	} {
		m := &results.Measurement{ElapsedNs: 100, Attempted: 100, Delivered: 100, Slices: turns}
		resultstest.WantError(t, m.Validate(), want)
	}
	alone := &results.Measurement{ElapsedNs: 100, Attempted: 100, Delivered: 100, Slices: results.NewSlices("", []int64{99, 1}, []int64{1, 99})}
	if err := alone.Validate(); err != nil {
		t.Errorf("slices of a trial that was alone: %v", err)
	}
	resultstest.WantError(t, alone.Suits(results.Cell{Kind: results.KindSearch}), "has slices, and a search takes no turns")
}

// A file whose slices are not lists of numbers is refused with its line.
func TestHostileSlices(t *testing.T) {
	t.Parallel()
	manifest, trials := resultstest.Texts(t, sliced())
	at := bytes.Index(trials, []byte(`"slices":`))
	for _, text := range []string{`7`, `[1]`, `{"sitting":7}`, `{"messages":{}}`, `{"messages":[1e30]}`, `{"messages":["a"]}`, `{}`, `{"sitting":"a","messages":[1],"elapsed_ns":[null]}`} {
		hostile := slices.Concat(trials[:at], []byte(`"slices":`+text+`,"slices_before":`), trials[at+len(`"slices":`):])
		_, err := resultstest.Open(t, manifest, hostile)
		resultstest.WantError(t, err, "trials.ndjson:1: ")
	}
}
