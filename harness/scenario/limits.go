package scenario

import (
	"fmt"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// The limits of a cell. A million producers take some gigabytes of goroutine
// stacks; more would measure the memory of the machine.
const (
	MaxProducers = 1_000_000
	MaxBatch     = 1 << 20
	MaxPayload   = 64 << 20
	MaxDuration  = time.Hour
	MaxReps      = 10_000
	MaxMessages  = int64(strategies.MaxSeq)
	MinRate      = 1.0 // messages per second
	MaxRate      = 1e9
	MaxOverload  = 1000.0
	MaxBusy      = 4096
)

// Limit is the least and the most that a number may be.
type Limit struct {
	Least, Most int64
	isTime      bool // in ns
}

// limits are those of the keys of a scenario, which are also flags, whose values are
// whole numbers or times.
var limits = map[string]Limit{
	"producers":      {Least: 1, Most: MaxProducers},
	"payload":        {Least: results.MinPayload, Most: MaxPayload},
	"capacity":       {Most: strategies.MaxCapacity},
	"lanes":          {Most: strategies.MaxLanes},
	"send-batch":     {Least: 1, Most: MaxBatch},
	"recv-batch":     {Least: 1, Most: MaxBatch},
	"gomaxprocs":     {Most: 4096},
	"busy":           {Most: MaxBusy},
	"messages":       {Most: MaxMessages},
	"reps":           {Least: 1, Most: MaxReps},
	"batch-deadline": TimeLimit(MaxDuration),
	"duration":       TimeLimit(MaxDuration),
	"consumer-cost":  TimeLimit(MaxDuration),
	"batch-cost":     TimeLimit(MaxDuration),
	"burst-period":   TimeLimit(MaxDuration),
	"stages":         TimeLimit(MaxDuration),
	"stall":          TimeLimit(MaxDuration),
	"pause":          TimeLimit(MaxDuration),
	"timeout":        TimeLimit(trial.MaxTimeout),
}

// TimeLimit is that of a time from 0 to the given one.
func TimeLimit(most time.Duration) Limit { return Limit{Most: int64(most), isTime: true} }

// LimitOf returns the limit of a scenario's key, which it has to have.
func LimitOf(key string) Limit {
	limit, found := limits[key]
	if !found {
		panic(fmt.Sprintf("key %q has no limit", key))
	}
	return limit
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
