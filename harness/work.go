package harness

import (
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// work is what the consumer does with what it receives besides checking it. It
// belongs to the consumer's goroutine; nil is none.
type work struct {
	clock             *Clock
	perItem, perBatch cost
}

// newWork returns what a cell's consumer has to do in one round, nil if that is
// nothing.
func newWork(clock *Clock, cell results.Cell) *work {
	w := &work{
		clock:    clock,
		perItem:  newCost(clock, cell.ConsumerCostNs, cell.CostKind),
		perBatch: newCost(clock, cell.BatchCostNs, cell.CostKind),
	}
	if w.perItem.length+w.perBatch.length == 0 {
		return nil
	}
	return w
}

// paceOf returns what a cell's consumer takes per message at least.
func paceOf(cell results.Cell) time.Duration {
	return time.Duration(cell.ConsumerCostNs + cell.BatchCostNs/int64(cell.RecvBatch))
}

// ofItems returns the work if there is some for each item, else nil: a driver
// then has nothing to ask item by item.
func (w *work) ofItems() *work {
	if w == nil || w.perItem.length == 0 {
		return nil
	}
	return w
}

// item does the work for one item.
func (w *work) item(strategies.Word) { w.perItem.pay(w.clock) }

// batch does the work for a batch whose items are done.
func (w *work) batch() { w.perBatch.pay(w.clock) }

// cost is how long some work takes.
type cost struct {
	length time.Duration
	ticks  int64         // the same, for spinning
	sleeps bool          // it leaves the processor to others: I/O, not computing
	owed   time.Duration // what is still to be slept; negative after a sleep that overshot
}

func newCost(clock *Clock, ns int64, kind string) cost {
	return cost{length: time.Duration(ns), ticks: clock.Ticks(ns), sleeps: kind == results.CostSleep}
}

// pay lets the time pass. A sleep lasts up to a millisecond longer than asked;
// the next one is shorter by as much, so that their mean is right. No more than
// one is made up for: a consumer that was held up does not catch up.
func (c *cost) pay(clock *Clock) {
	switch {
	case c.length == 0:
	case !c.sleeps:
		clock.spin(c.ticks)
	default:
		if c.owed += c.length; c.owed > 0 {
			begun := time.Now()
			time.Sleep(c.owed)
			c.owed = max(c.owed-time.Since(begun), -c.length)
		}
	}
}

// laboured is a driver whose consumer has work to do for each batch.
type laboured[T any] struct {
	driver[T]
	work *work
}

func (l laboured[T]) consume(buf []T, check *checker, rec *recorder) {
	l.driver.consume(buf, check, rec)
	l.work.batch()
}
