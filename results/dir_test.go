package results_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

func small() *results.Run {
	return resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{1, 4}, Reps: 2, Samples: 50})
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	run := small()
	got, err := results.Open(resultstest.Write(t, run))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Warnings) != 0 || got.Missing() != 0 || got.Manifest.Finished == nil {
		t.Errorf("warnings %q, missing %d, finished %v", got.Warnings, got.Missing(), got.Manifest.Finished)
	}
	want, have := results.Summarize(run), results.Summarize(got)
	for i := range want.Cells {
		w, h := want.Cells[i], have.Cells[i]
		if was := w.Histogram(results.Transit); was != nil && !was.Equals(h.Histogram(results.Transit)) {
			t.Errorf("histogram of %s changed", w.Cell)
		}
		if was, is := fields(t, &w), fields(t, &h); !reflect.DeepEqual(was, is) {
			t.Errorf("cell changed from %+v to %+v", was, is)
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	m := small().Manifest
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "keep"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := results.Create(dir, m)
	resultstest.WantError(t, err, dir, "not empty", "--resume", "--out")
	_, err = results.Create(filepath.Join(dir, "keep", "run"), m)
	resultstest.WantError(t, err, "keep", "creating the run directory")
	m.Cells = nil
	_, err = results.Create(filepath.Join(dir, "new"), m)
	resultstest.WantError(t, err, "number of cells")
}

func TestAppendOnFullDisk(t *testing.T) {
	t.Parallel()
	run := small()
	for _, room := range []int{0, 1, 100} {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			w, err := results.Create(dir, run.Manifest)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if err := w.Append(run.Trials[0]); err != nil {
				t.Fatal(err)
			}
			makeRoom := w.FailAfter(room, syscall.ENOSPC)
			err = w.Append(run.Trials[1])
			resultstest.WantError(t, err, results.TrialsFile, syscall.ENOSPC.Error())
			if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("%v does not wrap ENOSPC", err)
			}
			makeRoom()
			if err := w.Append(run.Trials[2]); err != nil {
				t.Fatal(err)
			}
			got, err := results.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Trials) != 2 || len(got.Warnings) != 0 {
				t.Errorf("%d trials, warnings %q; want 2 and none", len(got.Trials), got.Warnings)
			}
		})
	}
}

