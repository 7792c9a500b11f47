package harness

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/files"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Spec is what a trial's child process is told on standard input.
type Spec struct {
	Schema int          `json:"schema"` // results.SchemaVersion
	Cell   results.Cell `json:"cell"`
	// Rate is what a cell that is given as a Load comes to, in messages per
	// second.
	Rate        float64 `json:"rate_msgs_per_s,omitempty"`
	Seed        uint64  `json:"seed"`
	TimeoutNs   int64   `json:"timeout_ns"`                   // for the whole process
	MemoryLimit int64   `json:"memory_limit_bytes,omitempty"` // 0: none
	Inspect     bool    `json:"inspect,omitempty"`            // look into the promises, too, once all is measured: see inspect
}

// rate returns what an open loop offers, in messages per second.
func (s Spec) rate() float64 {
	if s.Cell.Rate > 0 {
		return s.Cell.Rate
	}
	return s.Rate
}

// Reply is what the child answers on standard output: exactly one of the two.
type Reply struct {
	Schema      int                  `json:"schema"`
	Build       string               `json:"build,omitempty"` // of the program that answers, the same for no other: see results.Build
	Measurement *results.Measurement `json:"measurement,omitempty"`
	Failure     *results.Failure     `json:"failure,omitempty"`

	memory *results.Memory // what the parent saw of the child's; nil if nothing
}

// maxSpecBytes bounds what ReadSpec reads.
const maxSpecBytes = 1 << 20

// ReadSpec reads and checks a spec.
func ReadSpec(r io.Reader) (Spec, error) {
	var spec Spec
	if err := json.NewDecoder(io.LimitReader(r, maxSpecBytes)).Decode(&spec); err != nil {
		return spec, fmt.Errorf("reading the trial spec from standard input: %w", files.InWords(err))
	}
	if spec.Schema != results.SchemaVersion {
		return spec, fmt.Errorf("reading the trial spec: schema %d is not %d", spec.Schema, results.SchemaVersion)
	}
	if err := checkCell(spec.Cell); err != nil {
		return spec, fmt.Errorf("reading the trial spec: %w", err)
	}
	return spec, nil
}

// FieldError is a bad value of a scenario's field, which is also a flag's name.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap returns what is wrong with the value.
func (e *FieldError) Unwrap() error { return e.Err }

func fieldErrorf(field, format string, args ...any) error {
	return &FieldError{Field: field, Err: fmt.Errorf(format, args...)}
}

// checkCell reports the first parameter out of range as a FieldError.
func checkCell(c results.Cell) error {
	for _, check := range []struct {
		field string
		value int64
	}{
		{"producers", int64(c.Producers)},
		{"payload", int64(c.Payload)},
		{"capacity", int64(c.Capacity)},
		{"lanes", int64(c.Lanes)},
		{"send-batch", int64(c.SendBatch)},
		{"recv-batch", int64(c.RecvBatch)},
		{"batch-deadline", c.BatchDeadlineNs},
		{"gomaxprocs", int64(c.GOMAXPROCS)},
		{"messages", c.Messages},
		{"duration", c.DurationNs},
		{"consumer-cost", c.ConsumerCostNs},
		{"batch-cost", c.BatchCostNs},
		{"stall", c.StallNs},
		{"stall", c.StallEveryNs},
		{"busy", int64(c.Busy)},
	} {
		if err := LimitOf(check.field).Check(check.value); err != nil {
			return &FieldError{check.field, err}
		}
	}
	if c.GOMAXPROCS == 0 {
		return fieldErrorf("gomaxprocs", "0 threads are too few")
	}
	if (c.Messages == 0) == (c.DurationNs == 0) {
		return fieldErrorf("duration", "exactly one of duration and messages must be above 0")
	}
	if err := checkChoices(c); err != nil {
		return err
	}
	if err := checkItem(c); err != nil {
		return err
	}
	if err := checkStages(c); err != nil {
		return err
	}
	if err := checkShape(c); err != nil {
		return err
	}
	if err := checkNeighbours(c); err != nil {
		return err
	}
	return checkOffer(c)
}

