package main

import "github.com/fanin-bench/fanin-bench/results/program"

// inbox is the consumer's end: what the client of a broker receives comes through a
// channel. A delivery of the broker may hold several messages, all of one size.
type inbox[D any] struct {
	setup      program.Setup
	deliveries chan D
	messages   func(D) []byte
	done       func(D) error // tells the broker; nil if that does not want to know
	settled    chan struct{} // nil unless messages may be dropped

	current D
	rest    []byte // of the current delivery
}

func newInbox[D any](s program.Setup, room int, messages func(D) []byte, done func(D) error) *inbox[D] {
	return &inbox[D]{setup: s, deliveries: make(chan D, room), messages: messages, done: done}
}

// Recv hands over what has come, as much as a receive may. A delivery is acknowledged when
// the last of its messages was handed over: before, a sudden end would lose the others.
func (q *inbox[D]) Recv(visit func([]byte)) (int, error) {
	for n := range q.setup.RecvBatch {
		if len(q.rest) == 0 {
			if !q.next(n == 0) {
				return n, nil
			}
		}
		size := min(q.setup.Payload, len(q.rest))
		visit(q.rest[:size])
		if q.rest = q.rest[size:]; len(q.rest) > 0 || q.done == nil {
			continue
		}
		if err := q.done(q.current); err != nil {
			return n + 1, err
		}
	}
	return q.setup.RecvBatch, nil
}

// next takes the next delivery, for which it may wait, and reports whether there was one.
// What was dropped is known once the inbox has settled and is empty.
func (q *inbox[D]) next(wait bool) bool {
	var d D
	select {
	case d = <-q.deliveries:
		return q.open(d)
	default:
	}
	if !wait {
		return false
	}
	select {
	case d = <-q.deliveries:
		return q.open(d)
	case <-q.settled:
	}
	select {
	case d = <-q.deliveries: // it came before; whoever settled leaves the word for later
		q.settled <- struct{}{}
		return q.open(d)
	default:
		return false
	}
}

func (q *inbox[D]) open(d D) bool {
	q.current, q.rest = d, q.messages(d)
	return true
}
