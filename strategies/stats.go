package strategies

import (
	"sync"
	"sync/atomic"
)

// Stats is what a fan-in knows of itself. It is derived from what it counts anyhow, so it
// costs nothing to have. What would cost each item something is not known: how many sends
// were rejected, which those who sent were told, and for how long sends have waited, which
// takes two looks at the clock; how many wait at each look tells as much.
type Stats struct {
	// Backlog is as in [FanIn].
	Backlog int
	// HighWater is the largest backlog so far, in items: if HighWaterExact of all times,
	// and otherwise of those at which Stats was called.
	HighWater      int
	HighWaterExact bool
	// Dropped is how many items a policy threw away, of closed producers, too.
	Dropped uint64

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
}

// StatsKeeper is what a FanIn may also be. All of this package are.
type StatsKeeper interface {
	// Stats may be called by anyone at any time. While sends and receives are under way
	// each number may be off by the items in their hands, but none goes back, other than
	// the backlog and who waits; when they rest it is exact, as Backlog is.
	Stats() Stats
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

// dropCount is how many items of one producer were dropped, for its Dropped and for the sum of
// all. It is the producer's as long as that is open and nothing was dropped, and known to
// dropCounts from the first on. When the producer closes, the number goes into the sum there,
// and the bit says that what comes later does, too.
type dropCount struct{ n atomic.Uint64 }

const dropsClosed = 1 << 63

// dropCounts is the sum of what was dropped.
type dropCounts struct {
	closed atomic.Uint64 // of those that have closed

	mu   sync.Mutex // guards what follows, and that a dropCount closes
	open map[*dropCount]struct{}
}

// add counts n items, at least one.
func (t *dropCount) add(n uint64, all *dropCounts) {
	switch now := t.n.Add(n); {
	case now&dropsClosed != 0:
		all.closed.Add(n)
	case now == n:
		all.join(t)
	}
}

func (t *dropCount) load() uint64 { return t.n.Load() &^ dropsClosed }

// close is called when the producer closes, once.
func (t *dropCount) close(all *dropCounts) {
	if t.n.CompareAndSwap(0, dropsClosed) {
		return
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	all.closed.Add(t.n.Or(dropsClosed))
	delete(all.open, t)
}

func (a *dropCounts) join(t *dropCount) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t.n.Load()&dropsClosed != 0 { // and has been summed up with what it has
		return
	}
	if a.open == nil {
		a.open = make(map[*dropCount]struct{})
	}
	a.open[t] = struct{}{}
}

func (a *dropCounts) sum() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	sum := a.closed.Load()
	for t := range a.open {
		sum += t.n.Load()
	}
	return sum
}
