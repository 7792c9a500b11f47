package results

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

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

func csvColumns(summary *Summary) []column {
	var columns []column // of the cell's fields, but for stages, which stand before the sink here
	for _, field := range parameter.Columns[Cell]() {
		has := func(c CellSummary) bool { return field.Text(c.Cell) != "" }
		if field.Optional && !slices.ContainsFunc(summary.Cells, has) {
			continue
		}
		columns = append(columns, column{field.Name, func(c *CellSummary) string { return field.Text(c.Cell) }})
	}
	at := func(name string) int { return slices.IndexFunc(columns, func(c column) bool { return c.name == name }) }
	stages := columns[at("stages")]
	columns = slices.Insert(slices.Delete(columns, at("stages"), at("stages")+1), at("sink"), stages)
	columns = append(columns, []column{
		{"trials", func(c *CellSummary) string { return strconv.Itoa(c.Trials) }},
		{"failed", func(c *CellSummary) string { return strconv.Itoa(c.Failed) }},
		{"failed_as_expected", func(c *CellSummary) string { return units.Positive(c.Expected) }},
	}...)
	return slices.Concat(columns,
		intervalColumns("throughput_msgs_per_s", func(c *CellSummary) *stat.Interval { return c.Throughput }),
		intervalColumns("ns_per_msg", func(c *CellSummary) *stat.Interval { return c.NsPerMsg }),
		intervalColumns("speedup_over_chan", func(c *CellSummary) *stat.Interval { return c.Speedup }),
		intervalColumns("offered_msgs_per_s", func(c *CellSummary) *stat.Interval { return c.Offered }),
		intervalColumns("achieved_msgs_per_s", func(c *CellSummary) *stat.Interval { return c.Achieved }),
		intervalColumns("saturation_msgs_per_s", func(c *CellSummary) *stat.Interval { return c.Saturation }),
		intervalColumns("recovery_ns", func(c *CellSummary) *stat.Interval { return c.RecoveryNs }),
		intervalColumns("neighbour_share", func(c *CellSummary) *stat.Interval { return c.NeighbourShare }),
		quantileColumns("response", func(c *CellSummary) *histogram.Quantiles { return c.Response }),
		quantileColumns("transit", func(c *CellSummary) *histogram.Quantiles { return c.Transit }),
		quantileColumns("send_delay", func(c *CellSummary) *histogram.Quantiles { return c.SendDelay }),
		[]column{{"platform_limited", func(c *CellSummary) string { return strings.Join(c.PlatformLimited, " ") }}},
		countColumns(), costColumns(), stageColumns(),
		quantileColumns("wake", func(c *CellSummary) *histogram.Quantiles {
			return ofPart(c.Probe, func(p *ProbeSummary) *histogram.Quantiles { return p.Wake })
		}),
		probeFields(), hostFields(),
		[]column{{"warnings", func(c *CellSummary) string { return strings.Join(c.Warnings, "; ") }}},
	)
}

func costColumns() []column {
	mean := func(b *BacklogSummary) *float64 { return &b.Mean }
	highest := func(b *BacklogSummary) *int64 { return &b.Max }
	return []column{
		{"backlog_mean", func(c *CellSummary) string { return float(ofPart(c.Backlog, mean)) }},
		{"backlog_max", func(c *CellSummary) string { return integer(ofPart(c.Backlog, highest)) }},
		{"in_flight_mean", func(c *CellSummary) string { return float(ofPart(c.InFlight, mean)) }},
		{"in_flight_max", func(c *CellSummary) string { return integer(ofPart(c.InFlight, highest)) }},
		{"memory_peak_bytes", func(c *CellSummary) string {
			return integer(ofPart(c.Memory, func(m *MemorySummary) *int64 { return &m.PeakBytes }))
		}},
		{"memory_life_ns", func(c *CellSummary) string {
			return float(ofPart(c.Memory, func(m *MemorySummary) *float64 { return &m.LifeNs }))
		}},
		{"peak_bytes", func(c *CellSummary) string { return integer(c.PeakBytes) }},
		{"cpu_ns_per_msg", func(c *CellSummary) string { return float(c.CPUNsPerMsg) }},
		{"send_call_ns", func(c *CellSummary) string { return float(c.SendCallNs) }},
		{"blocked_share", func(c *CellSummary) string { return float(c.BlockedShare) }},
		{"parks_per_msg", func(c *CellSummary) string { return float(c.ParksPerMsg) }},
		{"sink_writes_per_msg", func(c *CellSummary) string { return float(c.WritesPerMsg) }},
		{"sink_bytes_per_s", func(c *CellSummary) string { return float(c.SinkBytesPerS) }},
		{"fairness", func(c *CellSummary) string { return float(c.Fairness) }},
		{"p99_ratio", func(c *CellSummary) string { return float(c.P99Ratio) }},
		{"batch_mean", func(c *CellSummary) string { return float(c.BatchMean) }},
		{"allocs_per_msg", func(c *CellSummary) string { return float(c.AllocsPerMsg) }},
		{"heap_high_bytes", func(c *CellSummary) string { return integer(c.HeapHigh) }},
	}
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

func probeFields() []column {
	part := func(name string, get func(*ProbeSummary) *float64) column {
		return column{name, func(c *CellSummary) string { return float(ofPart(c.Probe, get)) }}
	}
	return []column{
		part("idle_cpu_share", func(p *ProbeSummary) *float64 { return &p.IdleCPUShare }),
		part("retained_bytes", func(p *ProbeSummary) *float64 { return &p.RetainedBytes }),
		part("burst_bytes", func(p *ProbeSummary) *float64 { return &p.BurstBytes }),
	}
}

func hostFields() []column {
	part := func(name string, get func(*HostSummary) *float64) column {
		return column{name, func(c *CellSummary) string { return float(ofPart(c.Host, get)) }}
	}
	highest := func(h *HostSummary) *int64 { return &h.HiccupMaxNs }
	return []column{
		part("hiccup_p99_ns", func(h *HostSummary) *float64 { return &h.HiccupP99Ns }),
		{"hiccup_max_ns", func(c *CellSummary) string { return integer(ofPart(c.Host, highest)) }},
		part("sched_p99_ns", func(h *HostSummary) *float64 { return &h.SchedP99Ns }),
		part("gc_pause_ns", func(h *HostSummary) *float64 { return &h.GCPauseNs }),
		part("mutex_wait_ns", func(h *HostSummary) *float64 { return &h.MutexWaitNs }),
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
		part("_p99_ns", func(q *histogram.Quantiles) string { return integer(q.P99) }),
		part("_p999_ns", func(q *histogram.Quantiles) string { return integer(q.P999) }),
		part("_p9999_ns", func(q *histogram.Quantiles) string { return integer(q.P9999) }),
		part("_max_ns", func(q *histogram.Quantiles) string { return integer(&q.Max) }),
		part("_mean_ns", func(q *histogram.Quantiles) string { return float(&q.Mean) }),
		part("_sample_count", func(q *histogram.Quantiles) string { return integer(&q.Samples) }),
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
