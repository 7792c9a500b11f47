package peers

import (
	"github.com/Workiva/go-datastructures/queue"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var workivaRingDescriptor = strategies.Descriptor{
	Name:      "workiva-ring",
	Doc:       "a bounded array of interfaces whose slots carry a sequence number; both sides claim slots by compare-and-swap",
	Family:    strategies.FamilyLockFree,
	Source:    "https://pkg.go.dev/github.com/Workiva/go-datastructures/queue#RingBuffer, after D. Vyukov's bounded MPMC queue",
	Module:    "github.com/Workiva/go-datastructures@v1.1.7",
	Order:     strategies.OrderGlobal,
	Bound:     strategies.Total,
	Wait:      "spins, yielding in between",
	Allocates: "each item is boxed in an interface",
	Lacks: map[strategies.Promise]string{
		strategies.PromisePark:   "Put and Get spin while it is full or empty",
		strategies.PromiseBound:  "the capacity is rounded up to a power of two, at least 2, and an Offer also fails when another was faster",
		strategies.PromisePrompt: yields,
		strategies.PromiseClose:  closesAlone,
	},
}

var workivaRingStrategy = strategies.Strategy{
	Descriptor: workivaRingDescriptor,
	Word:       NewWorkivaRing[strategies.Word],
	Message:    NewWorkivaRing[strategies.Message],
}

// NewWorkivaRing adapts queue.RingBuffer. Its own waiting, Put and Get, cannot be
// told of the end without losing items, so the adapter tries and yields as they
// do. With one slot the ring overwrites it; two are the least.
func NewWorkivaRing[T any](o strategies.Options) strategies.FanIn[T] {
	ring := queue.NewRingBuffer(uint64(capacity(o, workivaRingDescriptor, 2)))
	q := workivaRing[T]{ring}
	f := newFanIn[T](q, q)
	f.length = func() int { return max(0, int(ring.Len())) } // of two loads, the second of which may have gone on
	return f
}

type workivaRing[T any] struct{ ring *queue.RingBuffer }

func (q workivaRing[T]) put(item T) bool {
	ok, err := q.ring.Offer(item)
	must(err)
	return ok
}

// take asks for the length first: Get would wait. Where a producer has claimed
// a slot and not yet filled it, Get waits for that.
func (q workivaRing[T]) take(buf []T) int {
	n := int(min(uint64(len(buf)), q.ring.Len()))
	for i := range n {
		item, err := q.ring.Get()
		must(err)
		buf[i] = item.(T)
	}
	return n
}
