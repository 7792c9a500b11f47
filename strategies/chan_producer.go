package strategies

import (
	"context"
	"sync"
	"sync/atomic"
)

// chanProducer sends to a pipe, which may be its own or shared.
type chanProducer[T any] struct {
	pipe   *pipe[T] // nil if it was opened after the end and would have had one of its own
	items  chan T   // the pipe's
	policy Policy
	own    func() // called after Close; nil if the pipe is shared
	life   *lifecycle
	watch  *chanWatch
	drops  *drops[T]

	// state is 0 or says why every send fails. It is loaded by each send.
	state      atomic.Uint32
	overflowed overflowCount // items that a send dropped or rejected

	mu sync.Mutex // guards that released is made and closed
	// released is closed by Close and wakes a send that waits. It is made at the
	// first wait: most producers never need it, and one that all shared would be one
	// more lock for all senders to meet at.
	released chan struct{}
}

// The bits of a producer's state.
const (
	producerClosed  = 1 << iota // it has closed, or was opened after the end
	producerRefused             // its pipe is closed
)

func (p *chanProducer[T]) Send(item T) error {
	if p.state.Load() != 0 {
		return ErrClosed
	}
	o := p.pipe.offer(p.items, item)
	if o == sendAccepted {
		p.watch.wake()
		return nil
	}
	return p.overflow(o, item)
}

// overflow does what the policy says about an item that the pipe did not take.
func (p *chanProducer[T]) overflow(o outcome, item T) error {
	switch {
	case o == sendRefused:
		return p.refused()
	case p.policy == DropOldest: // making room is chanDropOldest's
		return ErrFull
	case p.policy == Fail:
		return p.overflowed.reject(1, ErrFull, &p.drops.overflowCounts)
	case p.policy == DropNewest:
		p.overflowed.add(1, &p.drops.overflowCounts)
		p.drops.tell(item)
		return nil
	}
	if p.wait(item, nil) == sendAccepted {
		return nil
	}
	return ErrClosed
}

// refused notes that the pipe is closed, which the next send finds sooner.
func (p *chanProducer[T]) refused() error {
	p.state.Or(producerRefused)
	return ErrClosed
}

// wait sends as soon as there is room.
//
// A Close in another goroutine is not missed: both it and the making of released
// hold mu, so either state says closed by then or Close finds what to close.
func (p *chanProducer[T]) wait(item T, done <-chan struct{}) outcome {
	p.mu.Lock()
	if p.released == nil && p.state.Load() == 0 {
		p.released = make(chan struct{})
	}
	released := p.released
	p.mu.Unlock()
	if released == nil {
		return sendRefused
	}
	timed := p.life.begin()
	o := p.pipe.send(item, released, done)
	timed.end()
	if o == sendAccepted {
		p.watch.wake()
	}
	return o
}

func (p *chanProducer[T]) SendContext(ctx context.Context, item T) error {
	if err := contextErr(ctx); err != nil {
		return err
	}
	if p.policy != Block {
		return p.Send(item) // the other policies never wait
	}
	if err := p.try(item); err != ErrFull {
		return err
	}
	switch p.wait(item, ctx.Done()) {
	case sendAccepted:
		return nil
	case sendExpired:
		return ctx.Err()
	}
	return ErrClosed
}

func (p *chanProducer[T]) TrySend(item T) error {
	if p.policy != Block {
		return p.Send(item)
	}
	err := p.try(item)
	if err == ErrFull {
		return p.overflowed.reject(1, err, &p.drops.overflowCounts)
	}
	return err
}

// try is TrySend under Block, but that it does not count what it rejects.
func (p *chanProducer[T]) try(item T) error {
	if p.state.Load() != 0 {
		return ErrClosed
	}
	switch p.pipe.offer(p.items, item) {
	case sendAccepted:
		p.watch.wake()
		return nil
	case sendFull:
		return ErrFull
	}
	return p.refused()
}

func (p *chanProducer[T]) SendBatch(items []T) (int, error) {
	if len(items) == 0 {
		return 0, p.closedErr()
	}
	return p.each(items, p.Send)
}

func (p *chanProducer[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	if err := contextErr(ctx); err != nil {
		return 0, err
	}
	if len(items) == 0 {
		return 0, p.closedErr()
	}
	return p.each(items, func(item T) error { return p.SendContext(ctx, item) })
}

func (p *chanProducer[T]) TrySendBatch(items []T) (int, error) {
	if len(items) == 0 {
		return 0, p.closedErr()
	}
	return p.each(items, p.TrySend)
}

func (p *chanProducer[T]) each(items []T, send func(T) error) (int, error) {
	if p.drops == nil { // it was never open
		return 0, ErrClosed
	}
	return sendEachCounted(items, send, &p.overflowed, &p.drops.overflowCounts)
}

// closedErr returns ErrClosed where a send would.
func (p *chanProducer[T]) closedErr() error {
	if p.state.Load() != 0 || p.life.left.Load() || p.life.ended() {
		return ErrClosed
	}
	return nil
}

func (p *chanProducer[T]) Dropped() uint64 { return p.overflowed.dropped(p.policy) }

// Close closes the pipe if it is the producer's own or nobody's any more: a send
// under way, this producer's or another closed one's, is then refused or was
// accepted before.
func (p *chanProducer[T]) Close() {
	p.mu.Lock()
	first := p.state.Or(producerClosed)&producerClosed == 0
	if first && p.released != nil {
		close(p.released)
	}
	p.mu.Unlock()
	if !first {
		return
	}
	if p.drops != nil { // else it was never open
		p.overflowed.close(&p.drops.overflowCounts)
	}
	// In this order: who finds the last pipe closed finds the fan-in ended.
	if p.life.leave() || p.own != nil {
		p.pipe.close()
	}
	if p.own != nil {
		p.own()
	}
	p.watch.wake()
}
