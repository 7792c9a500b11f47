package harness

import (
	"bytes"
	"encoding/binary"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// messages drives a closed loop of messages with a payload, which the producer
// writes and the consumer reads in full.
type messages struct {
	clock     *Clock
	payload   int // bytes; 0 if there is none to carry
	sendBatch int
	work      *work  // the consumer's, per message; nil if there is none
	pattern   []byte // what every payload holds behind its id
	each      bool   // every message is timed, not only the sampled ones
	floor     bool   // nothing is carried: there is no payload to check
}

// slabBytes is how much payload a producer allocates at a time: with one
// allocation per message the allocator would be measured.
const slabBytes = 64 << 10

func newMessages(clock *Clock, cell results.Cell, w *work, floor bool) *messages {
	m := &messages{clock: clock, sendBatch: cell.SendBatch, work: w.ofItems(), each: unhurried(cell), floor: floor}
	if cell.Payload > MinPayload {
		m.payload = cell.Payload
		m.pattern = payloadPattern(cell.Payload)
	}
	return m
}

// payloadPattern returns what follows the id in payloads of so many bytes.
func payloadPattern(size int) []byte {
	pattern := make([]byte, size-MinPayload)
	for i := range pattern {
		pattern[i] = byte(i*7 + 3)
	}
	return pattern
}

// writer makes the messages of one producer.
type writer struct {
	*messages
	id   int
	slab []byte
}

func (w *writer) message(seq uint64) strategies.Message {
	m := strategies.Message{ID: strategies.NewWord(w.id, seq)}
	if w.payload > 0 {
		if len(w.slab) < w.payload {
			w.slab = make([]byte, max(slabBytes, w.payload))
		}
		m.Payload, w.slab = w.slab[:w.payload:w.payload], w.slab[w.payload:]
		binary.LittleEndian.PutUint64(m.Payload, uint64(m.ID))
		copy(m.Payload[MinPayload:], w.pattern)
	}
	return m
}

func (m *messages) begin() {}

func (m *messages) produce(p strategies.Producer[strategies.Message], id int, quota uint64) (t tally, err error) {
	w := writer{messages: m, id: id}
	err = w.sendRange(p, 0, quota, &t)
	return t, err
}

// sendRange sends the producer's messages from one up to another.
func (w *writer) sendRange(p strategies.Producer[strategies.Message], from, to uint64, t *tally) error {
	batch := make([]strategies.Message, w.sendBatch)
	t.sends(w.clock.Now())
	for seq := from; seq < to; {
		batch := batch[:min(uint64(len(batch)), to-seq)]
		timed := false
		for i := range batch {
			batch[i] = w.message(seq + uint64(i))
			if w.each || sampled(w.id, seq+uint64(i)) {
				batch[i].Sent, timed = w.clock.Now(), true
			}
		}
		start := int64(0)
		if timed {
			start = w.clock.Now()
		}
		rejected, err := w.send(p, batch)
		if err != nil {
			return err
		}
		if timed {
			t.sent(w.clock.Now() - start)
		}
		t.rejected += uint64(rejected)
		seq += uint64(len(batch))
	}
	t.sends(w.clock.Now()) // none any more: its last one has returned
	t.attempted = to
	return nil
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

func (m *messages) consume(buf []strategies.Message, check *checker, rec *recorder) {
	check.received += uint64(len(buf))
	for i := range buf {
		message := &buf[i]
		check.see(message.ID)
		if message.Sent != 0 {
			now := m.clock.Now()
			rec.transit.record(m.clock.Ns(now - message.Sent))
			rec.windows.tick(now, check.next)
		}
		m.inspect(message, check)
		if m.work != nil {
			m.work.item(message.ID, message.Payload)
		}
		message.Payload = nil // the buffer must not keep it alive
	}
}

// inspect complains of a payload that is not as it was written.
func (m *messages) inspect(message *strategies.Message, check *checker) {
	if m.payload == 0 || m.floor {
		return
	}
	if len(message.Payload) != m.payload ||
		binary.LittleEndian.Uint64(message.Payload) != uint64(message.ID) ||
		!bytes.Equal(message.Payload[MinPayload:], m.pattern) {
		check.complain("producer %d: payload of item %d corrupted", message.ID.Producer(), message.ID.Seq())
	}
}
