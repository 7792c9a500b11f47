package trial

import (
	"runtime"
	"sync"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/harness/trial/schedule"
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
func newPaced(clock *machine.Clock, cell results.Cell, rate float64, horizon time.Duration, seed uint64, floor bool) *paced {
	d := &paced{
		messages: *newMessages(clock, cell, nil, floor),
		cell:     cell, rate: rate, weights: schedule.WeightsOf(cell), seed: seed, horizonNs: int64(horizon), quarter: clock.Ticks(int64(horizon) / 4),
	}
	if floor {
		d.delays = new(floorDelays)
	}
	return d
}

func (d *paced) schedule(id int) *schedule.Arrivals {
	return schedule.OfCell(d.cell, d.rate, d.weights, id, d.horizonNs, d.seed)
}

// quotas counts each producer's messages by going through its schedule.
func (d *paced) quotas() []uint64 {
	quotas := make([]uint64, d.cell.Producers)
	for id := range quotas {
		quotas[id] = d.schedule(id).CountUntil(d.horizonNs)
	}
	return quotas
}

// begin sets the epoch so far ahead that every producer is awake by then.
func (d *paced) begin(_, _ []uint64) {
	lead := time.Millisecond + time.Duration(d.cell.Producers)*time.Microsecond
	d.epoch = d.clock.Now() + d.clock.Ticks(int64(lead))
}

func (d *paced) sender(p strategies.Producer[strategies.Message], id int) sender {
	return &pacedSender{d.writer(p, id), d, d.schedule(id)}
}

// pacedSender sends the messages of one producer when they are due.
type pacedSender struct {
	*writer
	d        *paced
	schedule *schedule.Arrivals
}

func (s *pacedSender) send(from, to uint64) (t record.Tally, err error) {
	err = s.d.lives.each(func(from, to uint64) error { return s.sendDue(from, to, &t) })(from, to)
	if err == nil {
		t.Attempted = to - from
	}
	return t, err
}

// sendDue sends the messages from one up to another, each when it is due.
func (s *pacedSender) sendDue(from, to uint64, t *record.Tally) error {
	d := s.d
	for seq := from; seq < to; seq++ {
		due, m := d.epoch+d.clock.Ticks(s.schedule.Next()), s.message(seq, 0)
		now := d.await(due)
		t.Sends(now)
		m.Intended, m.Sent = due, now
		if err := s.p.Send(m); err == strategies.ErrFull {
			t.Rejected++
		} else if err != nil {
			return err
		}
		t.Sent(d.clock.Now() - now)
		d.compute.after(1)
		if d.delays != nil {
			d.delays.record(s.id, d.clock.Ns(now-due))
		}
	}
	return nil
}

// await waits until a message is due and returns the time: at once if it is late.
func (d *paced) await(due int64) int64 {
	now := d.clock.Now()
	for now < due {
		left := time.Duration(d.clock.Ns(due - now))
		if sleep := schedule.SleepFor(left); sleep > 0 {
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
func (d *paced) consume(buf []strategies.Message, check *record.Ledger, rec *record.Recorder) {
	check.Received += uint64(len(buf))
	now := d.clock.Now()
	for i := range buf {
		m := &buf[i]
		check.See(m.ID)
		if d.delays == nil {
			response := d.clock.Ns(now - m.Intended)
			rec.Message(m.ID.Producer(), response, d.clock.Ns(now-m.Sent), d.clock.Ns(m.Sent-m.Intended))
			quarter := &rec.Quarters[d.quarterOf(m.Intended)]
			quarter.Ns += response
			quarter.Count++
		}
		d.inspect(m, check)
		if d.work != nil {
			d.work.item(m.ID, m.Payload)
			now = d.clock.Now()
		}
		m.Payload = nil // the buffer must not keep it alive
	}
	rec.Windows.Tick(now, check.Next)
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
