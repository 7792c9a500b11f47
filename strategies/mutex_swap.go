package strategies

import "sync/atomic"

var mutexSwapDescriptor = Descriptor{
	Name:   "mutex-swap",
	Doc:    "one slice under a mutex, swapped whole for an empty one by the consumer",
	Family: FamilyLocks,
	Source: "double buffering; described for Rust in “How to avoid over reliance on mpsc channels in Rust”",
	Order:  OrderGlobal,
	Bound:  Unbounded,
	Wait:   "parks at once",
	Batch:  true,
}

var mutexSwapStrategy = Strategy{
	Descriptor: mutexSwapDescriptor,
	Word:       NewMutexSwap[Word],
	Message:    NewMutexSwap[Message],
	Blocks:     Blocks{NewMutexSwap[Block64], NewMutexSwap[Block1K], NewMutexSwap[Block16K], NewMutexSwap[Block64K]},
}

// NewMutexSwap returns an unbounded fan-in in which producers append to one
// slice under one mutex; the consumer, when it has drained its own slice, swaps
// the two. A send takes the lock once; a receive takes it once for all that came
// since the last swap.
//
// It loses when many producers meet at the one mutex, and where a backlog needs
// a limit.
//
// NewMutexSwap panics with the error of [Options.Validate] if there is one.
func NewMutexSwap[T any](o Options) FanIn[T] {
	o.MustSuit(mutexSwapDescriptor)
	f := &mutexSwap[T]{parker: newParker()}
	f.init()
	f.consumer = consumer[T]{source: f, life: &f.lifecycle, sleeper: &f.parker}
	return f
}

type mutexSwap[T any] struct {
	swapSource[T]
	parker   parker // state is loaded by every send
	consumer consumer[T]
}

func (f *mutexSwap[T]) Producer() Producer[T] {
	p := &mutexSwapProducer[T]{f: f}
	p.closed.Store(!f.join())
	p.neverWaits.sender = p
	return p
}

// Sender is as in [SenderOpener].
func (f *mutexSwap[T]) Sender() Sender[T] { return f.Producer() }

func (f *mutexSwap[T]) Consumer() Consumer[T] { return &f.consumer }

type mutexSwapProducer[T any] struct {
	neverWaits[T]
	f      *mutexSwap[T]
	closed atomic.Bool
}

func (p *mutexSwapProducer[T]) Send(item T) error {
	if _, ok := p.f.buffer.push(item, &p.closed); !ok {
		return ErrClosed
	}
	p.f.parker.wake()
	return nil
}

func (p *mutexSwapProducer[T]) SendBatch(items []T) (int, error) {
	if _, ok := p.f.buffer.pushAll(items, &p.closed); !ok {
		return 0, ErrClosed
	}
	if len(items) > 0 {
		p.f.parker.wake()
	}
	return len(items), nil
}

func (p *mutexSwapProducer[T]) Dropped() uint64 { return 0 }

func (p *mutexSwapProducer[T]) Close() {
	if !p.closed.Swap(true) && p.f.leave() {
		p.f.parker.wake()
	}
}
