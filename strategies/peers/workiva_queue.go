package peers

import (
	"context"

	"github.com/Workiva/go-datastructures/queue"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var workivaQueueDescriptor = strategies.Descriptor{
	Name:      "workiva-queue",
	Doc:       "one slice of interfaces under a mutex, put and got in batches; a put that finds the consumer waiting hands over to it",
	Family:    strategies.FamilyLocks,
	Source:    "https://pkg.go.dev/github.com/Workiva/go-datastructures/queue#Queue",
	Module:    "github.com/Workiva/go-datastructures@v1.1.7",
	Order:     strategies.OrderGlobal,
	Bound:     strategies.Unbounded,
	Wait:      "parks in a channel at once",
	Allocates: "each item is boxed in an interface and each Get returns a slice of its own",
	Batch:     true,
	Lacks: map[strategies.Promise]string{
		strategies.PromiseShrink: "its slice stays as long as it once was",
		strategies.PromisePark:   pollsContext,
		strategies.PromiseClose:  closesAlone,
	},
}

var workivaQueueStrategy = strategies.Strategy{
	Descriptor: workivaQueueDescriptor,
	Word:       NewWorkivaQueue[strategies.Word],
	Message:    NewWorkivaQueue[strategies.Message],
}

// NewWorkivaQueue adapts queue.Queue. Added: the end, an item of a type of its own
// that the last producer puts. Dispose is not used: it throws away what is left.
// A RecvContext polls, since Poll takes a time but no context.
func NewWorkivaQueue[T any](o strategies.Options) strategies.FanIn[T] {
	o.MustSuit(workivaQueueDescriptor)
	q := &workivaQueue[T]{queue: queue.New(0)}
	f := newFanIn[T](q, q)
	f.waits(q.get)
	f.length = func() int {
		f.mu.Lock() // against Close, which puts the end mark
		defer f.mu.Unlock()
		if q.marked {
			return max(0, int(q.queue.Len())-1) // the mark is no item; it may be received
		}
		return int(q.queue.Len())
	}
	f.onEnd = func() { q.marked = true; must(q.queue.Put(endMark{})) } // with mu
	f.opened = func(p *producer[T]) strategies.Producer[T] { return &workivaProducer[T]{producer: p, queue: q.queue} }
	return f
}

type workivaQueue[T any] struct {
	queue  *queue.Queue
	last   bool // the consumer has received the end mark
	marked bool // it was put; guarded by the fan-in's mu
}

// endMark ends a queue of interfaces.
type endMark struct{}

// must is for errors that a queue returns only after Dispose, or of capacities
// that it was not given.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (q *workivaQueue[T]) put(item T) bool {
	must(q.queue.Put(item))
	return true
}

func (q *workivaQueue[T]) take(buf []T) int {
	if q.queue.Len() == 0 { // nobody else takes, so that Get will not wait
		return 0
	}
	return q.get(buf)
}

func (q *workivaQueue[T]) get(buf []T) int {
	if q.last {
		return 0
	}
	items, err := q.queue.Get(int64(len(buf)))
	must(err)
	for i, item := range items {
		if _, end := item.(endMark); end { // which is the last
			q.last = true
			return i
		}
		buf[i] = item.(T)
	}
	return len(items)
}

// workivaProducer has the queue's own batch.
type workivaProducer[T any] struct {
	*producer[T]
	queue *queue.Queue
	boxed []any // of the batch in hand
}

func (p *workivaProducer[T]) SendBatch(items []T) (int, error) {
	if p.closed || p.f.left.Load() {
		return 0, strategies.ErrClosed
	}
	if len(items) == 0 {
		return 0, nil
	}
	for _, item := range items {
		p.boxed = append(p.boxed, item)
	}
	err := p.queue.Put(p.boxed...)
	clear(p.boxed)
	p.boxed = p.boxed[:0]
	must(err)
	return len(items), nil
}

func (p *workivaProducer[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return p.SendBatch(items)
}

func (p *workivaProducer[T]) TrySendBatch(items []T) (int, error) { return p.SendBatch(items) }
