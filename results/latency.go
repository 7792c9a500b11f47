package results

import (
	"io"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fanin-bench/fanin-bench/results/histogram"
)

// WriteLatencyLog writes an HdrHistogram V2 log: for each cell the transit
// times of all its trials together, tagged strategy/producers=N and what else
// tells the cell apart; other times under that tag with their name.
func WriteLatencyLog(out io.Writer, run *Run, summary *Summary) error {
	w := hdrhistogram.NewHistogramLogWriter(out)
	if err := w.OutputComment("[transit times in ns unless the tag ends in time=...; the maximum column is in ms]"); err != nil {
		return err
	}
	if err := w.OutputLogFormatVersion(); err != nil {
		return err
	}
	if err := w.OutputStartTime(run.Manifest.Started.UnixMilli()); err != nil {
		return err
	}
	if err := w.OutputLegend(); err != nil {
		return err
	}
	varying, spans := Varying(run.Manifest.Cells), run.spans()
	for i := range summary.Cells {
		c := &summary.Cells[i]
		tag := c.path(varying)
		during := spans[c.Cell]
		for _, times := range c.loggedTimes() {
			if times.histogram == nil || !summary.wants(times.name) {
				continue
			}
			h := times.histogram.Counts().Clone()
			h.SetTag(tag + times.suffix())
			h.SetStartTimeMs(during.from)
			h.SetEndTimeMs(during.to)
			if err := w.OutputIntervalHistogram(h); err != nil {
				return err
			}
		}
	}
	return nil
}

// loggedTimes are the times of one kind that a cell has, nil if it has none.
type loggedTimes struct {
	name      string
	histogram *histogram.Histogram
}

// suffix tells the kind in a tag and in a file name. The transit times, which
// most runs have alone, stand under the cell's own name.
func (t loggedTimes) suffix() string {
	if t.name == timesTransit {
		return ""
	}
	return "/time=" + t.name
}

const timesTransit = "transit"

// loggedTimes lists what is logged of a cell.
func (c *CellSummary) loggedTimes() []loggedTimes {
	return []loggedTimes{
		{timesTransit, c.Histogram(Transit)},
		{"response", c.Histogram(Response)},
		{"send-delay", c.Histogram(SendDelay)},
		{"wake", c.Histogram(Wake)},
	}
}

// span is from when to when something went on, in ms since the epoch.
type span struct{ from, to int64 }

// spans returns when the first measured trial of each cell started and the last one
// ended.
func (r *Run) spans() map[Cell]span {
	all := map[Cell]span{}
	for i := range r.Trials {
		t := &r.Trials[i]
		if t.Measurement == nil {
			continue
		}
		start := t.Started.UnixMilli()
		now := span{start, start + t.WallNs/1e6}
		if s, begun := all[t.Cell]; begun {
			now = span{min(s.from, now.from), max(s.to, now.to)}
		}
		all[t.Cell] = now
	}
	return all
}
