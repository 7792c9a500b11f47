package strategies

import (
	"context"
	"sync"
	"sync/atomic"
)

// weightCredits is room, counted in weight. Who finds none waits in line, first come first
// served, and is handed its weight by whoever makes room: other than in waiters, nobody
// may take room ahead of those who wait, or a heavy item would never find enough.
//
// One word tells both how much is free and whether somebody waits: then it is less by
// weightQueued, and so below 0. While it is, the compare-and-swap of take finds no room,
// and give sees that it has to serve:
//
//	A sender, finding no room:              Who gives weight back:
//
//	S1  join the line; free -= queued       R1  free += weight
//	S2  serve: enough for the first?        R2  below 0: serve
//
// Both are read-modify-writes of the one word, so they have an order: if R1 comes first, S2
// sees the weight, and otherwise R1 sees that somebody waits. Serving is done under mu, and
// after everything that changes who is first: joining, and leaving with nothing when a
// context is done or a producer closes.
//
// A producer that closes stores that first and looks for waiters then; a sender looks
// whether its producer has closed after it has joined. So one of the two sees the other.
//
// Checked exhaustively: model/weight.pml.
type weightCredits struct {
	// free is written by every send and receive.
	free atomic.Int64

	capacity int64
	// orphaned is where what is held counts once the owner of these credits has closed,
	// or nil if they are everybody's.
	orphaned *atomic.Int64

	mu          sync.Mutex // guards what follows, and the waiters' fields
	first, last *weightWaiter
	shut        bool
	counted     int64 // of orphaned
}

// weightQueued is more than any capacity, and fits twice: those who join late do so after
// shut.
const weightQueued = 1 << 61

// weightWaiter is one send's place in the line. It is used over and over.
type weightWaiter struct {
	token      token
	owner      weightOwner
	need, most int64 // it goes on with need, and can use most
	granted    int64 // 0 for one that was released
	queued     bool
	prev, next *weightWaiter
}

// weightOwner is a producer whose sends wait.
type weightOwner interface {
	// gone reports whether its sends fail.
	gone() bool
}

// spareWeightWaiters are those that nobody waits with.
var spareWeightWaiters = sync.Pool{New: func() any { return &weightWaiter{token: newToken()} }}

func (c *weightCredits) init(capacity int64, orphaned *atomic.Int64) {
	c.capacity, c.orphaned = capacity, orphaned
	c.free.Store(capacity)
}

// held returns how much was taken and not given back.
func (c *weightCredits) held() int64 {
	free := c.free.Load()
	for free < 0 {
		free += weightQueued
	}
	return c.capacity - free
}

// take takes as much as there is between need and most, and returns how much; 0 if there
// is less than need, or somebody waits.
func (c *weightCredits) take(need, most int64) int64 {
	for {
		free := c.free.Load()
		if free < need {
			return 0
		}
		n := min(free, most)
		if c.free.CompareAndSwap(free, free-n) {
			return n
		}
	}
}

// give gives weight back.
func (c *weightCredits) give(n int64) {
	if c.free.Add(n) >= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serve()
	c.recount()
}

// wait takes between need and most when it is the caller's turn and there is as much. It
// returns ErrClosed if the owner has closed, or the error of ctx.
func (c *weightCredits) wait(ctx context.Context, owner weightOwner, need, most int64) (int64, error) {
	w := spareWeightWaiters.Get().(*weightWaiter)
	defer spareWeightWaiters.Put(w)
	c.mu.Lock()
	w.owner, w.need, w.most, w.granted = owner, need, most, 0
	c.join(w)
	if owner.gone() {
		c.remove(w)
		c.serve()
		c.mu.Unlock()
		return 0, ErrClosed
	}
	c.serve()
	c.mu.Unlock()
	if !w.token.await(ctx) && c.quit(w) {
		return 0, ctx.Err()
	}
	if w.granted == 0 {
		return 0, ErrClosed
	}
	return w.granted, nil
}

// quit takes w out of the line. It reports false if w was served or released before, with
// its token taken.
func (c *weightCredits) quit(w *weightWaiter) bool {
	c.mu.Lock()
	if w.queued {
		c.remove(w)
		c.serve()
		c.mu.Unlock()
		return true
	}
	c.mu.Unlock()
	<-w.token
	return false
}

// release lets the waiters of one owner go, or of all if it is nil, after it was published
// that their sends fail.
func (c *weightCredits) release(owner weightOwner) {
	if c.free.Load() >= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for w := c.first; w != nil; {
		next := w.next
		if owner == nil || w.owner == owner {
			c.remove(w)
			w.token.give()
		}
		w = next
	}
	c.serve()
}

// close is called when the one owner of these credits has closed: what it holds counts as
// orphaned from then on.
func (c *weightCredits) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shut = true
	c.free.Add(-weightQueued) // for who gives, to come and recount
	c.recount()
}

// recount brings up to date what is orphaned; mu is held, as in all that follow. Who has
// given meanwhile comes and counts again, so it never stays wrong.
func (c *weightCredits) recount() {
	if c.shut {
		held := c.held()
		c.orphaned.Add(held - c.counted)
		c.counted = held
	}
}

// serve hands out what there is to those who have waited longest.
func (c *weightCredits) serve() {
	for c.first != nil {
		free := c.free.Load() + weightQueued // others only add to it
		w := c.first
		if free < w.need {
			return
		}
		w.granted = min(free, w.most)
		c.free.Add(-w.granted)
		c.remove(w)
		w.token.give()
	}
}

func (c *weightCredits) join(w *weightWaiter) {
	w.queued = true
	if c.first == nil {
		c.first, c.last = w, w
		c.free.Add(-weightQueued)
		return
	}
	w.prev, c.last.next, c.last = c.last, w, w
}

// remove takes w, which is in the line, out of it.
func (c *weightCredits) remove(w *weightWaiter) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		c.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		c.last = w.prev
	}
	w.owner, w.queued, w.prev, w.next = nil, false, nil, nil
	if c.first == nil {
		c.free.Add(weightQueued)
	}
}
