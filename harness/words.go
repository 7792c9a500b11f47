package harness

import (
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// SampleStep is how many messages of a producer come to one whose transit is
// timed. Timing one costs two clock readings and a histogram entry, about 45 ns
// here; a 256th of that is 0.2 ns, under 5 % of the fastest trial.
const SampleStep = 256

// The sampled messages of a producer are those whose sequence number plus a
// phase is a multiple of SampleStep. The phase differs between producers: were
// it the same, a cell with few messages per producer would time only first ones.
const phaseStride = 61

func phase(producer int) uint64 { return uint64(producer) * phaseStride % SampleStep }

// sendTimes holds when the sampled messages of a round were sent, in ticks. A
// producer writes an entry before it sends the message, the consumer reads it
// after it received that message, and no entry is used twice: the fan-in itself
// orders the two, so there is nothing to synchronise.
type sendTimes [][]int64

func newSendTimes(quotas []uint64) sendTimes {
	total := 0
	lengths := make([]int, len(quotas))
	for p, quota := range quotas {
		lengths[p] = int((quota+phase(p))/SampleStep) + 1
		total += lengths[p]
	}
	flat := make([]int64, total)
	times := make(sendTimes, len(quotas))
	for p, n := range lengths {
		times[p], flat = flat[:n:n], flat[n:]
	}
	return times
}

// words drives a round over the 8-byte item.
type words struct {
	clock     *Clock
	times     sendTimes
	sendBatch int
}

// produce sends quota words and returns what became of them and when the first
// send began.
func (w *words) produce(p strategies.Producer[strategies.Word], id int, quota uint64) (t tally, first int64, err error) {
	if w.sendBatch > 1 {
		return w.produceBatches(p, id, quota)
	}
	due := -phase(id) % SampleStep // the next sequence number to be timed
	first = w.clock.Now()
	for seq := range quota {
		if seq == due {
			w.times[id][(seq+phase(id))/SampleStep] = w.clock.Now()
			due += SampleStep
		}
		switch err := p.Send(strategies.NewWord(id, seq)); err {
		case nil:
		case strategies.ErrFull:
			t.rejected++
		default:
			return t, first, err
		}
	}
	t.attempted = quota
	return t, first, nil
}

// produceBatches is produce with sendBatch words to a call.
func (w *words) produceBatches(p strategies.Producer[strategies.Word], id int, quota uint64) (t tally, first int64, err error) {
	batch := make([]strategies.Word, w.sendBatch)
	due := -phase(id) % SampleStep
	first = w.clock.Now()
	for seq := uint64(0); seq < quota; {
		batch := batch[:min(uint64(len(batch)), quota-seq)]
		for i := range batch {
			batch[i] = strategies.NewWord(id, seq+uint64(i))
		}
		for end := seq + uint64(len(batch)); due < end; due += SampleStep {
			w.times[id][(due+phase(id))/SampleStep] = w.clock.Now()
		}
		switch n, err := p.SendBatch(batch); err {
		case nil:
		case strategies.ErrFull:
			t.rejected += uint64(len(batch) - n)
		default:
			return t, first, err
		}
		seq += uint64(len(batch))
	}
	t.attempted = quota
	return t, first, nil
}

// consume checks what was received and times the sampled ones. They count as
// received when their turn in the buffer comes.
func (w *words) consume(buf []strategies.Word, check *checker, transit *results.Histogram) {
	for _, word := range buf {
		check.see(word)
		if shifted := word.Seq() + phase(word.Producer()); shifted%SampleStep == 0 {
			w.time(word, shifted, check, transit)
		}
	}
}

func (w *words) time(word strategies.Word, shifted uint64, check *checker, transit *results.Histogram) {
	if check.stray != nil {
		return // it may not be one that we sent
	}
	sent := w.times[word.Producer()][shifted/SampleStep]
	transit.Record(w.clock.Ns(w.clock.Now() - sent))
}
