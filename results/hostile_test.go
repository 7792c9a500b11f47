package results_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/history"
	"github.com/fanin-bench/fanin-bench/results/merge"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

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
	other.Manifest.Environment.CPU = "AMD EPYC 7763 64-Core Processor"
	merged, err := merge.Runs([]*results.Run{small(), other}, nil)
	if err != nil {
		f.Fatal(err)
	}
	for _, run := range []*results.Run{small(), every, merged, sliced()} {
		manifest, trials := resultstest.Texts(f, run)
		for seed := range uint64(len(uses())) {
			f.Add(manifest, trials, seed)
		}
		f.Add(manifest, trials[:len(trials)*2/3], uint64(0))
		f.Add(manifest[:len(manifest)/2], trials, uint64(0))
		f.Add(manifest, append(bytes.Clone(trials), trials...), uint64(0))
		f.Add(manifest, manifest, uint64(0))
		f.Add(trials, manifest, uint64(0))
	}
	f.Fuzz(func(t *testing.T, manifest, trials []byte, seed uint64) {
		run, err := resultstest.Open(t, manifest, shuffled(trials, seed))
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") || !strings.Contains(err.Error(), filepath.Dir(t.TempDir())) {
				t.Fatalf("not a line that names the directory: %q", err)
			}
			return
		}
		uses()[seed%uint64(len(uses()))](t, run)
	})
}

// uses lists what the verbs make of a run that was read. A fuzz input tries one:
// all of them would summarise it again and again.
func uses() []func(*testing.T, *results.Run) {
	all := []func(*testing.T, *results.Run){percentiles, historyOf, mergedWithItself, comparedWithItself}
	for _, format := range results.FormatNames() {
		if format != results.FormatPercentiles {
			all = append(all, func(t *testing.T, run *results.Run) {
				if err := results.Export(io.Discard, run, format, results.Choice{}); err != nil {
					t.Fatalf("%s: %v", format, err)
				}
			})
		}
	}
	return all
}

func percentiles(t *testing.T, run *results.Run) {
	all, err := results.NewPercentiles(run, results.Choice{})
	if err != nil {
		return // it has no times
	}
	for _, p := range all {
		if err := p.Write(io.Discard); err != nil || filepath.Base(p.Name) != p.Name {
			t.Fatalf("%q: %v", p.Name, err)
		}
	}
}

func historyOf(t *testing.T, run *results.Run) {
	h, err := history.New([]*results.Run{run, run}, results.Choice{})
	if err != nil {
		return // it measured nothing
	}
	if _, err := json.Marshal(h); err != nil {
		t.Fatal(err)
	}
}

// mergedWithItself does not store the whole: a sync for each file would leave no
// time to fuzz.
func mergedWithItself(t *testing.T, run *results.Run) {
	merged, err := merge.Runs([]*results.Run{run, run}, []string{"a", "b"})
	if err != nil {
		return // it was merged itself
	}
	manifest, trials := resultstest.Texts(t, merged)
	m, err := results.ReadManifest(bytes.NewReader(manifest))
	if err != nil {
		t.Fatal(err)
	}
	if again, _, _, err := results.ReadTrials(bytes.NewReader(trials), "x", m); err != nil || len(again) != 2*len(run.Trials) {
		t.Fatalf("the merged run reads differently: %v", err)
	}
}

