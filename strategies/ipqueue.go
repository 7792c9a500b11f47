package strategies

import (
	"context"
	"sync/atomic"
)

var ipQueueDescriptor = Descriptor{
	Name:   "ipqueue",
	Doc:    "one slice under a mutex, taken whole by the consumer, and a channel of one that tells it",
	Family: FamilyLocks,
	Source: "the ipQueue of nats-server: https://github.com/nats-io/nats-server/blob/main/server/ipqueue.go",
	Order:  OrderGlobal,
	Bound:  Unbounded,
	Wait:   "parks on the channel at once",
	Batch:  true,
}

var ipQueueStrategy = Strategy{
	Descriptor: ipQueueDescriptor,
	Word:       NewIPQueue[Word],
	Message:    NewIPQueue[Message],
	Blocks:     Blocks{NewIPQueue[Block64], NewIPQueue[Block1K], NewIPQueue[Block16K], NewIPQueue[Block64K]},
}

// NewIPQueue returns an unbounded fan-in as nats-server has it between its goroutines:
// producers append to one slice under one mutex, and the send that finds the slice empty
// puts a token into a channel of one, which the consumer waits for. It takes the slice
// whole and gives it back when it has drained it. A send takes the lock once and, if it
// is the first since the consumer took the slice, tries the channel once; a receive takes
// the lock once for all that came since the last.
//
// Beside [NewMutexSwap], whose sends look whether the consumer is parked, it shows what a
// token costs that is given without a look: nobody may wait for it, and then the consumer
// looks once in vain before it parks.
//
// It loses when many producers meet at the one mutex, where a backlog needs a limit, and
// where single items come to a consumer that keeps up: each is the first, and pays for
// the channel.
//
// NewIPQueue panics with the error of [Options.Validate] if there is one.
func NewIPQueue[T any](o Options) FanIn[T] {
	o.MustSuit(ipQueueDescriptor)
	f := new(ipQueue[T])
	f.init()
	f.bell.ready.make()
	f.bell.rests = func() bool { return f.Backlog() == 0 && !f.ended() && !f.left.Load() }
	f.consumer = consumer[T]{source: f, life: &f.lifecycle, sleeper: &f.bell}
	return f
}

// bell is a channel of one as a sleeper, and the channel of Ready as well. It is rung by
// who makes the buffer that it belongs to other than empty, after that shows, and at the
// end.
//
// No wake-up is lost: a consumer that parks has looked after it took everything, so
// whoever sent next found the buffer empty and rings. That finds the channel full only if
// a token is in it, which the consumer has yet to take. It may be one of before, and the
// look that follows in vain; each ring makes for one such look at most. So nobody
// announces anything, and there is nothing to take back.
type bell struct {
	ready readiness
	rests func() bool // nothing has come, nor the end: whatever does rings
}

func (b *bell) prepare() bool { return true }

// cancel leaves a token where it is: see bell.
func (b *bell) cancel() {}

func (b *bell) park(ctx context.Context) bool { return token(b.ready.channel).await(ctx) }

func (b *bell) wake() { b.ready.signal() }

func (b *bell) watch() bool { return true }

func (b *bell) unwatch() {}

func (b *bell) watching() bool { return b.rests() }

func (b *bell) readiness() *readiness { return &b.ready }

type ipQueue[T any] struct {
	swapSource[T]
	bell     bell
	consumer consumer[T]
}

func (f *ipQueue[T]) Producer() Producer[T] {
	p := &ipQueueProducer[T]{f: f}
	p.closed.Store(!f.join())
	p.neverWaits.sender = p
	return p
}

// Sender is as in [SenderOpener].
func (f *ipQueue[T]) Sender() Sender[T] { return f.Producer() }

func (f *ipQueue[T]) Consumer() Consumer[T] { return &f.consumer }

type ipQueueProducer[T any] struct {
	neverWaits[T]
	f      *ipQueue[T]
	closed atomic.Bool
}

func (p *ipQueueProducer[T]) Send(item T) error {
	first, ok := p.f.buffer.push(item, &p.closed)
	if !ok {
		return ErrClosed
	}
	if first {
		p.f.bell.wake()
	}
	return nil
}

func (p *ipQueueProducer[T]) SendBatch(items []T) (int, error) {
	first, ok := p.f.buffer.pushAll(items, &p.closed)
	if !ok {
		return 0, ErrClosed
	}
	if first {
		p.f.bell.wake()
	}
	return len(items), nil
}

func (p *ipQueueProducer[T]) Dropped() uint64 { return 0 }

func (p *ipQueueProducer[T]) Close() {
	if !p.closed.Swap(true) && p.f.leave() {
		p.f.bell.wake()
	}
}
