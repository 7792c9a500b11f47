package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// Millions formats a rate in millions, as "12.3", or one that is too low for that with
// its unit, as "91.0 msg/s".
func Millions(rate float64) string {
	if rate >= fewPerSecond {
		return Significant(rate / 1e6)
	}
	return PerSecond(rate)
}

// fewPerSecond is below which rate millions are all zeros.
const fewPerSecond = 1e3

// Significant formats a number with three significant digits and no exponent.
func Significant(v float64) string {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	// Rounded first, so that 9.999 becomes 10.0 and not 10.00.
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 2, 64), 64)
	if err != nil {
		rounded = v // cannot happen: it was formatted just now
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(rounded))))
	return strconv.FormatFloat(rounded, 'f', max(digits, 0), 64)
}

// Nanoseconds formats a time with three significant digits in ns, µs, ms or s.
func Nanoseconds(ns float64) string {
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"s", time.Second}, {"ms", time.Millisecond}, {"µs", time.Microsecond}} {
		// 0.9995 of a unit already rounds to one.
		if ns >= 0.9995*float64(unit.size) {
			return Significant(ns/float64(unit.size)) + " " + unit.name
		}
	}
	if ns < 100 {
		// Whole numbers in storage: no digits that were never measured.
		return strconv.FormatFloat(math.Round(ns), 'f', 0, 64) + " ns"
	}
	return Significant(ns) + " ns"
}

// PerSecond formats a rate of messages with three significant digits.
func PerSecond(rate float64) string { return scaled(rate, 1000, "", "k", "M", "G") + " msg/s" }

// Bytes formats a size with three significant digits.
func Bytes(n float64) string {
	if n < 1000 {
		return strconv.FormatFloat(math.Round(n), 'f', 0, 64) + " B"
	}
	return scaled(n, 1024, "B", "KiB", "MiB", "GiB", "TiB")
}

// scaled formats a number in the largest of units, each base times the one before
// it, that it reaches.
func scaled(v, base float64, units ...string) string {
	i := 0
	// 0.9995 of a unit already rounds to one.
	for i < len(units)-1 && v >= 0.9995*base {
		v, i = v/base, i+1
	}
	text := Significant(v)
	if units[i] == "" {
		return text
	}
	return text + " " + units[i]
}

// Plural returns "1 core" or "2 cores".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// IdleCPU formats a share of a core as a percentage, without digits that its
// measurement over a fraction of a second cannot have.
func IdleCPU(share float64) string {
	if share < 0.0005 {
		return "<0.1 %"
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

// Decimal writes a number that is absent at 0.
func Decimal(v float64) string {
	if v == 0 {
		return ""
	}
	// No exponent: its sign would not survive in a file name.
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// Duration writes a time that is absent at 0, in ASCII for benchmark names and
// histogram tags.
func Duration(ns int64) string {
	if ns == 0 {
		return ""
	}
	return InASCII(time.Duration(ns))
}

// InASCII writes a time without the letter µ, for names that go into files.
func InASCII(d time.Duration) string { return strings.ReplaceAll(d.String(), "µ", "u") }

// Positive writes a number that is absent at 0.
func Positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// ExactBytes writes a number of bytes so that no two look the same; it is absent at 0.
func ExactBytes(n int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n > 0 && n%unit.bytes == 0 {
			return fmt.Sprintf("%d %s", n/unit.bytes, unit.name)
		}
	}
	return UnlessZero(float64(n), func(float64) string { return fmt.Sprintf("%d B", n) })
}

// UnlessZero writes a number that is absent at 0.
func UnlessZero(v float64, text func(float64) string) string {
	if v == 0 {
		return ""
	}
	return text(v)
}

// Thousands writes a count as 1,234,567.
func Thousands[N ~int64 | ~uint64](n N) string { return humanize.Comma(int64(n)) }

// ShortTime writes a time without the zeros that time.Duration ends in: 1h, not 1h0m0s.
func ShortTime(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	if d == 0 {
		return "0"
	}
	return text
}

// WholeBytes writes a size as ParseBytes reads it.
func WholeBytes(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }
