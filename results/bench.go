package results

import (
	"cmp"
	"io"
	"slices"

	"golang.org/x/perf/benchfmt"

	"github.com/fanin-bench/fanin-bench/results/sheet"
)

// WriteBench writes the Go benchmark format: a result for each measured trial,
// so that benchstat makes its own statistics (benchstat -col /strategy).
func WriteBench(out io.Writer, run *Run) error {
	w := benchfmt.NewWriter(out)
	for _, q := range quantities {
		if q.Bench == "" || !q.HigherIsBetter {
			continue // benchstat takes what it is not told of for a cost
		}
		if err := w.Write(&benchfmt.UnitMetadata{
			UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: q.Bench, Key: "better"}, OrigUnit: q.Bench, Value: "higher",
		}); err != nil {
			return err
		}
	}
	varying := Varying(run.Manifest.Cells)
	for _, t := range benchOrder(run) {
		if t.Measurement == nil || t.Measurement.Delivered == 0 {
			continue
		}
		values := benchValues(&t)
		if len(values) == 0 {
			continue
		}
		name := "FanIn/strategy=" + t.Cell.path(varying)
		config := benchConfig(run.Manifest.EnvironmentOf(t.Cell))
		result := &benchfmt.Result{Config: config, Name: benchfmt.Name(name), Iters: int(t.Measurement.Delivered), Values: values}
		if err := w.Write(result); err != nil {
			return err
		}
	}
	return nil
}

// unitPerOp is the unit that go test writes first, and so do we.
const unitPerOp = "ns/op"

// benchValues lists what a trial measured of what its cell is about.
func benchValues(t *Trial) []benchfmt.Value {
	var values []benchfmt.Value
	for _, q := range quantities {
		if q.Bench == "" || !q.IsAbout(t.Cell) {
			continue
		}
		if v, ok := q.Of(t); ok {
			values = append(values, benchfmt.Value{Value: v, Unit: q.Bench})
		}
	}
	if i := slices.IndexFunc(values, func(v benchfmt.Value) bool { return v.Unit == unitPerOp }); i > 0 {
		first := values[i]
		values = slices.Insert(slices.Delete(values, i, i+1), 0, first)
	}
	return values
}

func benchConfig(e Environment) []benchfmt.Config {
	var config []benchfmt.Config
	for _, c := range [][2]string{{"goos", e.OS}, {"goarch", e.Arch}, {"cpu", e.CPU}, {"go", e.Go}} {
		if value := sheet.OneLine(c[1]); value != "" {
			config = append(config, benchfmt.Config{Key: c[0], Value: []byte(value), File: true})
		}
	}
	return config
}

// benchOrder sorts the trials by cell, the baseline's first: benchstat compares
// with the strategy that it meets first.
func benchOrder(run *Run) []Trial {
	rank, baseline := map[Cell]int{}, run.Manifest.Baseline()
	for i, c := range run.Manifest.Cells {
		rank[c] = i
		if c.Strategy == baseline {
			rank[c] -= len(run.Manifest.Cells)
		}
	}
	trials := slices.Clone(run.Trials)
	slices.SortStableFunc(trials, func(a, b Trial) int {
		return cmp.Or(cmp.Compare(rank[a.Cell], rank[b.Cell]), cmp.Compare(a.Block, b.Block))
	})
	return trials
}
