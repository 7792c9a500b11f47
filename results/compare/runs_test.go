package compare_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/compare"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

func TestLeastP(t *testing.T) {
	t.Parallel()
	for _, n := range []int{3, 6, 10} {
		a, b := make([]float64, n), make([]float64, n)
		for i := range n {
			a[i], b[i] = float64(i+1), float64(i+100)
		}
		if got, want := stat.LeastP(n, n), stat.Compare(a, b).P; math.Abs(got/want-1) > 1e-9 {
			t.Errorf("%d: %v; samples that are apart have %v", n, got, want)
		}
	}
}

// TestDecide goes through every side on which the rule may fail to be met.
func TestDecide(t *testing.T) {
	t.Parallel()
	between := func(lo, median, hi float64) *stat.Interval {
		return &stat.Interval{Median: median, Lo: &lo, Hi: &hi}
	}
	for _, test := range []struct {
		ratio *stat.Interval
		p     float64
		lower bool
		want  compare.Verdict
	}{
		{between(0.8, 0.9, 0.95), 0.01, false, compare.Worse},
		{between(0.8, 0.9, 0.95), 0.01, true, compare.Better},
		{between(1.1, 1.2, 1.3), 0.01, false, compare.Better},
		{between(1.1, 1.2, 1.3), 0.01, true, compare.Worse},
		{between(0.8, 0.9, 0.95), 0.05, false, compare.Undecided},
		{between(0.8, 0.9, 1), 0.01, false, compare.Undecided},
		{between(1, 1.2, 1.3), 0.01, true, compare.Undecided},
		{&stat.Interval{Median: 0.5}, 0.01, false, compare.Undecided},
		{nil, 0.01, false, compare.Undecided},
	} {
		if got := compare.Decide(test.ratio, test.p, test.lower); got != test.want {
			t.Errorf("%+v, p=%v, lower is better: %v: %s, want %s", test.ratio, test.p, test.lower, got, test.want)
		}
	}
}

// compared is a run of one open loop and one closed one for each of three strategies.
func compared(seed uint64, more func(*results.Run)) *results.Run {
	run := resultstest.Run(resultstest.Config{
		Strategies: 3, Producers: []int{4}, Reps: 8, Samples: 1100, Loads: []float64{0.5}, Closed: true, Probe: true, Seed: seed,
	})
	if more != nil {
		more(run)
	}
	return run
}

