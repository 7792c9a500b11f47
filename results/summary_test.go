package results_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/perf/benchfmt"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

func find(t *testing.T, s *results.Summary, strategy string, producers int) *results.CellSummary {
	t.Helper()
	for i := range s.Cells {
		if c := &s.Cells[i]; c.Strategy == strategy && c.Producers == producers {
			return c
		}
	}
	t.Fatalf("no cell %s at %d", strategy, producers)
	return nil
}

// TestSpeedupIsPaired lets the machine slow down by half each block: paired
// ratios do not see it, the ratio of medians would be the same here only by
// luck, and its interval would be wide.
func TestSpeedupIsPaired(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1}, Samples: -1})
	for i := range run.Trials {
		trial := &run.Trials[i]
		slow := int64(1) << trial.Block
		trial.Measurement.ElapsedNs = 1e6 * slow
		if trial.Cell.Strategy == "chan-unbounded" {
			trial.Measurement.ElapsedNs = 4e5 * slow
		}
	}
	s := results.Summarize(run)
	got := find(t, s, "chan-unbounded", 1).Interval(run.Manifest.Speedup())
	if got == nil || got.Median != 2.5 || *got.Lo != 2.5 || *got.Hi != 2.5 {
		t.Errorf("speed-up %+v, want exactly 2.5", got)
	}
	if find(t, s, "chan", 1).Interval(run.Manifest.Speedup()) != nil || find(t, s, "null", 1).Interval(run.Manifest.Speedup()) != nil {
		t.Error("the baseline or the floor has a speed-up")
	}
}

// TestSpeedupChoosesItsBaseline: of several channels an unbounded strategy is
// compared with the one that blocks and holds the most.
func TestSpeedupChoosesItsBaseline(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{4}, Samples: -1, Capacities: []int{64, 1024, 16}})
	m := &run.Manifest
	own := find(t, results.Summarize(run), "chan-unbounded", 4)
	if base, ok := m.BaselineOf(own.Cell); !ok || base.Capacity != 1024 || own.Interval(run.Manifest.Speedup()) == nil {
		t.Errorf("the baseline is %v, %v; want that of 1024 items", base, ok)
	}
	perProducer := own.Cell
	perProducer.Strategy, perProducer.Policy = m.Baseline(), "block"
	perProducer.Capacity, perProducer.CapacityOf = 512, results.CapacityPerProducer
	m.Cells = append(m.Cells, perProducer)
	if base, ok := m.BaselineOf(own.Cell); !ok || base != perProducer {
		t.Errorf("the baseline is %v, %v; want that of 4 times 512 items", base, ok)
	}
	bounded := own.Cell
	bounded.Capacity, bounded.Policy = 64, "block"
	if base, ok := m.BaselineOf(bounded); !ok || base.Capacity != 64 {
		t.Errorf("the baseline is %v, %v; want that of as many items", base, ok)
	}
	for i := range m.Cells {
		if m.Cells[i].Strategy == m.Baseline() {
			m.Cells[i].Policy = "drop-newest"
		}
	}
	if base, ok := m.BaselineOf(own.Cell); ok {
		t.Errorf("the baseline is %v, want none: they all lose items", base)
	}
}

// A run with the channel that people write has its speed-ups over that, one without it
// over the other channel, and says so wherever they stand.
func TestBaseline(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{results.Baselines, results.Baselines[1:]} {
		baseline := names[0]
		run := resultstest.Run(resultstest.Config{Producers: []int{4}, Reps: 3, Samples: -1, Describe: func(s *results.Strategy) {
			if s.Name == "chan-unbounded" && len(names) > 1 {
				s.Name, s.Bound = baseline, "bounded in total"
			}
		}})
		s := results.Summarize(run)
		other := find(t, s, "lanes", 4)
		for _, q := range results.Speedups() {
			if has, want := other.Interval(q) != nil, q == run.Manifest.Speedup(); has != want {
				t.Errorf("baseline %s: %s is there: %v", baseline, q.Name, has)
			}
		}
		if find(t, s, baseline, 4).Interval(run.Manifest.Speedup()) != nil {
			t.Errorf("%s has a speed-up over itself", baseline)
		}
		var text strings.Builder
		if err := results.WriteCSV(&text, s); err != nil {
			t.Fatal(err)
		}
		column := ",speedup_over_" + strings.ReplaceAll(baseline, "-", "_") + "_median,"
		if strings.Count(text.String(), "speedup_over") != 3 || !strings.Contains(text.String(), column) {
			t.Errorf("baseline %s: no columns of it alone in %s", baseline, text.String())
		}
		var titles []string
		for _, table := range results.Tables() {
			if s.Sheet(table) != nil && strings.HasPrefix(table.Title, "Speed-up") {
				titles = append(titles, table.Title)
			}
		}
		if want := "Speed-up over " + baseline; len(titles) != 1 || titles[0] != want {
			t.Errorf("the tables are %q, want %q", titles, want)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{
		Strategies: 3, Producers: []int{1, 4}, Reps: 3, Samples: -1,
		Fails: func(x resultstest.Trial) bool { return x.Strategy == "chan" && x.Producers == 4 && x.Block > 0 },
	})
	run.Trials[0].Measurement.Steady = false
	s := results.Summarize(run)
	c := find(t, s, "chan", 4)
	if c.Trials != 3 || c.Failed != 2 || c.Interval(results.Throughput) == nil || c.Interval(results.Throughput).Lo != nil {
		t.Errorf("%+v", c)
	}
	text := strings.Join(c.Warnings, "\n")
	for _, want := range []string{"2 of 3 trials failed: 2 timeout", "n=1: at least 6 repetitions needed for a 95 % interval"} {
		if !strings.Contains(text, want) {
			t.Errorf("warnings %q lack %q", text, want)
		}
	}
	all := strings.Join(s.AllWarnings(), "\n")
	for _, want := range []string{
		"chan, 4 producers: 2 of 3 trials failed",
		"n=3: at least 6 repetitions needed for a 95 % interval (5 cells)",
		"were not steady",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("warnings %q lack %q", all, want)
		}
	}
}

