package program

import (
	"encoding/binary"
	"fmt"
)

// Where the parts of a message begin.
const (
	atSent    = 8
	atDue     = 16
	atFill    = 24
	seqBits   = 40
	seqMask   = 1<<seqBits - 1
	timedStep = 16 // of a closed loop one message in so many tells when it was sent
)

// checkPayload refuses sizes in which the parts have no place.
func checkPayload(size int) error {
	if size != atSent && size < atFill {
		return fmt.Errorf("payload %d: a message has 8 bytes, or at least %d", size, atFill)
	}
	return nil
}

// fill writes a message but for its times. Only its last byte is written of what follows
// them, and the buffer holds another producer's message never: the rest is as it was.
func fill(message []byte, producer int, seq uint64) {
	binary.LittleEndian.PutUint64(message, uint64(producer)<<seqBits|seq&seqMask)
	if len(message) > atFill {
		message[len(message)-1] = byte(seq)
	}
}

func setTimes(message []byte, sent, due int64) {
	binary.LittleEndian.PutUint64(message[atSent:], uint64(sent))
	binary.LittleEndian.PutUint64(message[atDue:], uint64(due))
}

func timesOf(message []byte) (sent, due int64) {
	return int64(binary.LittleEndian.Uint64(message[atSent:])), int64(binary.LittleEndian.Uint64(message[atDue:]))
}

// identify reads whose message it is and which; whole says that its end belongs to it.
func identify(message []byte) (producer int, seq uint64, whole bool) {
	id := binary.LittleEndian.Uint64(message)
	seq = id & seqMask
	return int(id >> seqBits), seq, len(message) <= atFill || message[len(message)-1] == byte(seq)
}
