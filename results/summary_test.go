package results_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/perf/benchfmt"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// TestIntervalKnownValues pins the order statistics. At n=8 either end of the
// range may be left out and benchmath leaves out the upper one.
func TestIntervalKnownValues(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][3]float64{ // median, lo, hi; lo 0 for none
		1: {1, 0, 0}, 2: {1.5, 0, 0}, 5: {3, 0, 0},
		6: {3.5, 1, 6}, 7: {4, 1, 7}, 8: {4.5, 1, 7}, 9: {5, 2, 8}, 10: {5.5, 2, 9}, 20: {10.5, 6, 15},
	} {
		var values []float64
		for i := range n {
			values = append(values, float64(n-i)) // not in order
		}
		got := stat.NewInterval(values)
		if got.Median != want[0] {
			t.Errorf("n=%d: median %v, want %v", n, got.Median, want[0])
		}
		if values[0] != float64(n) {
			t.Errorf("n=%d: the values were sorted in place", n)
		}
		if want[1] == 0 {
			if got.Lo != nil || got.Hi != nil {
				t.Errorf("n=%d: an interval", n)
			}
			continue
		}
		if got.Lo == nil || got.Hi == nil || *got.Lo != want[1] || *got.Hi != want[2] {
			t.Errorf("n=%d: %v..%v, want %v..%v", n, *got.Lo, *got.Hi, want[1], want[2])
		}
	}
	if stat.NewInterval(nil) != nil {
		t.Error("an interval of nothing")
	}
}

func TestQuantilesNeedSamples(t *testing.T) {
	t.Parallel()
	present := func(n int) (count int) {
		h := histogram.New()
		for i := range n {
			h.Record(int64(i + 1))
		}
		q := histogram.NewQuantiles(h)
		if q == nil {
			return -1
		}
		if q.Samples != int64(n) || q.Max < int64(n) {
			t.Errorf("n=%d: %+v", n, q)
		}
		for _, p := range []*int64{q.P50, q.P90, q.P99, q.P999, q.P9999} {
			if p != nil {
				count++
			}
		}
		return count
	}
	for n, want := range map[int]int{0: -1, 1: 0, 19: 0, 20: 1, 99: 1, 100: 2, 999: 2, 1000: 3, 9999: 3, 10000: 4, 99999: 4, 100000: 5} {
		if got := present(n); got != want {
			t.Errorf("%d samples: %d quantiles, want %d", n, got, want)
		}
	}
}

func find(t *testing.T, s *results.Summary, strategy string, producers int) results.CellSummary {
	t.Helper()
	for _, c := range s.Cells {
		if c.Strategy == strategy && c.Producers == producers {
			return c
		}
	}
	t.Fatalf("no cell %s at %d", strategy, producers)
	return results.CellSummary{}
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
	got := find(t, s, "chan-unbounded", 1).Speedup
	if got == nil || got.Median != 2.5 || *got.Lo != 2.5 || *got.Hi != 2.5 {
		t.Errorf("speed-up %+v, want exactly 2.5", got)
	}
	if find(t, s, "chan", 1).Speedup != nil || find(t, s, "null", 1).Speedup != nil {
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
	if base, ok := m.BaselineOf(own.Cell); !ok || base.Capacity != 1024 || own.Speedup == nil {
		t.Errorf("the baseline is %v, %v; want that of 1024 items", base, ok)
	}
	perProducer := own.Cell
	perProducer.Strategy, perProducer.Policy = results.Baseline, "block"
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
		if m.Cells[i].Strategy == results.Baseline {
			m.Cells[i].Policy = "drop-newest"
		}
	}
	if base, ok := m.BaselineOf(own.Cell); ok {
		t.Errorf("the baseline is %v, want none: they all lose items", base)
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
	if c.Trials != 3 || c.Failed != 2 || c.Throughput == nil || c.Throughput.Lo != nil {
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

func TestFormats(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0", 0.01234: "0.0123", 1: "1.00", 9.999: "10.0", 12.34: "12.3", 999.6: "1000", 123456: "123000",
	} {
		if got := units.Significant(v); got != want {
			t.Errorf("Significant(%v) = %q, want %q", v, got, want)
		}
	}
	for ns, want := range map[float64]string{
		0: "0 ns", 7: "7 ns", 123.4: "123 ns", 999.6: "1.00 µs", 1500: "1.50 µs", 2.5e6: "2.50 ms", 3e9: "3.00 s", 61e9: "61.0 s",
	} {
		if got := units.Nanoseconds(ns); got != want {
			t.Errorf("Nanoseconds(%v) = %q, want %q", ns, got, want)
		}
	}
}
