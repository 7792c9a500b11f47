package strategies

// Word is the 8-byte item that throughput is measured with. It packs who sent
// it and its place in that producer's sequence, so that the receiver can check
// every delivery without anything else being carried.
type Word uint64

// The split of a Word's bits: up to 2^24 producers, 2^40 items each.
const (
	wordSeqBits  = 40
	MaxProducers = 1 << (64 - wordSeqBits)
	MaxSeq       = 1<<wordSeqBits - 1
)

// NewWord packs a producer's index, below MaxProducers, and a sequence number,
// at most MaxSeq.
func NewWord(producer int, seq uint64) Word {
	return Word(uint64(producer)<<wordSeqBits | seq)
}

// Producer returns the index of the producer that sent the word.
func (w Word) Producer() int { return int(w >> wordSeqBits) }

// Seq returns the word's place in its producer's sequence, from 0.
func (w Word) Seq() uint64 { return uint64(w) & MaxSeq }

// Message is the item that response times and payload sizes are measured with.
type Message struct {
	// ID tells the producer and the sequence number.
	ID Word
	// Intended is when the message was due to be sent and Sent when the send
	// was called, both in ticks of the harness's clock.
	Intended, Sent int64
	// Payload is written by the producer and read by the consumer.
	Payload []byte
}
