package results_test

import (
	"bytes"
	"encoding/json"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
	"github.com/fanin-bench/fanin-bench/results/sheet"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// open has a cell of every kind.
func open() *results.Run {
	return resultstest.Run(resultstest.Config{
		Strategies: 3, Producers: []int{1, 16}, Reps: 6, Samples: 2000, Closed: true, Probe: true,
		Rates: []float64{1e6}, Loads: []float64{0.5, 1.2}, Overload: 3, Stall: true,
	})
}

func chanAt(load float64) func(results.Cell) bool {
	return func(c results.Cell) bool {
		return c.Strategy == "chan" && c.Producers == 16 && c.Load == load && c.IsOpen()
	}
}

func ofKind(kind string) func(results.Cell) bool {
	return func(c results.Cell) bool { return c.Strategy == "chan" && c.Producers == 16 && c.Kind == kind }
}

func fields(t *testing.T, c *results.CellSummary) map[string]any {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestFieldsByKind checks that each kind of cell has its own fields and none of
// the others'.
func TestFieldsByKind(t *testing.T) {
	t.Parallel()
	s := results.Summarize(open())
	load := []string{
		"throughput_msgs_per_s", "response_ns", "transit_ns", "send_delay_ns", "offered_msgs_per_s", "achieved_msgs_per_s", "backlog",
		"peak_bytes", "cpu_ns_per_msg", "send_call_ns", "parks_per_msg", "fairness", "p99_ratio", "host", "recovery_ns",
		"load", "overload", "stall_ns",
	}
	search, probe := []string{"saturation_msgs_per_s", "kind"}, []string{"probe", "kind"}
	for name, c := range map[string]struct {
		cell        func(results.Cell) bool
		has, hasNot []string
	}{
		"load":   {chanAt(0.5), load, append([]string{"speedup_over_chan", "rate_msgs_per_s"}, slices.Concat(search, probe)...)},
		"search": {ofKind(results.KindSearch), search, append([]string{"probe"}, load...)},
		"probe":  {ofKind(results.KindProbe), probe, append([]string{"saturation_msgs_per_s"}, load...)},
	} {
		got := fields(t, resultstest.Pick(t, s, c.cell))
		for _, field := range c.has {
			if _, ok := got[field]; !ok {
				t.Errorf("%s lacks %s", name, field)
			}
		}
		for _, field := range c.hasNot {
			if v, ok := got[field]; ok {
				t.Errorf("%s has %s = %v", name, field, v)
			}
		}
	}
	probed := fields(t, resultstest.Pick(t, s, ofKind(results.KindProbe)))["probe"].(map[string]any)
	for _, field := range []string{"wake_ns", "idle_cpu_share", "retained_bytes", "burst_bytes"} {
		if _, ok := probed[field]; !ok {
			t.Errorf("the probe lacks %s", field)
		}
	}
}

func TestMissedRate(t *testing.T) {
	t.Parallel()
	s := results.Summarize(open())
	over, under := resultstest.Pick(t, s, chanAt(1.2)), resultstest.Pick(t, s, chanAt(0.5))
	text := strings.Join(over.Warnings, "\n")
	sent, of := units.PerSecond(over.Interval(results.Achieved).Median), units.PerSecond(over.Interval(results.Offered).Median)
	for _, want := range []string{"missed the offered rate: sent " + sent + " of " + of, "19 % short"} {
		if !over.MissedRate() || !strings.Contains(text, want) {
			t.Errorf("warnings %q lack %q", text, want)
		}
	}
	if under.MissedRate() || strings.Contains(strings.Join(under.Warnings, "\n"), "missed") {
		t.Errorf("half the load was missed: %q", under.Warnings)
	}
}

// TestPlatformLimited gives a cell times known against those of the floor.
func TestPlatformLimited(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{1}, Reps: 1, Samples: 10, Rates: []float64{1e5, 1e6}})
	for i := range run.Trials {
		m, h := run.Trials[i].Measurement, histogram.New()
		for n := range int64(2000) {
			switch {
			case run.Trials[i].Cell.Strategy == "null" && n < 1500:
				h.Record(1000) // the pacer is good up to its p75
			case run.Trials[i].Cell.Strategy == "null":
				h.Record(1_000_000)
			default:
				h.Record(20_000)
			}
		}
		m.Response = h
	}
	s := results.Summarize(run)
	for _, c := range s.Cells {
		want := []string{"p90", "p99"}
		if c.Strategy == "null" {
			want = nil
		}
		if !slices.Equal(c.PlatformLimited, want) {
			t.Errorf("%s: limited at %q, want %q", c.Cell, c.PlatformLimited, want)
		}
		floor := s.FloorOf(&c, &run.Manifest)
		if (floor != nil) != (c.Strategy == "chan") || floor != nil && floor.Rate != c.Rate {
			t.Errorf("%s: floor %+v", c.Cell, floor)
		}
	}
	var page bytes.Buffer
	if err := results.WriteMarkdown(&page, run, s); err != nil {
		t.Fatal(err)
	}
	if want := "| chan | ≤ 20.1 µs | ≤ 20.1 µs |"; !strings.Contains(page.String(), want) {
		t.Errorf("the page lacks %q:\n%s", want, &page)
	}
}