// checkStages reports what a pipeline cannot have.
func checkStages(c results.Cell) error {
	_, err := results.ParseStages(c.Stages)
	switch {
	case err != nil:
		return &FieldError{"stages", err}
	case c.Stages != "" && c.ConsumerCostNs+c.BatchCostNs > 0:
		return fieldErrorf("consumer-cost", "it contradicts the stages %s, whose last one is the consumer", c.Stages)
	default:
		return nil
	}
}

// checkChoices reports the first word that is none of those it may be.
func checkChoices(c results.Cell) error {
	for _, choice := range []struct {
		field, what, value string
		of                 []string
	}{
		{"arrival", "arrival", c.Arrival, Arrivals()},
		{"item", "item", c.Item, results.Items()},
		{"allocation", "allocation", c.Allocation, results.Allocations()},
		{"capacity", "count", c.CapacityOf, results.CapacityCounts()},
		{"cost-kind", "kind", c.CostKind, results.CostKinds()},
		{"sink", "sink", c.Sink, results.Sinks()},
		{"sink-write", "write", c.SinkWrite, results.SinkWrites()},
		{"sink-frame", "frame", c.SinkFrame, results.SinkFrames()},
		{"busy-kind", "kind", c.BusyKind, results.BusyKinds()},
	} {
		absent := choice.value == "" && choice.field != "arrival"
		if !absent && !slices.Contains(choice.of, choice.value) {
			return &FieldError{choice.field, unknownName(choice.what, choice.value, choice.of)}
		}
	}
	return nil
}

// checkOffer reports the first parameter of an open loop that is out of range.
func checkOffer(c results.Cell) error {
	if c.Arrival == ArrivalClosed || c.Kind != "" {
		return nil
	}
	switch {
	case c.Rate == 0 && c.Load == 0:
		return fieldErrorf("rate", "an open loop needs a rate")
	case c.Load == 0 && !(c.Rate >= MinRate && c.Rate <= MaxRate):
		return fieldErrorf("rate", "%v is not in %v..%v messages per second", c.Rate, MinRate, MaxRate)
	case !(c.Load >= 0 && c.Load <= MaxOverload):
		return fieldErrorf("load", "%v is not in 0..%v", c.Load, MaxOverload)
	case c.Overload != 0 && !(c.Overload > 1 && c.Overload <= MaxOverload):
		return fieldErrorf("overload", "%v is not above 1 and at most %v", c.Overload, MaxOverload)
	case c.SendBatch != 1:
		return fieldErrorf("send-batch", "an open loop sends each message when it is due, not %d at a time", c.SendBatch)
	case c.Rate*float64(c.DurationNs)/1e9 > maxOffered:
		return fieldErrorf("rate", "%v for %v are more than %d messages", c.Rate, time.Duration(c.DurationNs), int64(maxOffered))
	}
	return nil
}

// maxOffered bounds the messages of an open loop, whose schedule is gone through
// beforehand.
const maxOffered = 1e10

// capacityFor returns a cell's capacity as the strategy takes it. The error is a
// FieldError.
func capacityFor(c results.Cell, d strategies.Descriptor) (int, error) {
	items := int64(c.Capacity)
	switch {
	case c.CapacityOf == results.CapacityPerProducer && d.Bound == strategies.Total:
		items *= int64(c.Producers)
	case c.CapacityOf == results.CapacityInTotal && d.Bound == strategies.PerProducer:
		items /= int64(c.Producers)
	}
	if c.Capacity > 0 && (items < 1 || items > strategies.MaxCapacity) {
		return 0, fieldErrorf("capacity", "%d/%s of %d producers makes %d for strategy %q (%s); it takes 1..%d",
			c.Capacity, c.CapacityOf, c.Producers, items, d.Name, d.Bound, strategies.MaxCapacity)
	}
	return int(items), nil
}

// Options returns the cell's parameters as the strategy takes them. An error is
// about its capacity or its policy.
func Options(c results.Cell, d strategies.Descriptor) (strategies.Options, error) {
	o := strategies.Options{Lanes: c.Lanes}
	var err error
	if o.Capacity, err = capacityFor(c, d); err != nil {
		return o, err
	}
	if c.Policy != "" {
		policy, err := strategies.ParsePolicy(c.Policy)
		if err != nil {
			return o, err
		}
		o.Policy = policy
	}
	return o, nil
}
