package strategies

import (
	"sync"
	"sync/atomic"
	"time"
)

// Stats is what a fan-in knows of itself. It is derived from what it counts anyhow, so it
// costs nothing to have; only for how long sends have waited takes two looks at the clock
// each, and is known where somebody has asked for it: see [WaitTimer].
//
// Of what senders attempt, in items, each is one of these: attempted = delivered + dropped +
// rejected + backlog, but for what met ErrClosed or a context that was done, and for what
// the consumer's Close threw away.
type Stats struct {
	// Backlog is as in [FanIn].
	Backlog int
	// HighWater is the largest backlog so far, in items: if HighWaterExact of all times,
	// and otherwise of those at which Stats was called.
	HighWater      int
	HighWaterExact bool
	// Dropped is how many items a policy threw away, of closed producers, too.
	Dropped uint64
	// Rejected is how many items were not accepted because a send returned ErrFull, of
	// closed producers, too. Of a batch it is those that were not sent.
	Rejected uint64

	// Counted says that Accepted and Delivered are known. They are not where the items
	// are in Go's channels, for which nobody counts them.
	Counted bool
	// Accepted is how many items' sends returned nil; Delivered is how many of them were
	// received. The rest was dropped, is in the backlog, or was thrown away when the
	// consumer closed.
	Accepted, Delivered uint64

	// WaitingKnown says that Waiting is: how many sends wait for room at this moment.
	WaitingKnown bool
	Waiting      int

	// BlockedKnown says that Blocked is: for how long sends have waited for room, those that
	// still wait up to this moment, all added up. Two that wait for a second make two
	// seconds. It counts from the call of TimeWaits.
	BlockedKnown bool
	Blocked      time.Duration
}

// StatsKeeper is what a FanIn may also be. All of this package are.
type StatsKeeper interface {
	// Stats may be called by anyone at any time. While sends and receives are under way
	// each number may be off by the items in their hands, but none goes back, other than
	// the backlog and who waits; when they rest it is exact, as Backlog is.
	Stats() Stats
}

// WaitTimer is what a FanIn may also be, for who wants to know how long sends wait. All of
// this package are.
type WaitTimer interface {
	// TimeWaits has the fan-in time the waits for room, for [Stats.Blocked]. It is called
	// before the first producer is opened: waits of one that was opened before may be
	// missed. Each wait then costs two looks at the clock and at a lock that all waits
	// share; a send that finds room costs what it did. In chan-bare that sends find
	// room costs a look, too: there a send is otherwise nothing but ch <- v. Calling it
	// again does nothing.
	TimeWaits()
}

// waitTimer implements WaitTimer. While nobody has called TimeWaits, a wait costs one load.
type waitTimer struct{ times atomic.Pointer[waitTimes] }

// TimeWaits implements WaitTimer.
func (w *waitTimer) TimeWaits() { w.times.CompareAndSwap(nil, &waitTimes{origin: time.Now()}) }

// begin tells that a send begins to wait. The result's end is to follow.
func (w *waitTimer) begin() *waitTimes {
	t := w.times.Load()
	if t != nil {
		t.add(1)
	}
	return t
}

// withWaits adds to s how long sends have waited, if that is known.
func (w *waitTimer) withWaits(s Stats) Stats {
	if t := w.times.Load(); t != nil {
		s.BlockedKnown, s.Blocked = true, t.blocked()
	}
	return s
}

// waitTimes adds up waits. Each look at the clock is under mu, so what is added up never
// goes back: whoever comes later has the later time.
type waitTimes struct {
	origin time.Time

	mu      sync.Mutex    // guards what follows
	waiting int64         // sends that wait
	sum     time.Duration // when the waits that are over have ended, less when all have begun
}

// end tells that the wait is over whose begin returned t, which may be nil.
func (t *waitTimes) end() {
	if t != nil {
		t.add(-1)
	}
}

func (t *waitTimes) add(waiting int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting += waiting
	t.sum -= time.Duration(waiting) * time.Since(t.origin)
}

// blocked returns the sum of all waits, had those that are not over ended now. The sums may
// overflow in between; the result does not, before it is 292 years.
func (t *waitTimes) blocked() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum + time.Duration(t.waiting)*time.Since(t.origin)
}

// highWater is the largest backlog that was seen.
type highWater struct{ most atomic.Int64 }

// stats returns what is known of every fan-in.
func (h *highWater) stats(backlog int) Stats {
	most := h.most.Load()
	for int64(backlog) > most && !h.most.CompareAndSwap(most, int64(backlog)) {
		most = h.most.Load()
	}
	return Stats{Backlog: backlog, HighWater: int(max(most, int64(backlog)))}
}

// overflowCount is how many items of one producer found no room and were dropped or, under a
// policy that drops nothing, rejected: for its Dropped and for the sum of all. It is the
// producer's as long as that is open and there is none, and known to overflowCounts from the
// first on. When the producer closes, the number goes into the sum there, and the bit says
// that what comes later does, too.
type overflowCount struct{ n atomic.Uint64 }

const overflowClosed = 1 << 63

// overflowCounts is the sum of what was dropped or rejected.
type overflowCounts struct {
	closed atomic.Uint64 // of those that have closed

	mu   sync.Mutex // guards what follows, and that an overflowCount closes
	open map[*overflowCount]struct{}
}

// add counts n items, at least one.
func (t *overflowCount) add(n uint64, all *overflowCounts) {
	switch now := t.n.Add(n); {
	case now&overflowClosed != 0:
		all.closed.Add(n)
	case now == n:
		all.join(t)
	}
}

// reject counts n items if err says that they are rejected, and returns err.
func (t *overflowCount) reject(n int, err error, all *overflowCounts) error {
	if err == ErrFull {
		t.add(uint64(n), all)
	}
	return err
}

// dropped returns how many were dropped, by a producer under policy.
func (t *overflowCount) dropped(policy Policy) uint64 {
	if !policy.drops() {
		return 0
	}
	return t.n.Load() &^ overflowClosed
}

// close is called when the producer closes, once.
func (t *overflowCount) close(all *overflowCounts) {
	if t.n.CompareAndSwap(0, overflowClosed) {
		return
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	all.closed.Add(t.n.Or(overflowClosed))
	delete(all.open, t)
}

func (a *overflowCounts) join(t *overflowCount) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t.n.Load()&overflowClosed != 0 { // and has been summed up with what it has
		return
	}
	if a.open == nil {
		a.open = make(map[*overflowCount]struct{})
	}
	a.open[t] = struct{}{}
}

func (a *overflowCounts) sum() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	sum := a.closed.Load()
	for t := range a.open {
		sum += t.n.Load()
	}
	return sum
}
