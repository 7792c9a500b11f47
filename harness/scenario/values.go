package scenario

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/sizes"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// maxListed bounds a list, so that a typing error is not a run of years.
const maxListed = 10_000

// yamlValue is a value that reads itself from a scenario file; key is its name there.
// What is wrong in one line of the file is a lineError.
type yamlValue interface {
	readYAML(key string, node *yaml.Node) error
}

// lineError is what is wrong with a value, and where in its file.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

var (
	errEmpty     = errors.New("it is empty")
	errEmptyList = errors.New("the list is empty: leave it out for the default")
	errOneValue  = errors.New("want one value, not several")
)

// readList reads a value, or every value of a list, each of which may stand for several.
func readList[L ~[]E, E any](node *yaml.Node, list *L, parse func(string) (L, error)) error {
	parts := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		parts = node.Content
	}
	if len(parts) == 0 {
		return &lineError{node.Line, errEmptyList}
	}
	*list = nil
	for _, part := range parts {
		if part.Kind != yaml.ScalarNode {
			return &lineError{part.Line, errors.New("want a value or a list of values")}
		}
		several, err := parse(part.Value)
		if *list = append(*list, several...); err == nil {
			err = checkLength(len(*list))
		}
		if err != nil {
			return &lineError{part.Line, err}
		}
	}
	return nil
}

// readOne reads one value.
func readOne[T any](node *yaml.Node, value *T, parse func(string) (T, error)) error {
	if node.Kind != yaml.ScalarNode {
		return &lineError{node.Line, errOneValue}
	}
	parsed, err := parse(node.Value)
	if err != nil {
		return &lineError{node.Line, err}
	}
	*value = parsed
	return nil
}

// parseList reads values separated by commas.
func parseList[T any](text string, parse func(string) (T, error)) ([]T, error) {
	return parseLists(text, func(part string) ([]T, error) {
		value, err := parse(part)
		return []T{value}, err
	})
}

// parseLists reads texts separated by commas that stand for several values each.
func parseLists[T any](text string, parse func(string) ([]T, error)) ([]T, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errEmpty
	}
	var list []T
	for part := range strings.SplitSeq(text, ",") {
		several, err := parse(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if list = append(list, several...); checkLength(len(list)) != nil {
			return nil, checkLength(len(list))
		}
	}
	return list, nil
}

func checkLength(n int) error {
	if n > maxListed {
		return fmt.Errorf("more than %d values are listed", maxListed)
	}
	return nil
}

// doubling returns the values of a range: the first, its doubles, and the last, which is
// at least the first. Both are above 0.
func doubling[N int64 | float64](first, last N) []N {
	var list []N
	for ; first < last; first *= 2 {
		list = append(list, first)
	}
	return append(list, last)
}

// cutRange divides a range such as 1..64.
func cutRange(text string) (first, last string, isRange bool) { return strings.Cut(text, "..") }

// Ints is a list of whole numbers.
type Ints []int

// ParseInts reads numbers separated by commas, such as 16 or 64k, within a limit; a..b
// stands for a and its doubles up to b, and b.
func ParseInts(text string, limit units.Limit) (Ints, error) {
	return parseLists(text, func(part string) ([]int, error) {
		from, to, isRange := cutRange(part)
		low, err := units.ReadCount(from)
		if err != nil {
			return nil, fmt.Errorf("%q %w, nor a range such as 1..64", part, err)
		}
		if err := limit.CheckWritten(from, low); err != nil {
			return nil, err
		}
		if !isRange {
			return []int{int(low)}, nil
		}
		high, err := units.ReadCount(to)
		if err != nil || low < 1 || high < low {
			return nil, fmt.Errorf("%q is not a range such as 1..64", part)
		}
		if err := limit.CheckWritten(to, high); err != nil {
			return nil, err
		}
		var list []int
		for _, value := range doubling(low, high) {
			list = append(list, int(value))
		}
		return list, nil
	})
}

// Sizes is a list of numbers of bytes.
type Sizes []int

// ParseSizes reads sizes separated by commas, as ParseSize reads them, within a limit;
// a..b stands for a and its doubles up to b, and b.
func ParseSizes(text string, limit units.Limit) (Sizes, error) {
	read := func(text string) (int64, error) {
		if value, err := strconv.ParseInt(text, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
			return value, limit.CheckWritten(text, value)
		}
		size, err := ParseSize(text)
		if err != nil {
			return 0, err
		}
		return int64(size), limit.CheckWritten(text, int64(size))
	}
	return parseLists(text, func(part string) ([]int, error) {
		from, to, isRange := cutRange(part)
		low, err := read(from)
		high := low
		if err == nil && isRange {
			high, err = read(to)
		}
		if err != nil {
			return nil, err
		}
		if high < low {
			return nil, fmt.Errorf("%q is not a range such as 64..64KiB", part)
		}
		var list []int
		for _, value := range doubling(low, high) {
			list = append(list, int(value))
		}
		return list, nil
	})
}

