package record

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// brokenPromise is what a trial has seen that a promise says cannot be.
type brokenPromise struct {
	promise strategies.Promise
	what    string
}

func (b *brokenPromise) Error() string { return fmt.Sprintf("%s: %s", b.promise, b.what) }

// Broke returns the error of a promise that is broken.
func Broke(promise strategies.Promise, format string, args ...any) error {
	return &brokenPromise{promise, fmt.Sprintf(format, args...)}
}

// Breaks reports whether an error is about a promise.
func Breaks(err error, promise strategies.Promise) bool {
	broken := (*brokenPromise)(nil)
	return errors.As(err, &broken) && broken.promise == promise
}

// Deliveries are the promises that the deliveries of a round tell about.
var Deliveries = []strategies.Promise{strategies.PromiseExactlyOnce, strategies.PromiseIntact, strategies.PromiseOrder}

// KindOf returns how a trial failed that went wrong by an error.
func KindOf(err error) results.FailureKind {
	broken := (*brokenPromise)(nil)
	if errors.As(err, &broken) && !slices.Contains(Deliveries, broken.promise) {
		return results.FailurePromise
	}
	return results.FailureDelivery
}

// NoLimit says that nothing bounds what a fan-in may hold.
const NoLimit = -1

// MostHeld returns how many items a fan-in may hold, or NoLimit. Of producers that have
// room of their own there may be NoLimit, too.
func MostHeld(d strategies.Descriptor, capacity, producers int) int {
	switch {
	case !d.Keeps(strategies.PromiseBound) || d.Floor:
		return NoLimit
	case d.Bound == strategies.Rendezvous:
		return 0
	case d.Bound == strategies.PerProducer && producers == NoLimit:
		return NoLimit
	case d.Bound == strategies.PerProducer:
		return capacity * producers
	case d.Bound.HasCapacity():
		return capacity
	default:
		return NoLimit
	}
}
