package results_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// texts returns the two files of a run.
func texts(t testing.TB, run *results.Run) (manifest, trials []byte) {
	t.Helper()
	manifest, err := json.Marshal(run.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	if err := results.Export(&lines, run, "ndjson", results.Choice{}); err != nil {
		t.Fatal(err)
	}
	return manifest, lines.Bytes()
}

// shuffled puts the lines of a file in another order; seed 0 leaves them.
func shuffled(text []byte, seed uint64) []byte {
	if seed == 0 {
		return text
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return bytes.Join(lines, nil)
}

// FuzzOpen reads a run directory of any content and does with it everything that
// the verbs do but draw: an error of one line, or every output.
func FuzzOpen(f *testing.F) {
	every := resultstest.Run(resultstest.Config{
		Strategies: 2, Producers: []int{4}, Reps: 1, Samples: 20, Closed: true, Probe: true,
		Rates: []float64{1e6}, Loads: []float64{0.5}, Overload: 2, Stall: true,
	})
	other := small()
	other.Manifest.Environment.CPU = epyc
	merged, err := results.Merge([]*results.Run{small(), other}, nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, run := range []*results.Run{small(), every, merged} {
		manifest, trials := texts(f, run)
		for seed := range uint64(len(results.ExportFormats())) {
			f.Add(manifest, trials, seed)
		}
		f.Add(manifest, trials[:len(trials)*2/3], uint64(0))
		f.Add(manifest[:len(manifest)/2], trials, uint64(0))
		f.Add(manifest, append(bytes.Clone(trials), trials...), uint64(0))
		f.Add(manifest, manifest, uint64(0))
		f.Add(trials, manifest, uint64(0))
	}
	f.Fuzz(func(t *testing.T, manifest, trials []byte, seed uint64) {
		dir := t.TempDir()
		for name, text := range map[string][]byte{results.ManifestFile: manifest, results.TrialsFile: shuffled(trials, seed)} {
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		run, err := results.Open(dir)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") || !strings.Contains(err.Error(), dir) {
				t.Fatalf("not a line that names the directory: %q", err)
			}
			return
		}
		use(t, run, results.ExportFormats()[seed%uint64(len(results.ExportFormats()))])
	})
}

// use makes what can be made of a run, in one of the formats: all of them would
// summarise it again and again.
func use(t *testing.T, run *results.Run, format string) {
	t.Helper()
	if format != results.FormatPercentiles {
		if err := results.Export(io.Discard, run, format, results.Choice{}); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		return
	}
	if all, err := results.NewPercentiles(run, results.Choice{}); err == nil {
		for _, p := range all {
			if err := p.Write(io.Discard); err != nil || filepath.Base(p.Name) != p.Name {
				t.Fatalf("%q: %v", p.Name, err)
			}
		}
	}
	if h, err := results.NewHistory([]*results.Run{run, run}, results.Choice{}); err == nil {
		if _, err := json.Marshal(h); err != nil {
			t.Fatal(err)
		}
	}
	if merged, err := results.Merge([]*results.Run{run, run}, []string{"a", "b"}); err == nil {
		// Not stored: a sync for each file would leave no time to fuzz.
		manifest, trials := texts(t, merged)
		m, err := results.ReadManifest(bytes.NewReader(manifest))
		if err != nil {
			t.Fatal(err)
		}
		if again, _, _, err := results.ReadTrials(bytes.NewReader(trials), "x", m); err != nil || len(again) != 2*len(run.Trials) {
			t.Fatalf("the merged run reads differently: %v", err)
		}
	}
}

// allocated returns how many bytes a function allocated in all, which is no less
// than it held at any time.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Little text that would be much memory is refused before it is.
func TestHostileSizes(t *testing.T) {
	many := func(element string) string { return "[" + strings.Repeat(element+",", 1<<18) + element + "]" }
	for want, manifest := range map[string]string{
		"number of cells 262145 is outside 1..100000":         `{"schema":1,"reps":1,"cells":` + many("{}") + `}`,
		"number of cells 262146 is outside":                   `{"schema":1,"reps":1,"cells":` + many("null") + `,"CELLS":[{}]}`,
		"number of strategies 262145 is outside 0..":          `{"schema":1,"reps":1,"cells":[{}],"strategies":` + many("{}") + `}`,
		"number of machines 262145 is outside 0..":            `{"schema":1,"reps":1,"cells":[{}],"machines":` + many("{}") + `}`,
		"number of merged runs 262145 is outside 0..":         `{"schema":1,"reps":1,"cells":[{}],"merged":` + many("{}") + `}`,
		"it is over the limit of 16777216 bytes":              strings.Repeat(" ", 17<<20),
		"cannot unmarshal number into Go struct field .Cells": `{"schema":1,"reps":1,"cells":7}`,
	} {
		var err error
		size := allocated(func() { _, err = results.ReadManifest(strings.NewReader(manifest)) })
		wantError(t, err, want)
		if size > 128<<20 {
			t.Errorf("%s: allocated %d bytes for %d", want, size, len(manifest))
		}
	}
}

// A histogram is 30 kB, however short its text: a file of a few MB may not claim
// gigabytes of them.
func TestHostileHistograms(t *testing.T) {
	run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{1}, Reps: 1, Samples: 1, Rates: []float64{1e6}})
	run.Manifest.Reps = 10_000
	trial := run.Trials[0]
	for _, t := range run.Trials {
		if t.Cell.Strategy == "chan" {
			trial = t
		}
	}
	in, out := io.Pipe()
	go func() {
		for trial.Block = range run.Manifest.Reps {
			line, err := json.Marshal(trial)
			if err == nil {
				_, err = out.Write(append(line, '\n'))
			}
			if err != nil { // the reader has had enough
				return
			}
		}
		_ = out.Close()
	}()
	results.LimitHistograms(t, 8<<20)
	_, _, _, err := results.ReadTrials(in, "x", &run.Manifest)
	_ = in.Close()
	wantError(t, err, "the histograms up to here take over 8.00 MiB of memory")
}
