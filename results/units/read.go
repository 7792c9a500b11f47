package units

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// written is a number with or without a unit.
var written = regexp.MustCompile(`^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(k|K|M|G|T|P|Ki|ki|Mi|Gi|Ti|Pi)?$`)

// multiples are what the units of a number stand for; i makes powers of 1024.
var multiples = map[string]float64{
	"": 1, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
	"ki": 1 << 10, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50,
}

// ParseNumber reads a number such as 5000, 1e6, 200k, 1.5M or 64Ki.
func ParseNumber(text string) (float64, bool) {
	parts := written.FindStringSubmatch(text)
	if parts == nil {
		return 0, false
	}
	value, err := strconv.ParseFloat(parts[1], 64)
	return value * multiples[parts[2]], err == nil
}

// errNoCount is why a text is no number of things.
var errNoCount = errors.New("is not a whole number such as 16 or 64k")

// ParseCount reads a whole number such as 1000, 1e6, 200k or 64Ki, within a limit.
func ParseCount(text string, limit Limit) (int64, error) {
	value, err := ReadCount(text)
	if err != nil {
		return 0, fmt.Errorf("%q %w", text, err)
	}
	return value, limit.CheckWritten(text, value)
}

// ReadCount reads a whole number. One that an int64 cannot hold is the nearest that it
// can, which no limit allows.
func ReadCount(text string) (int64, error) {
	value, err := strconv.ParseInt(text, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return value, nil
	}
	number, ok := ParseNumber(text)
	switch {
	case !ok || number != math.Trunc(number):
		return 0, errNoCount
	case number >= math.MaxInt64:
		return math.MaxInt64, nil
	case number <= math.MinInt64:
		return math.MinInt64, nil
	}
	return int64(number), nil
}

// CheckWritten reports a number out of range as it was written.
func (l Limit) CheckWritten(text string, value int64) error {
	if l.Check(value) != nil {
		return fmt.Errorf("%s is not in %s..%s", text, l.Text(l.Least), l.Text(l.Most))
	}
	return nil
}

// ParseDuration reads a time such as 500ms, within a limit.
func ParseDuration(text string, limit Limit) (time.Duration, error) {
	value, err := time.ParseDuration(text)
	if err != nil && tooLong.MatchString(text) {
		return 0, limit.CheckWritten(text, math.MaxInt64)
	}
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration such as 50ms", text)
	}
	return value, limit.CheckWritten(text, int64(value))
}

// tooLong matches what is a time, and which the library refuses all the same where it is
// longer than a time.Duration holds.
var tooLong = regexp.MustCompile(`^\+?[0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h)$`)

// maxSize bounds a size: a pebibyte is no memory of this world.
const maxSize = 1 << 50

// ParseBytes reads a size such as 64KiB, 64k, 4GiB or 1000.
func ParseBytes(text string) (int64, error) {
	size, err := humanize.ParseBytes(text)
	if strings.Contains(text, ",") { // the library leaves them out: 1,5MiB would be 15
		err = strconv.ErrSyntax
	}
	if _, plain := strconv.ParseFloat(text, 64); err != nil || plain == nil && strings.Contains(text, ".") {
		return 0, fmt.Errorf("%q is not a size such as 512MiB or 64k", text)
	}
	if size > maxSize {
		return 0, fmt.Errorf("%s is not in 0..%s", text, WholeBytes(maxSize))
	}
	return int64(size), nil
}

// LeastRate and MostRate are what a load may offer, in messages per second.
const (
	LeastRate = 1.0
	MostRate  = 1e9
)

// ParseRate reads a number of messages per second, such as 5000, 200k or 1.5M/s.
func ParseRate(text string) (float64, error) {
	value, ok := ParseNumber(strings.TrimSuffix(text, "/s"))
	if !ok {
		return 0, fmt.Errorf("%q is not a rate in messages per second, such as 5000, 200k or 1.5M", text)
	}
	if !(value >= LeastRate && value <= MostRate) {
		return 0, fmt.Errorf("%s is not in 1..1G messages per second", text)
	}
	return value, nil
}

// Limit is the least and the most that a number may be.
type Limit struct {
	Least, Most int64
	IsTime      bool // in ns
	IsSize      bool // in bytes
}

// TimeLimit is that of a time from 0 to the given one.
func TimeLimit(most time.Duration) Limit { return Limit{Most: int64(most), IsTime: true} }

// Check reports a value out of range.
func (l Limit) Check(value int64) error {
	if value >= l.Least && value <= l.Most {
		return nil
	}
	return fmt.Errorf("%s is not in %s..%s", l.Text(value), l.Text(l.Least), l.Text(l.Most))
}

// Text writes a value as the limit counts it.
func (l Limit) Text(value int64) string {
	if l.IsSize {
		return WholeBytes(value)
	}
	if l.IsTime {
		return ShortTime(time.Duration(value))
	}
	return fmt.Sprint(value)
}