// TestFloorAtAnotherRate takes away the floor of the same rate.
func TestFloorAtAnotherRate(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{1}, Reps: 1, Rates: []float64{1e5, 1.5e5, 1e6}})
	for i := range run.Trials {
		if c := run.Trials[i].Cell; c.Strategy == "null" && c.Rate != 1e5 {
			run.Trials[i].Measurement, run.Trials[i].Failure = nil, &results.Failure{Kind: results.FailureKilled}
		}
	}
	s := results.Summarize(run)
	near := resultstest.Pick(t, s, func(c results.Cell) bool { return c.Strategy == "chan" && c.Rate == 1.5e5 })
	far := resultstest.Pick(t, s, func(c results.Cell) bool { return c.Strategy == "chan" && c.Rate == 1e6 })
	if floor := s.FloorOf(near, &run.Manifest); floor == nil || floor.Rate != 1e5 {
		t.Errorf("at 1.5 times the rate: %+v", floor)
	}
	if floor := s.FloorOf(far, &run.Manifest); floor != nil ||
		!strings.Contains(strings.Join(far.Warnings, " "), "pacer's own error is unknown") {
		t.Errorf("at ten times the rate: %+v, warnings %q", floor, far.Warnings)
	}
}

// TestCellsAreToldApart checks that no two cells share a name in any export.
func TestCellsAreToldApart(t *testing.T) {
	t.Parallel()
	run := open()
	var bench, log bytes.Buffer
	s := results.Summarize(run)
	if err := results.WriteBench(&bench, run); err != nil {
		t.Fatal(err)
	}
	if err := results.WriteLatencyLog(&log, run, s); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for line := range strings.Lines(bench.String()) {
		if name, _, ok := strings.Cut(line, " "); ok && strings.HasPrefix(name, "Benchmark") {
			count[strings.TrimSpace(name)]++
		}
	}
	if len(count) != len(s.Cells) {
		t.Errorf("%d names of %d cells", len(count), len(s.Cells))
	}
	for name, n := range count {
		if n != run.Manifest.Reps || strings.ContainsFunc(name, func(r rune) bool { return r > '~' }) {
			t.Errorf("%q stands %d times, want once for each of %d repetitions, in ASCII", name, n, run.Manifest.Reps)
		}
	}
	want := "stall=50ms-per-500ms"
	if !strings.Contains(bench.String(), "load=0.5/overload=3/"+want) {
		t.Errorf("names lack load, overload or %s: %v", want, count)
	}
	for _, suffix := range []string{"/time=response,", "/time=send-delay,", "/time=wake,"} {
		if !strings.Contains(log.String(), suffix) {
			t.Errorf("the log lacks a tag with %s", suffix)
		}
	}
}

