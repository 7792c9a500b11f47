package peers

import (
	"iter"
	"math/bits"
	"runtime"
	"time"

	"github.com/smarty/go-disruptor"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var disruptorDescriptor = strategies.Descriptor{
	Name:   "disruptor",
	Doc:    "a ring of the caller's; producers reserve slots by fetch-and-add and commit them, a listener handles all that is committed",
	Family: strategies.FamilyLockFree,
	Source: "https://pkg.go.dev/github.com/smarty/go-disruptor, after the LMAX Disruptor",
	Module: "github.com/smarty/go-disruptor@v0.5.0",
	Order:  strategies.OrderGlobal,
	Bound:  strategies.Total,
	Wait:   polls,
	Batch:  true,
	Lacks: map[strategies.Promise]string{
		strategies.PromisePark:    "Reserve and Listen poll",
		strategies.PromiseBound:   "the capacity is rounded up to a power of two, and a TryReserve also fails when another was faster",
		strategies.PromiseWake:    "room is given back a whole handled batch at a time: a send may wait though items of the batch were received",
		strategies.PromiseBatch:   "a batch waits for room for all of it",
		strategies.PromiseBacklog: "its sequences are private",
		strategies.PromisePrompt:  yields,
		strategies.PromiseClose:   closesAlone,
	},
}

var disruptorStrategy = strategies.Strategy{
	Descriptor: disruptorDescriptor,
	Word:       NewDisruptor[strategies.Word],
	Message:    NewDisruptor[strategies.Message],
}

// NewDisruptor adapts go-disruptor with many writers and one handler. It pushes
// where the contract pulls: the listener runs as a coroutine of the consumer's
// goroutine, which its handler leaves with each batch and its wait strategy when
// there is none. Added: that, the end, and a drain that goes on in the background
// when the consumer has left, since a Reserve that waits cannot be called off.
// The context and Try variants use TryReserve. Replaced: the default wait strategy.
func NewDisruptor[T any](o strategies.Options) strategies.FanIn[T] {
	size := 1 << bits.Len(uint(capacity(o, disruptorDescriptor, 1)-1))
	q := &disruptorQueue[T]{ring: make([]T, size), upper: -1}
	var err error
	q.Disruptor, err = disruptor.New(
		disruptor.Options.BufferCapacity(uint32(size)),
		disruptor.Options.WriterCount(2), // more than one: any number
		disruptor.Options.WaitStrategy(disruptorWaits[T]{q}),
		disruptor.Options.NewHandlerGroup(disruptorHandler[T]{q}),
	)
	must(err)
	q.next, q.stop = iter.Pull(q.listen)
	q.fanIn = newFanIn[T](q, q)
	q.opened = func(p *producer[T]) strategies.Producer[T] { return &disruptorProducer[T]{p, q} }
	q.onLeave = func() { go q.drain() }
	return q.fanIn
}

type disruptorQueue[T any] struct {
	disruptor.Disruptor
	*fanIn[T]
	// ring belongs to a producer from Reserve to Commit, and to the consumer
	// from then until the handler returns.
	ring []T

	// Used by the consumer alone, and by drain after it has left.
	next         func() (struct{}, bool) // runs the listener until it has a batch or idles
	stop         func()
	yield        func(struct{}) bool
	lower, upper int64 // what the handler was given and was not taken yet
	stopped      bool
}

func (q *disruptorQueue[T]) listen(yield func(struct{}) bool) {
	q.yield = yield
	q.Listen()
}

func (q *disruptorQueue[T]) pause() { q.stopped = q.stopped || !q.yield(struct{}{}) }

// disruptorHandler hands over to take, which comes back when all was taken.
type disruptorHandler[T any] struct{ *disruptorQueue[T] }

func (h disruptorHandler[T]) Handle(lower, upper int64) {
	h.lower, h.upper = lower, upper
	h.pause()
}

// disruptorWaits yields and leaves idling to the skeleton. The default strategy
// sleeps a nanosecond in Reserve: as many producers as there are cores then keep
// the consumer from ever running (two cores, eight producers: a thousand items in
// two seconds).
type disruptorWaits[T any] struct{ *disruptorQueue[T] }

func (w disruptorWaits[T]) Gate(int64)    { runtime.Gosched() }
func (w disruptorWaits[T]) Idle(int64)    { w.pause() }
func (w disruptorWaits[T]) Reserve(int64) { runtime.Gosched() }

// take always runs the listener on once a batch is used up, which gives the room
// back.
func (q *disruptorQueue[T]) take(buf []T) int {
	ended := q.ended.Load() // before the look at what there is
	for n := 0; ; {
		if q.lower > q.upper {
			q.next()
		}
		if q.lower > q.upper {
			if n == 0 && ended {
				q.finish()
			}
			return n
		}
		if n == len(buf) {
			return n
		}
		at := int(q.lower) & (len(q.ring) - 1)
		slots := q.ring[at:min(len(q.ring), at+int(q.upper-q.lower)+1)]
		k := copy(buf[n:], slots)
		clear(slots[:k])
		q.lower += int64(k)
		n += k
	}
}

// finish ends the listener. Ending it again does nothing.
func (q *disruptorQueue[T]) finish() {
	_ = q.Close() // returns nil, always
	q.stop()
}

// drain throws away what comes until the producers have closed.
func (q *disruptorQueue[T]) drain() {
	buf := make([]T, 64)
	for !q.ended.Load() {
		for q.take(buf) > 0 {
			clear(buf)
		}
		time.Sleep(pollEvery)
	}
	q.finish()
}

func (q *disruptorQueue[T]) put(item T) bool {
	upper := q.TryReserve(1)
	if upper < 0 {
		return false
	}
	q.ring[upper&int64(len(q.ring)-1)] = item
	q.Commit(upper, upper)
	return true
}

// disruptorProducer waits as the disruptor does, where no context can end it.
type disruptorProducer[T any] struct {
	*producer[T]
	q *disruptorQueue[T]
}

func (p *disruptorProducer[T]) Send(item T) error {
	if p.closed || p.q.left.Load() {
		return strategies.ErrClosed
	}
	upper := p.q.Reserve(1)
	p.q.ring[upper&int64(len(p.q.ring)-1)] = item
	left := p.q.left.Load() // before Commit: then the drain throws the item away
	p.q.Commit(upper, upper)
	if left {
		return strategies.ErrClosed
	}
	return nil
}

// SendBatch reserves room for as much of the batch as the ring can hold.
func (p *disruptorProducer[T]) SendBatch(items []T) (int, error) {
	q, mask := p.q, int64(len(p.q.ring)-1)
	if len(items) == 0 {
		return p.producer.SendBatch(items)
	}
	for n := 0; n < len(items); {
		if p.closed || q.left.Load() {
			return n, strategies.ErrClosed
		}
		part := items[n:min(len(items), n+len(q.ring))]
		upper := q.Reserve(uint32(len(part)))
		lower := upper - int64(len(part)) + 1
		for i, item := range part {
			q.ring[(lower+int64(i))&mask] = item
		}
		left := q.left.Load()
		q.Commit(lower, upper)
		if left {
			return n, strategies.ErrClosed
		}
		n += len(part)
	}
	return len(items), nil
}
