package main

import (
	"runtime"
	"sync/atomic"

	"github.com/fanin-bench/fanin-bench/results/program"
)

// spins is how often the consumer looks again before it sleeps, and a producer that finds
// no room: some microseconds, which a sleep and a wake take too.
const spins = 20

// shape is how long the messages are and how many a lane holds.
type shape struct{ payload, slot, capacity int }

func shapeOf(s program.Setup) shape {
	return shape{payload: s.Payload, slot: (s.Payload + 7) &^ 7, capacity: capacityOf(s)}
}

func (s shape) dataBytes() int { return s.slot * s.capacity }

// laneWords is what the two ends of a lane tell each other, on lines of their own: pairs
// of them, as processors fetch them.
type laneWords struct {
	tail atomic.Uint64 // messages sent: the producer stores it, the consumer loads it
	_    [120]byte
	head atomic.Uint64 // messages received: the other way round
	_    [120]byte
	full atomic.Uint32 // 1: the producer sleeps, or is about to; who sets it to 0 wakes it
	_    [124]byte
}

// consumerWords is what all producers tell the consumer.
type consumerWords struct {
	asleep atomic.Uint32 // 1: the consumer sleeps, or is about to; who sets it to 0 wakes it
	_      [124]byte
}

// bell lets one wait until another rings. A wait may end without a ring, and a ring
// before it is not lost.
type bell interface {
	wait()
	ring()
}

// lane is a ring of one producer: slots of one size, because all messages of a trial are.
// Each end uses its own copy of it, and the words and the data together.
type lane struct {
	words *laneWords
	data  []byte
	shape shape
	bell  bell // of the producer; nil: it polls

	at   uint64 // of the producer the tail, of the consumer the head
	slot int    // of data, where at is
	seen uint64 // the other end's word, as of the last look
}

// advance moves on by a message.
func (l *lane) advance() {
	l.at++
	if l.slot += l.shape.slot; l.slot == len(l.data) {
		l.slot = 0
	}
}

// resume puts an end where its word says: where it was when its process ended.
func (l *lane) resume(at uint64) {
	l.at, l.slot = at, int(at%uint64(l.shape.capacity))*l.shape.slot
}

// ringSender is the producer's end of a lane.
type ringSender struct {
	lane     *lane
	consumer *consumerWords
	bell     bell // of the consumer; nil: it polls
}

// Send copies a message, publishes it, and wakes the consumer if it sleeps: two atomic
// operations of its own line and a load of a line that is written seldom. A message whose
// Send returned is there whatever becomes of this process, and none that it was in the midst of.
func (s *ringSender) Send(message []byte) error {
	l := s.lane
	if l.at-l.seen == uint64(l.shape.capacity) {
		s.waitForRoom()
	}
	copy(l.data[l.slot:], message)
	l.advance()
	l.words.tail.Store(l.at)
	if s.bell != nil && s.consumer.asleep.Load() == 1 && s.consumer.asleep.CompareAndSwap(1, 0) {
		s.bell.ring()
	}
	return nil
}

// waitForRoom waits until there is room. Who sleeps is woken when half of the lane is
// free: that makes one wake for many messages.
func (s *ringSender) waitForRoom() {
	l := s.lane
	for tries := 0; ; tries++ {
		if l.seen = l.words.head.Load(); l.at-l.seen < uint64(l.shape.capacity) {
			return
		}
		if l.bell == nil || tries < spins {
			runtime.Gosched()
			continue
		}
		l.words.full.Store(1)
		if !l.drained(l.words.head.Load(), l.at) {
			l.bell.wait()
		}
		l.words.full.Store(0)
	}
}

// drained reports whether so little is in the lane that a sleeping producer is woken.
func (l *lane) drained(head, tail uint64) bool { return tail-head <= uint64(l.shape.capacity/2) }

// rings is the consumer's end of all lanes. A receive looks at each lane.
type rings struct {
	lanes    []*lane
	consumer *consumerWords
	bell     bell // of the consumer; nil: it polls
	batch    int
	next     int // the lane to begin with
	close    func() error
}

// Recv takes what is there, from one lane after the other.
func (r *rings) Recv(visit func([]byte)) (int, error) {
	for tries := 0; ; tries++ {
		if n := r.poll(visit); n > 0 {
			return n, nil
		}
		if r.bell == nil {
			runtime.Gosched()
			continue
		}
		if tries < spins {
			continue
		}
		r.consumer.asleep.Store(1)
		n := r.poll(visit)
		if n == 0 {
			r.bell.wait()
		}
		r.consumer.asleep.Store(0)
		if n > 0 {
			return n, nil
		}
	}
}

func (r *rings) poll(visit func([]byte)) (n int) {
	for range r.lanes {
		n += r.lanes[r.next].take(r.batch-n, visit)
		if n == r.batch {
			return n // the next receive goes on in this lane, which then passes its turn
		}
		if r.next++; r.next == len(r.lanes) {
			r.next = 0
		}
	}
	return n
}

// take receives up to so many messages. They leave the lane only after they were visited:
// if this process ends before, its successor receives them again.
func (l *lane) take(most int, visit func([]byte)) int {
	if l.seen == l.at {
		if l.seen = l.words.tail.Load(); l.seen == l.at {
			return 0
		}
	}
	n := int(min(uint64(most), l.seen-l.at))
	for range n {
		visit(l.data[l.slot : l.slot+l.shape.payload])
		l.advance()
	}
	l.words.head.Store(l.at)
	if l.bell != nil && l.words.full.Load() == 1 && l.drained(l.at, l.words.tail.Load()) && l.words.full.CompareAndSwap(1, 0) {
		l.bell.ring()
	}
	return n
}

// Close releases the memory.
func (r *rings) Close() error {
	if r.close == nil {
		return nil
	}
	return r.close()
}

// Sender returns the producer's end of a lane of this process.
func (r *rings) Sender(producer int) (program.Sender, error) {
	own := *r.lanes[producer]
	own.resume(own.words.tail.Load())
	own.seen = own.words.head.Load()
	return &ringSender{lane: &own, consumer: r.consumer, bell: r.bell}, nil
}
