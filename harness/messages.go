package harness

import (
	"bytes"
	"encoding/binary"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// messages drives a round over messages with a payload, which the producer
// writes and the consumer reads in full.
type messages struct {
	clock     *Clock
	payload   int // bytes, more than a word
	sendBatch int
	pattern   []byte // what every payload holds behind its id
	floor     bool   // nothing is carried: there is no payload to check
}

// slabBytes is how much payload a producer allocates at a time: with one
// allocation per message the allocator would be measured.
const slabBytes = 64 << 10

func newMessages(clock *Clock, cell results.Cell, floor bool) *messages {
	pattern := make([]byte, cell.Payload-MinPayload)
	for i := range pattern {
		pattern[i] = byte(i*7 + 3)
	}
	return &messages{clock: clock, payload: cell.Payload, sendBatch: cell.SendBatch, pattern: pattern, floor: floor}
}

// writer makes the messages of one producer.
type writer struct {
	*messages
	id   int
	slab []byte
}

func (w *writer) message(seq uint64) strategies.Message {
	if len(w.slab) < w.payload {
		w.slab = make([]byte, max(slabBytes, w.payload))
	}
	payload := w.slab[:w.payload:w.payload]
	w.slab = w.slab[w.payload:]
	m := strategies.Message{ID: strategies.NewWord(w.id, seq), Payload: payload}
	binary.LittleEndian.PutUint64(payload, uint64(m.ID))
	copy(payload[MinPayload:], w.pattern)
	if (seq+phase(w.id))%SampleStep == 0 {
		m.Sent = w.clock.Now()
	}
	return m
}

func (m *messages) produce(p strategies.Producer[strategies.Message], id int, quota uint64) (t tally, first int64, err error) {
	w := writer{messages: m, id: id}
	batch := make([]strategies.Message, m.sendBatch)
	first = m.clock.Now()
	for seq := uint64(0); seq < quota; {
		batch := batch[:min(uint64(len(batch)), quota-seq)]
		for i := range batch {
			batch[i] = w.message(seq + uint64(i))
		}
		switch rejected, err := m.send(p, batch); err {
		case nil:
			t.rejected += uint64(rejected)
		default:
			return t, first, err
		}
		seq += uint64(len(batch))
	}
	t.attempted = quota
	return t, first, nil
}

// send sends one message singly and more as a batch, and returns how many the
// fan-in rejected.
func (m *messages) send(p strategies.Producer[strategies.Message], batch []strategies.Message) (rejected int, err error) {
	sent := 0
	if len(batch) == 1 {
		if err = p.Send(batch[0]); err == nil {
			sent = 1
		}
	} else {
		sent, err = p.SendBatch(batch)
	}
	if err == strategies.ErrFull {
		err = nil
	}
	return len(batch) - sent, err
}

func (m *messages) consume(buf []strategies.Message, check *checker, transit *results.Histogram) {
	for i := range buf {
		message := &buf[i]
		check.see(message.ID)
		if message.Sent != 0 {
			transit.Record(m.clock.Ns(m.clock.Now() - message.Sent))
		}
		if !m.intact(message) {
			check.complain("producer %d: payload of item %d corrupted", message.ID.Producer(), message.ID.Seq())
		}
		message.Payload = nil // the buffer must not keep it alive
	}
}

// intact reports whether the payload is as it was written.
func (m *messages) intact(message *strategies.Message) bool {
	return m.floor || len(message.Payload) == m.payload &&
		binary.LittleEndian.Uint64(message.Payload) == uint64(message.ID) &&
		bytes.Equal(message.Payload[MinPayload:], m.pattern)
}
