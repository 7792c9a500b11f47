package results

import (
	"encoding/json"
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range of every histogram: 1 ns to 1 hour with two significant digits,
// that is 1 % error in 30 kB. Longer times are recorded as the highest.
const (
	histogramLowest  = 1
	histogramHighest = int64(3_600_000_000_000)
	histogramDigits  = 2
)

// Histogram is an HdrHistogram of nanoseconds that travels in JSON as the
// base64 text of its V2 compressed form, which other HdrHistogram tools read.
type Histogram struct{ *hdrhistogram.Histogram }

// NewHistogram returns an empty histogram.
func NewHistogram() *Histogram {
	return &Histogram{hdrhistogram.New(histogramLowest, histogramHighest, histogramDigits)}
}

// Record counts one duration in ns, held to the histogram's range. It does not
// allocate.
func (h *Histogram) Record(ns int64) { h.RecordMany(ns, 1) }

// RecordMany counts n equal durations.
func (h *Histogram) RecordMany(ns, n int64) {
	// RecordValues only fails outside the range it is held to here.
	_ = h.RecordValues(min(max(ns, 0), histogramHighest), n)
}

// MarshalJSON encodes the histogram.
func (h *Histogram) MarshalJSON() ([]byte, error) {
	text, err := h.EncodeV2()
	if err != nil {
		return nil, fmt.Errorf("encoding a histogram: %w", err)
	}
	return json.Marshal(string(text))
}

// UnmarshalJSON decodes a histogram, and refuses one of another range: it
// could not be merged without loss.
func (h *Histogram) UnmarshalJSON(data []byte) error {
	var text string
	if err := readJSON(data, &text); err != nil {
		return fmt.Errorf("decoding a histogram: %w", err)
	}
	if err := checkGeometry(text); err != nil {
		return fmt.Errorf("decoding a histogram: %w", err)
	}
	decoded, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		return fmt.Errorf("decoding a histogram: %w", err)
	}
	h.Histogram = decoded
	return nil
}
