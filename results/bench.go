package results

import (
	"cmp"
	"io"
	"slices"

	"golang.org/x/perf/benchfmt"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/sheet"
)

// WriteBench writes the Go benchmark format: a result for each measured trial,
// so that benchstat makes its own statistics (benchstat -col /strategy).
func WriteBench(out io.Writer, run *Run) error {
	w := benchfmt.NewWriter(out)
	for _, unit := range []string{unitThroughput, unitSaturation} {
		if err := w.Write(&benchfmt.UnitMetadata{
			UnitMetadataKey: benchfmt.UnitMetadataKey{Unit: unit, Key: "better"}, OrigUnit: unit, Value: "higher",
		}); err != nil {
			return err
		}
	}
	varying := Varying(run.Manifest.Cells)
	for _, t := range benchOrder(run) {
		m := t.Measurement
		if m == nil || m.Delivered == 0 {
			continue
		}
		name := "FanIn/strategy=" + t.Cell.path(varying)
		values := benchValues(t.Cell, m)
		config := benchConfig(run.Manifest.EnvironmentOf(t.Cell))
		result := &benchfmt.Result{Config: config, Name: benchfmt.Name(name), Iters: int(m.Delivered), Values: values}
		if err := w.Write(result); err != nil {
			return err
		}
	}
	return nil
}

// The units of which more is better; benchstat takes the others for costs.
const (
	unitThroughput = "msgs/s"
	unitSaturation = "saturation-msgs/s"
)

// benchValues lists what a trial measured, by the kind of its cell.
func benchValues(cell Cell, m *Measurement) []benchfmt.Value {
	switch {
	case cell.Kind == KindSearch:
		return []benchfmt.Value{{Value: m.Saturation, Unit: unitSaturation}}
	case cell.Kind == KindProbe && m.Probe != nil:
		return append(benchTimes(m.Probe.Wake, "wake"),
			benchfmt.Value{Value: m.Probe.IdleCPUShare, Unit: "idle-cpu-share"},
			benchfmt.Value{Value: float64(m.Probe.RetainedBytes), Unit: "retained-B"})
	default:
		values := []benchfmt.Value{{Value: m.NsPerMsg(), Unit: "ns/op"}, {Value: m.Throughput(), Unit: unitThroughput}}
		return slices.Concat(values, benchTimes(m.Response, "response"), benchTimes(m.Transit, "transit"))
	}
}

func benchTimes(h *histogram.Histogram, name string) []benchfmt.Value {
	q := histogram.NewQuantiles(h)
	if q == nil {
		return nil
	}
	var values []benchfmt.Value
	for _, quoted := range q.List() {
		if quoted.Ns != nil && (quoted.Name == "p50" || quoted.Name == "p99") {
			values = append(values, benchfmt.Value{Value: float64(*quoted.Ns), Unit: quoted.Name + "-" + name + "-ns"})
		}
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
