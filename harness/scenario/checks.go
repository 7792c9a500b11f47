package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
)

// CheckCell reports the first parameter out of range as a FieldError.
func CheckCell(c results.Cell) error {
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
			return &results.FieldError{Field: check.field, Err: err}
		}
	}
	if c.GOMAXPROCS == 0 {
		return results.FieldErrorf("gomaxprocs", "0 threads run nothing")
	}
	if (c.Messages == 0) == (c.DurationNs == 0) {
		return results.FieldErrorf("duration", "exactly one of duration and messages must be above 0")
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
	switch {
	case !c.Stages.IsZero() && c.ConsumerCostNs+c.BatchCostNs > 0:
		return results.FieldErrorf("consumer-cost", "the consumer is the last of the stages, %s, which say what it takes", c.Stages)
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
		{"arrival", "arrival", c.Arrival, results.Arrivals()},
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
			return &results.FieldError{Field: choice.field, Err: pick.Unknown(choice.what, choice.value, choice.of)}
		}
	}
	return nil
}

// checkOffer reports the first parameter of an open loop that is out of range.
func checkOffer(c results.Cell) error {
	if c.Arrival == results.ArrivalClosed || c.Kind != "" {
		return nil
	}
	switch {
	case c.Rate == 0 && c.Load == 0:
		return results.FieldErrorf("rate", "an open loop needs one")
	case c.Load == 0 && !(c.Rate >= MinRate && c.Rate <= MaxRate):
		return results.FieldErrorf("rate", "%v is not in %v..%v messages per second", c.Rate, MinRate, MaxRate)
	case !(c.Load >= 0 && c.Load <= MaxOverload):
		return results.FieldErrorf("load", "%v is not in 0..%v", c.Load, MaxOverload)
	case c.Overload != 0 && !(c.Overload > 1 && c.Overload <= MaxOverload):
		return results.FieldErrorf("overload", "%v is not above 1 and at most %v", c.Overload, MaxOverload)
	case c.SendBatch != 1:
		return results.FieldErrorf("send-batch", "an open loop sends each message when it is due: %d at a time cannot be", c.SendBatch)
	case c.Rate*float64(c.DurationNs)/1e9 > maxOffered:
		return results.FieldErrorf("rate", "%v for %v are more than %d messages", c.Rate, time.Duration(c.DurationNs), int64(maxOffered))
	}
	return nil
}

// maxOffered bounds the messages of an open loop, whose schedule is gone through
// beforehand.
const maxOffered = 1e10

// checkShape reports the first shape of a load that cannot be.
func checkShape(c results.Cell) error {
	switch {
	case !(c.HotShare >= 0 && c.HotShare < 1):
		return results.FieldErrorf("hot-share", "%v is not at least 0 and below 1", c.HotShare)
	case !(c.Zipf >= 0 && c.Zipf <= maxZipf):
		return results.FieldErrorf("zipf", "%v is not in 0..%v", c.Zipf, maxZipf)
	case c.HotShare > 0 && c.Zipf > 0:
		return results.FieldErrorf("zipf", "an exponent of %v and a hot share of %v are two ways to share out the same load", c.Zipf, c.HotShare)
	case c.BurstPeriodNs > 0 && c.Arrival != results.ArrivalBurst:
		return results.FieldErrorf("burst-period", "arrival %q has no bursts", c.Arrival)
	case c.BurstPeriodNs < 0 || c.BurstPeriodNs > int64(MaxDuration):
		return results.FieldErrorf("burst-period", "%w", LimitOf("burst-period").Check(c.BurstPeriodNs))
	case c.PauseNs < 0 || c.PauseNs > int64(MaxDuration) || c.PauseEvery < 0 || (c.PauseNs > 0) != (c.PauseEvery > 0):
		return results.FieldErrorf("pause", "%v after %d messages is neither a pause nor none", time.Duration(c.PauseNs), c.PauseEvery)
	case c.PauseNs > 0 && c.Arrival != results.ArrivalClosed:
		return results.FieldErrorf("pause", "an open loop sends each message when it is due, whatever a producer does")
	default:
		return nil
	}
}

// maxZipf is an exponent at which the second producer sends a thousandth of what
// the first does.
const maxZipf = 10.0

// checkNeighbours reports what a cell with or without neighbours cannot have.
func checkNeighbours(c results.Cell) error {
	switch {
	case c.BusyKind != "" && c.Busy == 0:
		return results.FieldErrorf("busy-kind", "%q says what neighbours do, and busy is 0", c.BusyKind)
	case c.Busy > 0 && c.Kind == results.KindProbe:
		return results.FieldErrorf("busy", "a fan-in is probed at rest: it cannot have %d neighbours", c.Busy)
	default:
		return nil
	}
}

// checkItem reports a payload that cannot be carried by value.
func checkItem(c results.Cell) error {
	sizes := trial.ValueSizes()
	if c.Item != results.ItemValue || slices.Contains(sizes, c.Payload) {
		return nil
	}
	var words []string
	for _, size := range sizes {
		words = append(words, fmt.Sprint(size))
	}
	return results.FieldErrorf("payload", "%d bytes cannot be carried by value: there are items of %s", c.Payload, strings.Join(words, ", "))
}
