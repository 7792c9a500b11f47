package peers

import (
	"context"
	"sync/atomic"
	"unsafe"

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
	return &xsyncUMPSCFanIn[T]{q.fanIn, q}
}

// xsyncUMPSCFanIn is the fan-in with a Sender: the queue takes items from any goroutine.
type xsyncUMPSCFanIn[T any] struct {
	*fanIn[T]
	q *xsyncUMPSC[T]
}

// Sender opens one that enqueues, and counts in several places, so that goroutines seldom
// add to the same.
func (f *xsyncUMPSCFanIn[T]) Sender() strategies.Sender[T] {
	s := &xsyncUMPSCSender[T]{q: f.q}
	s.producer = f.fanIn.Producer().(*producer[T])
	s.producer.putter = s
	s.closed.Store(s.producer.closed)
	return s
}

// xsyncUMPSCSender is xsync.UMPSCQueue as it is used without handles.
type xsyncUMPSCSender[T any] struct {
	q        *xsyncUMPSC[T]
	producer *producer[T]
	closed   atomic.Bool
	counts   [32]struct {
		sent atomic.Uint64
		_    [padding]byte
	}
}

func (s *xsyncUMPSCSender[T]) Send(item T) error {
	if s.closed.Load() || s.q.left.Load() {
		return strategies.ErrClosed
	}
	s.put(item)
	return nil
}

func (s *xsyncUMPSCSender[T]) SendContext(ctx context.Context, item T) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Send(item)
}

func (s *xsyncUMPSCSender[T]) TrySend(item T) error { return s.Send(item) }

// put counts where the goroutine's stack lies.
func (s *xsyncUMPSCSender[T]) put(item T) bool {
	var here byte
	stack := uint64(uintptr(unsafe.Pointer(&here))) >> 11 // bits of the address within it
	s.counts[stack*0x9e3779b97f4a7c15>>(64-5)].sent.Add(1)
	s.q.Enqueue(item)
	return true
}

func (s *xsyncUMPSCSender[T]) Dropped() uint64 { return 0 }

// Close closes the producer that stands for it.
func (s *xsyncUMPSCSender[T]) Close() {
	if !s.closed.Swap(true) {
		s.producer.Close()
	}
}

// leave is called by its producer's Close.
func (s *xsyncUMPSCSender[T]) leave() {
	for i := range s.counts {
		s.q.sent += s.counts[i].sent.Load()
	}
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
