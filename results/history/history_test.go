package history_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/history"
	"github.com/fanin-bench/fanin-bench/results/merge"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// past makes a run of a day in which lanes are slower by a factor.
func past(day int, slower float64) *results.Run {
	run := resultstest.Run(resultstest.Config{
		Producers: []int{1, 16}, Reps: 6, Samples: 1200, Closed: true, Rates: []float64{1e6}, Loads: []float64{0.5},
	})
	run.Dir = "day" + string(rune('0'+day))
	run.Manifest.Started = run.Manifest.Started.Add(time.Duration(day) * 24 * time.Hour)
	for i := range run.Trials {
		if t := &run.Trials[i]; t.Cell.Strategy == "lanes" && t.Cell.IsClosed() {
			t.Measurement.ElapsedNs = int64(slower * float64(t.Measurement.ElapsedNs))
		}
	}
	return run
}

func metricOf(t *testing.T, h *history.History, name string) history.MetricHistory {
	t.Helper()
	i := slices.IndexFunc(h.Metrics, func(m history.MetricHistory) bool { return m.Name == name })
	if i < 0 {
		t.Fatalf("no metric %s", name)
	}
	return h.Metrics[i]
}

func cellOf(t *testing.T, m history.MetricHistory, strategy string, producers int) history.CellHistory {
	t.Helper()
	for _, c := range m.Cells {
		if c.Strategy == strategy && c.Producers == producers {
			return c
		}
	}
	t.Fatalf("%s has no %s at %d", m.Name, strategy, producers)
	return history.CellHistory{}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	a, b, c := past(1, 1), past(2, 1), past(3, 2)
	b.Manifest.Environment.Load1 = 3 // no other machine
	c.Manifest.Environment.Go, c.Manifest.Environment.Kernel = "go1.27.0", "6.12"
	// A cell that is gone.
	c.Manifest.Cells = slices.DeleteFunc(c.Manifest.Cells, func(c results.Cell) bool { return c.Strategy == "mutex-swap" && c.Producers == 1 })
	c.Trials = slices.DeleteFunc(c.Trials, func(t results.Trial) bool { return t.Cell.Strategy == "mutex-swap" && t.Cell.Producers == 1 })
	h, err := history.New([]*results.Run{c, a, b}, results.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, run := range h.Runs {
		dirs = append(dirs, run.Dir)
	}
	if !slices.Equal(dirs, []string{"day1", "day2", "day3"}) || len(h.Runs[1].Changes) != 0 ||
		!slices.Equal(h.Runs[2].Changes, []string{"Go go1.26.0 -> go1.27.0", "kernel unknown -> 6.12"}) {
		t.Errorf("runs %+v", h.Runs)
	}
	through := metricOf(t, h, "throughput")
	lanes := cellOf(t, through, "lanes", 16)
	if lanes.Change(0, 1) != "~" || lanes.Change(0, 2) != "-50.0 %" {
		t.Errorf("lanes changed by %s, then %s", lanes.Change(0, 1), lanes.Change(0, 2))
	}
	if gone := cellOf(t, through, "mutex-swap", 1); gone.Points[1] == nil || gone.Points[2] != nil || gone.Change(0, 2) != "" {
		t.Errorf("a cell that the last run lacks: %v", gone.Points)
	}
	for name, strategy := range map[string]string{"response_p99": "null", "saturation": "lanes"} {
		for i, p := range cellOf(t, metricOf(t, h, name), strategy, 1).Points {
			if p == nil || p.Lo == nil || *p.Lo > p.Median || p.Median <= 0 {
				t.Errorf("%s of run %d: %+v", name, i, p)
			}
		}
	}
	want := results.Summarize(a)
	if got := lanes.Points[0]; *got.Hi != *resultstest.Pick(t, want, func(c results.Cell) bool {
		return c.Strategy == "lanes" && c.Producers == 16 && c.IsClosed()
	}).Interval(results.Throughput).Hi {
		t.Errorf("%+v is not what the summary says", got)
	}
	h, err = history.New([]*results.Run{a, b}, results.Choice{Strategies: []string{"lanes"}, Producers: []int{16}})
	if err != nil || len(metricOf(t, h, "throughput").Cells) != 1 {
		t.Errorf("%v: %+v", err, h)
	}
	_, err = history.New([]*results.Run{a, b}, results.Choice{Strategies: []string{"relic"}})
	resultstest.WantError(t, err, "none of the 2 runs measured a chosen cell")
	_, err = history.New([]*results.Run{a}, results.Choice{})
	resultstest.WantError(t, err, "a history needs at least two runs")
}

// What was watched for longer is another row, and its label says so.
func TestHistoryOfLengths(t *testing.T) {
	t.Parallel()
	a, b := past(1, 1), past(2, 1)
	for i := range b.Manifest.Cells {
		b.Manifest.Cells[i].Messages *= 2
	}
	for i := range b.Trials {
		b.Trials[i].Cell.Messages *= 2
	}
	h, err := history.New([]*results.Run{a, b}, results.Choice{Strategies: []string{"lanes"}, Producers: []int{16}})
	if err != nil {
		t.Fatal(err)
	}
	through := metricOf(t, h, "throughput")
	if len(through.Cells) != 2 {
		t.Fatalf("%d rows, want 2", len(through.Cells))
	}
	for i, c := range through.Cells {
		label := fmt.Sprintf("lanes, %d messages", c.Messages)
		if c.Points[i] == nil || c.Points[1-i] != nil || c.Change(0, 1) != "" || through.Label()(c.Cell) != label {
			t.Errorf("row %d, %q: %v", i, through.Label()(c.Cell), c.Points)
		}
	}
}

func TestHistoryOfMergedRuns(t *testing.T) {
	t.Parallel()
	const (
		xeon = "Intel(R) Xeon(R) Platinum 8370C CPU @ 2.80GHz"
		epyc = "AMD EPYC 7763 64-Core Processor"
	)
	on := func(dir, cpu string) *results.Run {
		run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{1}, Reps: 6, Samples: 20})
		run.Dir, run.Manifest.Environment.CPU = dir, cpu
		return run
	}
	merged := func(cpu string) *results.Run {
		run, err := merge.Runs([]*results.Run{on("a", xeon), on("b", cpu)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	h, err := history.New([]*results.Run{merged(epyc), merged(epyc), merged("Ryzen 9")}, results.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	if c := h.Runs[1].Changes; len(c) != 0 {
		t.Errorf("equal machines changed: %q", c)
	}
	want := "machines Xeon-Platinum-8370C-2c, EPYC-7763-2c -> Xeon-Platinum-8370C-2c, Ryzen-9-2c"
	if c := h.Runs[2].Changes; len(c) != 1 || c[0] != want {
		t.Errorf("changes %q", c)
	}
}
