//go:build !(386 || arm || mips || mipsle)

package peers

import (
	"github.com/hedzr/go-ringbuf/v2"
	"github.com/hedzr/go-ringbuf/v2/mpmc"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var ringbufStrategy = strategies.Strategy{
	Descriptor: ringbufDescriptor,
	Word:       NewRingbuf[strategies.Word],
	Message:    NewRingbuf[strategies.Message],
}

// NewRingbuf adapts the ring buffer of hedzr/go-ringbuf. Added: waiting, and a
// receive that goes on while there are items. One slot of the ring stays empty,
// so that it is asked for one more.
func NewRingbuf[T any](o strategies.Options) strategies.FanIn[T] {
	ring := ringbuf.New[T](uint32(capacity(o, ringbufDescriptor, 1)) + 1)
	q := ringbufQueue[T]{ring}
	f := newFanIn[T](q, q)
	f.length = func() int { return int(ring.Size()) }
	return f
}

type ringbufQueue[T any] struct{ mpmc.RingBuffer[T] }

func (q ringbufQueue[T]) put(item T) bool { return q.Enqueue(item) == nil }

func (q ringbufQueue[T]) take(buf []T) int {
	for i := range buf {
		item, err := q.Dequeue()
		if err != nil {
			return i
		}
		buf[i] = item
	}
	return len(buf)
}
