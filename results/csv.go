package results

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// column is one column of summary.csv; value gives empty for "not measured".
type column struct {
	name  string
	value func(*CellSummary) string
}

func csvColumns() []column {
	columns := []column{
		{"strategy", func(c *CellSummary) string { return c.Strategy }},
		{"producers", func(c *CellSummary) string { return strconv.Itoa(c.Producers) }},
		{"arrival", func(c *CellSummary) string { return c.Arrival }},
		{"payload_bytes", func(c *CellSummary) string { return strconv.Itoa(c.Payload) }},
		{"capacity", func(c *CellSummary) string { return positive(c.Capacity) }},
		{"policy", func(c *CellSummary) string { return c.Policy }},
		{"lanes", func(c *CellSummary) string { return positive(c.Lanes) }},
		{"send_batch", func(c *CellSummary) string { return strconv.Itoa(c.SendBatch) }},
		{"recv_batch", func(c *CellSummary) string { return strconv.Itoa(c.RecvBatch) }},
		{"messages", func(c *CellSummary) string { return positive(int(c.Messages)) }},
		{"duration_ns", func(c *CellSummary) string { return positive(int(c.DurationNs)) }},
		{"gomaxprocs", func(c *CellSummary) string { return strconv.Itoa(c.GOMAXPROCS) }},
		{"trials", func(c *CellSummary) string { return strconv.Itoa(c.Trials) }},
		{"failed", func(c *CellSummary) string { return strconv.Itoa(c.Failed) }},
	}
	columns = append(columns, intervalColumns("throughput_msgs_per_s", func(c *CellSummary) *Interval { return c.Throughput })...)
	columns = append(columns, intervalColumns("ns_per_msg", func(c *CellSummary) *Interval { return c.NsPerMsg })...)
	columns = append(columns, intervalColumns("speedup_over_chan", func(c *CellSummary) *Interval { return c.Speedup })...)
	columns = append(columns, quantileColumns()...)
	columns = append(columns, countColumns()...)
	return append(columns,
		column{"batch_mean", func(c *CellSummary) string { return float(c.BatchMean) }},
		column{"allocs_per_msg", func(c *CellSummary) string { return float(c.AllocsPerMsg) }},
		column{"heap_high_bytes", func(c *CellSummary) string { return integer(c.HeapHigh) }},
		column{"warnings", func(c *CellSummary) string { return strings.Join(c.Warnings, "; ") }},
	)
}

func intervalColumns(name string, of func(*CellSummary) *Interval) []column {
	part := func(suffix string, get func(*Interval) *float64) column {
		return column{name + suffix, func(c *CellSummary) string {
			if i := of(c); i != nil {
				return float(get(i))
			}
			return ""
		}}
	}
	return []column{
		part("_median", func(i *Interval) *float64 { return &i.Median }),
		part("_lo", func(i *Interval) *float64 { return i.Lo }),
		part("_hi", func(i *Interval) *float64 { return i.Hi }),
	}
}

func quantileColumns() []column {
	part := func(name string, get func(*Quantiles) string) column {
		return column{name, func(c *CellSummary) string {
			if c.Transit != nil {
				return get(c.Transit)
			}
			return ""
		}}
	}
	return []column{
		part("transit_p50_ns", func(q *Quantiles) string { return integer(q.P50) }),
		part("transit_p90_ns", func(q *Quantiles) string { return integer(q.P90) }),
		part("transit_p99_ns", func(q *Quantiles) string { return integer(q.P99) }),
		part("transit_p999_ns", func(q *Quantiles) string { return integer(q.P999) }),
		part("transit_p9999_ns", func(q *Quantiles) string { return integer(q.P9999) }),
		part("transit_max_ns", func(q *Quantiles) string { return integer(&q.Max) }),
		part("transit_mean_ns", func(q *Quantiles) string { return float(&q.Mean) }),
		part("transit_sample_count", func(q *Quantiles) string { return integer(&q.Samples) }),
	}
}

func countColumns() []column {
	part := func(name string, get func(*Counts) int64) column {
		return column{name, func(c *CellSummary) string {
			if c.Counts == nil {
				return ""
			}
			return strconv.FormatInt(get(c.Counts), 10)
		}}
	}
	return []column{
		part("attempted", func(c *Counts) int64 { return c.Attempted }),
		part("delivered", func(c *Counts) int64 { return c.Delivered }),
		part("dropped", func(c *Counts) int64 { return c.Dropped }),
		part("rejected", func(c *Counts) int64 { return c.Rejected }),
	}
}

// WriteCSV writes one row for each cell. An empty field was not measured.
func WriteCSV(out io.Writer, summary *Summary) error {
	w := csv.NewWriter(out)
	columns := csvColumns()
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
