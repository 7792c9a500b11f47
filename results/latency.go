package results

import (
	"fmt"
	"io"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// WriteLatencyLog writes an HdrHistogram V2 log: for each cell the transit
// times of all its trials together, tagged strategy/producers=N.
func WriteLatencyLog(out io.Writer, run *Run, summary *Summary) error {
	w := hdrhistogram.NewHistogramLogWriter(out)
	if err := w.OutputComment("[transit times in ns; the maximum column is in ms]"); err != nil {
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
	varying := Varying(run.Manifest.Cells)
	for _, c := range summary.Cells {
		if c.TransitHistogram == nil {
			continue
		}
		tag := fmt.Sprintf("%s/producers=%d", c.Strategy, c.Producers)
		if rest := c.Label(varying, "/"); rest != "" {
			tag += "/" + rest
		}
		h := c.TransitHistogram.Clone()
		h.SetTag(tag)
		from, to := run.span(c.Cell)
		h.SetStartTimeMs(from)
		h.SetEndTimeMs(to)
		if err := w.OutputIntervalHistogram(h); err != nil {
			return err
		}
	}
	return nil
}

// span returns when the first measured trial of a cell started and the last
// one ended, in ms since the epoch.
func (r *Run) span(cell Cell) (from, to int64) {
	first := true
	for _, t := range r.Trials {
		if t.Cell != cell || t.Measurement == nil {
			continue
		}
		start := t.Started.UnixMilli()
		end := start + t.WallNs/1e6
		if first {
			from, to, first = start, end, false
		}
		from, to = min(from, start), max(to, end)
	}
	return from, to
}
