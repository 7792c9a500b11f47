package trial

import (
	"fmt"

	"github.com/fanin-bench/fanin-bench/harness/trial/monitor"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// explain returns the error with which a trial went wrong, or a better one. A
// backlog beyond the bound was held or only told of: sends and receives that are
// counted tell which.
func (t *trial) explain(err error) error {
	if record.Breaks(err, strategies.PromiseBound) {
		if better := t.inspection.Overfull(); better != nil {
			return better
		}
	}
	return err
}

// limit is what a gauge may show.
type limit struct {
	what  string
	most  int // beside what is in hand; record.NoLimit if there is no end
	hands int // items that sends and receives under way may have in hand
}

// limits returns what each of the round's gauges may show.
func (r *round[T]) limits() []limit {
	rooms := len(r.quotas)
	if f, ok := as[shared](r.fanIn); ok {
		rooms = f.rooms(rooms)
	}
	first := limit{
		what: "the backlog", most: record.MostHeld(r.strategy, r.capacity, rooms),
		hands: len(r.quotas)*r.sendBatch + r.recvBatch,
	}
	p, ok := r.fanIn.(*pipeline[T])
	if !ok { // what is in flight is counted exactly, by whoever takes or gives back
		return []limit{first, {what: "the number of items in flight", most: record.MostHeld(r.strategy, r.capacity, 1)}}
	}
	// A stage takes and sends one by one; what it has received is in its hands.
	all, list := first, []limit{}
	for i := range p.stages {
		l := first
		l.what = fmt.Sprintf("the backlog before stage %d", i+1)
		if i > 0 {
			l.most, l.hands = record.MostHeld(r.strategy, p.capacity, 1), 1+r.recvBatch
			all.hands += l.hands
			if all.most != record.NoLimit {
				all.most += l.most
			}
		}
		list = append(list, l)
	}
	return append([]limit{all}, list...)
}

// checkGauges holds what the gauges showed against what the strategy promises. The
// backlog may be off by the items in the hands of sends and receives, and no more.
func (r *round[T]) checkGauges(gauges [][]monitor.Sample) error {
	limits := r.limits()
	for i, samples := range gauges {
		l := limits[i]
		for _, s := range samples {
			switch {
			case s.Items < -l.hands:
				return record.Broke(strategies.PromiseBacklog, "%s read %d at %v", l.what, s.Items, s.At)
			case l.most != record.NoLimit && s.Items > l.most+l.hands:
				return record.Broke(strategies.PromiseBound, "%s read %d at %v; the bound is %d, and at most %d are in hand",
					l.what, s.Items, s.At, l.most, l.hands)
			}
		}
	}
	return nil
}

// HeldAgainst returns another program's reply, failed if what it says that it measured
// cannot be with what it says of its strategy. It has checked its rounds itself or not
// at all.
func (r Reply) HeldAgainst(d strategies.Descriptor, c results.Cell) Reply {
	if r.Measurement == nil || r.Measurement.Backlog == nil {
		return r
	}
	capacity, err := capacityFor(c, d)
	if err != nil || !c.Stages.IsZero() || capacity == 0 && d.Bound.HasCapacity() {
		return r // there is no one fan-in, or no telling what it may hold
	}
	held := r.Measurement.Backlog.Max
	most, hands := record.MostHeld(d, capacity, c.Producers), c.Producers*c.SendBatch+c.RecvBatch
	if most != record.NoLimit && held > int64(most+hands) {
		err := record.Broke(strategies.PromiseBound, "the backlog read %d; the bound is %d, and at most %d are in hand", held, most, hands)
		r.Measurement, r.Failure = nil, Failed(record.KindOf(err), "%v", err).Failure
	}
	return r
}
