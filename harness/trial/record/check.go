package record

import (
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Ledger checks deliveries as they are received. It belongs to the consumer's
// goroutine.
type Ledger struct {
	Next     []uint64 // by producer: the sequence number expected next
	missing  []uint64 // by producer: how many were passed over
	Received uint64   // added to per receive
	// Together says that it is known only of all producers together how much was dropped.
	Together bool

	until []uint64 // by producer: what follows the last item that it sends; nil: each one's items come in order
	gaps  []gaps   // by producer, in any order: which were passed over
	// Stray is the first delivery that no policy explains, or nil.
	Stray error
}

// NewLedger returns the books of so many producers.
func NewLedger(producers int) *Ledger {
	return &Ledger{Next: make([]uint64, producers), missing: make([]uint64, producers)}
}

// AnyOrder says that the items of a producer may come in any order, but none twice and
// none from until[producer] on.
func (c *Ledger) AnyOrder(until []uint64) {
	c.until, c.gaps = until, make([]gaps, len(c.Next))
}

// See takes note of one delivery.
func (c *Ledger) See(id strategies.Word) {
	p, seq := id.Producer(), id.Seq()
	if uint(p) < uint(len(c.Next)) && seq == c.Next[p] {
		c.Next[p] = seq + 1
	} else {
		c.Odd(id)
	}
}

// Odd deals with a delivery out of sequence: a gap may be explained by drops and
// rejections, which conserve finds out; nothing explains the others, unless they may come
// in any order.
func (c *Ledger) Odd(id strategies.Word) {
	p, seq := id.Producer(), id.Seq()
	switch {
	case p >= len(c.Next):
		c.Complain(strategies.PromiseIntact, "received an item of producer %d; there are %d", p, len(c.Next))
	case c.until != nil && seq >= c.until[p]:
		c.Complain(strategies.PromiseExactlyOnce, "producer %d: received item %d; only %d are sent", p, seq, c.until[p])
	case c.until != nil && seq < c.Next[p] && c.missing[p] > 0 && c.gaps[p].fill(seq):
		c.missing[p]--
	case seq < c.Next[p] && (c.missing[p] == 0 || c.until != nil):
		c.Complain(strategies.PromiseExactlyOnce, "producer %d: item %d received again, after item %d", p, seq, c.Next[p]-1)
	case seq < c.Next[p]:
		c.Complain(strategies.PromiseOrder, "producer %d: item %d received again or out of order, after item %d", p, seq, c.Next[p]-1)
	default:
		if c.until != nil {
			c.gaps[p].open(c.Next[p], seq, c.missing[p] == 0)
		}
		c.missing[p] += seq - c.Next[p]
		c.Next[p] = seq + 1
	}
}

// Complain takes note of a promise that a delivery breaks, the first of a round.
func (c *Ledger) Complain(promise strategies.Promise, format string, args ...any) {
	c.Fail(Broke(promise, format, args...))
}

// Fail takes note of why a round has failed, unless it has already.
func (c *Ledger) Fail(err error) {
	if c.Stray == nil {
		c.Stray = err
	}
}

// Tally is what one producer counted. Each writes its own and hands it over when
// it has finished, so they need no padding.
type Tally struct {
	Attempted, Rejected, Dropped uint64
	First, Last                  int64 // when its first send began, and the last that is known of, or its end; in ticks
	SendTicks, Timed             int64 // how long the timed sends took together, and how many
}

// Sends notes that a send begins now.
func (t *Tally) Sends(now int64) {
	if t.First == 0 {
		t.First = now
	}
	t.Last = now
}

// Add takes another producer's counts in.
func (t *Tally) Add(other Tally) {
	t.Attempted += other.Attempted
	t.Rejected += other.Rejected
	t.Dropped += other.Dropped
	t.SendTicks += other.SendTicks
	t.Timed += other.Timed
	if other.First != 0 && (t.First == 0 || other.First < t.First) {
		t.First = other.First
	}
	t.Last = max(t.Last, other.Last)
}

// Sent notes how long a send took.
func (t *Tally) Sent(ticks int64) {
	t.SendTicks += ticks
	t.Timed++
}

// Conserve holds the deliveries against what the producers counted and returns
// the first violation, or nil: for every producer attempted = delivered + dropped
// + rejected, or for all of them together.
func (c *Ledger) Conserve(tallies []Tally) error {
	if c.Stray != nil {
		return c.Stray
	}
	if c.Together {
		return c.conserveTogether(tallies)
	}
	for p, t := range tallies {
		delivered := c.Next[p] - c.missing[p]
		switch accounted := delivered + t.Dropped + t.Rejected; {
		case c.Next[p] > t.Attempted:
			return Broke(strategies.PromiseExactlyOnce, "producer %d: received item %d; only %d were sent", p, c.Next[p]-1, t.Attempted)
		case accounted < t.Attempted:
			return Broke(strategies.PromiseExactlyOnce, "producer %d: %d of %d items lost (%d delivered, %d dropped, %d rejected)",
				p, t.Attempted-accounted, t.Attempted, delivered, t.Dropped, t.Rejected)
		case accounted > t.Attempted:
			return Broke(strategies.PromiseExactlyOnce, "producer %d: %d items delivered, %d dropped and %d rejected; only %d were sent",
				p, delivered, t.Dropped, t.Rejected, t.Attempted)
		}
	}
	return nil
}

// conserveTogether is Conserve where nobody knows whose items were dropped.
func (c *Ledger) conserveTogether(tallies []Tally) error {
	var all Tally
	delivered := uint64(0)
	for p, t := range tallies {
		own := c.Next[p] - c.missing[p]
		if own+t.Rejected > t.Attempted {
			return Broke(strategies.PromiseExactlyOnce, "producer %d: %d items delivered and %d rejected; only %d were sent", p, own, t.Rejected, t.Attempted)
		}
		delivered += own
		all.Add(t)
	}
	if accounted := delivered + all.Dropped + all.Rejected; accounted != all.Attempted {
		return Broke(strategies.PromiseExactlyOnce, "of %d items %d were delivered, %d dropped and %d rejected, which makes %d",
			all.Attempted, delivered, all.Dropped, all.Rejected, accounted)
	}
	return nil
}
