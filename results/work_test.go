package results_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
)

// What a consumer wrote and how long producers were blocked is summarized per
// message and per second.
func TestSummarizesWork(t *testing.T) {
	t.Parallel()
	run := small()
	for i := range run.Trials {
		m := run.Trials[i].Measurement
		m.Sink = &results.Sink{Bytes: 8 * m.Delivered, Writes: m.Delivered / 4}
		// Each producer was in send calls for half of the time.
		calls := float64(m.Attempted) / float64(run.Trials[i].Cell.Producers)
		m.SendCall = &results.Mean{Mean: float64(m.ElapsedNs) / 2 / calls, Count: 10}
	}
	for _, c := range results.Summarize(run).Cells {
		if c.Number(results.BlockedShare) == nil || math.Abs(*c.Number(results.BlockedShare)-0.5) > 1e-6 {
			t.Errorf("%s: blocked for %v of the time; want half", c.Cell, c.Number(results.BlockedShare))
		}
		if c.Number(results.WritesPerMsg) == nil || math.Abs(*c.Number(results.WritesPerMsg)-0.25) > 1e-6 {
			t.Errorf("%s: %v writes per message; want a quarter", c.Cell, c.Number(results.WritesPerMsg))
		}
		if rate := 8 * c.Interval(results.Throughput).Median; c.Number(results.BytesWritten) == nil || math.Abs(*c.Number(results.BytesWritten)/rate-1) > 1e-6 {
			t.Errorf("%s: %v bytes a second; want %v", c.Cell, c.Number(results.BytesWritten), rate)
		}
	}
	for _, c := range results.Summarize(small()).Cells {
		if c.Number(results.WritesPerMsg) != nil || c.Number(results.BytesWritten) != nil {
			t.Errorf("%s: a sink that there was not", c.Cell)
		}
	}
}

// Stages are read as they are written, and in no other way.
func TestStages(t *testing.T) {
	t.Parallel()
	costs := []time.Duration{10 * time.Millisecond, 0, 1500 * time.Nanosecond}
	text := results.NewStages(costs...).String()
	if text != "10ms+0s+1.5us" {
		t.Errorf("stages %q", text)
	}
	if got, err := results.ParseStages(text); err != nil || !slices.Equal(got.Costs(), costs) {
		t.Errorf("%q is read as %v, error %v", text, got, err)
	}
	if s := (results.Stage{Messages: 100, ElapsedNs: 5e9}); s.Throughput() != 20 {
		t.Errorf("100 in 5 s are %v a second", s.Throughput())
	}
}

func FuzzParseStages(f *testing.F) {
	for _, seed := range []string{"", "10ms+50ms+20ms", "1.5us", "+", "1h+2h", "-1s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		stages, err := results.ParseStages(text)
		if again := results.NewStages(stages.Costs()...); err == nil && (stages.String() != text || again != stages) {
			t.Errorf("%q and %q are the same stages: equal cells would differ", text, again)
		}
	})
}