func TestSheets(t *testing.T) {
	t.Parallel()
	s := results.Summarize(open())
	sheets := map[string]*sheet.Sheet{}
	for _, table := range results.Tables() {
		sheets[table.Title] = s.Sheet(table)
	}
	const each = "chan producers=1|chan producers=16|chan-unbounded producers=1|chan-unbounded producers=16"
	for title, want := range map[string]struct {
		columns string
		labels  string
	}{
		"Throughput":              {"1 producer|16 producers", "null|chan|chan-unbounded"},
		"Response time, p99":      {"1.00 M msg/s|50 % load|120 % load", "null producers=1|null producers=16|" + each},
		"Saturation":              {"1 producer|16 producers", "null|chan|chan-unbounded"},
		"At rest":                 {"wake p50|wake p99|idle CPU|burst|kept", each},
		"Recovery from overload":  {"1.00 M msg/s|50 % load|120 % load", "null producers=1|null producers=16|" + each},
		"Transit time, p50 / p99": {"1 producer|16 producers", "chan|chan-unbounded"},
	} {
		sheet := sheets[title]
		if sheet == nil {
			t.Errorf("no table %q", title)
			continue
		}
		var labels []string
		for _, row := range sheet.Rows {
			labels = append(labels, row.Label)
			if len(row.Texts) != len(sheet.Columns) {
				t.Errorf("%s: %d texts in %d columns", row.Label, len(row.Texts), len(sheet.Columns))
			}
		}
		if got := strings.Join(sheet.Columns, "|"); got != want.columns {
			t.Errorf("%s: columns %q, want %q", title, got, want.columns)
		}
		if got := strings.Join(labels, "|"); got != want.labels {
			t.Errorf("%s: rows %q, want %q", title, got, want.labels)
		}
	}
	over := sheets["Response time, p99"].Rows[3].Texts[2]
	if !strings.HasSuffix(over, " †") {
		t.Errorf("chan at 120 %% load shows %q, want a mark", over)
	}
}

func TestEveryKindRoundTrips(t *testing.T) {
	t.Parallel()
	run := open()
	got, err := results.Open(resultstest.Write(t, run))
	if err != nil {
		t.Fatal(err)
	}
	want, have := results.Summarize(run), results.Summarize(got)
	for i := range want.Cells {
		if !reflect.DeepEqual(fields(t, &want.Cells[i]), fields(t, &have.Cells[i])) {
			t.Errorf("%s changed", want.Cells[i].Cell)
		}
		if !reflect.DeepEqual(want.Cells[i].Series, have.Cells[i].Series) {
			t.Errorf("%s: the backlog changed", want.Cells[i].Cell)
		}
	}
}

func TestSeriesIsAMedianOverTime(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{1}, Reps: 3, Rates: []float64{1e5}})
	// The same hill of 4 ms, once in finer steps, and one trial that saw nothing.
	hills := []results.Backlog{
		{StepNs: 1e6, Series: stat.NewLevels(0, 8, 2, 0)},
		{StepNs: 5e5, Series: stat.NewLevels(0, 0, 8, 6, 2, 1, 0, 0)},
		{StepNs: 1e6, Series: stat.NewLevels(0, 0)},
	}
	for i := range run.Trials {
		run.Trials[i].Measurement.Backlog = &hills[run.Trials[i].Block]
	}
	got := results.Summarize(run).Cells[1].Series
	if want := []float64{0, 8, 2, 0}; got.StepNs != 1e6 || !slices.Equal(got.Values, want) {
		t.Errorf("%+v, want %v", got, want)
	}
}

