package histogram

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fanin-bench/fanin-bench/results/files"
)

// The range of every histogram: 1 ns to 1 hour with two significant digits,
// that is 1 % error in 30 kB. Longer times are recorded as the highest.
const (
	histogramLowest  = 1
	histogramHighest = int64(3_600_000_000_000)
	histogramDigits  = 2
)

// Histogram is an HdrHistogram of nanoseconds that travels in JSON as the
// base64 text of its V2 compressed form, which other HdrHistogram tools read. One that
// was read, or packed, stays in that form: a run has up to three for each trial, and
// what it has in the file is a thirtieth of what it has unfolded. Any number of
// goroutines may read a histogram at once.
type Histogram struct {
	counts *hdrhistogram.Histogram // nil if it is packed
	packed []byte                  // the V2 form without its base64, nil if it is not
	brief  brief                   // of a packed one
}

// brief is what is asked of every histogram of a run.
type brief struct {
	count, max int64
	mean       float64
	quantiles  [len(quoted)]int64
}

// quoted are the quantiles that are, each as the one in how many lie beyond.
var quoted = [...]int64{2, 10, 100, 1000, 10000}

func briefly(h *hdrhistogram.Histogram) brief {
	var percents []float64
	for _, oneIn := range quoted {
		percents = append(percents, 100-100/float64(oneIn))
	}
	values := h.ValueAtPercentilesSlice(append(percents, 100))
	b := brief{count: h.TotalCount(), max: values[len(quoted)], mean: h.Mean()}
	copy(b.quantiles[:], values)
	return b
}

// New returns an empty histogram.
func New() *Histogram {
	return &Histogram{counts: hdrhistogram.New(histogramLowest, histogramHighest, histogramDigits)}
}

// Made reports whether the histogram was made by New or read, and is no zero value.
func (h *Histogram) Made() bool { return h.counts != nil || h.packed != nil }

// Record counts one duration in ns, held to the histogram's range. It does not
// allocate.
func (h *Histogram) Record(ns int64) { h.RecordMany(ns, 1) }

// RecordMany counts n equal durations.
func (h *Histogram) RecordMany(ns, n int64) {
	h.unpack()
	// RecordValues only fails outside the range it is held to here.
	_ = h.counts.RecordValues(min(max(ns, 0), histogramHighest), n)
}

// Merge adds what another histogram counted. It never drops anything: the range of one
// that was read is within ours.
func (h *Histogram) Merge(other *Histogram) {
	h.unpack()
	h.counts.Merge(other.Counts())
}

// Pack keeps the histogram in the form that it has in a file.
func (h *Histogram) Pack() {
	if h == nil || h.counts == nil {
		return
	}
	text, err := h.counts.EncodeV2()
	if err != nil {
		return // it stays as it is, larger
	}
	if packed, err := base64.StdEncoding.DecodeString(string(text)); err == nil {
		h.packed, h.brief, h.counts = packed, briefly(h.counts), nil
	}
}

func (h *Histogram) unpack() { h.counts, h.packed = h.Counts(), nil }

// Counts returns the histogram for what else the library can do with one. It is not to
// be changed: it may be the histogram itself.
func (h *Histogram) Counts() *hdrhistogram.Histogram {
	if h.counts != nil {
		return h.counts
	}
	counts, err := hdrhistogram.Decode(h.text())
	if err != nil { // only of one that was never made: what is packed was read before
		return hdrhistogram.New(histogramLowest, histogramHighest, histogramDigits)
	}
	return counts
}

// text is the base64 of a packed histogram.
func (h *Histogram) text() []byte { return base64.StdEncoding.AppendEncode(nil, h.packed) }

func (h *Histogram) briefly() brief {
	if h.counts != nil {
		return briefly(h.counts)
	}
	return h.brief
}

// TotalCount returns how many durations were counted.
func (h *Histogram) TotalCount() int64 {
	if h.counts != nil {
		return h.counts.TotalCount()
	}
	return h.brief.count
}

// Max returns the longest duration that was counted.
func (h *Histogram) Max() int64 {
	if h.counts != nil {
		return h.counts.Max()
	}
	return h.brief.max
}

// ValueAtQuantile returns the duration that a share of all, in percent, does not pass.
func (h *Histogram) ValueAtQuantile(percent float64) int64 {
	return h.Counts().ValueAtQuantile(percent)
}

// Distribution returns the counts as bars.
func (h *Histogram) Distribution() []hdrhistogram.Bar { return h.Counts().Distribution() }

// CumulativeDistribution returns which share of all does not pass which duration.
func (h *Histogram) CumulativeDistribution() []hdrhistogram.Bracket {
	return h.Counts().CumulativeDistribution()
}

// Equals reports whether two histograms counted the same.
func (h *Histogram) Equals(other *Histogram) bool { return h.Counts().Equals(other.Counts()) }

// WritePercentiles writes the text that plotters of HdrHistograms read, durations
// divided by scale.
func (h *Histogram) WritePercentiles(out io.Writer, ticksPerHalfDistance int32, scale float64) error {
	_, err := h.Counts().PercentilesPrint(out, ticksPerHalfDistance, scale)
	return err
}

// MarshalJSON encodes the histogram.
func (h *Histogram) MarshalJSON() ([]byte, error) {
	if h.counts == nil {
		return json.Marshal(string(h.text()))
	}
	text, err := h.counts.EncodeV2()
	if err != nil {
		return nil, fmt.Errorf("encoding a histogram: %w", err)
	}
	return json.Marshal(string(text))
}

// UnmarshalJSON decodes a histogram, and refuses one of another range: it
// could not be merged without loss.
func (h *Histogram) UnmarshalJSON(data []byte) error {
	var text string
	if err := files.ReadJSON(data, &text); err != nil {
		return fmt.Errorf("decoding a histogram: %w", err)
	}
	if err := checkGeometry(text); err != nil {
		return fmt.Errorf("decoding a histogram: %w", err)
	}
	decoded, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		return fmt.Errorf("decoding a histogram: %w", err)
	}
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("decoding a histogram: %w", err)
	}
	*h = Histogram{packed: packed, brief: briefly(decoded)}
	return nil
}
