package trial

import (
	"bytes"
	"encoding/binary"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/harness/trial/sink"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/sizes"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// messages drives a closed loop of messages with a payload, which the producer
// writes and the consumer reads in full.
type messages struct {
	clock     *machine.Clock
	payload   int   // bytes; 0 if there is none to carry
	mix       []int // sizes that are mixed, of which payload is the mean; nil: all payloads have that size
	slab      int   // bytes of payload that a producer allocates at a time, at least
	sendBatch int
	compute   computing
	lives     lives
	work      *work   // the consumer's, per message; nil if there is none
	pattern   []byte  // what every payload holds behind its id
	each      bool    // every message is timed, not only the sampled ones
	floor     bool    // nothing is carried: there is no payload to check
	inBlocks  bool    // payloads are sent by value, so that their memory can be used again
	curfew    *curfew // nil if there is none
}

func newMessages(clock *machine.Clock, cell results.Cell, w *work, floor bool) *messages {
	m := &messages{
		clock: clock, sendBatch: callBatch(cell), compute: computingOf(clock, cell), lives: livesOf(cell), work: w.ofItems(),
		each: timesAll(cell), floor: floor, inBlocks: inBlocks(cell),
	}
	if cell.Payload > results.MinPayload {
		m.payload, m.slab = cell.Payload, cell.Payload
		m.pattern = sink.PayloadPattern(cell.Payload)
	}
	if cell.Allocation != results.AllocationFresh {
		m.slab = max(m.slab, results.SlabBytes)
	}
	if mix, err := sizes.Parse(cell.PayloadMix); err == nil {
		m.mix = mix.Table()
		m.slab = 0 // each by itself: a small one would keep what it was cut from
		m.pattern = sink.PayloadPattern(max(m.mix[len(m.mix)-1], results.MinPayload))
	}
	return m
}

// sizeOf returns the size of an item's payload.
func (m *messages) sizeOf(id strategies.Word) int {
	if m.mix == nil {
		return m.payload
	}
	return sizes.Of(m.mix, uint64(id))
}

// writePayload fills a payload: the id, as much of it as there is room for, and the pattern.
func (m *messages) writePayload(payload []byte, id strategies.Word) {
	if len(payload) < results.MinPayload {
		var whole [results.MinPayload]byte
		binary.LittleEndian.PutUint64(whole[:], uint64(id))
		copy(payload, whole[:])
		return
	}
	binary.LittleEndian.PutUint64(payload, uint64(id))
	copy(payload[results.MinPayload:], m.pattern)
}

// writer makes the messages of one producer.
type writer struct {
	*messages
	p      strategies.Producer[strategies.Message]
	id     int
	rest   []byte   // of the slab
	places [][]byte // where the payloads of a batch are written if they are sent by value
	batch  []strategies.Message
}

func (m *messages) writer(p strategies.Producer[strategies.Message], id int) *writer {
	w := &writer{messages: m, p: p, id: id, batch: make([]strategies.Message, m.sendBatch)}
	if c, ok := p.(interface{ payloads(batch int) [][]byte }); ok {
		w.places = c.payloads(m.sendBatch)
	} else if m.inBlocks { // to the floor, which has none
		for range m.sendBatch {
			w.places = append(w.places, make([]byte, m.payload))
		}
	}
	return w
}

// message makes the message that is sent at a place in a batch.
func (w *writer) message(seq uint64, place int) strategies.Message {
	m := strategies.Message{ID: strategies.NewWord(w.id, seq)}
	if w.payload > 0 {
		m.Payload = w.memory(place, w.sizeOf(m.ID))
		w.writePayload(m.Payload, m.ID)
	}
	return m
}

// memory returns what a payload of a size is to be written to.
func (w *writer) memory(place, size int) []byte {
	if w.places != nil {
		return w.places[place]
	}
	if len(w.rest) < size {
		w.rest = make([]byte, max(w.slab, size))
	}
	payload := w.rest[:size:size]
	w.rest = w.rest[size:]
	return payload
}

func (m *messages) begin(_, _ []uint64) {}

func (m *messages) sender(p strategies.Producer[strategies.Message], id int) sender {
	return m.writer(p, id)
}

func (w *writer) send(from, to uint64) (t record.Tally, err error) {
	send := func(from, to uint64) error { return w.sendRange(from, to, &t) }
	err = w.curfew.inPieces(from, to, w.lives.piece(w.sendBatch), w.lives.each(w.compute.between(w.sendBatch, send)))
	return t, err
}

// sendRange sends the producer's messages from one up to another.
func (w *writer) sendRange(from, to uint64, t *record.Tally) error {
	t.Sends(w.clock.Now())
	for seq := from; seq < to; {
		batch := w.batch[:min(uint64(len(w.batch)), to-seq)]
		timed := false
		for i := range batch {
			batch[i] = w.message(seq+uint64(i), i)
			if w.each || record.Sampled(w.id, seq+uint64(i)) {
				batch[i].Sent, timed = w.clock.Now(), true
			}
		}
		start := int64(0)
		if timed {
			start = w.clock.Now()
		}
		rejected, err := w.sendAll(batch)
		if err != nil {
			return err
		}
		if timed {
			t.Sent(w.clock.Now() - start)
		}
		t.Rejected += uint64(rejected)
		seq += uint64(len(batch))
	}
	t.Sends(w.clock.Now()) // none any more: its last one has returned
	t.Attempted += to - from
	return nil
}

// sendAll sends one message singly and more as a batch, and returns how many the
// fan-in rejected.
func (w *writer) sendAll(batch []strategies.Message) (rejected int, err error) {
	sent := 0
	if len(batch) == 1 {
		if err = w.p.Send(batch[0]); err == nil {
			sent = 1
		}
	} else {
		sent, err = w.p.SendBatch(batch)
	}
	if err == strategies.ErrFull {
		err = nil
	}
	return len(batch) - sent, err
}

func (m *messages) consume(buf []strategies.Message, check *record.Ledger, rec *record.Recorder) {
	check.Received += uint64(len(buf))
	for i := range buf {
		message := &buf[i]
		check.See(message.ID)
		if message.Sent != 0 {
			now := m.clock.Now()
			rec.Transit.Record(m.clock.Ns(now - message.Sent))
			rec.Windows.Tick(now, check.Next)
		}
		m.inspect(message, check)
		if m.work != nil {
			m.work.item(message.ID, message.Payload)
		}
		message.Payload = nil // the buffer must not keep it alive
	}
}

// inspect complains of a payload that is not as it was written.
func (m *messages) inspect(message *strategies.Message, check *record.Ledger) {
	if m.payload == 0 || m.floor {
		return
	}
	if !m.isIntact(message) {
		check.Complain(strategies.PromiseIntact, "producer %d: payload of item %d corrupted", message.ID.Producer(), message.ID.Seq())
	}
}

// isIntact reports whether a payload is as it was written.
func (m *messages) isIntact(message *strategies.Message) bool {
	payload, size := message.Payload, m.sizeOf(message.ID)
	if len(payload) != size {
		return false
	}
	if size < results.MinPayload {
		var whole [results.MinPayload]byte
		m.writePayload(whole[:size], message.ID)
		return bytes.Equal(payload, whole[:size])
	}
	return binary.LittleEndian.Uint64(payload) == uint64(message.ID) &&
		bytes.Equal(payload[results.MinPayload:], m.pattern[:size-results.MinPayload])
}
