package peers

import (
	"github.com/hedzr/go-ringbuf/v2"
	"github.com/hedzr/go-ringbuf/v2/mpmc"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var ringbufDescriptor = strategies.Descriptor{
	Name:   "ringbuf",
	Doc:    "a bounded array with a state per slot; both sides advance a shared index and then claim the slot by compare-and-swap",
	Family: strategies.FamilyLockFree,
	Source: "https://pkg.go.dev/github.com/hedzr/go-ringbuf/v2",
	Module: "github.com/hedzr/go-ringbuf/v2@v2.2.5",
	Order:  strategies.OrderPerProducer,
	Bound:  strategies.Total,
	Wait:   polls,
	Lacks: map[strategies.Promise]string{
		strategies.PromisePark:        cannotWait,
		strategies.PromiseBound:       "the capacity is rounded up to one less than a power of two",
		strategies.PromiseOrder:       passesBy,
		strategies.PromiseExactlyOnce: passesBy,
		strategies.PromiseDrain:       passesBy,
		strategies.PromiseWake:        passesBy,
		strategies.PromiseBatch:       passesBy,
		strategies.PromiseContext:     passesBy,
		strategies.PromiseShrink:      "slots keep what was received until they are written again",
		strategies.PromisePrompt:      yields,
		strategies.PromiseClose:       closesAlone,
	},
}

var ringbufStrategy = strategies.Strategy{
	Descriptor: ringbufDescriptor,
	Word:       NewRingbuf[strategies.Word],
	Message:    NewRingbuf[strategies.Message],
}

// passesBy is what breaks most promises of hedzr/go-ringbuf.
const passesBy = "Dequeue passes by a slot that is still being written: its item comes a whole round later, or never"

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
