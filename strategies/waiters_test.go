package strategies

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
)

// woken reports whether w was given a token, and takes it.
func woken(w *waiter) bool {
	select {
	case <-w.token:
		return true
	default:
		return false
	}
}

func TestWaitersWakeInOrder(t *testing.T) {
	var q waiters
	var ws [5]waiter
	for i := range ws[:4] {
		q.join(&ws[i], false)
	}
	q.join(&ws[4], true) // has waited before
	q.wake(1)
	if !woken(&ws[4]) {
		t.Error("who queues again is not in front")
	}
	q.leave(&ws[1])
	q.wake(2)
	for i, want := range []bool{true, false, true, false} {
		if got := woken(&ws[i]); got != want {
			t.Errorf("waiter %d woken: %v; want %v", i, got, want)
		}
	}
	q.wake(3)
	if !woken(&ws[3]) || q.count.Load() != 0 || q.first != nil || q.last != nil {
		t.Errorf("after all were woken the queue holds %d: %+v", q.count.Load(), &q)
	}
}

// A waiter that was given a token and leaves passes it on, for whichever reason
// it leaves.
func TestWaitersPassOn(t *testing.T) {
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for range 50 { // wait takes the token or sees the context, at random
		var q waiters
		var a, b, c waiter
		for _, w := range []*waiter{&a, &b, &c} {
			q.join(w, false)
		}
		q.wake(1)
		q.leave(&a)
		if !woken(&b) {
			t.Fatal("the token of one that found room was not passed on")
		}
		err := q.wait(done, &b, true, func() bool { q.wake(1); return false })
		if got := woken(&c); got != (err != nil) {
			t.Fatalf("wait with a token and a context that is done returned %v, and the next was woken: %v", err, got)
		}
	}
}

// No room is lost however room and waiting interleave: one place goes round
// between several senders, most of which are about to park.
func TestWaitersHandOver(t *testing.T) {
	const senders, each = 4, 5_000
	var q waiters
	var room atomic.Int64
	taken := make(chan struct{})
	for range senders {
		go func() {
			var w waiter
			for range each {
				for again := false; ; again = true {
					if room.CompareAndSwap(1, 0) {
						break
					}
					_ = q.wait(noContext, &w, again, func() bool { return room.Load() == 1 })
				}
				taken <- struct{}{}
			}
		}()
	}
	for i := range senders * each {
		if i%7 == 0 {
			runtime.Gosched()
		}
		room.Store(1)
		q.wake(1)
		<-taken
	}
	if q.count.Load() != 0 {
		t.Errorf("%d still wait", q.count.Load())
	}
}
