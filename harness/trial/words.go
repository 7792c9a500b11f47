package trial

import (
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// sendTimes holds when the sampled messages of a round were sent, in ticks. A
// producer writes an entry before it sends the message, the consumer reads it
// after it received that message, and no entry is used twice: the fan-in itself
// orders the two, so there is nothing to synchronise.
type sendTimes [][]int64

func newSendTimes(quotas []uint64) sendTimes {
	total := 0
	lengths := make([]int, len(quotas))
	for p, quota := range quotas {
		lengths[p] = int((quota+record.Phase(p))/record.SampleStep) + 1
		total += lengths[p]
	}
	flat := make([]int64, total)
	times := make(sendTimes, len(quotas))
	for p, n := range lengths {
		times[p], flat = flat[:n:n], flat[n:]
	}
	return times
}

// at returns the entry of a sampled message.
func (t sendTimes) at(producer int, seq uint64) *int64 {
	return &t[producer][entry(producer, seq)]
}

// has reports whether there is an entry of a sampled message of a producer: not
// if its place is far beyond the last that it was to send.
func (t sendTimes) has(producer int, seq uint64) bool {
	return entry(producer, seq) < uint64(len(t[producer]))
}

func entry(producer int, seq uint64) uint64 {
	return (seq + record.Phase(producer)) / record.SampleStep
}

// words drives a closed loop of the 8-byte item.
type words struct {
	clock     *machine.Clock
	times     sendTimes
	sendBatch int
	compute   computing
	work      *work   // the consumer's, per message; nil if there is none
	curfew    *curfew // nil if there is none
}

func (w *words) begin() {}

func (w *words) produce(p strategies.Producer[strategies.Word], id int, quota uint64) (t record.Tally, err error) {
	t.Sends(w.clock.Now())
	send := func(from, to uint64) error { return w.sendSingly(p, id, from, to, &t) }
	if w.sendBatch > 1 {
		batch := make([]strategies.Word, w.sendBatch)
		send = func(from, to uint64) error { return w.sendBatches(p, id, batch, from, to, &t) }
	}
	err = w.curfew.inPieces(quota, w.sendBatch, w.compute.between(w.sendBatch, send))
	return t, err
}

// sendSingly sends the words from one up to another.
func (w *words) sendSingly(p strategies.Producer[strategies.Word], id int, from, to uint64, t *record.Tally) (err error) {
	due := record.FirstSampled(id, from)
	for seq := from; seq < to; seq++ {
		if seq == due {
			due += record.SampleStep
			err = w.timedSend(p, id, seq, t)
		} else {
			err = p.Send(strategies.NewWord(id, seq))
		}
		if err == strategies.ErrFull {
			t.Rejected++
		} else if err != nil {
			return err
		}
	}
	t.Attempted = to
	return nil
}

// timedSend notes when the send began and how long the call took.
func (w *words) timedSend(p strategies.Producer[strategies.Word], id int, seq uint64, t *record.Tally) error {
	start := w.clock.Now()
	*w.times.at(id, seq) = start
	err := p.Send(strategies.NewWord(id, seq))
	t.Sent(w.clock.Now() - start)
	return err
}

// sendBatches is sendSingly with as many words to a call as the batch holds.
func (w *words) sendBatches(p strategies.Producer[strategies.Word], id int, batch []strategies.Word, from, to uint64, t *record.Tally) error {
	due := record.FirstSampled(id, from)
	for seq := from; seq < to; {
		batch := batch[:min(uint64(len(batch)), to-seq)]
		for i := range batch {
			batch[i] = strategies.NewWord(id, seq+uint64(i))
		}
		end, start := seq+uint64(len(batch)), int64(0)
		for ; due < end; due += record.SampleStep {
			start = w.clock.Now()
			*w.times.at(id, due) = start
		}
		n, err := p.SendBatch(batch)
		if err == strategies.ErrFull {
			t.Rejected += uint64(len(batch) - n)
		} else if err != nil {
			return err
		}
		if start != 0 {
			t.Sent(w.clock.Now() - start)
		}
		seq = end
	}
	t.Attempted = to
	return nil
}

// consume checks what was received and times the sampled ones. They count as
// received when their turn in the buffer comes.
func (w *words) consume(buf []strategies.Word, check *record.Ledger, rec *record.Recorder) {
	check.Received += uint64(len(buf))
	for len(buf) > 0 {
		if w.work == nil {
			if buf = buf[check.SeeOrdinary(buf):]; len(buf) == 0 {
				return
			}
		}
		word := buf[0]
		check.See(word)
		if record.Sampled(word.Producer(), word.Seq()) {
			w.time(word, check, rec)
		}
		if w.work != nil {
			w.work.item(word, nil)
		}
		buf = buf[1:]
	}
}

// time records how long a word was under way. One that no producer was to send
// has no time of sending.
func (w *words) time(word strategies.Word, check *record.Ledger, rec *record.Recorder) {
	if check.Stray != nil {
		return // it may not be one that we sent
	}
	p, seq := word.Producer(), word.Seq()
	if !w.times.has(p, seq) {
		check.Complain(strategies.PromiseExactlyOnce, "producer %d: received item %d, which was not to be sent", p, seq)
		return
	}
	now := w.clock.Now()
	rec.Transit.Record(w.clock.Ns(now - *w.times.at(p, seq)))
	rec.Windows.Tick(now, check.Next)
}
