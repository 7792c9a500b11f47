package strategies

import (
	"math"
	"sync/atomic"
	"time"
)

// backoffFor is how long a producer backs off at the longest, but for the time that
// the scheduler then takes: some rings of other producers.
const backoffFor = 200 * time.Microsecond

// backedOff is the producers that have backed off: a yield for when strangers wait for a
// processor, who may compute for long. A producer that backs off is parked, not queued
// behind them, and is woken by whichever comes first: the consumer when it has emptied
// the lanes, or a timer. So it waits for the scheduler at the longest, never for the
// consumer, who may be busy for as long as it likes, and woken it goes to the front of
// the queue.
//
// The consumer does not wake it as long as it has items: then producers could keep
// the queues of their processors filled, and those in the common one, where a yield
// ends, would hardly ever run. Nor is there a goroutine in the queue instead of the
// timer: to start it would put it in front of the consumer that was just woken.
//
// The list is Treiber's stack, of which all is taken at once. The timer runs while
// somebody backs off, and not otherwise: a producer that has put itself into the
// list sees to it that it runs, and the timer takes the list after it has stored that
// it no longer does.
type backedOff[T any] struct {
	first atomic.Pointer[ringLane[T]]
	timed atomic.Bool
	timer *time.Timer // of who has set timed
}

// backOff parks the producer of a lane until it is woken.
func (l *ringLane[T]) backOff() {
	a := &l.set.backedOff
	if l.token == nil {
		l.token = newToken()
	}
	for {
		l.nextBackedOff = a.first.Load()
		if a.first.CompareAndSwap(l.nextBackedOff, l) {
			break
		}
	}
	if !a.timed.Swap(true) {
		if a.timer == nil { // set before it runs: timeOut lets the next one use it
			a.timer = time.AfterFunc(math.MaxInt64, a.timeOut)
		}
		a.timer.Reset(backoffFor)
	}
	l.awaitToken()
}

// wakeBackedOff wakes whoever has backed off.
func (a *backedOff[T]) wakeBackedOff() {
	if a.first.Load() == nil {
		return
	}
	for l := a.first.Swap(nil); l != nil; {
		next := l.nextBackedOff // the lane is its producer's again with the token
		l.nextBackedOff = nil
		l.counts().give(l.token)
		l = next
	}
}

func (a *backedOff[T]) timeOut() {
	a.timed.Store(false)
	a.wakeBackedOff()
}
