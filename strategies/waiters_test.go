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
	var owner waitOwner
	var ws [5]waiter
	for i := range ws {
		ws[i].token = newToken()
		q.join(&ws[i], &owner, i == 4) // which has waited before
	}
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
		var owner waitOwner
		a, b, c := waiter{token: newToken()}, waiter{token: newToken()}, waiter{token: newToken()}
		for _, w := range []*waiter{&a, &b, &c} {
			q.join(w, &owner, false)
		}
		q.wake(1)
		q.leave(&a)
		if !woken(&b) {
			t.Fatal("the token of one that found room was not passed on")
		}
		err := q.wait(done, &owner, true, func() bool { q.wake(1); return false })
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
			var owner waitOwner
			for range each {
				for again := false; ; again = true {
					if room.CompareAndSwap(1, 0) {
						break
					}
					_ = q.wait(noContext, &owner, again, func() bool { return room.Load() == 1 })
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

// A producer that closes releases its own sends, however many wait, and no others.
func TestWaitersRelease(t *testing.T) {
	var q waiters
	var closing, other waitOwner
	var ws [6]waiter
	for i := range ws {
		ws[i].token = newToken()
		owner := &closing
		if i%3 == 1 {
			owner = &other
		}
		q.join(&ws[i], owner, false)
	}
	q.release(&closing)
	for i := range ws {
		if got, want := woken(&ws[i]), i%3 != 1; got != want {
			t.Errorf("waiter %d released: %v; want %v", i, got, want)
		}
	}
	if q.count.Load() != 2 || closing.waiting != 0 || other.waiting != 2 {
		t.Errorf("%d wait, %d and %d of them of the two producers; want 2, 0, 2", q.count.Load(), closing.waiting, other.waiting)
	}
}
