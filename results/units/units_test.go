package units_test

import (
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

func TestFormats(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0", 0.01234: "0.0123", 1: "1.00", 9.999: "10.0", 12.34: "12.3", 999.6: "1000", 123456: "123000",
	} {
		if got := units.Significant(v); got != want {
			t.Errorf("Significant(%v) = %q, want %q", v, got, want)
		}
	}
	for ns, want := range map[float64]string{
		0: "0 ns", 7: "7 ns", 123.4: "123 ns", 999.6: "1.00 µs", 1500: "1.50 µs", 2.5e6: "2.50 ms", 3e9: "3.00 s", 61e9: "61.0 s",
	} {
		if got := units.Nanoseconds(ns); got != want {
			t.Errorf("Nanoseconds(%v) = %q, want %q", ns, got, want)
		}
	}
}

// A rate of a slow consumer is told in messages, not in millionths of millions.
func TestMillionsWithSpread(t *testing.T) {
	t.Parallel()
	for want, i := range map[string]*stat.Interval{
		"":                 nil,
		"12.3":             {Median: 12.3e6},
		"0.00100":          {Median: 1000},
		"91.0 msg/s ±10 %": {Median: 91, Lo: new(90.0), Hi: new(100.1)},
	} {
		if got := i.WithSpread(units.Millions); got != want {
			t.Errorf("%+v is %q; want %q", i, got, want)
		}
	}
}

// Counts, sizes and times are read in the ways that people write them; what is out of
// range is quoted as it was written.
func TestRead(t *testing.T) {
	t.Parallel()
	limit := units.Limit{Least: 1, Most: 1 << 40}
	count := func(text string) (int64, error) { return units.ParseCount(text, limit) }
	while := func(text string) (int64, error) {
		d, err := units.ParseDuration(text, units.TimeLimit(time.Hour))
		return int64(d), err
	}
	rate := func(text string) (int64, error) {
		r, err := units.ParseRate(text)
		return int64(r), err
	}
	for _, test := range []struct {
		read func(string) (int64, error)
		text string
		want int64
		err  string
	}{
		{count, "16", 16, ""},
		{count, "1e6", 1e6, ""},
		{count, "200k", 200_000, ""},
		{count, "64Ki", 65_536, ""},
		{count, "1.5", 0, `"1.5" is not a whole number such as 16 or 64k`},
		{count, "0", 0, "0 is not in 1..1099511627776"},
		{count, "9P", 0, "9P is not in 1..1099511627776"},
		{units.ParseBytes, "64KiB", 65_536, ""},
		{units.ParseBytes, "64k", 64_000, ""},
		{units.ParseBytes, "1.5", 0, `"1.5" is not a size such as 512MiB or 64k`},
		{units.ParseBytes, "2PiB", 0, "2PiB is not in 0..1.0 PiB"},
		{while, "50ms", 50e6, ""},
		{while, "2h", 0, "2h is not in 0..1h"},
		{while, "1000000h", 0, "1000000h is not in 0..1h"},
		{while, "fast", 0, `"fast" is not a duration such as 50ms`},
		{rate, "1.5M/s", 1_500_000, ""},
		{rate, "0.5", 0, "0.5 is not in 1..1G messages per second"},
		{rate, "NaN", 0, `"NaN" is not a rate in messages per second, such as 5000, 200k or 1.5M`},
	} {
		got, err := test.read(test.text)
		switch {
		case test.err == "" && (err != nil || got != test.want):
			t.Errorf("%q is %d, %v; want %d", test.text, got, err, test.want)
		case test.err != "" && (err == nil || err.Error() != test.err):
			t.Errorf("%q: %v; want %s", test.text, err, test.err)
		}
	}
}

// What is written in whole units is read back as it was.
func TestWholeBytesReadBack(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, 512, 1 << 10, 64 << 20, 3 << 30} {
		if got, err := units.ParseBytes(units.WholeBytes(n)); err != nil || got != n {
			t.Errorf("%d is written %q and read as %d, %v", n, units.WholeBytes(n), got, err)
		}
	}
}