// TestAbsentNotZero looks at a cell without any measurement: no number may
// stand for what was not measured.
func TestAbsentNotZero(t *testing.T) {
	t.Parallel()
	chanFails := func(x resultstest.Trial) bool { return x.Strategy == "chan" }
	run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{1}, Fails: chanFails})
	text, err := json.Marshal(find(t, results.Summarize(run), "chan", 1))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"throughput_msgs_per_s", "ns_per_msg", "transit_ns", "attempted", "delivered", "dropped", "rejected",
		"batch_mean", "allocs_per_msg", "heap_high_bytes", "speedup_over_chan", "lanes",
	} {
		if v, ok := fields[name]; ok {
			t.Errorf("%s is %v, want it absent", name, v)
		}
	}
	for _, name := range []string{"strategy", "producers", "trials", "failed", "payload_bytes", "warnings"} {
		if _, ok := fields[name]; !ok {
			t.Errorf("%s is absent", name)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	resultstest.Golden(t, filepath.Join("testdata", name), string(got))
}

// everything has a cell of every kind, whose trials have every part of a measurement
// here and lack it there.
func everything() *results.Run {
	run := resultstest.Run(resultstest.Config{
		Strategies: 2, Producers: []int{4}, Reps: 7, Samples: 2000, Closed: true, Probe: true, Rates: []float64{1e6}, Overload: 3, Stall: true,
	})
	run.Manifest.Expect = []results.FailureKind{results.FailureMemory}
	for i := range run.Trials {
		t, n := &run.Trials[i], int64(i%7+1)
		m := t.Measurement
		m.Sink = &results.Sink{Bytes: 8 * m.Delivered, Writes: m.Delivered / n}
		m.SendCall = &results.Mean{Mean: float64(n) * 10, Count: 10}
		m.InFlight = &results.Backlog{Mean: float64(n), Max: 10 * n, StepNs: 1000, Series: stat.NewLevels(n, 2*n)}
		m.Stages = []results.Stage{{Messages: 100, ElapsedNs: n, BlockedNs: new(n)}, {CostNs: 3, Messages: 100, ElapsedNs: n, Backlog: m.InFlight}}
		m.Fairness = &results.Fairness{WindowNs: 1, Jain: 1 / float64(n), P99Ratio: float64(n)}
		m.Host = &results.Host{HiccupP99Ns: n, HiccupMaxNs: 3 * n, SchedP99Ns: n, GCPauseNs: n, MutexWaitNs: n}
		m.RecoveryNs, m.PeakBytes = n, n*1e6
		t.Memory = &results.Memory{PeakBytes: n * 1e6, StepNs: 100, Series: stat.NewLevels(n)}
		switch {
		case i%11 == 3:
			t.Measurement, t.Failure = nil, &results.Failure{Kind: results.FailureMemory, Detail: "beyond <limit>"}
		case i%13 == 3:
			m.CPUNs, m.Mallocs, m.Parks, m.Fairness, m.Host, m.Sink, m.SendCall = 0, nil, nil, nil, nil, nil, nil
		}
	}
	return run
}

// The files that scripts read keep every byte.
func TestGoldenOfEverything(t *testing.T) {
	dir := resultstest.Write(t, everything())
	for _, file := range []string{results.SummaryFile, results.SummaryCSVFile, results.BenchFile} {
		got, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "every-"+file, got)
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	full := resultstest.Run(resultstest.Config{})
	odd := resultstest.Run(resultstest.Config{
		Strategies: 3, Producers: []int{1, 16}, Reps: 3, Samples: 500, Capacities: []int{1, 128},
		Fails: func(x resultstest.Trial) bool {
			return x.Strategy == "chan-unbounded" && (x.Producers == 16 || x.Block == 0)
		},
	})
	odd.Manifest.Environment.CPU = "<b>|CPU*\nof\tlines"
	odd.Manifest.Warnings = []string{"another process kept a core busy"}
	for name, run := range map[string]*results.Run{"full": full, "odd": odd, "open": open(), "busy": busy()} {
		dir := resultstest.Write(t, run)
		for _, file := range []string{results.SummaryMarkdown, results.SummaryCSVFile} {
			got, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+"-"+file, got)
		}
	}
}

