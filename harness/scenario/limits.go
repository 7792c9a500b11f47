package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/parameter"
)

// MaxReps is the most trials of a cell, MaxDuration the longest measured part of one.
const (
	MaxReps     = 10_000
	MaxDuration = time.Hour
)

// Limit is the least and the most that a number may be.
type Limit struct {
	Least, Most int64
	isTime      bool // in ns
}

// limits are those of a run.
var limits = map[string]Limit{
	"reps":    {Least: 1, Most: MaxReps},
	"timeout": TimeLimit(trial.MaxTimeout),
}

// TimeLimit is that of a time from 0 to the given one.
func TimeLimit(most time.Duration) Limit { return Limit{Most: int64(most), isTime: true} }

// LimitOf returns the limit of a scenario's key, which it has to have.
func LimitOf(key string) Limit {
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
func limitOf(p results.Parameter) Limit {
	times := []parameter.Kind{parameter.Time, parameter.Times, parameter.TimePerTime, parameter.TimePerCount}
	l := p.Limits[0]
	return Limit{Least: int64(l.Least), Most: int64(l.Most), isTime: slices.Contains(times, p.Kind)}
}

// Check reports a value out of range.
func (l Limit) Check(value int64) error {
	if value >= l.Least && value <= l.Most {
		return nil
	}
	return fmt.Errorf("%s is not in %s..%s", l.write(value), l.write(l.Least), l.write(l.Most))
}

func (l Limit) write(value int64) string {
	if l.isTime {
		return shortTime(time.Duration(value))
	}
	return fmt.Sprint(value)
}

// shortTime writes a time without the zeros that time.Duration ends in: 1h, not 1h0m0s.
func shortTime(d time.Duration) string {
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