// TestRefusesImpossibleMeasurements changes one field at a time.
func TestRefusesImpossibleMeasurements(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*results.Measurement){
		"offered_msgs_per_s NaN":         func(m *results.Measurement) { m.OfferedRate = math.NaN() },
		"achieved_msgs_per_s +Inf":       func(m *results.Measurement) { m.AchievedRate = math.Inf(1) },
		"saturation_msgs_per_s -1":       func(m *results.Measurement) { m.Saturation = -1 },
		"recovery_ns -1":                 func(m *results.Measurement) { m.RecoveryNs = -1 },
		"parks -1":                       func(m *results.Measurement) { m.Parks = new(int64(-1)) },
		"peak_bytes":                     func(m *results.Measurement) { m.PeakBytes = 1 << 60 },
		"cpu_ns -5":                      func(m *results.Measurement) { m.CPUNs = -5 },
		"send_call mean":                 func(m *results.Measurement) { m.SendCall = &results.Mean{Mean: math.NaN()} },
		"send_call count":                func(m *results.Measurement) { m.SendCall = &results.Mean{Count: -1} },
		"response holds":                 func(m *results.Measurement) { m.Response = &histogram.Histogram{} },
		"send_delay holds":               func(m *results.Measurement) { m.SendDelay = &histogram.Histogram{} },
		"backlog mean":                   func(m *results.Measurement) { m.Backlog.Mean = -1 },
		"backlog step_ns 0":              func(m *results.Measurement) { m.Backlog.StepNs = 0 },
		"backlog series length 100001":   func(m *results.Measurement) { m.Backlog.Series = stat.NewLevels(make([]int64, 100_001)...) },
		"backlog series: step 1 with -1": func(m *results.Measurement) { m.Backlog.Series = stat.NewLevels(0, -1) },
		"jain 0 is outside (0, 1]":       func(m *results.Measurement) { m.Fairness.Jain = 0 },
		"jain 1.1 is outside (0, 1]":     func(m *results.Measurement) { m.Fairness.Jain = 1.1 },
		"p99_ratio 0.5 is outside":       func(m *results.Measurement) { m.Fairness.P99Ratio = 0.5 },
		"hiccup_max_ns -1":               func(m *results.Measurement) { m.Host.HiccupMaxNs = -1 },
		"stage 1: blocked_ns -1":         func(m *results.Measurement) { m.Stages = []results.Stage{{}, {BlockedNs: new(int64(-1))}} },
		"stage 0: backlog max -1": func(m *results.Measurement) {
			m.Stages = []results.Stage{{Backlog: &results.Backlog{Max: -1, StepNs: 1}}}
		},
		"number of stages 66": func(m *results.Measurement) { m.Stages = make([]results.Stage, 66) },
		"backlog mean NaN":    func(m *results.Measurement) { m.InFlight = &results.Backlog{Mean: math.NaN(), StepNs: 1} },
		"neighbours beside: units -1": func(m *results.Measurement) {
			m.Neighbours = &results.Neighbours{Alone: results.Work{Units: 1, ElapsedNs: 1}, Beside: results.Work{Units: -1, ElapsedNs: 1}}
		},
		"neighbours alone: elapsed_ns 0": func(m *results.Measurement) { m.Neighbours = &results.Neighbours{} },
		"neighbours alone: they got nothing done": func(m *results.Measurement) {
			m.Neighbours = &results.Neighbours{Alone: results.Work{ElapsedNs: 1}, Beside: results.Work{ElapsedNs: 1}}
		},
		"sink writes -1":            func(m *results.Measurement) { m.Sink = &results.Sink{Writes: -1} },
		"a probe has no wake times": func(m *results.Measurement) { m.Probe = &results.Probe{} },
		"idle_cpu_share NaN": func(m *results.Measurement) {
			m.Probe = &results.Probe{Wake: histogram.New(), IdleCPUShare: math.NaN()}
		},
		"retained_bytes -1 is outside 0.": func(m *results.Measurement) {
			m.Probe = &results.Probe{Wake: histogram.New(), RetainedBytes: -1}
		},
	} {
		run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{4}, Reps: 1, Samples: 5, Rates: []float64{1e5}})
		m := run.Trials[0].Measurement
		if err := m.Validate(); err != nil {
			t.Fatal(err)
		}
		change(m)
		resultstest.WantError(t, m.Validate(), want)
	}
}

