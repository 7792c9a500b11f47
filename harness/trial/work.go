package trial

import (
	"fmt"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/harness/trial/sink"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// work is what the consumer does with what it receives besides checking it: it
// takes a while over it and hands it on to a sink. It belongs to the consumer's
// goroutine; nil is none.
type work struct {
	clock             *machine.Clock
	perItem, perBatch cost
	sink              *sink.Sink // nil discards
	err               error      // the sink's first
}

// newWork returns what a cell's consumer has to do in one round, nil if that is
// nothing. Unless it fails, finish must follow.
func newWork(clock *machine.Clock, cell results.Cell) (*work, error) {
	sink, err := sink.Open(cell)
	if err != nil {
		return nil, err
	}
	perItem := cell.ConsumerCostNs
	if costs := cell.Stages.Costs(); len(costs) > 0 {
		perItem = int64(costs[len(costs)-1]) // the consumer is the last stage
	}
	w := &work{
		clock: clock, sink: sink,
		perItem:  newCost(clock, perItem, cell.CostKind),
		perBatch: newCost(clock, cell.BatchCostNs, cell.CostKind),
	}
	if w.perItem.length+w.perBatch.length == 0 && sink == nil {
		return nil, nil
	}
	return w, nil
}

// paceOf returns what a cell's consumer, or the slowest stage of its pipeline, takes
// per message at least, or its producers together if that is longer.
func paceOf(cell results.Cell) time.Duration {
	producers := time.Duration(cell.ProducerCostNs / int64(max(1, min(cell.Producers, cell.GOMAXPROCS))))
	return max(producers, consumerPace(cell))
}

// IsPaced reports whether a closed loop goes at the pace of what its producers or its
// consumer take for a message, or of somebody who sleeps.
func IsPaced(cell results.Cell) bool { return cell.IsClosed() && (paceOf(cell) > 0 || timesAll(cell)) }

func consumerPace(cell results.Cell) time.Duration {
	if costs := cell.Stages.Costs(); len(costs) > 0 {
		return slices.Max(costs) // the slowest stage is everybody's
	}
	return time.Duration(cell.ConsumerCostNs + cell.BatchCostNs/int64(cell.RecvBatch))
}

// timesAll reports whether a cell's closed loop goes at the pace of somebody who
// sleeps: every message is timed then, for there are few, and what that costs is
// nothing beside a sleep.
func timesAll(cell results.Cell) bool {
	return cell.CostKind == results.CostSleep || !cell.Stages.IsZero() || cell.PauseNs > 0
}

// ofItems returns the work if there is some for each item, else nil: a driver
// then has nothing to ask item by item.
func (w *work) ofItems() *work {
	if w == nil || w.perItem.length == 0 && w.sink == nil {
		return nil
	}
	return w
}

// item does the work for one item.
func (w *work) item(id strategies.Word, payload []byte) {
	w.perItem.pay(w.clock)
	if w.sink != nil && w.err == nil {
		w.err = w.sink.Item(id, payload)
	}
}

// batch does the work for a batch whose items are done. The error is the first of
// the sink.
func (w *work) batch() error {
	w.perBatch.pay(w.clock)
	if w.sink != nil && w.err == nil {
		w.err = w.sink.Batch()
	}
	return w.err
}

// finish closes the sink and returns what was written to it, nil if there is
// none, and whether anything of that is wrong.
func (w *work) finish() (*results.Sink, error) {
	if w == nil || w.sink == nil {
		return nil, nil
	}
	err := w.sink.Finish()
	return &w.sink.Sink, err
}

// cost is how long some work takes.
type cost struct {
	length time.Duration
	ticks  int64         // the same, for spinning
	sleeps bool          // it leaves the processor to others: I/O, not computing
	owed   time.Duration // what is still to be slept; negative after a sleep that overshot
}

func newCost(clock *machine.Clock, ns int64, kind string) cost {
	return cost{length: time.Duration(ns), ticks: clock.Ticks(ns), sleeps: kind == results.CostSleep}
}

// pay lets the time pass. A sleep lasts up to a millisecond longer than asked;
// the next one is shorter by as much, so that their mean is right. No more than
// one is made up for: a consumer that was held up does not catch up.
func (c *cost) pay(clock *machine.Clock) {
	switch {
	case c.length == 0:
	case !c.sleeps:
		clock.Spin(c.ticks)
	default:
		if c.owed += c.length; c.owed > 0 {
			begun := time.Now()
			time.Sleep(c.owed)
			c.owed = max(c.owed-time.Since(begun), -c.length)
		}
	}
}

// working is a driver whose consumer has work to do for each batch.
type working[T any] struct {
	driver[T]
	work *work
}

func (l working[T]) consume(buf []T, check *record.Ledger, rec *record.Recorder) {
	l.driver.consume(buf, check, rec)
	if err := l.work.batch(); err != nil {
		check.Fail(fmt.Errorf("writing to the sink: %w", err))
	}
}

// replying is a closed loop whose consumer replies to each message when its work on the
// receive is done. A send returns when its producer has fewer messages without a reply
// than the window: with a window of 1, when its own message has one, as a call does. What
// a send takes is then the round trip.
//
// A reply is a token in a channel of the producer's, as Go programs send them. An item
// that is lost has none: its producer and the consumer wait for each other until the
// watchdog ends the trial.
type replying[T any] struct {
	driver[T]
	window  int
	replies []chan struct{} // by producer; nil once deliveries were found wrong
}

func newReplying[T any](d driver[T], producers, window int) *replying[T] {
	r := &replying[T]{driver: d, window: window, replies: make([]chan struct{}, producers)}
	for id := range r.replies {
		r.replies[id] = make(chan struct{}, window)
	}
	return r
}

func (d *replying[T]) sender(p strategies.Producer[T], id int) sender {
	return d.driver.sender(&asking[T]{Producer: p, window: d.window, replies: d.replies[id]}, id)
}

func (d *replying[T]) consume(buf []T, check *record.Ledger, rec *record.Recorder) {
	d.driver.consume(buf, check, rec)
	if check.Stray != nil { // nothing more is received, so nobody is to wait for it
		for _, replies := range d.replies {
			close(replies)
		}
		d.replies = nil
	}
	if d.replies == nil {
		return
	}
	for i := range buf {
		select {
		case d.replies[record.WordOf(&buf[i]).Producer()] <- struct{}{}:
		default: // nobody sent that many: the books will tell
		}
	}
}

// asking is a producer that waits for replies. Its loops send single items and wait for
// room, so its Send is all that they call.
type asking[T any] struct {
	strategies.Producer[T]
	window  int
	waiting int // messages without a reply
	replies <-chan struct{}
}

func (p *asking[T]) Send(item T) error {
	if err := p.Producer.Send(item); err != nil {
		return err
	}
	for p.waiting++; p.waiting >= p.window; p.waiting-- {
		if _, ok := <-p.replies; !ok {
			return strategies.ErrClosed
		}
	}
	return nil
}
