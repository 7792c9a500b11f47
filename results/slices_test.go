package results_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
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
		for _, q := range []*results.Quantity{results.Throughput, results.NsPerMsg} {
			if in := q.Sample(got.Trials[i : i+1])[0]; len(in.Turns.Values) != 40 || in.Turns.Sitting != turns.Sitting {
				t.Errorf("trial %d: %s in turns %+v", i, q.Title, in.Turns)
			}
		}
		sittings[turns.Sitting] = true
	}
	if len(sittings) != 2 {
		t.Errorf("sittings %v; want one for each number of producers", sittings)
	}
}

// A speed-up is of turns where both took them, so that what disturbs turns of the whole
// sitting does not widen its interval.
func TestSpeedupOfTurns(t *testing.T) {
	t.Parallel()
	run := sliced()
	for i := range run.Trials { // the strategies differ by a fixed factor, and every other turn is disturbed
		trial := &run.Trials[i]
		n := int64(40)
		turns := make([]int64, n)
		for turn := range turns {
			turns[turn] = int64(1000+900*(turn%2)*(1+trial.Block%3)) * int64(1+run.Manifest.Strategy(trial.Cell.Strategy).Index)
		}
		m := trial.Measurement
		m.Slices = results.NewSlices(m.Slices.Sitting, slices.Repeat([]int64{50}, int(n)), turns)
		m.Attempted, m.Delivered, m.ElapsedNs = 50*n, 50*n, 0
		for _, ns := range turns {
			m.ElapsedNs += ns
		}
	}
	s := results.Summarize(run)
	unbounded := resultstest.Pick(t, s, func(c results.Cell) bool { return c.Strategy == "chan-unbounded" })
	if i := unbounded.Interval(run.Manifest.Speedup()); math.Abs(i.Median-2.0/3) > 1e-9 || *i.Hi-*i.Lo > 1e-9 {
		t.Errorf("a speed-up of %v (%v to %v); want exactly 2/3", i.Median, *i.Lo, *i.Hi)
	}
	if h := unbounded.Humps; h == nil || h.Of != results.HumpsOfSlices || h.Share != 0.5 || h.HighNs < 1.5*h.LowNs {
		t.Errorf("humps %+v; want two, of slices", h)
	}
	var page bytes.Buffer
	if err := results.WriteMarkdown(&page, run, s); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| chan-unbounded | 0.667 ±0 % ‡ |", "two humps: 50 % of slices take about "} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, &page)
		}
	}
}

// Every slice is a row of an export, with the cell and the turn that it is of.
func TestExportsSlices(t *testing.T) {
	t.Parallel()
	run := sliced()
	rows, err := csv.NewReader(bytes.NewReader(export(t, run, "slices", results.Choice{Strategies: []string{"chan"}}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := 1 + 2*6*40; len(rows) != want {
		t.Fatalf("%d rows; want %d", len(rows), want)
	}
	at := func(name string) int { return slices.Index(rows[0], name) }
	last := map[string]int64{}
	for _, row := range rows[1:] {
		ns, err := strconv.ParseInt(row[at("elapsed_ns")], 10, 64)
		if row[at("strategy")] != "chan" || !strings.HasPrefix(row[at("sitting")], "sitting-") || err != nil || row[at("messages")] == "" {
			t.Fatalf("row %q", row)
		}
		last[row[at("producers")]+" "+row[at("block")]+" "+row[at("turn")]] = ns
	}
	for _, trial := range run.Trials {
		if trial.Cell.Strategy == "chan" {
			key := fmt.Sprint(trial.Cell.Producers, trial.Block, 7)
			if want := trial.Measurement.Slices.ElapsedNs.Values()[7]; last[key] != want {
				t.Errorf("turn 7 of %s took %d; want %d", key, last[key], want)
			}
		}
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
	for _, text := range []string{
		`7`, `[1]`, `{"sitting":7}`, `{"messages":{}}`, `{"messages":[1e30]}`, `{"messages":["a"]}`, `{}`,
		`{"sitting":"a","messages":[1],"elapsed_ns":[null]}`,
	} {
		hostile := slices.Concat(trials[:at], []byte(`"slices":`+text+`,"slices_before":`), trials[at+len(`"slices":`):])
		_, err := resultstest.Open(t, manifest, hostile)
		resultstest.WantError(t, err, "trials.ndjson:1: ")
	}
}
