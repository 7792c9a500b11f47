package record

import "github.com/fanin-bench/fanin-bench/strategies"

// SampleStep is how many messages of a producer come to one that is timed in a
// closed loop. Timing one costs three clock readings and an entry in a histogram,
// 100 ns here; a 512th of that is 0.2 ns, a tenth of the harness floor in batches.
const SampleStep = 512

// The sampled messages of a producer are those whose sequence number plus a
// phase is a multiple of SampleStep. The phase differs between producers: were
// it the same, a cell with few messages per producer would time only first ones.
const phaseStride = 61

// Phase is how far before its first sequence number a producer's sampling begins.
func Phase(producer int) uint64 { return uint64(producer) * phaseStride % SampleStep }

// Sampled reports whether a message is timed.
func Sampled(producer int, seq uint64) bool {
	return (seq+uint64(producer)*phaseStride)%SampleStep == 0 // phase's own remainder changes nothing
}

// UntilSampled returns how many messages after seq the producer's next sampled
// one comes; none if seq is sampled itself.
func UntilSampled(producer int, seq uint64) uint64 {
	return -(seq + uint64(producer)*phaseStride) % SampleStep
}

// FirstSampled returns the sequence number of a producer's first sampled message that
// is not before the given one.
func FirstSampled(producer int, from uint64) uint64 { return from + UntilSampled(producer, from) }

// SeeOrdinary takes note of the words before the first that is out of sequence or
// sampled and returns how many they were. It calls nothing, so that everything
// stays in registers; and it keeps the count of a producer there over a run of
// its words, each of which must be one more than the one before.
func (c *Ledger) SeeOrdinary(buf []strategies.Word) int {
	next := c.Next
	for i := 0; i < len(buf); i++ {
		word := buf[i]
		p, seq := word.Producer(), word.Seq()
		if p >= len(next) || seq != next[p] || Sampled(p, seq) {
			return i
		}
		if ahead := i + runAhead; ahead < len(buf) && buf[ahead] == word+runAhead {
			i += runAfter(word, buf[i+1:])
			seq = buf[i].Seq()
		}
		next[p] = seq + 1
	}
	return len(buf)
}

// runAfter returns how many of the words go on in sequence after the given one,
// up to the next that is sampled or the last that a producer can have.
func runAfter(word strategies.Word, buf []strategies.Word) int {
	p, seq := word.Producer(), word.Seq()
	if limit := min(UntilSampled(p, seq), strategies.MaxSeq-seq+1) - 1; limit < uint64(len(buf)) {
		buf = buf[:limit]
	}
	for i, got := range buf {
		if word++; got != word {
			return i
		}
	}
	return len(buf)
}

// runAhead is how far ahead SeeOrdinary looks for a run: shorter ones are not
// worth leaving the loop for.
const runAhead = 8