// parsePayloads reads sizes as ParseSizes does, and mixes of sizes, if p may be one.
func parsePayloads(p results.Parameter, text string) ([]results.Cell, error) {
	return parseLists(text, func(part string) ([]results.Cell, error) {
		if sizes.Is(part) && len(p.Names()) > 1 {
			mix, err := sizes.Parse(part)
			if err == nil && mix.Mean() <= results.MinPayload {
				err = fmt.Errorf("%q has a mean of %d bytes; want more than %d", part, mix.Mean(), results.MinPayload)
			}
			if err != nil {
				return nil, err
			}
			return []results.Cell{p.Made(mix.Mean(), mix.String())}, nil
		}
		list, err := ParseSizes(part, limitOf(p))
		return each(p, list), err
	})
}

// parseCapacities reads numbers as ParseInts does, each of which may be followed by
// /producer or /total, as in 1024/producer.
func parseCapacities(p results.Parameter, text string) ([]results.Cell, error) {
	return parseLists(text, func(part string) ([]results.Cell, error) {
		number, of, given := strings.Cut(part, "/")
		if given && !slices.Contains(p.Words, of) {
			return nil, fmt.Errorf("%q is not a capacity such as 1024 or 1024/producer: %q is none of %s",
				part, of, strings.Join(p.Words, ", "))
		}
		ints, err := ParseInts(number, limitOf(p))
		if err != nil {
			return nil, err
		}
		var list []results.Cell
		for _, items := range ints {
			list = append(list, p.Made(items, of))
		}
		return list, nil
	})
}

// Floats is a list of numbers.
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

// Rates is a list of rates in messages per second.
type Rates []float64

// ParseRates reads rates separated by commas, as ParseRate reads them; a..b stands for a
// and its doubles up to b, and b.
func ParseRates(text string) (Rates, error) {
	return parseLists(text, func(part string) ([]float64, error) {
		from, to, isRange := cutRange(part)
		low, err := units.ParseRate(from)
		high := low
		if err == nil && isRange {
			high, err = units.ParseRate(to)
		}
		if err == nil && high < low {
			err = fmt.Errorf("%q is not a range such as 10k..1M", part)
		}
		if err != nil {
			return nil, err
		}
		return doubling(low, high), nil
	})
}

// Strings is a list of names, written in YAML as one or a list.
type Strings []string

// ParseNames reads names separated by commas.
func ParseNames(text string) (Strings, error) {
	return parseList(text, func(part string) (string, error) {
		if part == "" {
			return "", fmt.Errorf("%q has an empty name", text)
		}
		return part, nil
	})
}

// mayBeEmpty reports whether an empty list of a key means nothing, not everything.
func mayBeEmpty(key string) bool { return key == "expect" }

func (l *Strings) readYAML(key string, node *yaml.Node) error {
	if mayBeEmpty(key) && node.Kind == yaml.SequenceNode && len(node.Content) == 0 {
		*l = nil
		return nil
	}
	return readList(node, l, func(text string) (Strings, error) {
		if text == "" {
			return nil, errEmpty
		}
		return Strings{text}, nil
	})
}

// parseStall reads FOR/EVERY, as in 50ms/500ms.
func parseStall(text string, limit units.Limit) (length, every time.Duration, err error) {
	first, second, _ := strings.Cut(text, "/")
	length, errFor := time.ParseDuration(first)
	every, errEvery := units.ParseDuration(second, limit)
	if errFor != nil || errEvery != nil || length <= 0 || every <= length {
		return 0, 0, fmt.Errorf("%q is not DURATION/PERIOD such as 50ms/500ms, with a longer PERIOD up to %s", text, limit.Text(limit.Most))
	}
	return length, every, nil
}

// parsePause reads FOR/MESSAGES, as in 1ms/1000.
func parsePause(text string, p results.Parameter) (length time.Duration, every int64, err error) {
	limit := limitOf(p)
	first, second, _ := strings.Cut(text, "/")
	length, errFor := units.ParseDuration(first, limit)
	every, errEvery := units.ParseCount(second, units.Limit{Least: 1, Most: LimitOf("messages").Most})
	if errFor != nil || errEvery != nil || length <= 0 {
		return 0, 0, fmt.Errorf("%q is not DURATION/COUNT such as 1ms/1000, with a DURATION up to %s", text, limit.Text(limit.Most))
	}
	return length, every, nil
}

// Durations is a list of times.
type Durations []time.Duration

// ParseDurations reads times separated by commas, such as 0,500us or 50ms, within a
// limit.
func ParseDurations(text string, limit units.Limit) (Durations, error) {
	return parseList(text, func(part string) (time.Duration, error) { return units.ParseDuration(part, limit) })
}

// Duration is a time.Duration written as in 500ms.
type Duration time.Duration

func (d *Duration) readYAML(key string, node *yaml.Node) error {
	return readOne(node, d, func(text string) (Duration, error) {
		value, err := units.ParseDuration(text, LimitOf(key))
		return Duration(value), err
	})
}

func (s *Size) readYAML(_ string, node *yaml.Node) error { return readOne(node, s, ParseSize) }
