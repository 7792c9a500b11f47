package trial

import (
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// sendTimes holds when the sampled messages of a round, or of a slice, were sent, in
// ticks. A producer writes an entry before it sends the message, the consumer reads it
// after it received that message, and no entry is used twice before the gate opens again:
// the fan-in itself orders the two, so there is nothing to synchronise.
type sendTimes struct {
	entries [][]int64 // by producer
	first   []uint64  // by producer: which of its sampled messages the first entry is of
}

// newSendTimes returns the times of messages that each producer numbers from 0.
func newSendTimes(quotas []uint64) sendTimes {
	t := sendTimes{entries: make([][]int64, len(quotas)), first: make([]uint64, len(quotas))}
	t.cover(make([]uint64, len(quotas)), quotas)
	return t
}

// cover makes room for the messages of each producer from one up to another, in place of
// those before. Nobody may send or receive meanwhile.
func (t *sendTimes) cover(from, to []uint64) {
	total, fits := 0, true
	lengths := make([]int, len(to))
	for p := range to {
		t.first[p] = entry(p, from[p])
		lengths[p] = int(entry(p, to[p])-t.first[p]) + 1
		total += lengths[p]
		fits = fits && lengths[p] <= len(t.entries[p])
	}
	if fits {
		return
	}
	flat := make([]int64, total)
	for p, n := range lengths {
		t.entries[p], flat = flat[:n:n], flat[n:]
	}
}

// at returns the entry of a sampled message.
func (t *sendTimes) at(producer int, seq uint64) *int64 {
	return &t.entries[producer][entry(producer, seq)-t.first[producer]]
}

// has reports whether there is an entry of a sampled message of a producer: not
// if its place is far beyond the last that it was to send.
func (t *sendTimes) has(producer int, seq uint64) bool {
	return entry(producer, seq)-t.first[producer] < uint64(len(t.entries[producer])) // below the first it wraps round
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
	lives     lives
	work      *work   // the consumer's, per message; nil if there is none
	curfew    *curfew // nil if there is none
}

func (w *words) begin(from, to []uint64) { w.times.cover(from, to) }

// wordSender sends the words of one producer.
type wordSender struct {
	*words
	p     strategies.Producer[strategies.Word]
	id    int
	batch []strategies.Word // nil: singly
}

func (w *words) sender(p strategies.Producer[strategies.Word], id int) sender {
	s := &wordSender{words: w, p: p, id: id}
	if w.sendBatch > 1 {
		s.batch = make([]strategies.Word, w.sendBatch)
	}
	return s
}

func (s *wordSender) send(from, to uint64) (t record.Tally, err error) {
	t.Sends(s.clock.Now())
	send := func(from, to uint64) error { return s.sendSingly(s.p, s.id, from, to, &t) }
	if s.batch != nil {
		send = func(from, to uint64) error { return s.sendBatches(s.p, s.id, s.batch, from, to, &t) }
	} else if p, ok := s.p.(*putter[strategies.Word]); ok {
		send = func(from, to uint64) error { return s.put(p.to, s.id, from, to, &t) }
	}
	err = s.curfew.inPieces(from, to, s.lives.piece(s.sendBatch), s.lives.each(s.compute.between(s.sendBatch, send)))
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
	t.Attempted += to - from
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

// put is sendSingly into a Writer, with nothing between a call and the next: to go by way
// of its producer takes as long as to put an item.
func (w *words) put(to *strategies.Writer[strategies.Word], id int, from, until uint64, t *record.Tally) error {
	t.Attempted += until - from
	for seq := from; seq < until; {
		due := min(record.FirstSampled(id, seq), until)
		for ; seq < due; seq++ {
			if err := to.Put(strategies.NewWord(id, seq)); err != nil {
				return err
			}
		}
		if seq == until {
			break
		}
		start := w.clock.Now()
		*w.times.at(id, seq) = start
		if err := to.Put(strategies.NewWord(id, seq)); err != nil {
			return err
		}
		t.Sent(w.clock.Now() - start)
		seq++
	}
	return nil
}

// sendBatches is sendSingly with as many words to a call as the batch holds.
func (w *words) sendBatches(p strategies.Producer[strategies.Word], id int, batch []strategies.Word, from, to uint64, t *record.Tally) error {
	due := record.FirstSampled(id, from)
	t.Attempted += to - from
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
	return nil
}

// consume checks what was received and times the sampled ones. They count as
// received when their turn in the buffer comes.
func (w *words) consume(buf []strategies.Word, check *record.Ledger, rec *record.Recorder) {
	check.Received += uint64(len(buf))
	if len(buf) == 1 && w.work == nil && check.SeeNext(buf[0]) {
		return
	}
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

// skim leaves a sampled word to consume, and all if there is work for each.
func (w *words) skim(c strategies.Consumer[strategies.Word], buf []strategies.Word, check *record.Ledger, most int) (checked int64, n int, err error) {
	if reads, ok := c.(*readConsumer[strategies.Word]); ok {
		return w.skimFrom(reads.from, buf, check, most)
	}
	for range most {
		if n, err = c.Recv(buf); err != nil || n == 0 || w.work != nil || !check.SeeNext(buf[0]) {
			break
		}
		n = 0
		checked++
	}
	check.Received += uint64(checked)
	return checked, n, err
}

// skimFrom is skim from a Reader.
func (w *words) skimFrom(r *strategies.Reader[strategies.Word], buf []strategies.Word, check *record.Ledger, most int) (checked int64, n int, err error) {
	for range most {
		if buf[0], err = r.Next(); err != nil {
			break
		}
		if w.work != nil || !check.SeeNext(buf[0]) {
			n = 1
			break
		}
		checked++
	}
	check.Received += uint64(checked)
	return checked, n, err
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
