package harness

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"go.yaml.in/yaml/v3"

	"github.com/fanin-bench/fanin-bench/results"
)

// maxListed bounds a list, so that a typing error is not a run of years.
const maxListed = 10_000

// Ints is a list of numbers, written in YAML as a number, a list, or text as
// ParseInts reads it.
type Ints []int

// ParseInts reads numbers separated by commas; a..b stands for a and its doubles
// up to b, and b.
func ParseInts(text string) (Ints, error) {
	var list Ints
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		from, to, isRange := strings.Cut(part, "..")
		low, err := strconv.Atoi(from)
		if err != nil {
			return nil, fmt.Errorf("%q is not a whole number, nor a range such as 1..64", part)
		}
		if !isRange {
			list = append(list, low)
			continue
		}
		high, err := strconv.Atoi(to)
		if err != nil || low < 1 || high < low {
			return nil, fmt.Errorf("%q is not a range such as 1..64", part)
		}
		for ; low < high; low *= 2 {
			list = append(list, low)
		}
		list = append(list, high)
	}
	if len(list) > maxListed {
		return nil, fmt.Errorf("%d numbers listed; at most %d make sense", len(list), maxListed)
	}
	return list, nil
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (l *Ints) UnmarshalYAML(node *yaml.Node) error {
	return eachScalar(node, func(text string) error {
		ints, err := ParseInts(text)
		*l = append(*l, ints...)
		return err
	})
}

// lineError is what is wrong with a value, and where in its file.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

// eachScalar reads a scalar, or every scalar of a list. Errors are lineErrors.
func eachScalar(node *yaml.Node, read func(string) error) error {
	parts := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		parts = node.Content
	}
	for _, part := range parts {
		if part.Kind != yaml.ScalarNode {
			return &lineError{part.Line, errors.New("want a value or a list of values")}
		}
		if err := read(part.Value); err != nil {
			return &lineError{part.Line, err}
		}
	}
	return nil
}

// oneScalar reads a scalar. Errors are lineErrors.
func oneScalar(node *yaml.Node, read func(string) error) error {
	if node.Kind != yaml.ScalarNode {
		return &lineError{node.Line, errors.New("want one value, not several")}
	}
	return eachScalar(node, read)
}

// Capacity is how many items a bounded strategy holds: 0 is the default. Of says
// of whom, results.CapacityPerProducer or CapacityInTotal; empty means whatever
// the strategy bounds.
type Capacity struct {
	Items int
	Of    string
}

// Capacities is a list of them, written in YAML as a number, a list, or text as
// ParseCapacities reads it.
type Capacities []Capacity

// ParseCapacities reads numbers as ParseInts does, each of which may be followed
// by /producer or /total, as in 1024/producer.
func ParseCapacities(text string) (Capacities, error) {
	var list Capacities
	for part := range strings.SplitSeq(text, ",") {
		number, of, given := strings.Cut(strings.TrimSpace(part), "/")
		if given && !slices.Contains(results.CapacityCounts(), of) {
			return nil, fmt.Errorf("%q is not a capacity such as 1024 or 1024/producer: %q is none of %s",
				part, of, strings.Join(results.CapacityCounts(), ", "))
		}
		ints, err := ParseInts(number)
		if err != nil {
			return nil, err
		}
		for _, items := range ints {
			list = append(list, Capacity{items, of})
		}
	}
	return list, nil
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (l *Capacities) UnmarshalYAML(node *yaml.Node) error {
	return eachScalar(node, func(text string) error {
		capacities, err := ParseCapacities(text)
		*l = append(*l, capacities...)
		return err
	})
}

// Floats is a list of numbers, written in YAML as a number or a list, or on the
// command line separated by commas.
type Floats []float64

// ParseFloats reads numbers separated by commas, such as 1e6 or 0.5.
func ParseFloats(text string) (Floats, error) {
	return parseList(text, func(part string) (float64, error) {
		value, err := strconv.ParseFloat(part, 64)
		if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
			return 0, fmt.Errorf("%q is not a number", part)
		}
		return value, nil
	})
}

