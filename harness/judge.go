package harness

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

func broke(promise strategies.Promise, format string, args ...any) error {
	return &brokenPromise{promise, fmt.Sprintf(format, args...)}
}

// breaks reports whether an error is about a promise.
func breaks(err error, promise strategies.Promise) bool {
	broken := (*brokenPromise)(nil)
	return errors.As(err, &broken) && broken.promise == promise
}

// deliveries are the promises that the deliveries of a round tell about.
var deliveries = []strategies.Promise{strategies.PromiseExactlyOnce, strategies.PromiseIntact, strategies.PromiseOrder}

// kindOf returns how a trial failed that went wrong by an error.
func kindOf(err error) results.FailureKind {
	broken := (*brokenPromise)(nil)
	if errors.As(err, &broken) && !slices.Contains(deliveries, broken.promise) {
		return results.FailurePromise
	}
	return results.FailureDelivery
}

// explain returns the error with which a trial went wrong, or a better one. A
// backlog beyond the bound was held or only told of: sends and receives that are
// counted tell which.
func (t *trial) explain(err error) error {
	if breaks(err, strategies.PromiseBound) && t.inspectable() {
		if better := t.counts(); better != nil {
			return better
		}
	}
	return err
}

// limit is what a gauge may show.
type limit struct {
	what  string
	most  int // beside what is in hand; noLimit if there is no end
	hands int // items that sends and receives under way may have in hand
}

const noLimit = -1

// mostHeld returns how many items a fan-in may hold, or noLimit.
func mostHeld(d strategies.Descriptor, capacity, producers int) int {
	switch {
	case !d.Keeps(strategies.PromiseBound) || d.Floor:
		return noLimit
	case d.Bound == strategies.Rendezvous:
		return 0
	case d.Bound == strategies.PerProducer:
		return capacity * producers
	case d.Bound.HasCapacity():
		return capacity
	default:
		return noLimit
	}
}

// limits returns what each of the round's gauges may show.
func (r *round[T]) limits() []limit {
	first := limit{
		what: "the backlog", most: mostHeld(r.strategy, r.capacity, len(r.quotas)),
		hands: len(r.quotas)*r.sendBatch + r.recvBatch,
	}
	p, ok := r.fanIn.(*pipeline[T])
	if !ok { // what is in flight is counted exactly, by whoever takes or gives back
		return []limit{first, {what: "the number of items in flight", most: mostHeld(r.strategy, r.capacity, 1)}}
	}
	// A stage takes and sends one by one; what it has received is in its hands.
	all, list := first, []limit{}
	for i := range p.stages {
		l := first
		l.what = fmt.Sprintf("the backlog before stage %d", i+1)
		if i > 0 {
			l.most, l.hands = mostHeld(r.strategy, p.capacity, 1), 1+r.recvBatch
			all.hands += l.hands
			if all.most != noLimit {
				all.most += l.most
			}
		}
		list = append(list, l)
	}
	return append([]limit{all}, list...)
}

// judge holds what the gauges showed against what the strategy promises. The
// backlog may be off by the items in the hands of sends and receives, and no more.
func (r *round[T]) judge(gauges [][]sample) error {
	limits := r.limits()
	for i, samples := range gauges {
		l := limits[i]
		for _, s := range samples {
			switch {
			case s.items < -l.hands:
				return broke(strategies.PromiseBacklog, "%s read %d at %v", l.what, s.items, s.at)
			case l.most != noLimit && s.items > l.most+l.hands:
				return broke(strategies.PromiseBound, "%s read %d at %v; the bound is %d, and at most %d are in hand",
					l.what, s.items, s.at, l.most, l.hands)
			}
		}
	}
	return nil
}

// judgeSaid holds what another program says that it measured against what it says of
// its strategy. It has judged its rounds itself or not at all.
func judgeSaid(d strategies.Descriptor, c results.Cell, m *results.Measurement) error {
	capacity, err := capacityFor(c, d)
	if err != nil || c.Stages != "" || m.Backlog == nil || capacity == 0 && d.Bound.HasCapacity() {
		return nil // there is nothing, or no one fan-in, or no telling what it may be
	}
	most, hands := mostHeld(d, capacity, c.Producers), c.Producers*c.SendBatch+c.RecvBatch
	if most != noLimit && m.Backlog.Max > int64(most+hands) {
		return broke(strategies.PromiseBound, "the backlog read %d; the bound is %d, and at most %d are in hand", m.Backlog.Max, most, hands)
	}
	return nil
}
