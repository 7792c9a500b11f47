package harness

import (
	"runtime"
	"sync"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// paced drives an open loop: each producer sends its messages when they are due,
// late if it is held up, but never fewer of them and never on a slower schedule.
type paced struct {
	messages
	cell      results.Cell
	rate      float64   // of all producers together, per second
	weights   []float64 // each producer's share of it; nil: all the same
	seed      uint64
	horizonNs int64
	epoch     int64 // when the schedules begin, in ticks
	quarter   int64 // a quarter of their length, in ticks
	delays    *floorDelays
}

// newPaced returns a driver that offers rate messages per second for so long.
func newPaced(clock *Clock, cell results.Cell, rate float64, horizon time.Duration, seed uint64, floor bool) *paced {
	d := &paced{
		messages: *newMessages(clock, cell, nil, floor),
		cell:     cell, rate: rate, weights: weightsOf(cell), seed: seed, horizonNs: int64(horizon), quarter: clock.Ticks(int64(horizon) / 4),
	}
	if floor {
		d.delays = new(floorDelays)
	}
	return d
}

func (d *paced) schedule(id int) *arrivals {
	a := newArrivals(d.cell.Arrival, d.rate, id, d.cell.Producers, d.seed)
	a.swell = swell{d.horizonNs, d.cell.Overload}
	if d.weights != nil {
		a.rate = d.rate * d.weights[id]
	}
	if d.cell.BurstPeriodNs > 0 {
		a.period = time.Duration(d.cell.BurstPeriodNs)
	}
	return a
}

// quotas counts each producer's messages by going through its schedule.
func (d *paced) quotas() []uint64 {
	quotas := make([]uint64, d.cell.Producers)
	for id := range quotas {
		quotas[id] = d.schedule(id).countUntil(d.horizonNs)
	}
	return quotas
}

// begin sets the epoch so far ahead that every producer is awake by then.
func (d *paced) begin() {
	lead := time.Millisecond + time.Duration(d.cell.Producers)*time.Microsecond
	d.epoch = d.clock.Now() + d.clock.Ticks(int64(lead))
}

func (d *paced) produce(p strategies.Producer[strategies.Message], id int, quota uint64) (t tally, err error) {
	schedule := d.schedule(id)
	w := d.writer(p, id)
	for seq := range quota {
		due, m := d.epoch+d.clock.Ticks(schedule.next()), w.message(seq, 0)
		now := d.await(due)
		t.sends(now)
		m.Intended, m.Sent = due, now
		if err = p.Send(m); err == strategies.ErrFull {
			t.rejected++
		} else if err != nil {
			return t, err
		}
		t.sent(d.clock.Now() - now)
		if d.delays != nil {
			d.delays.record(id, d.clock.Ns(now-due))
		}
	}
	t.attempted = quota
	return t, nil
}

// await waits until a message is due and returns the time: at once if it is late.
func (d *paced) await(due int64) int64 {
	now := d.clock.Now()
	for now < due {
		left := time.Duration(d.clock.Ns(due - now))
		if sleep := farFrom(left); sleep > 0 {
			time.Sleep(sleep)
		} else if d.cell.Busy > 0 { // to yield takes a turn of every neighbour: to oversleep is cheaper
			time.Sleep(left)
		} else {
			runtime.Gosched()
		}
		now = d.clock.Now()
	}
	return now
}

// consume records what was received: all of it as of when the receive returned,
// or, if the consumer takes a while over each message, as of when its turn came.
func (d *paced) consume(buf []strategies.Message, check *checker, rec *recorder) {
	check.received += uint64(len(buf))
	now := d.clock.Now()
	for i := range buf {
		m := &buf[i]
		check.see(m.ID)
		if d.delays == nil {
			response := d.clock.Ns(now - m.Intended)
			rec.message(m.ID.Producer(), response, d.clock.Ns(now-m.Sent), d.clock.Ns(m.Sent-m.Intended))
			quarter := &rec.quarters[d.quarterOf(m.Intended)]
			quarter.ns += response
			quarter.count++
		}
		d.inspect(m, check)
		if d.work != nil {
			d.work.item(m.ID, m.Payload)
			now = d.clock.Now()
		}
		m.Payload = nil // the buffer must not keep it alive
	}
	rec.windows.tick(now, check.next)
}

// quarterOf returns in which quarter of the schedule a message was due.
func (d *paced) quarterOf(due int64) int {
	switch since := due - d.epoch; {
	case since < d.quarter:
		return 0
	case since < 2*d.quarter:
		return 1
	case since < 3*d.quarter:
		return 2
	default:
		return 3
	}
}

// floorDelays holds how late the sends of the harness floor were: its messages
// are made up, so their times cannot be read off at the consumer. A message of
// the floor counts as received when it is sent; what its response time then
// holds is the pacer's own error.
type floorDelays struct {
	shards [64]struct {
		mu   sync.Mutex
		hist *histogram.Histogram
	}
}

func (f *floorDelays) record(id int, ns int64) {
	shard := &f.shards[id%len(f.shards)]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if shard.hist == nil {
		shard.hist = histogram.New()
	}
	shard.hist.Record(ns)
}

// merged returns all delays.
func (f *floorDelays) merged() *histogram.Histogram {
	all := histogram.New()
	for i := range f.shards {
		if h := f.shards[i].hist; h != nil {
			all.Merge(h)
		}
	}
	return all
}
