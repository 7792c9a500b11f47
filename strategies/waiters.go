package strategies

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
)

// waiters parks the senders that find no room in a fan-in whose room all of them
// share, first come first served. It is to room what parker is to items.
//
// A sender, finding no room:               Who has made room, or closes:
//
//	S1  join the queue, count++              R1  publish the room
//	S2  look again                           R2  count?
//	S3  found: leave; nothing: park          R3  if so, wake as many as there is room for
//
// Atomic operations are sequentially consistent, so either S1 comes before R2 and
// the sender is in the queue that R3 takes from, or R1 comes before S2 and the
// sender finds the room itself. Room is not reserved for the woken: a sender that
// is running may take it first, which is what makes a full fan-in fast. The woken
// one then queues again, in front.
//
// Each token stands for room that nobody else was told of. A sender that was
// given one and does not need it, since it found room at S2, its context was done
// or its producer has closed meanwhile, passes it on; one too many only makes
// somebody look in vain. A producer's Close is published and gives a token, too, to
// that producer's sender alone; the sender cannot tell which of the two it got.
//
// Checked exhaustively: model/waiters.pml.
type waiters struct {
	// count is the length of the queue. It is written under mu; who makes room
	// loads it, which is all that it costs while nobody waits.
	count atomic.Int64

	mu          sync.Mutex // guards the queue, its waiters' links, and who owns how many
	first, last *waiter
}

// waiter is one send's place in the queue. It is used over and over.
type waiter struct {
	token      token
	owner      *waitOwner
	queued     bool
	prev, next *waiter
}

// waitOwner is a producer that waits, in one send at a time or, as a Sender, in many.
type waitOwner struct {
	waiting int // how many of its waiters are queued; guarded by the queue's mu
}

// spareWaiters are those that nobody waits with.
var spareWaiters = sync.Pool{New: func() any { return &waiter{token: newToken()} }}

// wait returns when there may be room, or with the error of ctx. The place in the
// queue is at its end, or in front if again says that the send was woken and found the
// room taken. ready is the look at S2. A caller that then finds its producer closed
// calls wake(1).
func (q *waiters) wait(ctx context.Context, owner *waitOwner, again bool, ready func() bool) error {
	w := spareWaiters.Get().(*waiter)
	defer spareWaiters.Put(w)
	q.join(w, owner, again)
	if ready() {
		q.leave(w)
		return nil
	}
	if w.token.await(ctx) {
		return nil
	}
	q.leave(w)
	return ctx.Err()
}

// wake wakes the n who have waited longest. It is called after room for as many
// was published.
func (q *waiters) wake(n int) {
	if q.count.Load() == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for ; n > 0 && q.first != nil; n-- {
		w := q.first
		q.remove(w)
		w.token.give()
	}
}

// wakeFirst wakes who has waited longest and counts it in, or reports that nobody waits.
func (q *waiters) wakeFirst(c *counts) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	w := q.first
	if w == nil {
		return false
	}
	q.remove(w)
	c.give(w.token)
	return true
}

// release wakes the sends of one producer, after it was published that it has closed.
// One that was woken already, or does not wait, will see that. It is R2 and R3 for who
// closes, so nobody waits if the count is 0.
func (q *waiters) release(owner *waitOwner) {
	if q.count.Load() == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for w := q.first; owner.waiting > 0; {
		next := w.next
		if w.owner == owner {
			q.remove(w)
			w.token.give()
		}
		w = next
	}
}

// wakeAll is called after it was published that there will be no more room.
func (q *waiters) wakeAll() { q.wake(math.MaxInt) }

func (q *waiters) join(w *waiter, owner *waitOwner, inFront bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	w.owner, w.queued = owner, true
	owner.waiting++
	switch {
	case q.first == nil:
		q.first, q.last = w, w
	case inFront:
		w.next, q.first.prev, q.first = q.first, w, w
	default:
		w.prev, q.last.next, q.last = q.last, w, w
	}
	q.count.Add(1)
}

// leave takes w out of the queue or, if it was given a token, passes that on.
func (q *waiters) leave(w *waiter) {
	q.mu.Lock()
	if w.queued {
		q.remove(w)
		q.mu.Unlock()
		return
	}
	q.mu.Unlock()
	<-w.token
	q.wake(1)
}

// remove takes w, which is queued, out of the queue; mu is held.
func (q *waiters) remove(w *waiter) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		q.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		q.last = w.prev
	}
	w.owner.waiting--
	w.owner, w.queued, w.prev, w.next = nil, false, nil, nil
	q.count.Add(-1)
}
