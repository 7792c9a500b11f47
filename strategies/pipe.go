package strategies

import (
	"sync"
	"sync/atomic"
)

// pipe is a buffered channel that may be closed beside its senders, by whichever
// goroutine and more than once.
//
// A send on a closed channel panics, and that is how a sender learns that it came
// too late: the channel's own lock, which every send takes anyway, decides whether
// a send or the close came first. An item sent before is in the buffer and will
// be received, one sent after never is. What decides beforehand, a lock or a mark
// around each send, costs two atomic writes that the close must see: 9 ns more for
// a send and a receive of 31 in one goroutine, where to be ready for the panic costs
// between 1 and 2.
type pipe[T any] struct {
	items chan T
	gate  gate // for the race detector; otherwise empty
	once  sync.Once
	// shut says that no item will come any more: all there are lie in the buffer.
	// It is stored after the channel was closed.
	shut atomic.Bool
}

func newPipe[T any](capacity int) *pipe[T] {
	p := new(pipe[T])
	p.init(capacity)
	return p
}

// init makes the channel of a pipe that is part of something else.
func (p *pipe[T]) init(capacity int) { p.items, p.gate = make(chan T, capacity), newGate() }

// outcome says how a send on a pipe ended.
type outcome uint8

const (
	sendRefused outcome = iota // the pipe, or the sender, has closed; 0 is what a panic leaves
	sendFull                   // no room
	sendAccepted
	sendExpired // the context was done before there was room
)

// recoverRefused ends the panic of a send on a closed channel. Nothing else that it
// is deferred for can panic.
func recoverRefused() { _ = recover() }

// close closes the channel, once, and returns when it is closed. Whoever waits in
// a send is refused.
func (p *pipe[T]) close() {
	p.once.Do(func() {
		p.gate.close()
		close(p.items)
		p.shut.Store(true)
	})
}

// discard closes the pipe and throws away what lies in it.
func (p *pipe[T]) discard() {
	p.close()
	for range p.items { // closed, so this ends
	}
}

// drained reports whether there are no items and never will be.
func (p *pipe[T]) drained() bool { return p.shut.Load() && len(p.items) == 0 }