// comparedWithItself also holds the gate: nothing is worse than itself.
func comparedWithItself(t *testing.T, run *results.Run) {
	diff, err := compare.Runs(run, run, results.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	if err := diff.CloseOn(0, false); errors.Is(err, compare.ErrRegression) || len(diff.Differences) > 0 {
		t.Fatalf("a run differs from itself: %v, %v", err, diff.Differences)
	}
	for _, write := range []func(*compare.Diff, io.Writer) error{
		(*compare.Diff).WriteText, (*compare.Diff).WriteMarkdown, (*compare.Diff).WriteJSON,
	} {
		if err := write(diff, io.Discard); err != nil {
			t.Fatal(err)
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
		"number of cells 262145 is outside 1..100000": `{"schema":1,"reps":1,"cells":` + many("{}") + `}`,
		"number of cells 262146 is outside":           `{"schema":1,"reps":1,"cells":` + many("null") + `,"CELLS":[{}]}`,
		"number of strategies 262145 is outside 0..":  `{"schema":1,"reps":1,"cells":[{}],"strategies":` + many("{}") + `}`,
		"number of machines 262145 is outside 0..":    `{"schema":1,"reps":1,"cells":[{}],"machines":` + many("{}") + `}`,
		"number of merged runs 262145 is outside 0..": `{"schema":1,"reps":1,"cells":[{}],"merged":` + many("{}") + `}`,
		"it is over the limit of 16777216 bytes":      strings.Repeat(" ", 17<<20),
		`"cells" is a JSON number, not a list`:        `{"schema":1,"reps":1,"cells":7}`,
	} {
		var err error
		size := allocated(func() { _, err = results.ReadManifest(strings.NewReader(manifest)) })
		resultstest.WantError(t, err, want)
		if size > 128<<20 {
			t.Errorf("%s: allocated %d bytes for %d", want, size, len(manifest))
		}
	}
}

// held returns how many bytes of the heap something takes.
func held[T any](make func() T) (thing T, bytes int64) {
	heap := func() int64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	before := heap()
	thing = make()
	return thing, heap() - before
}

// linesOf streams a trial of each block of a run, as its trials.ndjson would be.
func linesOf(t *testing.T, trial results.Trial, reps int) io.Reader {
	t.Helper()
	in, out := io.Pipe()
	t.Cleanup(func() { _ = in.Close() })
	trial.Block = 0
	line, err := json.Marshal(trial)
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := bytes.Cut(line, []byte(`"block":0`))
	if !found {
		t.Fatalf("no block in %s", line)
	}
	go func() {
		for block := range reps {
			if _, err := fmt.Fprintf(out, `%s"block":%d%s`+"\n", before, block, after); err != nil { // the reader has had enough
				return
			}
		}
		_ = out.Close()
	}()
	return in
}

// A histogram is 30 kB unfolded, however short its text, and a series 8 bytes for each
// digit. What a trial takes in memory, those that are hostile among them, is bounded by
// what it takes in the file: the most that a plan may have are read within 2 GiB.
func TestMemoryOfTrials(t *testing.T) {
	run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{1}, Reps: 1, Samples: 2000, Rates: []float64{1e6}})
	const reps = 500
	run.Manifest.Reps = reps
	for name, change := range map[string]func(*results.Measurement){
		"honest":  func(*results.Measurement) {},
		"hostile": func(m *results.Measurement) { m.Transit, m.Response, m.SendDelay = uniform(), uniform(), uniform() },
		"zeroes": func(m *results.Measurement) {
			m.Backlog = &results.Backlog{StepNs: 1, Series: stat.NewLevels(make([]int64, 5000)...)}
		},
		"slices": func(m *results.Measurement) {
			ones := stat.NewLevels(slices.Repeat([]int64{1}, 10_000)...)
			m.Slices = &results.Slices{Messages: ones, ElapsedNs: ones}
			m.ElapsedNs, m.Attempted, m.Delivered = 10_000, 10_000, 10_000
		},
	} {
		t.Run(name, func(t *testing.T) {
			trial := run.Trials[len(run.Trials)-1]
			measured := *trial.Measurement
			change(&measured)
			trial.Measurement = &measured
			line, err := json.Marshal(trial)
			if err != nil {
				t.Fatal(err)
			}
			trials, bytes := held(func() []results.Trial {
				trials, _, _, err := results.ReadTrials(linesOf(t, trial, reps), "x", &run.Manifest)
				if err != nil {
					t.Fatal(err)
				}
				return trials
			})
			const own = 2500 // a Trial and what hangs on it, before growth leaves room
			if each := int(bytes) / len(trials); len(trials) != reps || each > own+len(line) {
				t.Errorf("%d bytes each of %d trials with lines of %d", each, len(trials), len(line))
			}
		})
	}
}

// uniform has a sample in every bucket, which is little text.
func uniform() *histogram.Histogram {
	h := histogram.New()
	for ns := int64(1); ns < 3_600_000_000_000; ns += 1 + ns/128 {
		h.Record(ns)
	}
	return h
}
