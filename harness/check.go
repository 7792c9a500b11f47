package harness

import (
	"github.com/fanin-bench/fanin-bench/strategies"
)

// checker checks deliveries as they are received. It belongs to the consumer's
// goroutine.
type checker struct {
	next     []uint64 // by producer: the sequence number expected next
	missing  []uint64 // by producer: how many were passed over
	received uint64   // added to per receive
	// stray is the first delivery that no policy explains, or nil.
	stray error
}

func newChecker(producers int) *checker {
	return &checker{next: make([]uint64, producers), missing: make([]uint64, producers)}
}

// see takes note of one delivery.
func (c *checker) see(id strategies.Word) {
	p, seq := id.Producer(), id.Seq()
	if uint(p) < uint(len(c.next)) && seq == c.next[p] {
		c.next[p] = seq + 1
	} else {
		c.odd(id)
	}
}

// odd deals with a delivery out of sequence: a gap may be explained by drops and
// rejections, which conserve finds out; nothing explains the others.
func (c *checker) odd(id strategies.Word) {
	p, seq := id.Producer(), id.Seq()
	switch {
	case p >= len(c.next):
		c.complain(strategies.PromiseIntact, "received an item of producer %d; there are %d", p, len(c.next))
	case seq < c.next[p] && c.missing[p] == 0:
		c.complain(strategies.PromiseExactlyOnce, "producer %d: item %d received again, after item %d", p, seq, c.next[p]-1)
	case seq < c.next[p]:
		c.complain(strategies.PromiseOrder, "producer %d: item %d received again or out of order, after item %d", p, seq, c.next[p]-1)
	default:
		c.missing[p] += seq - c.next[p]
		c.next[p] = seq + 1
	}
}

// complain takes note of a promise that a delivery breaks, the first of a round.
func (c *checker) complain(promise strategies.Promise, format string, args ...any) {
	c.fail(broke(promise, format, args...))
}

func (c *checker) fail(err error) {
	if c.stray == nil {
		c.stray = err
	}
}

// tally is what one producer counted. Each writes its own and hands it over when
// it has finished, so they need no padding.
type tally struct {
	attempted, rejected, dropped uint64
	first, last                  int64 // when its first send began, and the last that is known of, or its end; in ticks
	sendTicks, timed             int64 // how long the timed sends took together, and how many
}

// sends notes that a send begins now.
func (t *tally) sends(now int64) {
	if t.first == 0 {
		t.first = now
	}
	t.last = now
}

// add takes another producer's counts in.
func (t *tally) add(other tally) {
	t.attempted += other.attempted
	t.rejected += other.rejected
	t.dropped += other.dropped
	t.sendTicks += other.sendTicks
	t.timed += other.timed
	if other.first != 0 && (t.first == 0 || other.first < t.first) {
		t.first = other.first
	}
	t.last = max(t.last, other.last)
}

// sent notes how long a send took.
func (t *tally) sent(ticks int64) {
	t.sendTicks += ticks
	t.timed++
}

// conserve holds the deliveries against what the producers counted and returns
// the first violation, or nil: for every producer attempted = delivered + dropped
// + rejected.
func (c *checker) conserve(tallies []tally) error {
	if c.stray != nil {
		return c.stray
	}
	for p, t := range tallies {
		delivered := c.next[p] - c.missing[p]
		switch accounted := delivered + t.dropped + t.rejected; {
		case c.next[p] > t.attempted:
			return broke(strategies.PromiseExactlyOnce, "producer %d: received item %d; only %d were sent", p, c.next[p]-1, t.attempted)
		case accounted < t.attempted:
			return broke(strategies.PromiseExactlyOnce, "producer %d: %d of %d items lost (%d delivered, %d dropped, %d rejected)",
				p, t.attempted-accounted, t.attempted, delivered, t.dropped, t.rejected)
		case accounted > t.attempted:
			return broke(strategies.PromiseExactlyOnce, "producer %d: %d items delivered, %d dropped and %d rejected; only %d were sent",
				p, delivered, t.dropped, t.rejected, t.attempted)
		}
	}
	return nil
}
