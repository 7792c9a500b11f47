package sizes

import (
	"math"
	"strings"
	"testing"
)

func TestMix(t *testing.T) {
	for _, test := range []struct {
		text, written      string
		least, most, mean  int
		median, largeShare float64
	}{
		{"bimodal:64/1MiB/0.1", "bimodal:64/1MiB/0.1", 64, 1 << 20, 104960, 64, 0.1},
		{"bimodal:1/100/0.5", "bimodal:1/100/0.5", 1, 100, 50, 50, 0.5},
		{"lognormal:4k/0", "lognormal:4000/0", 4000, 4000, 4000, 4000, 1},
		{"lognormal:1KiB/1", "lognormal:1KiB/1", 26, 40126, 1688, 1024, 0},
		{"lognormal:4KiB/2.5", "lognormal:4KiB/2.5", 1, 1 << 20, 50183, 4096, 0.0132},
	} {
		m, err := Parse(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		again, err := Parse(m.String())
		if m.String() != test.written || again != m || err != nil {
			t.Errorf("%s is written %s and read as %v, %v; want %s", test.text, m, again, err, test.written)
		}
		table := m.Table()
		if table[0] < test.least || table[len(table)-1] > test.most {
			t.Errorf("%s has sizes from %d to %d; want %d to %d", m, table[0], table[len(table)-1], test.least, test.most)
		}
		if off := math.Abs(float64(m.Mean())/float64(test.mean) - 1); off > 0.02 {
			t.Errorf("%s has a mean of %d; want %d", m, m.Mean(), test.mean)
		}
		// The sizes of items are as frequent as the table says.
		const items = 100_000
		sum, large := 0, 0
		for id := range uint64(items) {
			size := Of(table, id<<40|id)
			sum += size
			if size == test.most {
				large++
			}
		}
		if off := math.Abs(float64(sum)/items/float64(m.Mean()) - 1); off > 0.05 {
			t.Errorf("items of %s have a mean of %d; want %d", m, sum/items, m.Mean())
		}
		if got := float64(large) / items; math.Abs(got-test.largeShare) > 0.005 {
			t.Errorf("%.4f of the items of %s are of the largest size; want %.4f", got, m, test.largeShare)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"gauss:1/2":           "want lognormal:MEDIAN/SIGMA or bimodal:SMALL/LARGE/SHARE",
		"lognormal:":          "want lognormal",
		"lognormal:1KiB":      "want lognormal",
		"lognormal:1/2/3":     "want lognormal",
		"lognormal:0/1":       "0 is not in 1..1.00 MiB",
		"lognormal:2MiB/1":    "2MiB is not in 1..1.00 MiB",
		"lognormal:-1/1":      "not a size",
		"lognormal:1k/-1":     "sigma \"-1\" is not in 0..5",
		"lognormal:1k/NaN":    "sigma \"NaN\" is not in 0..5",
		"lognormal:1k/+Inf":   "sigma \"+Inf\" is not in 0..5",
		"bimodal:64/1MiB/0":   "share \"0\" is not in 0.001..0.999",
		"bimodal:64/1MiB/1":   "share \"1\" is not in 0.001..0.999",
		"bimodal:64/64/0.5":   "the large size is not above the small one",
		"bimodal:64/1MiB/0,1": "share \"0,1\" is not in",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Parse(%q) returned %v; want %q", text, err, want)
		}
	}
}

// FuzzParse looks for mixes that are not read as they are written, or have sizes that no
// item may have.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"lognormal:1KiB/2", "bimodal:64/1MiB/0.1", "lognormal:9e9/1", "bimodal:1/2/.5"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(m.String()); err != nil || again != m {
			t.Errorf("%q is written %s, which is read as %v, %v", text, m, again, err)
		}
		if table := m.Table(); table[0] < 1 || table[len(table)-1] > Largest || m.Mean() < 1 {
			t.Errorf("%q has sizes from %d to %d", text, table[0], table[len(table)-1])
		}
	})
}