func compareRuns(t *testing.T, base, next *results.Run) *compare.Diff {
	t.Helper()
	d, err := compare.Runs(base, next, results.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func metrics(d *compare.Diff) map[string]*compare.MetricDiff {
	all := map[string]*compare.MetricDiff{}
	for i := range d.Cells {
		for j := range d.Cells[i].Metrics {
			m := &d.Cells[i].Metrics[j]
			all[d.Cells[i].Strategy+" "+m.Metric] = m
		}
	}
	return all
}

// What is compared follows from the kind of cell, and what gates from that too.
func TestCompareMetrics(t *testing.T) {
	t.Parallel()
	d := compareRuns(t, compared(2, nil), compared(2, nil))
	all := metrics(d)
	for name, gates := range map[string]bool{
		"chan throughput_msgs_per_s": true, "null throughput_msgs_per_s": false, "chan response_p50_ns": true, "chan response_p99_ns": true,
		"chan saturation_msgs_per_s": false, "chan wake_p50_ns": false, "chan cpu_ns_per_msg": false, "chan peak_bytes": false,
		"chan allocs_per_msg": false,
	} {
		if m := all[name]; m == nil || m.Gates != gates {
			t.Errorf("%s: %+v, want gates %v", name, m, gates)
		}
	}
	if all["null wake_p50_ns"] != nil {
		t.Error("the floor was probed")
	}
}

// Loads of different saturations are different rates: their response times are
// shown, but do not gate.
func TestCompareDifferentRates(t *testing.T) {
	t.Parallel()
	faster := compared(3, func(r *results.Run) {
		for _, trial := range r.Trials {
			if trial.Cell.IsOpen() {
				trial.Measurement.OfferedRate *= 1.1
			}
		}
	})
	d := compareRuns(t, compared(2, nil), faster)
	if m := metrics(d)["chan response_p99_ns"]; m.Gates || !strings.Contains(m.Excused, "were offered in BASE and") {
		t.Errorf("%+v", m)
	}
	if !slices.ContainsFunc(d.Warnings, func(w string) bool { return strings.Contains(w, "does not gate, because ") }) {
		t.Errorf("no warning among %q", d.Warnings)
	}
}

// The floor changing is a change of the harness, said aloud and not held against
// the strategies.
func TestCompareFloorChanged(t *testing.T) {
	t.Parallel()
	slow := compared(3, func(r *results.Run) {
		for _, trial := range r.Trials {
			if trial.Cell.Strategy == "null" {
				trial.Measurement.ElapsedNs *= 2
			}
		}
	})
	d := compareRuns(t, compared(2, nil), slow)
	if err := d.CloseOn(0, false); errors.Is(err, compare.ErrRegression) {
		t.Errorf("the floor shut the gate: %v", err)
	}
	if !slices.ContainsFunc(d.Warnings, func(w string) bool { return strings.Contains(w, "the harness floor changed") }) {
		t.Errorf("no warning among %q", d.Warnings)
	}
}

// What was not measured on a side is said; it is no regression by itself, and nor is
// it green.
func TestCompareUnmeasured(t *testing.T) {
	t.Parallel()
	lost := compared(3, func(r *results.Run) {
		for i, trial := range r.Trials {
			if trial.Cell.Strategy == "chan" {
				r.Trials[i].Measurement, r.Trials[i].Failure = nil, &results.Failure{Kind: results.FailurePanic, Detail: "x"}
			}
		}
	})
	d := compareRuns(t, compared(2, nil), lost)
	want := []string{"NEW: chan kind", "8 panic", "not compared, because one of the runs has no measurement: chan"}
	for _, text := range want {
		if !slices.ContainsFunc(d.Warnings, func(w string) bool { return strings.Contains(w, text) }) {
			t.Errorf("no warning with %q among %q", text, d.Warnings)
		}
	}
	if d.New.Failed != 4*8 || d.Base.Failed != 0 || !errors.Is(d.CloseOn(0.9, false), compare.ErrNotDecided) {
		t.Errorf("%+v, %s", d.New, d.Outcome)
	}
}

// Cells whose parameters differ in anything are not the same, however little.
func TestCompareMatchesExactly(t *testing.T) {
	t.Parallel()
	longer := compared(3, func(r *results.Run) {
		for i := range r.Manifest.Cells {
			if c := &r.Manifest.Cells[i]; c.IsClosed() {
				c.Messages++
			}
		}
		r.Trials = nil
	})
	d := compareRuns(t, compared(2, nil), longer)
	if len(d.OnlyBase) != 3 || len(d.OnlyNew) != 3 || !d.OnlyNew[0].IsClosed() {
		t.Errorf("only in BASE %v, only in NEW %v", d.OnlyBase, d.OnlyNew)
	}
}

func TestCompareConditions(t *testing.T) {
	t.Parallel()
	read := func(r *results.Run) {
		e := &r.Manifest.Environment
		e.Settings, e.Build, e.Limits = &results.Settings{}, &results.Build{ID: "old"}, &results.Limits{CPUs: "0-1"}
	}
	other := compared(3, func(r *results.Run) {
		e := &r.Manifest.Environment
		e.CPU, e.Cores, e.GOMAXPROCS, e.Go, e.GOEXPERIMENT, e.GOGC, e.OS, e.Arch = "a", 8, 8, "b", "c", "d", "e", "f"
		e.Kernel, e.Virtual, e.Governor, e.CgroupCPUs, e.MemoryBytes, e.Clock = "g", "h", "i", 1.5, 1<<30, "j"
		e.Settings = &results.Settings{MemoryLimit: 1000, Debug: "k"}
		e.Build = &results.Build{Level: "l", Instrumented: "m", Flags: "n", PGO: "o", Tags: "p", CGO: true, Debug: "q"}
		e.Limits = &results.Limits{MemoryBytes: 1 << 29, CPUs: "0,8"}
		r.Manifest.Isolation, r.Manifest.MemoryLimit = "none", 1<<20
		e.Load1, e.ClockNs, e.Limits.MachineCPUs = 3, 99, 9 // measured, not set
		e.Commit, e.Build.ID = "r", "new"                   // what comparisons are about
	})
	d := compareRuns(t, compared(2, read), other)
	var got []string
	for _, difference := range d.Differences {
		got = append(got, difference.What)
	}
	want := []string{
		"CPU", "cores", "CPU set", "GOMAXPROCS", "Go", "GOEXPERIMENT", "GOGC", "GOMEMLIMIT", "GODEBUG", "default GODEBUG", "system",
		"architecture", "architecture level", "instrumentation", "build flags", "build tags", "cgo", "PGO profile", "kernel",
		"virtualization", "governor", "CPU quota", "memory", "cgroup memory limit", "clock", "isolation", "memory limit",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if same := compareRuns(t, compared(2, nil), compared(3, nil)).Differences; len(same) > 0 {
		t.Errorf("%q of the same machine", same)
	}
	// What an older program did not read is unknown, which is no difference.
	if unknown := compareRuns(t, compared(2, nil), compared(3, read)).Differences; len(unknown) > 0 {
		t.Errorf("%q where one of the runs does not say", unknown)
	}
}

// A run is continued by the same program under the same conditions, as far as its
// manifest tells them; what is not the same is named.
func TestChangesTo(t *testing.T) {
	t.Parallel()
	m := compared(2, nil).Manifest
	m.Environment.Settings, m.Environment.Build = &results.Settings{}, &results.Build{ID: "old", Level: "GOAMD64=v1"}
	now := m.Environment
	now.Load1, now.Settings, now.Limits = 7, &results.Settings{MemoryLimit: 3 << 29}, &results.Limits{CPUs: "1"}
	now.GOGC, now.Build, now.Commit = "50", &results.Build{ID: "new", Level: "GOAMD64=v1"}, "c0ffee"
	want := []string{"GOGC 100 -> 50", "GOMEMLIMIT none -> 1536 MiB", "build old -> new", "version test -> v2"}
	if got := m.ChangesTo("v2", now); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := m.ChangesTo(m.Version, m.Environment); len(got) > 0 {
		t.Errorf("%q of the same", got)
	}
}

// reference returns how far the trials of each closed loop of the reference run were
// from their median, as logarithms.
func reference(t *testing.T) (run *results.Run, noise map[results.Cell][]float64) {
	t.Helper()
	run, err := results.Open("../../docs/reference/intel-xeon")
	if err != nil {
		t.Fatal(err)
	}
	noise = map[results.Cell][]float64{}
	for _, trial := range run.Trials {
		if m := trial.Measurement; m != nil && trial.Cell.IsClosed() {
			noise[trial.Cell] = append(noise[trial.Cell], math.Log(m.Throughput()))
		}
	}
	for _, logs := range noise {
		slices.Sort(logs)
		middle := logs[len(logs)/2]
		for i := range logs {
			logs[i] -= middle
		}
	}
	return run, noise
}

// simulated makes a run of the reference's strategies at two numbers of producers
// whose noise is drawn from the reference's, smoothed so that values do not repeat.
func simulated(rng *rand.Rand, m results.Manifest, noise map[results.Cell][]float64, drift []float64, slowed string, slow float64) *results.Run {
	run := &results.Run{Manifest: m}
	for block := range m.Reps {
		for _, cell := range m.Cells {
			far := noise[cell][rng.IntN(len(noise[cell]))] + 0.02*rng.NormFloat64() + drift[block]
			ns := 1e8 * math.Exp(-far)
			if cell.Strategy == slowed {
				ns *= 1 + slow
			}
			run.Trials = append(run.Trials, results.Trial{
				Schema: 1, Cell: cell, Block: block,
				Measurement: &results.Measurement{ElapsedNs: int64(ns), Attempted: 1e6, Delivered: 1e6, Receives: 1, Steady: true},
			})
		}
	}
	return run
}

// TestGateOnReferenceNoise holds the gate to what it is for, with the noise of the
// reference run: of two runs of the same code it is shut in one of twenty at most,
// and a strategy slowed by a tenth shuts it. Blocks drift as they did there.
func TestGateOnReferenceNoise(t *testing.T) {
	t.Parallel()
	run, noise := reference(t)
	m := run.Manifest
	// As many cells as a change is judged by in CI, or fewer: each more raises the bar.
	few := []string{"null", "chan", "chan-unbounded", "mutex-swap", "lanes"}
	m.Cells = slices.DeleteFunc(slices.Clone(m.Cells), func(c results.Cell) bool {
		return c.Producers != 4 && c.Producers != 64 || !slices.Contains(few, c.Strategy)
	})
	for _, test := range []struct {
		name     string
		reps     int
		slowed   string
		slow     float64
		runs     int
		lo, most int // how often it may be shut
		open     [2]int
	}{
		{"the same code", 40, "", 0, 200, 0, 10, [2]int{0, 200}},
		{"the same code, few repetitions", 10, "", 0, 200, 0, 10, [2]int{0, 10}},
		{"chan slowed by a tenth", 40, "chan", 0.1, 40, 36, 40, [2]int{0, 1}},
		{"lanes slowed by a tenth", 40, "lanes", 0.1, 40, 38, 40, [2]int{0, 1}},
		{"lanes slowed by a thirtieth", 40, "lanes", 1.0 / 30, 20, 0, 6, [2]int{0, 20}},
		{"lanes faster by a fifth", 40, "lanes", -0.2, 20, 0, 1, [2]int{0, 20}},
	} {
		t.Run(test.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			m := m
			m.Reps = test.reps
			base, next := m, m
			base.Pair = &results.Pair{ID: "x", Side: results.SideBase}
			next.Pair = &results.Pair{ID: "x", Side: results.SideNew}
			shut, open := 0, 0
			for range test.runs {
				drift := make([]float64, test.reps)
				for i := range drift {
					drift[i] = 0.04 * rng.NormFloat64()
				}
				d := compareRuns(t, simulated(rng, base, noise, drift, "", 0), simulated(rng, next, noise, drift, test.slowed, test.slow))
				switch err := d.CloseOn(0.05, false); {
				case errors.Is(err, compare.ErrRegression):
					shut++
				case err == nil:
					open++
				case !errors.Is(err, compare.ErrNotDecided):
					t.Fatal(err)
				}
			}
			t.Logf("shut in %d of %d, open in %d", shut, test.runs, open)
			if open < test.open[0] || open > test.open[1] {
				t.Errorf("the gate was open in %d of %d comparisons, want %v", open, test.runs, test.open)
			}
			if shut < test.lo || shut > test.most {
				t.Errorf("the gate was shut in %d of %d comparisons, want %d..%d", shut, test.runs, test.lo, test.most)
			}
		})
	}
}

// Two runs that took turns slice by slice are compared by their turns: what disturbs the
// machine for longer than a turn hides a change of 3 % no more.
func TestComparesTurns(t *testing.T) {
	t.Parallel()
	side := func(name string, factor float64) *results.Run {
		run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{1}, Reps: 10, Samples: -1, Turns: 20})
		run.Manifest.Pair = &results.Pair{ID: "a", Side: name}
		for i := range run.Trials {
			m := run.Trials[i].Measurement
			messages, elapsed := m.Slices.Messages.Values(), m.Slices.ElapsedNs.Values()
			m.ElapsedNs = 0
			for turn := range elapsed { // each block is another machine, and each turn of it a little
				elapsed[turn] = int64(float64(messages[turn]) * 80 * factor * float64(1+run.Trials[i].Block%4) * (1 + 0.1*float64(turn%5)))
				m.ElapsedNs += elapsed[turn]
			}
			m.Slices = results.NewSlices(m.Slices.Sitting, messages, elapsed)
		}
		return run
	}
	diff, err := compare.Runs(side(results.SideBase, 1), side(results.SideNew, 1.03), results.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range diff.Cells {
		if m := cell.Metrics[0]; m.Metric != results.Throughput.Name || math.Abs(m.Ratio.Median-1/1.03) > 1e-3 || *m.Ratio.Hi > 0.98 ||
			m.P > 0.01 || cell.Strategy == "chan" && m.Verdict != compare.Worse {
			t.Errorf("%s: %+v, ratio %v..%v", cell.Label, m, *m.Ratio.Lo, *m.Ratio.Hi)
		}
	}
	var text strings.Builder
	if err := diff.WriteText(&text); err != nil || !strings.Contains(text.String(), "p by Student's t of what was measured slice by slice") {
		t.Errorf("%v: the text does not name the test:\n%s", err, &text)
	}
}

// Values that are the harness's as much as the strategy's are marked, and the marks explained.
func TestMarksOfFloor(t *testing.T) {
	t.Parallel()
	for slow, want := range map[float64]bool{1: false, 12: true} {
		run := func(seed uint64) *results.Run {
			return resultstest.Run(resultstest.Config{Producers: []int{1}, Samples: -1, Seed: seed, Slow: map[string]float64{"null": slow}})
		}
		d, err := compare.Runs(run(1), run(2), results.Choice{})
		if err != nil {
			t.Fatal(err)
		}
		var text, markdown strings.Builder
		if err := errors.Join(d.WriteText(&text), d.WriteMarkdown(&markdown)); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"≥ ", "Marks", results.FloorNote} {
			if strings.Contains(text.String(), part) != want || strings.Contains(markdown.String(), part) != want {
				t.Errorf("null slower by %v: %q is in the comparison: %v; want %v:\n%s", slow, part, !want, want, text.String())
			}
		}
	}
}