// What a parent saw of its child's memory is checked too, of failed trials as well.
func TestRefusesImpossibleMemory(t *testing.T) {
	t.Parallel()
	for want, memory := range map[string]results.Memory{
		"memory peak_bytes -1":         {PeakBytes: -1, StepNs: 1},
		"memory step_ns 0":             {},
		"memory series length 100001":  {StepNs: 1, Series: stat.NewLevels(make([]int64, 100_001)...)},
		"memory series: step 0 with -": {StepNs: 1, Series: stat.NewLevels(-5)},
	} {
		run := small()
		w, err := results.Create(filepath.Join(t.TempDir(), "run"), run.Manifest)
		if err != nil {
			t.Fatal(err)
		}
		trial := run.Trials[0]
		trial.Measurement, trial.Failure = nil, &results.Failure{Kind: results.FailureMemory}
		trial.Memory = &memory
		resultstest.WantError(t, w.Append(trial), want)
	}
}

func TestRefusesImpossibleCells(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*results.Cell){
		`unknown kind of cell "odd"`:      func(c *results.Cell) { c.Kind = "odd" },
		"rate_msgs_per_s NaN":             func(c *results.Cell) { c.Rate = math.NaN() },
		"rate_msgs_per_s -1":              func(c *results.Cell) { c.Rate = -1 },
		"load +Inf":                       func(c *results.Cell) { c.Load = math.Inf(1) },
		"overload 1e+09":                  func(c *results.Cell) { c.Overload = 1e9 },
		"consumer_cost_ns -1":             func(c *results.Cell) { c.ConsumerCostNs = -1 },
		`unknown capacity_of "everybody"`: func(c *results.Cell) { c.CapacityOf = "everybody" },
		"batch_deadline_ns -1":            func(c *results.Cell) { c.BatchDeadlineNs = -1 },
		"hot_share 2":                     func(c *results.Cell) { c.HotShare = 2 },
		"zipf_exponent NaN":               func(c *results.Cell) { c.Zipf = math.NaN() },
		"burst_period_ns -1":              func(c *results.Cell) { c.BurstPeriodNs = -1 },
		"pause_ns -1":                     func(c *results.Cell) { c.PauseNs = -1 },
		"pause_every_msgs -1":             func(c *results.Cell) { c.PauseEvery = -1 },
		"batch_cost_ns -1":                func(c *results.Cell) { c.BatchCostNs = -1 },
		`unknown item "box"`:              func(c *results.Cell) { c.Item = "box" },
		`unknown allocation "pool"`:       func(c *results.Cell) { c.Allocation = "pool" },
		`unknown cost_kind "idle"`:        func(c *results.Cell) { c.CostKind = "idle" },
		`unknown sink "udp"`:              func(c *results.Cell) { c.Sink = "udp" },
		`unknown sink_write "all"`:        func(c *results.Cell) { c.SinkWrite = "all" },
		`unknown sink_frame "bit"`:        func(c *results.Cell) { c.SinkFrame = "bit" },
		"stall_ns -1":                     func(c *results.Cell) { c.StallNs = -1 },
		"busy -1":                         func(c *results.Cell) { c.Busy = -1 },
		`unknown busy_kind "idle"`:        func(c *results.Cell) { c.BusyKind = "idle" },
		"stall_every_ns -1":               func(c *results.Cell) { c.StallEveryNs = -1 },
	} {
		m := small().Manifest
		m.Cells = slices.Clone(m.Cells)
		change(&m.Cells[0])
		_, err := results.Create(t.TempDir(), m)
		resultstest.WantError(t, err, want)
	}
}
