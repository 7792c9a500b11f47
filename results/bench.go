package results

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"golang.org/x/perf/benchfmt"
)

// WriteBench writes the Go benchmark format: a result for each measured trial,
// so that benchstat makes its own statistics (benchstat -col /strategy).
func WriteBench(out io.Writer, run *Run) error {
	w := benchfmt.NewWriter(out)
	if err := w.Write(&benchfmt.UnitMetadata{
		UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: "msgs/s", Key: "better"}, OrigUnit: "msgs/s", Value: "higher",
	}); err != nil {
		return err
	}
	varying := Varying(run.Manifest.Cells)
	config := benchConfig(run.Manifest.Environment)
	for _, t := range benchOrder(run) {
		m := t.Measurement
		if m == nil || m.Delivered == 0 {
			continue
		}
		name := fmt.Sprintf("FanIn/strategy=%s/producers=%d", t.Cell.Strategy, t.Cell.Producers)
		if rest := t.Cell.Label(varying, "/"); rest != "" {
			name += "/" + rest
		}
		values := []benchfmt.Value{{Value: m.NsPerMsg(), Unit: "ns/op"}, {Value: m.Throughput(), Unit: "msgs/s"}}
		if q := NewQuantiles(m.Transit); q != nil {
			if q.P50 != nil {
				values = append(values, benchfmt.Value{Value: float64(*q.P50), Unit: "p50-transit-ns"})
			}
			if q.P99 != nil {
				values = append(values, benchfmt.Value{Value: float64(*q.P99), Unit: "p99-transit-ns"})
			}
		}
		result := &benchfmt.Result{Config: config, Name: benchfmt.Name(name), Iters: int(m.Delivered), Values: values}
		if err := w.Write(result); err != nil {
			return err
		}
	}
	return nil
}

func benchConfig(e Environment) []benchfmt.Config {
	var config []benchfmt.Config
	for _, c := range [][2]string{{"goos", e.OS}, {"goarch", e.Arch}, {"cpu", e.CPU}, {"go", e.Go}} {
		if value := oneLine(c[1]); value != "" {
			config = append(config, benchfmt.Config{Key: c[0], Value: []byte(value), File: true})
		}
	}
	return config
}

// benchOrder sorts the trials by cell, the baseline's first: benchstat compares
// with the strategy that it meets first.
func benchOrder(run *Run) []Trial {
	rank := map[Cell]int{}
	for i, c := range run.Manifest.Cells {
		rank[c] = i
		if c.Strategy == Baseline {
			rank[c] -= len(run.Manifest.Cells)
		}
	}
	trials := slices.Clone(run.Trials)
	slices.SortStableFunc(trials, func(a, b Trial) int {
		return cmp.Or(cmp.Compare(rank[a.Cell], rank[b.Cell]), cmp.Compare(a.Block, b.Block))
	})
	return trials
}
