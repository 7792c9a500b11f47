package strategies

import (
	"math"
	"sync/atomic"
	"time"
)

// asideFor is how long a producer stands aside at the longest, but for the time that
// the scheduler then takes: some rings of other producers.
const asideFor = 200 * time.Microsecond

// aside is where producers stand aside: a yield for when strangers wait for a
// processor, who may compute for long. A producer that stands aside is parked, not
// queued behind them, and is called back by whichever comes first: the consumer when
// it has emptied the lanes, or a timer. So it waits for the scheduler at the longest,
// never for the consumer, who may be busy for as long as it likes, and called back it
// goes to the front of the queue.
//
// The consumer does not call back as long as it has items: then producers could keep
// the queues of their processors filled, and those in the common one, where a yield
// ends, would hardly ever run. Nor is there a goroutine in the queue instead of the
// timer: to start it would put it in front of the consumer that was just woken.
//
// The list is Treiber's stack, of which all is taken at once. The timer runs while
// somebody stands aside, and not otherwise: a producer that has put itself into the
// list sees to it that it runs, and the timer takes the list after it has stored that
// it no longer does.
type aside[T any] struct {
	first atomic.Pointer[ringLane[T]]
	timed atomic.Bool
	timer *time.Timer // of who has set timed
}

// standAside parks the producer of a lane until it is called back.
func (l *ringLane[T]) standAside() {
	a := &l.set.aside
	if l.token == nil {
		l.token = newToken()
	}
	for {
		l.aside = a.first.Load()
		if a.first.CompareAndSwap(l.aside, l) {
			break
		}
	}
	if !a.timed.Swap(true) {
		if a.timer == nil { // set before it runs: timeOut lets the next one use it
			a.timer = time.AfterFunc(math.MaxInt64, a.timeOut)
		}
		a.timer.Reset(asideFor)
	}
	l.awaitToken()
}

// callBack wakes who stands aside.
func (a *aside[T]) callBack() {
	if a.first.Load() == nil {
		return
	}
	for l := a.first.Swap(nil); l != nil; {
		next := l.aside // the lane is its producer's again with the token
		l.aside = nil
		l.counts().give(l.token)
		l = next
	}
}

func (a *aside[T]) timeOut() {
	a.timed.Store(false)
	a.callBack()
}
