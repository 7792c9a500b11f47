package conformance

import (
	"math/bits"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// set is a set of sequence numbers: all below a number, and one bit each from there
// on. Numbers that come in order, as nearly all do, thus take no memory.
type set struct {
	below uint64
	bits  []uint64 // bits of numbers below are not kept
}

// add puts i into the set and reports whether it was new.
func (s *set) add(i uint64) bool {
	if i == s.below && len(s.bits) == 0 {
		s.below++
		return true
	}
	if s.has(i) {
		return false
	}
	if word := i / 64; word >= uint64(len(s.bits)) {
		s.bits = append(s.bits, make([]uint64, word+1-uint64(len(s.bits)))...)
	}
	s.bits[i/64] |= uint64(1) << (i % 64)
	return true
}

func (s *set) has(i uint64) bool { return s.word(i/64)>>(i%64)&1 == 1 }

// word returns the bits of the numbers from 64*i on.
func (s *set) word(i uint64) uint64 {
	bits := uint64(0)
	if i < uint64(len(s.bits)) {
		bits = s.bits[i]
	}
	switch {
	case i < s.below/64:
		return ^uint64(0)
	case i == s.below/64:
		return bits | (1<<(s.below%64) - 1)
	}
	return bits
}

// words returns from which word on there are no numbers.
func (s *set) words() uint64 { return max(s.below/64+1, uint64(len(s.bits))) }

// common returns the smallest number that is in both sets.
func (s *set) common(o *set) (uint64, bool) {
	for i := range min(s.words(), o.words()) {
		if both := s.word(i) & o.word(i); both != 0 {
			return i*64 + uint64(bits.TrailingZeros64(both)), true
		}
	}
	return 0, false
}

// ledger holds what was received of each producer. It belongs to the consumer.
type ledger struct {
	e        *env
	limit    uint64 // no producer sends a number from here on
	accounts []account
	received uint64
}

type account struct {
	seen  set
	count uint64
	next  uint64 // the smallest number that may come now
}

func newLedger(e *env, producers int, limit uint64) *ledger {
	return &ledger{e: e, limit: limit, accounts: make([]account, producers)}
}

// take books one delivery and says what is wrong with it.
func (l *ledger) take(w strategies.Word) error {
	id, seq := w.Producer(), w.Seq()
	if id >= len(l.accounts) || seq >= l.limit {
		return l.e.broke(strategies.PromiseIntact, "received %#x, which nobody sent", uint64(w))
	}
	l.received++
	a := &l.accounts[id]
	if !a.seen.add(seq) {
		return l.e.broke(strategies.PromiseExactlyOnce, "item %d of producer %d was received twice", seq, id)
	}
	a.count++
	if seq < a.next {
		return l.e.broke(strategies.PromiseOrder, "item %d of producer %d was received after item %d", seq, id, a.next-1)
	}
	a.next = seq + 1
	return nil
}

// sent is one producer's side of the account.
type sent struct {
	id       int
	attempts uint64
	rejected set // sends that returned an error
	refused  uint64
}

// settle holds what was received of a producer against what it sent, after the
// drain. dropped is what the producer counts; drops says that the policy may.
func (l *ledger) settle(s *sent, dropped uint64, drops bool) error {
	a := &l.accounts[s.id]
	if err := l.ghosts(s); err != nil {
		return err
	}
	switch {
	case a.count+dropped+s.refused == s.attempts:
		return nil
	case drops:
		return l.e.broke(strategies.PromiseOverflow,
			"producer %d attempted %d, but %d delivered + %d dropped + %d rejected is %d",
			s.id, s.attempts, a.count, dropped, s.refused, a.count+dropped+s.refused)
	case dropped > 0:
		return l.e.broke(strategies.PromiseOverflow, "producer %d counts %d dropped items under policy block or fail", s.id, dropped)
	}
	lost := uint64(0)
	for a.seen.has(lost) || s.rejected.has(lost) {
		lost++
	}
	return l.e.broke(strategies.PromiseExactlyOnce, "item %d of producer %d was sent and never received (%d of %d came)",
		lost, s.id, a.count, s.attempts-s.refused)
}

// ghosts looks for items that were received although their send failed, or
// was never made.
func (l *ledger) ghosts(s *sent) error {
	a := &l.accounts[s.id]
	if ghost, found := a.seen.common(&s.rejected); found {
		return l.e.broke(strategies.PromiseExactlyOnce, "item %d of producer %d was received although its send returned an error", ghost, s.id)
	}
	if a.next > s.attempts {
		return l.e.broke(strategies.PromiseIntact, "received item %d of producer %d, which sent only %d", a.next-1, s.id, s.attempts)
	}
	return nil
}
