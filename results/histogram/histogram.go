package histogram

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"

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
// was read stays in that form: a run has up to three for each trial, and what it has in
// the file is a thirtieth of what it has unfolded. One that is packed is nearly as
// small, without the compression, which would take four times as long as all else. Any
// number of goroutines may read a histogram at once.
type Histogram struct {
	counts *hdrhistogram.Histogram // nil if it was read or is packed
	v2     []byte                  // of one that was read: its V2 form without the base64
	packed []byte                  // of a packed one: see fold
	brief  brief                   // of one that was read or is packed
}

// brief is what is asked of every histogram of a run.
type brief struct {
	count, max int64
	mean       float64
	quantiles  [len(quoted)]int64
}

// quoted are the quantiles that are, each as the one in how many lie beyond.
var quoted = [...]int64{2, 10, 20, 100, 1000, 10000}

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
func (h *Histogram) Made() bool { return h.counts != nil || h.v2 != nil || h.packed != nil }

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

// Pack keeps the histogram in little memory.
func (h *Histogram) Pack() {
	if h == nil || h.counts == nil {
		return
	}
	h.packed, h.brief, h.counts = fold(h.counts), briefly(h.counts), nil
}

// fold writes down, of each count that is not 0, how many are since the last, and the count.
func fold(h *hdrhistogram.Histogram) []byte {
	folded, empty := []byte{}, uint64(0)
	for _, n := range h.Export().Counts {
		if n == 0 {
			empty++
			continue
		}
		folded = binary.AppendUvarint(binary.AppendUvarint(folded, empty), uint64(n))
		empty = 0
	}
	return slices.Clip(folded)
}

// unfold is the reverse. Where a count stands does not depend on how far a range goes, so
// that it may be ours.
func unfold(folded []byte) *hdrhistogram.Histogram {
	s := hdrhistogram.New(histogramLowest, histogramHighest, histogramDigits).Export()
	for at := 0; len(folded) > 0; at++ {
		empty, n := binary.Uvarint(folded)
		count, m := binary.Uvarint(folded[n:])
		at += int(empty)
		s.Counts[at], folded = int64(count), folded[n+m:]
	}
	return hdrhistogram.Import(s)
}

func (h *Histogram) unpack() { h.counts, h.v2, h.packed = h.Counts(), nil, nil }

// Counts returns the histogram for what else the library can do with one. It is not to
// be changed: it may be the histogram itself. One that was read or is packed is unfolded
// for each call.
func (h *Histogram) Counts() *hdrhistogram.Histogram {
	if h.counts != nil {
		return h.counts
	}
	if h.v2 != nil {
		if counts, err := hdrhistogram.Decode(h.text()); err == nil { // as it did when it was read
			return counts
		}
	}
	return unfold(h.packed) // nothing, of one that was never made
}

// text is the base64 of one that was read.
func (h *Histogram) text() []byte { return base64.StdEncoding.AppendEncode(nil, h.v2) }

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
	if h.v2 != nil {
		return json.Marshal(string(h.text()))
	}
	text, err := h.Counts().EncodeV2()
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
	v2, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("decoding a histogram: %w", err)
	}
	*h = Histogram{v2: v2, brief: briefly(decoded)}
	return nil
}
