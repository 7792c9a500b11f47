package strategies

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
func NewMutexSwap[T any](Options) FanIn[T] {
	f := &mutexSwap[T]{parker: newParker(), keep: keepItems[T]()}
	f.consumer = consumer[T]{source: f, life: &f.lifecycle, sleeper: &f.parker}
	return f
}

type mutexSwap[T any] struct {
	buffer swapBuffer[T]
	_      [padding]byte
	lifecycle
	parker   parker
	consumer consumer[T]
	keep     int
}

func (f *mutexSwap[T]) Producer() Producer[T] {
	p := &mutexSwapProducer[T]{f: f, closed: !f.join()}
	p.neverWaits.sender = p
	return p
}

func (f *mutexSwap[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *mutexSwap[T]) Backlog() int { return f.buffer.backlog() }

func (f *mutexSwap[T]) poll(buf []T) int { return f.buffer.take(buf) }

func (f *mutexSwap[T]) oversized() bool { return f.buffer.outgrown(f.keep) }

func (f *mutexSwap[T]) trim() { f.buffer.trim(f.keep) }

func (f *mutexSwap[T]) finish() bool { return f.Backlog() == 0 }

func (f *mutexSwap[T]) discard() { f.buffer.discard() }

type mutexSwapProducer[T any] struct {
	neverWaits[T]
	f      *mutexSwap[T]
	closed bool
}

func (p *mutexSwapProducer[T]) Send(item T) error {
	if p.closed || !p.f.buffer.push(item) {
		return ErrClosed
	}
	p.f.parker.wake()
	return nil
}

func (p *mutexSwapProducer[T]) SendBatch(items []T) (int, error) {
	if len(items) == 0 {
		return 0, nil
	}
	if p.closed || !p.f.buffer.pushAll(items) {
		return 0, ErrClosed
	}
	p.f.parker.wake()
	return len(items), nil
}

func (p *mutexSwapProducer[T]) Dropped() uint64 { return 0 }

func (p *mutexSwapProducer[T]) Close() {
	if !p.closed {
		p.closed = true
		if p.f.leave() {
			p.f.parker.wake()
		}
	}
}
