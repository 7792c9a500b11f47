package histogram_test

import (
	"encoding/base64"
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

func TestQuantilesNeedSamples(t *testing.T) {
	t.Parallel()
	present := func(n int) (count int) {
		h := histogram.New()
		for i := range n {
			h.Record(int64(i + 1))
		}
		q := histogram.NewQuantiles(h)
		if q == nil {
			return -1
		}
		if q.Samples != int64(n) || q.Max < int64(n) {
			t.Errorf("n=%d: %+v", n, q)
		}
		for _, p := range []*int64{q.P50, q.P90, q.P99, q.P999, q.P9999} {
			if p != nil {
				count++
			}
		}
		return count
	}
	for n, want := range map[int]int{0: -1, 1: 0, 19: 0, 20: 1, 99: 1, 100: 2, 999: 2, 1000: 3, 9999: 3, 10000: 4, 99999: 4, 100000: 5} {
		if got := present(n); got != want {
			t.Errorf("%d samples: %d quantiles, want %d", n, got, want)
		}
	}
}

// TestHostileHistogram decodes a valid but huge range: refused before the
// library allocates its counts.
func TestHostileHistogram(t *testing.T) {
	huge := hdrhistogram.New(1, 1<<62, 5)
	text, err := huge.EncodeV2()
	if err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(string(text))
	if err != nil {
		t.Fatal(err)
	}
	var h histogram.Histogram
	resultstest.WantError(t, h.UnmarshalJSON(quoted), "is not ours")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if h.UnmarshalJSON(quoted) == nil {
		t.Fatal("decoded")
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1<<20 {
		t.Errorf("refusing it allocated %d bytes", allocated)
	}
}

func FuzzHistogram(f *testing.F) {
	h := histogram.New()
	h.Record(1000)
	h.Record(1 << 50)
	text, err := h.MarshalJSON()
	if err != nil {
		f.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Trim(string(text), `"`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, data []byte) {
		quoted, err := json.Marshal(base64.StdEncoding.EncodeToString(data))
		if err != nil {
			t.Fatal(err)
		}
		var h histogram.Histogram
		if h.UnmarshalJSON(quoted) != nil {
			return
		}
		if q := histogram.NewQuantiles(&h); q != nil && q.Samples < 1 {
			t.Fatalf("%d samples", q.Samples)
		}
		all := histogram.New()
		if all.Merge(&h); all.TotalCount() != h.TotalCount() {
			t.Fatal("samples got lost in merging")
		}
	})
}