func TestBenchIsReadable(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{1, 4}, Reps: 2, Capacities: []int{1, 64}})
	var out bytes.Buffer
	if err := results.WriteBench(&out, run); err != nil {
		t.Fatal(err)
	}
	r := benchfmt.NewReader(&out, "bench.txt")
	n := 0
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Fatal(rec)
		case *benchfmt.Result:
			if n == 0 && !strings.Contains(string(rec.Name), "strategy=chan/") {
				t.Errorf("%s comes first, want the baseline", rec.Name)
			}
			n++
			ns, ok := rec.Value("sec/op")
			rate, ok2 := rec.Value("msgs/s")
			if !ok || !ok2 || math.Abs(ns*rate-1) > 1e-6 {
				t.Errorf("%s: %v s/op and %v msgs/s", rec.Name, ns, rate)
			}
			chan_ := strings.Contains(string(rec.Name), "strategy=chan/")
			if _, ok := rec.Value("p99-transit-sec"); ok != chan_ {
				t.Errorf("%s: p99 present: %v", rec.Name, ok)
			}
			if strings.Contains(string(rec.Name), "capacity=") != chan_ {
				t.Errorf("%s: capacity only where it varies", rec.Name)
			}
			if rec.GetConfig("go") != "go1.26.0" || rec.GetConfig("goos") != "linux" {
				t.Errorf("config %v", rec.Config)
			}
		}
	}
	if n != len(run.Trials) || r.Err() != nil {
		t.Errorf("%d results of %d trials, %v", n, len(run.Trials), r.Err())
	}
}

func TestLatencyLogIsReadable(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1, 4}, Reps: 2, Samples: 100})
	file, err := os.Open(filepath.Join(resultstest.Write(t, run), results.LatencyFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := hdrhistogram.NewHistogramLogReader(file)
	var tags []string
	for {
		h, err := r.NextIntervalHistogram()
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if h == nil {
			break
		}
		tags = append(tags, h.Tag())
		if h.TotalCount() != 200 {
			t.Errorf("%s: %d samples, want those of both trials", h.Tag(), h.TotalCount())
		}
	}
	want := "chan/producers=1 chan/producers=4 chan-unbounded/producers=1 chan-unbounded/producers=4"
	if got := strings.Join(tags, " "); got != want {
		t.Errorf("tags %q, want %q", got, want)
	}
}

// A warning that counts trials is one line for all cells. A trial in slices is not judged by
// its warm-up's rounds, but by whether its first slices are slower than its others.
func TestWarningsOfWarmUp(t *testing.T) {
	t.Parallel()
	config := resultstest.Config{Strategies: 2, Producers: []int{1, 4}, Reps: 9, Samples: -1}
	unsteady := resultstest.Run(config)
	for i := range unsteady.Trials {
		unsteady.Trials[i].Measurement.Steady = i%2 == 0
	}
	text := strings.Join(results.Summarize(unsteady).AllWarnings(), "\n")
	if n := len(unsteady.Trials); strings.Count(text, "steady") != 1 ||
		!strings.Contains(text, fmt.Sprintf("%d of %d trials were not steady after warm-up (", n/2, n)) {
		t.Errorf("%d trials, half of them unsteady: %s", n, text)
	}

	config.Turns = 7
	turns := resultstest.Run(config)
	for i := range turns.Trials {
		turns.Trials[i].Measurement.Steady = false
	}
	if text := strings.Join(results.Summarize(turns).AllWarnings(), "\n"); strings.Contains(text, "steady") || strings.Contains(text, "warming") {
		t.Errorf("slices that are alike: %s", text)
	}
	for i := range turns.Trials {
		m := turns.Trials[i].Measurement
		messages, elapsed := m.Slices.Messages.Values(), m.Slices.ElapsedNs.Values()
		m.ElapsedNs += elapsed[0]
		elapsed[0] *= 2
		m.Slices = results.NewSlices(m.Slices.Sitting, messages, elapsed)
	}
	text = strings.Join(results.Summarize(turns).AllWarnings(), "\n")
	if !strings.Contains(text, "still warming up: the first slices took") {
		t.Errorf("first slices that take twice as long: %s", text)
	}
}
