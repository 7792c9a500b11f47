package plots

import (
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/history"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// pastRuns makes runs of which every fourth comes with another Go.
func pastRuns(t *testing.T, n int, c resultstest.Config) *history.History {
	t.Helper()
	var runs []*results.Run
	first := resultstest.Run(c)
	for day := range n {
		run := &results.Run{Manifest: first.Manifest, Trials: slices.Clone(first.Trials)}
		m := &run.Manifest
		m.Started = m.Started.Add(time.Duration(day) * 24 * time.Hour)
		m.Environment.Go = fmt.Sprintf("go1.%d.0", 26+day/4)
		for i := range run.Trials {
			if measured := run.Trials[i].Measurement; measured != nil {
				own := *measured
				measured, run.Trials[i].Measurement = &own, &own
				measured.ElapsedNs = int64(float64(measured.ElapsedNs) * (1 + 0.1*math.Sin(float64(day)) + 0.2*float64(day/4)))
			}
		}
		if day == 2 { // nobody measured a part of it that day
			run.Trials = run.Trials[:len(run.Trials)/8]
		}
		runs = append(runs, run)
	}
	h, err := history.New(runs, results.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHistoryFigures(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("draws PNGs, which takes long under the race detector")
	}
	h := pastRuns(t, 10, resultstest.Config{
		Producers: []int{1, 4, 16, 64}, Reps: 6, Samples: 1500, Closed: true, Rates: []float64{1e6}, Loads: []float64{0.5},
	})
	dir := t.TempDir()
	files, err := WriteHistory(h, dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, filepath.Base(file))
	}
	want := "history_throughput.svg history_throughput.png history_response_p99.svg history_response_p99.png " +
		"history_saturation.svg history_saturation.png"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("files %s", got)
	}
	in, err := os.Open(files[1])
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if picture, err := png.DecodeConfig(in); err != nil || picture.Width != 1600 {
		t.Errorf("%+v, %v", picture, err)
	}
	d := drawHistory(h, h.Metrics[0])
	if len(d.panels) != 3 || len(d.panels[0].lines) != 5 {
		t.Errorf("%d panels of %d lines", len(d.panels), len(d.panels[0].lines))
	}
	for _, want := range []string{
		"How did the throughput change", "dashed before #5 (2026-01-06 03:04): Go go1.26.0 -> go1.27.0", "dashed before #9", "lanes", "harness floor", "#10",
	} {
		if text := allText(d); !strings.Contains(text, want) {
			t.Errorf("the figure lacks %q; it says\n%s", want, text)
		}
	}
}

// Two runs, and many with many changes, are drawn too.
func TestHistoryExtremes(t *testing.T) {
	t.Parallel()
	small := resultstest.Config{Strategies: 2, Producers: []int{1}, Reps: 1, Samples: 20}
	for _, n := range []int{2, 90} {
		d := drawHistory(pastRuns(t, n, small), pastRuns(t, n, small).Metrics[0])
		if len(d.notes) > maxNotes+4 || d.Height > 1200 {
			t.Errorf("%d runs: %d notes, height %v", n, len(d.notes), d.Height)
		}
	}
}
