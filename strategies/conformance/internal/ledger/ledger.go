package ledger

import "github.com/fanin-bench/fanin-bench/strategies"

// Ledger holds what was received of each producer. It belongs to the consumer.
type Ledger struct {
	broke    Broke
	limit    uint64 // no producer sends a number from here on
	accounts []account
	received uint64

	unordered bool
}

// Broke makes the error of a broken promise; nil for one that is not made.
type Broke func(p strategies.Promise, format string, args ...any) error

type account struct {
	seen  set
	count uint64
	next  uint64 // the smallest number that may come now
}

// New returns the ledger of so many producers, who send the numbers below limit.
func New(broke Broke, producers int, limit uint64) *Ledger {
	return &Ledger{broke: broke, limit: limit, accounts: make([]account, producers)}
}

// Unordered has items be booked in any order.
func (l *Ledger) Unordered() { l.unordered = true }

// Received returns how many items were booked.
func (l *Ledger) Received() uint64 { return l.received }

// Take books one delivery and says what is wrong with it.
func (l *Ledger) Take(w strategies.Word) error {
	id, seq := w.Producer(), w.Seq()
	if id >= len(l.accounts) || seq >= l.limit {
		return l.broke(strategies.PromiseIntact, "received %#x, which nobody sent", uint64(w))
	}
	l.received++
	a := &l.accounts[id]
	if !a.seen.add(seq) {
		return l.broke(strategies.PromiseExactlyOnce, "item %d of producer %d was received twice", seq, id)
	}
	a.count++
	if seq < a.next && !l.unordered {
		return l.broke(strategies.PromiseOrder, "item %d of producer %d was received after item %d", seq, id, a.next-1)
	}
	a.next = max(a.next, seq+1)
	return nil
}

// Sent is one producer's side of the account.
type Sent struct {
	ID       int
	Attempts uint64
	rejected set // sends that returned an error
	refused  uint64
}

// Reject books the number of a send that returned an error.
func (s *Sent) Reject(seq uint64) {
	s.rejected.add(seq)
	s.refused++
}

// Rejected returns how many sends returned an error.
func (s *Sent) Rejected() uint64 { return s.refused }

// Settle holds what was received of a producer against what it sent, after the
// drain. dropped is what the producer counts; drops says that the policy may.
func (l *Ledger) Settle(s *Sent, dropped uint64, drops bool) error {
	a := &l.accounts[s.ID]
	if err := l.Unsent(s); err != nil {
		return err
	}
	switch {
	case a.count+dropped+s.refused == s.Attempts:
		return nil
	case drops:
		return l.broke(strategies.PromiseOverflow,
			"producer %d attempted %d, but %d delivered + %d dropped + %d rejected is %d",
			s.ID, s.Attempts, a.count, dropped, s.refused, a.count+dropped+s.refused)
	case dropped > 0:
		return l.broke(strategies.PromiseOverflow, "producer %d counts %d dropped items under policy block or fail", s.ID, dropped)
	}
	lost := uint64(0)
	for a.seen.has(lost) || s.rejected.has(lost) {
		lost++
	}
	return l.broke(strategies.PromiseExactlyOnce, "item %d of producer %d was sent and never received (%d of %d came)",
		lost, s.ID, a.count, s.Attempts-s.refused)
}

// Unsent looks for items that were received although their send failed, or
// was never made.
func (l *Ledger) Unsent(s *Sent) error {
	a := &l.accounts[s.ID]
	if unsent, found := a.seen.common(&s.rejected); found {
		return l.broke(strategies.PromiseExactlyOnce, "item %d of producer %d was received although its send returned an error", unsent, s.ID)
	}
	if a.next > s.Attempts {
		return l.broke(strategies.PromiseIntact, "received item %d of producer %d, which sent only %d", a.next-1, s.ID, s.Attempts)
	}
	return nil
}
