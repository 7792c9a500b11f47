package scenario

import (
	"fmt"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// MaxReps is the most trials of a cell, MaxDuration the longest measured part of one.
const (
	MaxReps     = 10_000
	MaxDuration = time.Hour
)

// limits are those of a run.
var limits = map[string]units.Limit{
	"reps":    {Least: 1, Most: MaxReps},
	"timeout": units.TimeLimit(trial.MaxTimeout),
}

// LimitOf returns the limit of a scenario's key, which it has to have.
func LimitOf(key string) units.Limit {
	if limit, found := limits[key]; found {
		return limit
	}
	for _, p := range results.Declared() {
		if p.Name == key && len(p.Limits) > 0 {
			return limitOf(completed(p))
		}
	}
	panic(fmt.Sprintf("key %q has no limit", key))
}

// limitOf returns the limit of a parameter's first number.
func limitOf(p results.Parameter) units.Limit {
	times := []parameter.Kind{parameter.Time, parameter.Times, parameter.TimePerTime, parameter.TimePerCount}
	l := p.Limits[0]
	return units.Limit{Least: int64(l.Least), Most: int64(l.Most), IsTime: slices.Contains(times, p.Kind), IsSize: p.Kind == parameter.Size}
}

// Size is a number of bytes, written as in 512MiB.
type Size int64

// ParseSize reads a size such as 64KiB, 64k, 4GiB or 1000.
func ParseSize(text string) (Size, error) {
	size, err := units.ParseBytes(text)
	return Size(size), err
}

// String writes a size as ParseSize reads it.
func (s Size) String() string { return units.WholeBytes(int64(s)) }
