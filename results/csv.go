package results

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// column is one column of summary.csv; value gives empty for "not measured".
type column struct {
	name  string
	value func(*CellSummary) string
}

// cellColumns are those of the parameters of some cells. Stages stand before the sink here.
func cellColumns(cells []Cell) []parameter.Column[Cell] {
	columns := slices.DeleteFunc(parameter.Columns[Cell](), func(field parameter.Column[Cell]) bool {
		return field.Optional && !slices.ContainsFunc(cells, func(c Cell) bool { return field.Text(c) != "" })
	})
	at := func(name string) int {
		return slices.IndexFunc(columns, func(c parameter.Column[Cell]) bool { return c.Name == name })
	}
	stages := columns[at("stages")]
	return slices.Insert(slices.Delete(columns, at("stages"), at("stages")+1), at("sink"), stages)
}

func csvColumns(summary *Summary) []column {
	var columns []column
	for _, field := range cellColumns(summary.cells()) {
		columns = append(columns, column{field.Name, func(c *CellSummary) string { return field.Text(c.Cell) }})
	}
	columns = append(columns, []column{
		{"trials", func(c *CellSummary) string { return strconv.Itoa(c.Trials) }},
		{"failed", func(c *CellSummary) string { return strconv.Itoa(c.Failed) }},
		{"failed_as_expected", func(c *CellSummary) string { return units.Positive(c.Expected) }},
	}...)
	speedup := summary.speedup()
	for _, f := range fields() {
		if f.quantity == speedup || !slices.Contains(Speedups(), f.quantity) {
			columns = append(columns, f.columns...)
		}
	}
	return columns
}

// speedup returns the speed-up that cells have: over the run's baseline.
func (s *Summary) speedup() *Quantity {
	all := Speedups()
	for _, q := range all {
		if slices.ContainsFunc(s.Cells, func(c CellSummary) bool { return c.Interval(q) != nil }) {
			return q
		}
	}
	return all[len(all)-1]
}

// stageColumns hold a value for each stage, from the producers on: how many there are
// differs between cells.
func stageColumns() []column {
	part := func(name string, value func(StageSummary) string) column {
		return column{name, func(c *CellSummary) string { return c.eachStage(";", value) }}
	}
	return []column{
		part("stage_throughput_msgs_per_s", func(s StageSummary) string {
			return float(ofPart(s.Throughput, func(i *stat.Interval) *float64 { return &i.Median }))
		}),
		part("stage_blocked_share", func(s StageSummary) string { return float(s.BlockedShare) }),
		part("stage_backlog_mean", func(s StageSummary) string {
			return float(ofPart(s.Backlog, func(b *BacklogSummary) *float64 { return &b.Mean }))
		}),
		part("stage_backlog_max", func(s StageSummary) string {
			return integer(ofPart(s.Backlog, func(b *BacklogSummary) *int64 { return &b.Max }))
		}),
	}
}

// ofPart returns a field of a part that may be absent.
func ofPart[P, V any](part *P, get func(*P) *V) *V {
	if part == nil {
		return nil
	}
	return get(part)
}

func intervalColumns(name string, of func(*CellSummary) *stat.Interval) []column {
	part := func(suffix string, get func(*stat.Interval) *float64) column {
		return column{name + suffix, func(c *CellSummary) string {
			if i := of(c); i != nil {
				return float(get(i))
			}
			return ""
		}}
	}
	return []column{
		part("_median", func(i *stat.Interval) *float64 { return &i.Median }),
		part("_lo", func(i *stat.Interval) *float64 { return i.Lo }),
		part("_hi", func(i *stat.Interval) *float64 { return i.Hi }),
	}
}

func quantileColumns(name string, of func(*CellSummary) *histogram.Quantiles) []column {
	part := func(suffix string, get func(*histogram.Quantiles) string) column {
		return column{name + suffix, func(c *CellSummary) string {
			if q := of(c); q != nil {
				return get(q)
			}
			return ""
		}}
	}
	return []column{
		part("_p50_ns", func(q *histogram.Quantiles) string { return integer(q.P50) }),
		part("_p90_ns", func(q *histogram.Quantiles) string { return integer(q.P90) }),
		part("_p95_ns", func(q *histogram.Quantiles) string { return integer(q.P95) }),
		part("_p99_ns", func(q *histogram.Quantiles) string { return integer(q.P99) }),
		part("_p999_ns", func(q *histogram.Quantiles) string { return integer(q.P999) }),
		part("_p9999_ns", func(q *histogram.Quantiles) string { return integer(q.P9999) }),
		part("_max_ns", func(q *histogram.Quantiles) string { return integer(&q.Max) }),
		part("_mean_ns", func(q *histogram.Quantiles) string { return float(&q.Mean) }),
		part("_sample_count", func(q *histogram.Quantiles) string { return integer(&q.Samples) }),
	}
}

// WriteCSV writes one row for each cell. An empty field was not measured.
func WriteCSV(out io.Writer, summary *Summary) error {
	w := csv.NewWriter(out)
	columns := csvColumns(summary)
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = c.name
	}
	if err := w.Write(row); err != nil {
		return err
	}
	for i := range summary.Cells {
		for j, c := range columns {
			row[j] = c.value(&summary.Cells[i])
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// WriteSlices writes one row for each slice of each trial: its cell, its block, with whom
// it took turns, which turn it was, and what it measured.
func WriteSlices(out io.Writer, run *Run) error {
	w := csv.NewWriter(out)
	columns := cellColumns(run.Manifest.Cells)
	var row []string
	for _, c := range columns {
		row = append(row, c.Name)
	}
	if err := w.Write(append(row, "block", "sitting", "turn", "messages", "elapsed_ns")); err != nil {
		return err
	}
	for _, t := range run.Trials {
		if t.Measurement == nil || t.Measurement.Slices == nil {
			continue
		}
		row = row[:0]
		for _, c := range columns {
			row = append(row, c.Text(t.Cell))
		}
		row = append(row, strconv.Itoa(t.Block), t.Measurement.Slices.Sitting)
		messages, elapsed := t.Measurement.Slices.Messages.Values(), t.Measurement.Slices.ElapsedNs.Values()
		for turn := range messages {
			if err := w.Write(append(row, strconv.Itoa(turn), strconv.FormatInt(messages[turn], 10), strconv.FormatInt(elapsed[turn], 10))); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}

func float(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', 8, 64)
}

func integer(v *int64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatInt(*v, 10)
}
