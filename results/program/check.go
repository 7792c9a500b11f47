package program

import (
	"errors"
	"fmt"
)

// ledger checks deliveries. One message that is not as it should be ends a trial: its
// strategy is broken.
type ledger struct {
	size    int
	repeats bool // a message may come twice, or after later ones
	drops   bool // a message may not come
	next    []uint64
	ahead   []map[uint64]struct{} // of each producer: what came before its turn
	latest  []uint64              // of each producer: the highest of that, if there is any

	fresh, duplicated, late int64
	broken                  error
}

func newLedger(producers, size int, repeats bool) *ledger {
	return &ledger{
		size: size, repeats: repeats,
		next: make([]uint64, producers), ahead: make([]map[uint64]struct{}, producers), latest: make([]uint64, producers),
	}
}

// take takes note of a message, and reports whether it is one that had not come.
func (l *ledger) take(message []byte) bool {
	if len(message) != l.size {
		return l.breaks(fmt.Errorf("intact: a message of %d bytes arrived with %d", l.size, len(message)))
	}
	producer, seq, whole := identify(message)
	switch {
	case producer >= len(l.next) || !whole:
		return l.breaks(errors.New("intact: a message was altered"))
	case seq == l.next[producer]:
		l.next[producer]++
		l.fresh++
		if l.ahead[producer] != nil {
			l.advance(producer)
		}
		return true
	case l.drops && seq > l.next[producer]:
		l.next[producer] = seq + 1
		l.fresh++
		return true
	case !l.repeats && seq < l.next[producer]:
		return l.breaks(fmt.Errorf("exactly-once: message %d of producer %d arrived again, or late", seq, producer))
	case !l.repeats:
		return l.breaks(fmt.Errorf("exactly-once: message %d of producer %d did not arrive before message %d", l.next[producer], producer, seq))
	case seq < l.next[producer]:
		l.duplicated++
		return false
	}
	return l.early(producer, seq)
}

// early takes note of a message that came before its turn.
func (l *ledger) early(producer int, seq uint64) bool {
	if l.ahead[producer] == nil {
		l.ahead[producer], l.latest[producer] = map[uint64]struct{}{}, seq
	}
	if _, again := l.ahead[producer][seq]; again {
		l.duplicated++
		return false
	}
	l.ahead[producer][seq] = struct{}{}
	if seq < l.latest[producer] {
		l.late++
	}
	l.latest[producer] = max(l.latest[producer], seq)
	l.fresh++
	return true
}

// advance passes over what had come before its turn. What made it wait was late.
func (l *ledger) advance(producer int) {
	l.late++
	for {
		if _, there := l.ahead[producer][l.next[producer]]; !there {
			break
		}
		delete(l.ahead[producer], l.next[producer])
		l.next[producer]++
	}
	if len(l.ahead[producer]) == 0 {
		l.ahead[producer] = nil
	}
}

func (l *ledger) breaks(err error) bool {
	if l.broken == nil {
		l.broken = err
	}
	return false
}