func TestAppendRefuses(t *testing.T) {
	t.Parallel()
	run := small()
	w, err := results.Create(filepath.Join(t.TempDir(), "run"), run.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Append(run.Trials[0]); err != nil {
		t.Fatal(err)
	}
	resultstest.WantError(t, w.Append(run.Trials[0]), "repeats block 0")
	resultstest.WantError(t, w.Append(results.Trial{Cell: run.Trials[0].Cell, Block: 1}), "neither")
}

// TestTornLine cuts trials.ndjson at places of its last line: everything
// before stays, and a resumed run ends as if it had never been cut.
func TestTornLine(t *testing.T) {
	t.Parallel()
	run := small()
	dir := resultstest.Write(t, run)
	name := filepath.Join(dir, results.TrialsFile)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	n := len(run.Trials)
	start := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	cuts := []int{start, start + 1, len(whole) - 2, len(whole) - 1, len(whole)}
	for cut := start + 2; cut < len(whole); cut += 97 {
		cuts = append(cuts, cut)
	}
	for _, cut := range cuts {
		if err := os.WriteFile(name, whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		kept, warned := n-1, 1
		switch {
		case cut == start:
			warned = 0 // ended between two lines
		case cut >= len(whole)-1:
			kept, warned = n, 0 // at most the line feed is missing
		}
		got, err := results.Open(dir)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if len(got.Trials) != kept || len(got.Warnings) != warned {
			t.Fatalf("cut at %d: %d trials, warnings %q; want %d and %d", cut, len(got.Trials), got.Warnings, kept, warned)
		}
		resume(t, dir, run.Trials[kept:])
		after, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(after, whole) {
			t.Fatalf("cut at %d: the resumed file differs", cut)
		}
	}
}

func resume(t *testing.T, dir string, missing []results.Trial) {
	t.Helper()
	w, run, err := results.Resume(dir)
	if err != nil {
		t.Fatal(err)
	}
	if run.Missing() != len(missing) {
		t.Fatalf("%d trials missing, want %d", run.Missing(), len(missing))
	}
	for _, trial := range missing {
		if err := w.Append(trial); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestNulTail is what some file systems leave after a power cut.
func TestNulTail(t *testing.T) {
	t.Parallel()
	dir := resultstest.Write(t, small())
	name := filepath.Join(dir, results.TrialsFile)
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := results.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Trials) != 8 || len(got.Warnings) != 1 {
		t.Errorf("%d trials, warnings %q", len(got.Trials), got.Warnings)
	}
}

func TestOpenRefusesTrials(t *testing.T) {
	t.Parallel()
	run := small()
	dir := resultstest.Write(t, run)
	line := func(change func(*results.Trial)) string {
		trial := run.Trials[0]
		if trial.Measurement != nil {
			m := *trial.Measurement
			trial.Measurement = &m
		}
		change(&trial)
		text, err := json.Marshal(trial)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	good := line(func(*results.Trial) {})
	for name, c := range map[string]struct{ line, want string }{
		"schema":        {line(func(t *results.Trial) { t.Schema = 7 }), "schema version 7; this program reads version 1"},
		"no schema":     {"{}", "no schema version"},
		"not JSON":      {"{oops", "invalid character"},
		"empty":         {"", "empty"},
		"too long":      {`"` + strings.Repeat("x", 16<<20) + `"`, "over the limit"},
		"not a number":  {strings.Replace(good, `"elapsed_ns":`, `"elapsed_ns":NaN,"x":`, 1), "invalid character"},
		"infinite":      {strings.Replace(good, `"clock_ns":`, `"clock_ns":1e999,"x":`, 1), "1e999"},
		"producers":     {line(func(t *results.Trial) { t.Cell.Producers = -1 }), "producers -1 is outside"},
		"foreign cell":  {line(func(t *results.Trial) { t.Cell.Producers = 5 }), "not in the manifest"},
		"block":         {line(func(t *results.Trial) { t.Block = 2 }), "block 2 is outside 0..1"},
		"elapsed":       {line(func(t *results.Trial) { t.Measurement.ElapsedNs = 0 }), "elapsed_ns 0"},
		"lost":          {line(func(t *results.Trial) { t.Measurement.Delivered-- }), "does not hold"},
		"absurd":        {line(func(t *results.Trial) { t.Measurement.Mallocs = new(int64(1 << 60)) }), "mallocs"},
		"neither":       {line(func(t *results.Trial) { t.Measurement = nil }), "neither"},
		"both":          {line(func(t *results.Trial) { t.Failure = &results.Failure{Kind: results.FailureKilled} }), "both"},
		"unknown kind":  {line(func(t *results.Trial) { t.Measurement, t.Failure = nil, &results.Failure{Kind: "bad"} }), "one of"},
		"bad histogram": {strings.Replace(good, `"clock":`, `"transit":"AAAA","clock":`, 1), "histogram"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, results.TrialsFile)
			second := strings.SplitAfterN(good+"\n", "\n", 2)[0]
			if err := os.WriteFile(file, []byte(c.line+"\n"+second+second), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := results.Open(dir)
			resultstest.WantError(t, err, results.TrialsFile+":1: ", c.want)
		})
	}
}

func TestOpenRefusesManifest(t *testing.T) {
	t.Parallel()
	dir := resultstest.Write(t, small())
	for name, c := range map[string]struct {
		change func(*results.Manifest)
		want   string
	}{
		"schema":    {func(m *results.Manifest) { m.Schema = 99 }, "schema version 99; this program reads version 1"},
		"reps":      {func(m *results.Manifest) { m.Reps = 0 }, "reps 0"},
		"cells":     {func(m *results.Manifest) { m.Cells = nil }, "number of cells"},
		"producers": {func(m *results.Manifest) { m.Cells[0].Producers = 1e9 }, "producers 1000000000"},
		"name":      {func(m *results.Manifest) { m.Strategies[0].Name = "../evil" }, "letters, digits"},
		"unlisted":  {func(m *results.Manifest) { m.Strategies = m.Strategies[:1] }, "not in the list"},
		"twice":     {func(m *results.Manifest) { m.Cells[1] = m.Cells[0] }, "repeats"},
		"index":     {func(m *results.Manifest) { m.Strategies[0].Index = -1 }, "index -1"},
	} {
		t.Run(name, func(t *testing.T) {
			run := small()
			c.change(&run.Manifest)
			text, err := json.Marshal(run.Manifest)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, results.ManifestFile), text, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err = results.Open(dir)
			resultstest.WantError(t, err, results.ManifestFile, c.want)
		})
	}
	_, err := results.Open(t.TempDir())
	resultstest.WantError(t, err, "it has no manifest.json")
}

func FuzzTrials(f *testing.F) {
	run := small()
	every := resultstest.Run(resultstest.Config{
		Strategies: 2, Producers: []int{4}, Reps: 1, Samples: 20, Probe: true,
		Rates: []float64{1e6}, Loads: []float64{0.5}, Overload: 2, Stall: true,
	})
	run.Manifest.Cells = append(run.Manifest.Cells, every.Manifest.Cells...)
	var lines []byte
	for _, trial := range run.Trials[:2] {
		text, err := json.Marshal(trial)
		if err != nil {
			f.Fatal(err)
		}
		lines = append(append(lines, text...), '\n')
	}
	f.Add(lines)
	f.Add(lines[:len(lines)-10])
	for _, trial := range every.Trials {
		text, err := json.Marshal(trial)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(text, '\n'))
	}
	f.Add([]byte("{\"schema\":1}\n\n{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		trials, size, warnings, err := results.ReadTrials(bytes.NewReader(data), "x", &run.Manifest)
		if err != nil {
			return
		}
		again, size2, none, err := results.ReadTrials(bytes.NewReader(data[:size]), "x", &run.Manifest)
		if err != nil || len(again) != len(trials) || size2 != size || len(none) != 0 || len(warnings) > 1 {
			t.Fatalf("the whole lines alone read differently: %d of %d trials, %v", len(again), len(trials), err)
		}
		// Whatever is accepted can be summarised.
		read := *run
		read.Trials = trials
		if _, err := json.Marshal(results.Summarize(&read)); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzManifest(f *testing.F) {
	text, err := json.Marshal(small().Manifest)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	if text, err = json.Marshal(open().Manifest); err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"schema":1,"reps":1,"cells":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := results.ReadManifest(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, c := range m.Cells {
			if results.CheckName("strategy", c.Strategy) != nil || m.Strategy(c.Strategy) == nil {
				t.Fatalf("accepted strategy %q", c.Strategy)
			}
		}
		results.Summarize(&results.Run{Manifest: *m})
	})
}

// A pair has two sides.
func TestPairIsValidated(t *testing.T) {
	t.Parallel()
	for side, wrong := range map[string]bool{results.SideBase: false, results.SideNew: false, "": true, "old": true} {
		m := small().Manifest
		m.Pair = &results.Pair{ID: "x", Side: side}
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := results.ReadManifest(bytes.NewReader(data)); (err != nil) != wrong {
			t.Errorf("%q: %v", side, err)
		}
	}
}
