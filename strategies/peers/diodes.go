package peers

import (
	"context"
	"sync/atomic"

	"code.cloudfoundry.org/go-diodes"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var diodesDescriptor = strategies.Descriptor{
	Name:      "diodes",
	Doc:       "a ring of pointers that producers swap in over whatever is there; the consumer notices what it missed",
	Family:    strategies.FamilyLockFree,
	Source:    "https://pkg.go.dev/code.cloudfoundry.org/go-diodes",
	Module:    "code.cloudfoundry.org/go-diodes@v0.0.0-20231113191959-85adc333ee36",
	Order:     strategies.OrderPerProducer,
	Bound:     strategies.Total,
	Policies:  []strategies.Policy{strategies.DropOldest},
	Lossy:     true,
	Wait:      "parks in a channel at once",
	Allocates: "each item moves to the heap, behind a bucket of its own",
	Lacks: map[strategies.Promise]string{
		strategies.PromiseOverflow: "what is overwritten leaves no trace: whose it was, and how many, is known only after the drain",
		strategies.PromiseBacklog:  "it does not count its items",
		strategies.PromisePark:     pollsContext,
		strategies.PromiseClose:    closesAlone,
	},
}

var diodesStrategy = strategies.Strategy{
	Descriptor: diodesDescriptor,
	Word:       NewDiodes[strategies.Word],
	Message:    NewDiodes[strategies.Message],
}

// NewDiodes adapts diodes.ManyToOne with its Waiter. Added: the end, by the
// Waiter's context; and an account of each producer's items, what it sent less
// what was received, which says after the drain how many were dropped.
// A RecvContext polls: the Waiter's context is one for all calls.
func NewDiodes[T any](o strategies.Options) strategies.FanIn[T] {
	ctx, cancel := context.WithCancel(context.Background())
	diode := diodes.NewManyToOne(capacity(o, diodesDescriptor, 1), nil)
	q := &diodesQueue[T]{waiter: diodes.NewWaiter(diode, diodes.WithWaiterContext(ctx))}
	q.fanIn = newFanIn[T](nil, q)
	q.waits(q.wait)
	q.onEnd = cancel
	q.opened = func(p *producer[T]) strategies.Producer[T] {
		lane := &diodesLane[T]{q: q}
		p.putter = lane
		return &diodesProducer[T]{p, lane}
	}
	return q.fanIn
}

type diodesQueue[T any] struct {
	*fanIn[T]
	waiter  *diodes.Waiter
	drained atomic.Bool // stored after the last change of any lane's received
}

// diodesItem is what the diode points to.
type diodesItem[T any] struct {
	item T
	from *diodesLane[T]
}

func (q *diodesQueue[T]) take(buf []T) int {
	ended := q.ended.Load() // before the look at what there is
	for i := range buf {
		data, ok := q.waiter.TryNext()
		if !ok {
			if i == 0 && ended {
				q.drained.Store(true)
			}
			return i
		}
		buf[i] = q.unbox(data)
	}
	return len(buf)
}

func (q *diodesQueue[T]) unbox(data diodes.GenericDataType) T {
	boxed := (*diodesItem[T])(data)
	boxed.from.received++
	return boxed.item
}

func (q *diodesQueue[T]) wait(buf []T) int {
	data := q.waiter.Next()
	if data == nil { // its context is done, which it may see before the last items
		return q.take(buf)
	}
	buf[0] = q.unbox(data)
	return 1 + q.take(buf[1:])
}

// diodesLane is a producer's account.
type diodesLane[T any] struct {
	q        *diodesQueue[T]
	sent     uint64
	closed   atomic.Uint64 // sent, stored on closing
	_        [padding]byte
	received uint64 // written by the consumer
	_        [padding]byte
}

func (l *diodesLane[T]) put(item T) bool {
	l.sent++
	l.q.waiter.Set(diodes.GenericDataType(&diodesItem[T]{item, l}))
	return true
}

func (l *diodesLane[T]) leave() { l.closed.Store(l.sent) }

type diodesProducer[T any] struct {
	*producer[T]
	lane *diodesLane[T]
}

// Dropped is 0 until everything is drained.
func (p *diodesProducer[T]) Dropped() uint64 {
	if !p.lane.q.drained.Load() {
		return 0
	}
	return p.lane.closed.Load() - p.lane.received
}
