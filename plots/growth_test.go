package plots

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// A limit that is far above all memory would press it flat: it is named, not drawn.
func TestGrowthFarBelowTheLimit(t *testing.T) {
	t.Parallel()
	run := resultstest.Run(resultstest.Config{Strategies: 4, Producers: []int{1}, Reps: 6, Samples: -1, Limit: 300 << 20})
	for limit, want := range map[int64]string{
		300 << 20: "dashed: the memory limit, 300 MiB", 100 << 30: "the memory limit, 100 GiB, is far above",
	} {
		run.Manifest.MemoryLimit = limit
		for i := range run.Trials { // none that ended there
			if run.Trials[i].Failure != nil {
				run.Trials[i].Failure, run.Trials[i].Measurement = nil, run.Trials[0].Measurement
			}
		}
		d, err := growth.Draw(firstScene(run))
		if err != nil {
			t.Fatal(err)
		}
		if d.notes[0] != want {
			t.Errorf("notes %q, want %q", d.notes, want)
		}
	}
}
