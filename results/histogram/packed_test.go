package histogram_test

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"github.com/fanin-bench/fanin-bench/results/histogram"
)

// What is packed has lost nothing, and may be counted on.
func TestPacked(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]int64{
		"nothing": nil, "ends": {0, math.MaxInt64}, "zeroes": {0, 0}, "neighbours": {1, 2, 3, 255, 256, 257, 258},
		"far apart": {7, 1000, 1001, 5_000_000, 3_599_000_000_000},
	} {
		record := func() *histogram.Histogram {
			h := histogram.New()
			for i, ns := range values {
				h.RecordMany(ns, 1+int64(i)*1_000_000_000)
			}
			return h
		}
		open, packed := record(), record()
		packed.Pack()
		text, err := json.Marshal(open)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := json.Marshal(packed); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%s: packed it is written as %s, %v; want %s", name, again, err, text)
		}
		read := new(histogram.Histogram)
		if err := read.UnmarshalJSON(text); err != nil {
			t.Fatal(err)
		}
		for what, h := range map[string]*histogram.Histogram{"packed": packed, "read": read} {
			if !h.Made() || !h.Equals(open) || h.TotalCount() != open.TotalCount() || h.Max() != open.Max() ||
				h.ValueAtQuantile(50) != open.ValueAtQuantile(50) {
				t.Errorf("%s: what was %s is another", name, what)
			}
			if h.Record(12345); h.TotalCount() != open.TotalCount()+1 || h.Equals(open) {
				t.Errorf("%s: what was %s counts no more", name, what)
			}
		}
	}
	if new(histogram.Histogram).Made() || new(histogram.Histogram).TotalCount() != 0 || !new(histogram.Histogram).Equals(histogram.New()) {
		t.Error("one that was never made is more than empty")
	}
}
