package cmd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness"
)

// valueFlag reads one value. Help shows the zero one as none.
type valueFlag[T comparable] struct {
	value *T
	kind  string // what pflag calls its type
	parse func(string) (T, error)
	write func(T) string
}

func (f *valueFlag[T]) Type() string { return f.kind }

func (f *valueFlag[T]) String() string {
	var zero T
	if f.value == nil || *f.value == zero { // pflag asks a flag of no value, too
		return ""
	}
	return f.write(*f.value)
}

func (f *valueFlag[T]) Set(text string) error {
	value, err := f.parse(text)
	if err != nil {
		return err
	}
	*f.value = value
	return nil
}

// countFlag reads a whole number, such as 16 or 64k.
func countFlag[N ~int | ~int64 | ~uint64](value *N, limit harness.Limit) pflag.Value {
	return &valueFlag[N]{value, "count", func(text string) (N, error) {
		n, err := harness.ParseCount(text, limit)
		return N(n), err
	}, func(n N) string { return fmt.Sprint(n) }}
}

// timeFlag reads a time, such as 50ms.
func timeFlag[D ~int64](value *D, limit harness.Limit) pflag.Value {
	return &valueFlag[D]{value, "time", func(text string) (D, error) {
		d, err := harness.ParseDuration(text, limit)
		return D(d), err
	}, func(d D) string { return time.Duration(d).String() }}
}

// durationFlag reads a time of a scenario.
func durationFlag(value *harness.Duration, key string) pflag.Value {
	return timeFlag(value, harness.LimitOf(key))
}

// sizeFlag reads a number of bytes, such as 64KiB.
func sizeFlag(value *harness.Size) pflag.Value {
	return &valueFlag[harness.Size]{value, "size", harness.ParseSize, harness.Size.String}
}

// payloadFlag reads the size of an item.
func payloadFlag(value *harness.Size) pflag.Value {
	return &valueFlag[harness.Size]{value, "size", func(text string) (harness.Size, error) {
		sizes, err := harness.ParseSizes(text, harness.LimitOf("payload"))
		if err == nil && len(sizes) > 1 {
			err = fmt.Errorf("%q is several: give one size", text)
		}
		if err != nil {
			return 0, err
		}
		return harness.Size(sizes[0]), nil
	}, harness.Size.String}
}

// rateFlag reads a rate, such as 200k.
func rateFlag(value *float64) pflag.Value {
	return &valueFlag[float64]{value, "rate", harness.ParseRate, func(rate float64) string {
		return strconv.FormatFloat(rate, 'f', -1, 64)
	}}
}

// stallFlag reads FOR/EVERY.
func stallFlag(value *harness.Stall) pflag.Value {
	return &valueFlag[harness.Stall]{value, "stall", harness.ParseStall, func(s harness.Stall) string {
		return fmt.Sprintf("%v/%v", s.For, s.Every)
	}}
}

// pauseFlag reads FOR/MESSAGES.
func pauseFlag(value *harness.Pause) pflag.Value {
	return &valueFlag[harness.Pause]{value, "pause", harness.ParsePause, func(p harness.Pause) string {
		return fmt.Sprintf("%v/%d", p.For, p.Every)
	}}
}

// listFlag reads a list, which replaces what was there.
type listFlag[L ~[]E, E any] struct {
	list  *L
	kind  string // what pflag calls its type
	adds  bool   // to what it was given before, as names do
	given bool
	parse func(string) (L, error)
}

func newListFlag[L ~[]E, E any](list *L, kind string, parse func(string) (L, error)) *listFlag[L, E] {
	return &listFlag[L, E]{list: list, kind: kind, parse: parse}
}

func (f *listFlag[L, E]) Type() string { return f.kind }

func (f *listFlag[L, E]) String() string {
	if f.list == nil { // pflag asks a flag of no value, too
		return ""
	}
	return strings.ReplaceAll(strings.Trim(fmt.Sprint([]E(*f.list)), "[]"), " ", ",")
}

func (f *listFlag[L, E]) Set(text string) error {
	list, err := f.parse(text)
	if err != nil {
		return err
	}
	if f.adds && f.given {
		list = append(*f.list, list...)
	}
	*f.list, f.given = list, true
	return nil
}

func intsFlag(list *harness.Ints, key string) pflag.Value {
	return newListFlag(list, "ints", func(text string) (harness.Ints, error) {
		return harness.ParseInts(text, harness.LimitOf(key))
	})
}

func sizesFlag(list *harness.Sizes, key string) pflag.Value {
	return newListFlag(list, "sizes", func(text string) (harness.Sizes, error) {
		return harness.ParseSizes(text, harness.LimitOf(key))
	})
}

func durationsFlag(list *harness.Durations, key string) pflag.Value {
	return newListFlag(list, "durations", func(text string) (harness.Durations, error) {
		return harness.ParseDurations(text, harness.LimitOf(key))
	})
}

func floatsFlag(list *harness.Floats) pflag.Value {
	return newListFlag(list, "floats", harness.ParseFloats)
}

func ratesFlag(list *harness.Rates) pflag.Value {
	return newListFlag(list, "rates", harness.ParseRates)
}

func capacitiesFlag(list *harness.Capacities) pflag.Value {
	return newListFlag(list, "capacities", harness.ParseCapacities)
}

// namesFlag reads names separated by commas.
func namesFlag(list *harness.Strings) pflag.Value {
	return namesFlagOf(list, harness.ParseNames)
}

// namesOrNoneFlag is namesFlag where no name has a meaning of its own.
func namesOrNoneFlag(list *harness.Strings) pflag.Value {
	return namesFlagOf(list, func(text string) (harness.Strings, error) {
		if text == "" {
			return nil, nil
		}
		return harness.ParseNames(text)
	})
}

func namesFlagOf(list *harness.Strings, parse func(string) (harness.Strings, error)) pflag.Value {
	return &listFlag[harness.Strings, string]{list: list, kind: "names", adds: true, parse: parse}
}
