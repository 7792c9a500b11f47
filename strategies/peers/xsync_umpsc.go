package peers

import (
	"context"

	"github.com/puzpuzpuz/xsync/v4"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var xsyncUMPSCDescriptor = strategies.Descriptor{
	Name:   "xsync-umpsc",
	Doc:    "a linked list of 4096-slot segments claimed by fetch-and-add, a wait group per slot; received one at a time",
	Family: strategies.FamilyLockFree,
	Source: "https://pkg.go.dev/github.com/puzpuzpuz/xsync/v4#UMPSCQueue",
	Module: "github.com/puzpuzpuz/xsync/v4@v4.5.0",
	Order:  strategies.OrderGlobal,
	Bound:  strategies.Unbounded,
	Wait:   "parks in the slot's wait group at once",
	Lacks: map[strategies.Promise]string{
		strategies.PromiseTry:     "Dequeue waits and nothing tells whether it would",
		strategies.PromiseContext: "Dequeue cannot be called off",
		strategies.PromiseBacklog: "it does not count its items",
		strategies.PromiseShrink:  "the segment being read keeps up to 4096 items that were received",
		strategies.PromiseClose:   closesAlone,
	},
}

var xsyncUMPSCStrategy = strategies.Strategy{
	Descriptor: xsyncUMPSCDescriptor,
	Word:       NewXsyncUMPSC[strategies.Word],
	Message:    NewXsyncUMPSC[strategies.Message],
}

// NewXsyncUMPSC adapts xsync.UMPSCQueue. Added: the end. The last producer to
// close enqueues one more, empty item, and the consumer knows it by its place:
// it comes after as many as the producers say, on closing, they have sent. That
// is a plain count per send and a load per receive.
//
// A receive returns one item: the queue cannot say whether there are more.
func NewXsyncUMPSC[T any](o strategies.Options) strategies.FanIn[T] {
	o.MustSuit(xsyncUMPSCDescriptor)
	q := &xsyncUMPSC[T]{UMPSCQueue: xsync.NewUMPSCQueue[T]()}
	q.fanIn = newFanIn[T](nil, q)
	q.waits(q.wait)
	q.opened = func(p *producer[T]) strategies.Producer[T] {
		p.putter = &xsyncUMPSCLane[T]{q: q}
		return p
	}
	q.onEnd = func() { var none T; q.Enqueue(none) }
	q.consumer = &xsyncUMPSCConsumer[T]{consumer[T]{q.fanIn}}
	return q.fanIn
}

type xsyncUMPSC[T any] struct {
	*xsync.UMPSCQueue[T]
	*fanIn[T]
	sent uint64 // by producers that have closed; read only after ended was loaded

	// Used by the consumer alone.
	received uint64
	last     bool // the end mark was received
}

// take returns nothing before the end. From there on the count says what is left.
func (q *xsyncUMPSC[T]) take(buf []T) int {
	if !q.ended.Load() {
		return 0
	}
	n := int(min(uint64(len(buf)), q.sent-q.received))
	for i := range n {
		buf[i] = q.Dequeue()
	}
	q.received += uint64(n)
	return n
}

func (q *xsyncUMPSC[T]) wait(buf []T) int {
	if q.last {
		return 0
	}
	item := q.Dequeue()
	if q.ended.Load() && q.received == q.sent {
		q.last = true
		return 0
	}
	q.received++
	buf[0] = item
	return 1
}

// xsyncUMPSCLane counts a producer's items.
type xsyncUMPSCLane[T any] struct {
	q    *xsyncUMPSC[T]
	sent uint64
	_    [padding]byte
}

func (l *xsyncUMPSCLane[T]) put(item T) bool {
	l.sent++
	l.q.Enqueue(item)
	return true
}

func (l *xsyncUMPSCLane[T]) leave() { l.q.sent += l.sent }

// xsyncUMPSCConsumer waits for items whatever the context, which it only asks
// beforehand.
type xsyncUMPSCConsumer[T any] struct{ consumer[T] }

func (c *xsyncUMPSCConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return c.Recv(buf)
}
