package flagvalue

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// single reads one value. Help shows the zero one as none.
type single[T comparable] struct {
	to    *T
	kind  string // what pflag calls its type
	parse func(string) (T, error)
	write func(T) string
}

func (f *single[T]) Type() string { return f.kind }

func (f *single[T]) String() string {
	var zero T
	if f.to == nil || *f.to == zero { // pflag asks a flag of no value, too
		return ""
	}
	return f.write(*f.to)
}

func (f *single[T]) Set(text string) error {
	v, err := f.parse(text)
	if err != nil {
		return err
	}
	*f.to = v
	return nil
}

// Count reads a whole number, such as 16 or 64k.
func Count[N ~int | ~int64 | ~uint64](value *N, limit units.Limit) pflag.Value {
	return &single[N]{value, "count", func(text string) (N, error) {
		n, err := units.ParseCount(text, limit)
		return N(n), err
	}, func(n N) string { return fmt.Sprint(n) }}
}

// Time reads a time, such as 50ms.
func Time[D ~int64](value *D, limit units.Limit) pflag.Value {
	return &single[D]{value, "time", func(text string) (D, error) {
		d, err := units.ParseDuration(text, limit)
		return D(d), err
	}, func(d D) string { return time.Duration(d).String() }}
}

// Duration reads a time of a scenario.
func Duration(value *scenario.Duration, key string) pflag.Value {
	return Time(value, scenario.LimitOf(key))
}

// Size reads a number of bytes, such as 64KiB.
func Size(value *scenario.Size) pflag.Value {
	return &single[scenario.Size]{value, "size", scenario.ParseSize, scenario.Size.String}
}

// several reads a list, which replaces what was there.
type several[L ~[]E, E any] struct {
	list  *L
	kind  string // what pflag calls its type
	adds  bool   // to what it was given before, as names do
	given bool
	parse func(string) (L, error)
}

func newList[L ~[]E, E any](list *L, kind string, parse func(string) (L, error)) *several[L, E] {
	return &several[L, E]{list: list, kind: kind, parse: parse}
}

func (f *several[L, E]) Type() string { return f.kind }

func (f *several[L, E]) String() string {
	if f.list == nil { // pflag asks a flag of no value, too
		return ""
	}
	return strings.ReplaceAll(strings.Trim(fmt.Sprint([]E(*f.list)), "[]"), " ", ",")
}

func (f *several[L, E]) Set(text string) error {
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

// Ints reads whole numbers, such as 1,4,16 or 1..64.
func Ints(list *scenario.Ints, key string) pflag.Value {
	return newList(list, "ints", func(text string) (scenario.Ints, error) {
		return scenario.ParseInts(text, scenario.LimitOf(key))
	})
}

// Names reads names separated by commas.
func Names(list *scenario.Strings) pflag.Value {
	return namesOf(list, scenario.ParseNames)
}

// NamesOrNone is Names where no name has a meaning of its own.
func NamesOrNone(list *scenario.Strings) pflag.Value {
	return namesOf(list, func(text string) (scenario.Strings, error) {
		if text == "" {
			return nil, nil
		}
		return scenario.ParseNames(text)
	})
}

func namesOf(list *scenario.Strings, parse func(string) (scenario.Strings, error)) pflag.Value {
	return &several[scenario.Strings, string]{list: list, kind: "names", adds: true, parse: parse}
}
