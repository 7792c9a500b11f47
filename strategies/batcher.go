package strategies

import (
	"context"
	"time"
)

// Batcher is a [Consumer] of any fan-in that collects: Recv waits for the first
// item as long as it takes, and then for more until the buffer is full or a
// deadline has passed. Batches so adapt to the load: under a burst they are full
// and nobody waits, in quiet times an item waits no longer than the deadline.
// len(buf) is the most that a batch holds. It pays where handling a batch costs
// about as much as handling an item: a write to a socket, a transaction.
//
// While it waits it is parked in the underlying consumer. What was collected
// before the fan-in ended, or before the consumer closed or a context was done,
// is returned first; the next call returns the error. TryRecv and Close are the
// underlying consumer's.
//
// No item and no full batch allocates under Recv: one timer serves them all. A
// batch that its deadline ends costs a new timer and a channel, because a
// context that has ended cannot be wound up again (4 objects, 300 bytes), and so
// does each RecvContext that has to collect, for a context derived from the
// caller's. The wait is done by RecvContext of the underlying consumer, whatever
// that costs.
//
// A Batcher belongs to one goroutine at a time, Close excepted, as every Consumer
// does. What it has collected when another goroutine closes it is returned. Over a
// [Semaphore] an item that is collected gives its credit back when the next comes.
type Batcher[T any] struct {
	Consumer[T]
	deadline time.Duration
	timer    *deadlineTimer // of Recv; nil before the first and after one that ended
}

// NewBatcher returns a Batcher over a consumer. The deadline of a batch counts
// from the receipt of its first item; 0 or less collects nothing. A nil consumer
// panics.
func NewBatcher[T any](consumer Consumer[T], deadline time.Duration) *Batcher[T] {
	if consumer == nil {
		panic("strategies: nil consumer")
	}
	return &Batcher[T]{Consumer: consumer, deadline: deadline}
}

// Recv waits for an item, collects more until buf is full or the deadline has
// passed, and returns how many there are. Errors are those of [Consumer].
func (b *Batcher[T]) Recv(buf []T) (int, error) {
	n, err := b.Consumer.Recv(buf)
	if !b.wantsMore(n, buf) {
		return n, err
	}
	if b.timer == nil {
		b.timer = newDeadlineTimer(b.deadline)
	} else {
		b.timer.Reset(b.deadline)
	}
	n = b.collect(b.timer, buf, n)
	if !b.timer.Stop() {
		b.timer = nil
	}
	return n, nil
}

// RecvContext is Recv that also ends when ctx is done: with what it has, or with
// ctx.Err() if that is nothing.
func (b *Batcher[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	n, err := b.Consumer.RecvContext(ctx, buf)
	if !b.wantsMore(n, buf) {
		return n, err
	}
	ctx, cancel := context.WithTimeout(ctx, b.deadline)
	defer cancel()
	return b.collect(ctx, buf, n), nil
}

// wantsMore reports whether a batch has begun and may grow.
func (b *Batcher[T]) wantsMore(n int, buf []T) bool {
	return n > 0 && n < len(buf) && b.deadline > 0
}

// collect fills buf from n on until ctx is done or nothing more can come, and
// returns how many items it then holds. Any error comes again at the next
// receive. The context is looked at even while items never run out: RecvContext
// receives nothing once it is done.
func (b *Batcher[T]) collect(ctx context.Context, buf []T, n int) int {
	for n < len(buf) {
		more, err := b.Consumer.RecvContext(ctx, buf[n:])
		if err != nil {
			break
		}
		n += more
	}
	return n
}

// deadlineTimer is a context that ends when its timer fires and can be wound up
// again as long as it has not: Stop reports that.
type deadlineTimer struct {
	context.Context // Background: it carries nothing
	*time.Timer
	done chan struct{}
}

func newDeadlineTimer(after time.Duration) *deadlineTimer {
	done := make(chan struct{})
	return &deadlineTimer{context.Background(), time.AfterFunc(after, func() { close(done) }), done}
}

func (d *deadlineTimer) Done() <-chan struct{} { return d.done }

func (d *deadlineTimer) Err() error {
	select {
	case <-d.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}
