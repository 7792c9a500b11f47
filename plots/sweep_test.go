package plots

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// sweptSeries writes down what a scene has at each value: the throughputs' medians
// stand for their cells.
func sweptSeries(s *Scene) (all []string) {
	for _, x := range s.Series {
		var cells []results.Cell
		for _, v := range s.counts() {
			if c := x.Cells[v]; c != nil {
				cells = append(cells, c.Cell)
			}
		}
		same := slices.ContainsFunc(cells[1:], func(c results.Cell) bool { return c == cells[0] })
		all = append(all, fmt.Sprintf("%s: %d, level %t", x.Name, len(cells), same))
	}
	return all
}

// A strategy that has no capacity is level: it was measured once.
func TestSweepAlongCapacity(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 3, Producers: []int{4, 16}, Reps: 6, Samples: -1, Capacities: []int{16, 1, 256}})
	all := sweeps(&run.Manifest, results.Summarize(run))
	if len(all) != 2 {
		t.Fatalf("%d scenes; want one for each number of producers", len(all))
	}
	for i, producers := range []int{4, 16} {
		s := all[i]
		want := fmt.Sprintf("producers=%d [1 16 256] [%s: 3, level true chan: 3, level false chan-unbounded · not swept: 3, level true]", producers, floorName)
		if got := fmt.Sprint(s.Label, " ", s.counts(), " ", sweptSeries(s)); got != want {
			t.Errorf("scene %s, want %s", got, want)
		}
		text, whose := (&panel{reading: s.reading(), yLabel: "items"}).words(point{x: 17, y: 5})
		if text != "capacity 16, items: 5.00" || whose != producers {
			t.Errorf("the point reads %q, of %d producers", text, whose)
		}
	}
}

// The same numbers counted differently are two lines.
func TestSweepAlongCountedCapacity(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 2, Producers: []int{4}, Reps: 1, Samples: -1, Capacities: []int{16, 64, 256}})
	for _, of := range results.CapacityCounts() {
		for _, trial := range slices.Clone(run.Trials) {
			if trial.Cell.Capacity > 0 && trial.Cell.CapacityOf == "" {
				trial.Cell.CapacityOf = of
				run.Trials, run.Manifest.Cells = append(run.Trials, trial), append(run.Manifest.Cells, trial.Cell)
			}
		}
	}
	bare := func(c results.Cell) bool { return c.Capacity > 0 && c.CapacityOf == "" }
	run.Manifest.Cells = slices.DeleteFunc(run.Manifest.Cells, bare)
	run.Trials = slices.DeleteFunc(run.Trials, func(trial results.Trial) bool { return bare(trial.Cell) })
	all := sweeps(&run.Manifest, results.Summarize(run))
	if len(all) != 1 {
		t.Fatalf("%d scenes; want one", len(all))
	}
	want := []string{floorName + ": 3, level true", "chan counted per producer: 3, level false", "chan counted in total: 3, level false"}
	if got := sweptSeries(all[0]); !slices.Equal(got, want) {
		t.Errorf("series %q, want %q", got, want)
	}
}

// What else varies makes scenes of its own, and two values are no sweep.
func TestSweepAlongPayload(t *testing.T) {
	t.Parallel()
	config := resultstest.Config{Strategies: 2, Producers: []int{4}, Reps: 6, Samples: -1}
	run := resultstest.Run(config)
	run.Manifest.Cells = nil
	trials := run.Trials
	run.Trials = nil
	for _, batch := range []int{1, 32} {
		for _, payload := range []int{1024, 8, 64} {
			for _, trial := range trials {
				trial.Cell.Payload, trial.Cell.SendBatch = payload, batch
				run.Trials = append(run.Trials, trial)
				if trial.Block == 0 {
					run.Manifest.Cells = append(run.Manifest.Cells, trial.Cell)
				}
			}
		}
	}
	all := sweeps(&run.Manifest, results.Summarize(run))
	var got []string
	for _, s := range all {
		got = append(got, fmt.Sprint(s.name("sweep"), " ", s.counts(), " ", len(s.Series), " ", s.items()))
	}
	want := []string{
		"sweep_payload_producers-4_send-batch-1 [8 64 1024] 2 single sends",
		"sweep_payload_producers-4_send-batch-32 [8 64 1024] 2 sent in batches of 32",
	}
	if !slices.Equal(got, want) {
		t.Errorf("scenes %q, want %q", got, want)
	}
}

// Neighbours of each kind are a scene that begins without any, and stand at places that
// have a logarithm.
func TestSweepAlongNeighbours(t *testing.T) {
	t.Parallel()
	const alloc = results.BusyAlloc
	run := resultstest.Run(resultstest.Config{
		Strategies: 3, Producers: []int{4}, Reps: 6, Samples: -1,
		Companies: []resultstest.Company{{Busy: 8}, {}, {Busy: 2}, {Busy: 1, Kind: alloc}, {Busy: 4, Kind: alloc}},
	})
	all := sweeps(&run.Manifest, results.Summarize(run))
	var got []string
	for _, s := range all {
		for _, x := range s.Series {
			for place, c := range x.Cells {
				if c.Busy != place-1 || c.Busy > 0 && c.BusyKind != s.first.BusyKind {
					t.Errorf("%s stands at %d", c.Cell, place)
				}
			}
		}
		got = append(got, fmt.Sprint(s.name("sweep"), s.counts(), sweptSeries(s), s.countText(s.counts()[0])))
	}
	const series = " [harness floor: 3, level false chan: 3, level false chan-unbounded: 3, level false]0"
	if want := []string{"sweep_busy_producers-4[1 3 9]" + series, "sweep_busy_producers-4_busy-kind-alloc[1 2 5]" + series}; !slices.Equal(got, want) {
		t.Errorf("scenes %q; want %q", got, want)
	}
	text, _ := (&panel{reading: all[0].reading(), yLabel: "items"}).words(point{x: 9, y: 5})
	if text != "busy 8, items: 5.00" {
		t.Errorf("the point reads %q", text)
	}
}
