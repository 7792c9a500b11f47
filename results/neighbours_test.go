package results_test

import (
	"bytes"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// busy has loads of both kinds beside neighbours of both kinds, and without any.
func busy() *results.Run {
	return resultstest.Run(resultstest.Config{
		Strategies: 3, Producers: []int{4}, Reps: 6, Samples: 500, Rates: []float64{8e4}, Closed: true,
		Companies: []resultstest.Company{{}, {Busy: 2}, {Busy: 8}, {Busy: 2, Kind: results.BusyAlloc}},
	})
}

// What neighbours got done is a share of what they do alone, where there are some.
func TestNeighbourShare(t *testing.T) {
	t.Parallel()
	run := busy()
	for i := range run.Trials {
		if n := run.Trials[i].Measurement.Neighbours; n != nil {
			*n = results.Neighbours{Alone: results.Work{Units: 200, ElapsedNs: 10}, Beside: results.Work{Units: 150, ElapsedNs: 30}}
		}
	}
	for _, c := range results.Summarize(run).Cells {
		got := fields(t, &c)
		for field, want := range map[string]bool{"neighbour_share": c.Busy > 0, "busy": c.Busy > 0, "busy_kind": c.BusyKind != ""} {
			if _, has := got[field]; has != want {
				t.Errorf("%s: %s is there: %t", c.Cell, field, has)
			}
		}
		if c.Busy > 0 && math.Abs(c.Interval(results.NeighbourShare).Median-0.25) > 1e-9 {
			t.Errorf("%s: a share of %v; want a quarter", c.Cell, c.Interval(results.NeighbourShare).Median)
		}
		// Their time, and what they allocate, cannot be told from the fan-in's.
		if (c.Number(results.CPUPerMsg) != nil) != (c.Busy == 0 && c.IsOpen()) || (c.Number(results.AllocsPerMsg) != nil) != (c.BusyKind == "") {
			t.Errorf("%s: CPU time %v, allocations %v", c.Cell, c.Number(results.CPUPerMsg), c.Number(results.AllocsPerMsg))
		}
	}
}

// A trial whose neighbours were not there, or not to be there, is none of its cell.
func TestSuits(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*results.Trial){
		"the cell has busy 2, and the measurement does not say": func(trial *results.Trial) { trial.Measurement.Neighbours = nil },
		"the measurement has neighbours, and the cell has none": func(trial *results.Trial) { trial.Cell.Busy = 0 },
	} {
		run := busy()
		for _, trial := range run.Trials {
			if trial.Cell.Busy != 2 || trial.Cell.BusyKind != "" {
				continue
			}
			w, err := results.Create(filepath.Join(t.TempDir(), "run"), run.Manifest)
			if err != nil {
				t.Fatal(err)
			}
			measurement := *trial.Measurement
			trial.Measurement = &measurement
			change(&trial)
			resultstest.WantError(t, w.Append(trial), want)
			break
		}
	}
}

// Where neighbours vary they are the columns, and rows name the rest.
func TestNeighbourSheets(t *testing.T) {
	t.Parallel()
	s := results.Summarize(busy())
	for _, table := range results.Tables() {
		sheet := s.Sheet(table)
		if sheet == nil {
			continue
		}
		want := "no neighbours|2 busy|8 busy|2 busy, alloc"
		if table.Title == "Work of the neighbours" {
			want = "2 busy|8 busy|2 busy, alloc"
		}
		if got := strings.Join(sheet.Columns, "|"); got != want {
			t.Errorf("%s has columns %q; want %q", table.Title, got, want)
		}
		for _, row := range sheet.Rows {
			if strings.Contains(row.Label, "busy") {
				t.Errorf("%s: row %q names what the columns tell", table.Title, row.Label)
			}
		}
	}
	for title, want := range map[string]bool{"Transit time at a rate, p50 / p99": true, "Work of the neighbours": true} {
		for of, s := range map[string]*results.Summary{"busy": s, "open": results.Summarize(open())} {
			for _, table := range results.Tables() {
				if there := s.Sheet(table) != nil; table.Title == title && there != (want && of == "busy") {
					t.Errorf("%s of the run %q: %t", title, of, there)
				}
			}
		}
	}
}

// A run with neighbours reads back as it was written, by every name of its own.
func TestNeighboursRoundTrip(t *testing.T) {
	t.Parallel()
	run := busy()
	got, err := results.Open(resultstest.Write(t, run))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Manifest.Cells, run.Manifest.Cells) {
		t.Errorf("cells %v; want %v", got.Manifest.Cells, run.Manifest.Cells)
	}
	for i, trial := range got.Trials {
		if !reflect.DeepEqual(trial.Measurement.Neighbours, run.Trials[i].Measurement.Neighbours) {
			t.Errorf("trial %d: neighbours %+v; want %+v", i, trial.Measurement.Neighbours, run.Trials[i].Measurement.Neighbours)
		}
	}
	var bench bytes.Buffer
	if err := results.WriteBench(&bench, got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/busy=2/", "/busy=8/", "/busy=2/busy-kind=alloc"} {
		if !strings.Contains(strings.ReplaceAll(bench.String(), " ", "/"), name) {
			t.Errorf("no benchmark is called %s", name)
		}
	}
}

// A file that claims neighbours which cannot be is refused with the field's name.
func TestHostileNeighbours(t *testing.T) {
	t.Parallel()
	manifest, _ := resultstest.Texts(t, busy())
	for _, value := range []string{"-1", "1e300", `"two"`, "99999999999"} {
		hostile := bytes.Replace(manifest, []byte(`"busy":2`), []byte(`"busy":`+value), 1)
		if bytes.Equal(hostile, manifest) {
			t.Fatalf("the manifest has no busy cell:\n%.2000s", manifest)
		}
		if _, err := results.ReadManifest(bytes.NewReader(hostile)); err == nil || !strings.Contains(err.Error(), "busy") {
			t.Errorf("busy %s: error %v; want one that names it", value, err)
		}
	}
}
