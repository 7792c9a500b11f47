package strategies

import (
	"context"
	"sync"
)

// Sender sends items into a fan-in from any goroutine: where producers come and go,
// one for each request, nobody has to open and close anything. It counts as one open
// producer until it is closed.
//
// Policies, contexts and errors are those of a [Producer]. Over a strategy with a
// bound per producer the Sender is the producer, so all its goroutines together have
// the room of one. For the order see [Descriptor.SenderOrder].
//
// A send that waits has its item accepted as soon as there is room. One that may not wait
// may find none beside others although they leave some: bounded lanes share the room in
// parts, and a part counts as taken while a goroutine is sending into it. Then TrySend, and
// any send under [Fail], returns [ErrFull], and one under [DropNewest] drops its item.
// Beside no other send, each uses the last of the room.
type Sender[T any] interface {
	// Send, SendContext and TrySend are as in [Producer].
	Send(item T) error
	SendContext(ctx context.Context, item T) error
	TrySend(item T) error

	// Dropped returns how many of the items that were sent by it a drop policy threw
	// away.
	Dropped() uint64

	// Close says that nothing more will be sent, as in [Producer]: what was sent is
	// still delivered, a send under way in another goroutine either sends its item or
	// returns ErrClosed soon, a later one returns ErrClosed. Closing again does nothing.
	Close()
}

// SenderOpener is what a [FanIn] may also be, if it has a Sender of its own: NewSender
// asks for it. All strategies of this package are, but for the harness floor.
type SenderOpener[T any] interface {
	// Sender opens a Sender.
	Sender() Sender[T]
}

// NewSender opens a Sender. Any number may be open beside each other and beside
// producers, and each must be closed for the fan-in to end.
//
// A send costs what it costs on a producer of a strategy with one queue. On lanes it
// costs a compare-and-swap more: goroutines share a few lanes, and each keeps to one
// while no other sends there at the same time. A
// fan-in that is no [SenderOpener] gets a producer for each goroutine that sends at the
// same time, kept for later ones; a bound per producer holds for each of these.
func NewSender[T any](f FanIn[T]) Sender[T] {
	if o, ok := f.(SenderOpener[T]); ok {
		return o.Sender()
	}
	s := &pooledSender[T]{f: f}
	s.free = append(s.free, s.open())
	return s
}

// SenderOrder returns the order of what is sent by a [Sender]: that of the strategy, if
// it is global; what the goroutines of a Sender send, one after the other, if they
// share one producer; and otherwise none.
func (d Descriptor) SenderOrder() Order {
	if d.Order != OrderGlobal && !d.SharesProducer {
		return OrderNone
	}
	return d.Order
}

// pooledSender is a Sender over producers that are each one goroutine's while it sends.
type pooledSender[T any] struct {
	f FanIn[T]

	mu     sync.Mutex // guards what follows
	all    []Producer[T]
	free   []Producer[T]
	closed bool
}

// open opens another producer; mu is held, or nobody else knows of the Sender.
func (s *pooledSender[T]) open() Producer[T] {
	p := s.f.Producer()
	s.all = append(s.all, p)
	return p
}

// take returns a producer that nobody uses, or nil after Close.
func (s *pooledSender[T]) take() Producer[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	if last := len(s.free) - 1; last >= 0 {
		p := s.free[last]
		s.free = s.free[:last]
		return p
	}
	return s.open()
}

func (s *pooledSender[T]) put(p Producer[T]) {
	s.mu.Lock()
	s.free = append(s.free, p)
	s.mu.Unlock()
}

func (s *pooledSender[T]) Send(item T) error {
	p := s.take()
	if p == nil {
		return ErrClosed
	}
	defer s.put(p)
	return p.Send(item)
}

func (s *pooledSender[T]) SendContext(ctx context.Context, item T) error {
	if err := contextErr(ctx); err != nil {
		return err
	}
	p := s.take()
	if p == nil {
		return ErrClosed
	}
	defer s.put(p)
	return p.SendContext(ctx, item)
}

func (s *pooledSender[T]) TrySend(item T) error {
	p := s.take()
	if p == nil {
		return ErrClosed
	}
	defer s.put(p)
	return p.TrySend(item)
}

func (s *pooledSender[T]) Dropped() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := uint64(0)
	for _, p := range s.all {
		sum += p.Dropped()
	}
	return sum
}

func (s *pooledSender[T]) Close() {
	s.mu.Lock()
	s.closed = true
	all := s.all
	s.mu.Unlock()
	for _, p := range all { // again does nothing
		p.Close()
	}
}