// parseList reads values separated by commas.
func parseList[T any](text string, parse func(string) (T, error)) ([]T, error) {
	var list []T
	for part := range strings.SplitSeq(text, ",") {
		value, err := parse(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, nil
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (l *Floats) UnmarshalYAML(node *yaml.Node) error {
	return eachScalar(node, func(text string) error {
		floats, err := ParseFloats(text)
		*l = append(*l, floats...)
		return err
	})
}

// Rates is a list of messages per second, written as Floats are or with a unit, as
// in 200k.
type Rates []float64

// ParseRates reads rates separated by commas, as ParseRate reads them.
func ParseRates(text string) (Rates, error) { return parseList(text, ParseRate) }

// ParseRate reads a number of messages per second, such as 5000, 200k or 1.5M/s.
func ParseRate(text string) (float64, error) {
	number, factor := strings.TrimSuffix(text, "/s"), 1.0
	for _, unit := range []struct {
		suffix string
		factor float64
	}{{"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}} {
		if cut, found := strings.CutSuffix(number, unit.suffix); found {
			number, factor = cut, unit.factor
			break
		}
	}
	value, err := strconv.ParseFloat(number, 64)
	value *= factor
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		return 0, fmt.Errorf("%q is not a rate in messages per second, such as 5000, 200k or 1.5M", text)
	}
	return value, nil
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (l *Rates) UnmarshalYAML(node *yaml.Node) error {
	return eachScalar(node, func(text string) error {
		rates, err := ParseRates(text)
		*l = append(*l, rates...)
		return err
	})
}

// Strings is a list of names, written in YAML as one or a list.
type Strings []string

// UnmarshalYAML implements yaml.Unmarshaler.
func (l *Strings) UnmarshalYAML(node *yaml.Node) error {
	return eachScalar(node, func(text string) error {
		*l = append(*l, text)
		return nil
	})
}

// Stall is how long a consumer sleeps and how often.
type Stall struct{ For, Every time.Duration }

// ParseStall reads FOR/EVERY, as in 50ms/500ms.
func ParseStall(text string) (Stall, error) {
	length, every, found := strings.Cut(text, "/")
	f, errFor := time.ParseDuration(length)
	e, errEvery := time.ParseDuration(every)
	if !found || errFor != nil || errEvery != nil || f <= 0 || e <= f {
		return Stall{}, fmt.Errorf("%q is not FOR/EVERY such as 50ms/500ms, with EVERY the longer", text)
	}
	return Stall{f, e}, nil
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (s *Stall) UnmarshalYAML(node *yaml.Node) error {
	return oneScalar(node, func(text string) (err error) {
		*s, err = ParseStall(text)
		return err
	})
}

// Durations is a list of times, written in YAML as a time or a list, or on the
// command line separated by commas.
type Durations []time.Duration

// ParseDurations reads times separated by commas, such as 0,500us or 50ms.
func ParseDurations(text string) (Durations, error) {
	return parseList(text, func(part string) (time.Duration, error) {
		value, err := time.ParseDuration(part)
		if err != nil {
			return 0, fmt.Errorf("%q is not a duration such as 50ms", part)
		}
		return value, nil
	})
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (l *Durations) UnmarshalYAML(node *yaml.Node) error {
	return eachScalar(node, func(text string) error {
		durations, err := ParseDurations(text)
		*l = append(*l, durations...)
		return err
	})
}

// Duration is a time.Duration written as in 500ms.
type Duration time.Duration

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	return oneScalar(node, func(text string) error {
		parsed, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("%q is not a duration such as 500ms", text)
		}
		*d = Duration(parsed)
		return nil
	})
}

// Size is a number of bytes, written as in 512MiB.
type Size int64

// maxSize bounds a Size: a pebibyte is no memory of this world.
const maxSize = 1 << 50

// ParseSize reads a size such as 64KiB, 4GiB or 1000.
func ParseSize(text string) (Size, error) {
	size, err := humanize.ParseBytes(text)
	if err != nil || size > maxSize {
		return 0, fmt.Errorf("%q is not a size such as 512MiB or 4GiB", text)
	}
	return Size(size), nil
}

// String writes a size as ParseSize reads it.
func (s Size) String() string { return humanize.IBytes(uint64(max(s, 0))) }

// UnmarshalYAML implements yaml.Unmarshaler.
func (s *Size) UnmarshalYAML(node *yaml.Node) error {
	return oneScalar(node, func(text string) (err error) {
		*s, err = ParseSize(text)
		return err
	})
}
