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

// Head is what a block says besides its payload, as a [Message] does.
type Head struct {
	ID             Word
	Intended, Sent int64
}

// Blocks are messages that carry their payload in themselves, so that it is
// copied wherever the item is. There is a type for each size because Go has no
// arrays whose length is a parameter.
type (
	// Block64 carries 64 bytes.
	Block64 struct {
		Head
		Payload [64]byte
	}
	// Block1K carries 1 KiB.
	Block1K struct {
		Head
		Payload [1 << 10]byte
	}
	// Block16K carries 16 KiB.
	Block16K struct {
		Head
		Payload [16 << 10]byte
	}
	// Block64K carries 64 KiB.
	Block64K struct {
		Head
		Payload [64 << 10]byte
	}
)

// Parts returns the two parts of a block, in place.
func (b *Block64) Parts() (*Head, []byte) { return &b.Head, b.Payload[:] }

// Parts returns the two parts of a block, in place.
func (b *Block1K) Parts() (*Head, []byte) { return &b.Head, b.Payload[:] }

// Parts returns the two parts of a block, in place.
func (b *Block16K) Parts() (*Head, []byte) { return &b.Head, b.Payload[:] }

// Parts returns the two parts of a block, in place.
func (b *Block64K) Parts() (*Head, []byte) { return &b.Head, b.Payload[:] }
