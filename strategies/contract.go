package strategies

import (
	"context"
	"errors"
)

// Errors that sends and receives return. They are returned as they are, never
// wrapped, so that a hot loop may compare them with ==.
var (
	// ErrClosed reports that the other side, or this end itself, has closed.
	ErrClosed = errors.New("fan-in closed")
	// ErrFull reports that a bounded fan-in had no room and the call may not
	// wait: TrySend under [Block], or any send under [Fail].
	ErrFull = errors.New("fan-in full")
)

// FanIn carries items of type T from many producers to one consumer.
//
// All three methods may be called by any goroutine at any time.
type FanIn[T any] interface {
	// Producer opens a producer. The fan-in ends for good when its last open
	// producer closes, so keep one open as long as others may still come. A
	// producer opened after the end, or after the consumer closed, is valid
	// but every send on it returns ErrClosed.
	Producer() Producer[T]

	// Consumer returns the one consumer; every call returns the same.
	Consumer() Consumer[T]

	// Backlog returns how many items were accepted and neither received nor
	// dropped. While sends and receives are under way it may be off by the
	// items in their hands; when they rest it is exact, at once or, in a
	// strategy with a goroutine of its own, when that rests too. After the
	// consumer closed it is 0.
	Backlog() int
}

// Producer sends items into a fan-in. It belongs to one goroutine at a time;
// only Dropped and Close may be called by anyone.
//
// What a send does when a bounded fan-in is full is its [Policy]. A Context
// variant returns ctx.Err() if the context is already done, whatever else is the
// matter, and panics if it is nil.
type Producer[T any] interface {
	// Send hands over one item. Under Block it waits for room. It returns nil,
	// ErrFull or ErrClosed; after an error the item is not and never will be
	// delivered.
	Send(item T) error

	// SendContext is Send that stops waiting when ctx is done and then returns
	// ctx.Err(). A context that is already done sends nothing.
	SendContext(ctx context.Context, item T) error

	// TrySend is Send that never waits: where Send would, it returns ErrFull.
	TrySend(item T) error

	// SendBatch hands over the items in order and returns how many it dealt
	// with (delivered later, or dropped as the policy says). That is
	// len(items) unless the error says why it stopped; the items from there on
	// were not sent. Items of other producers may come between them. An empty
	// batch sends nothing, needs no room, and returns ErrClosed where a send
	// would.
	SendBatch(items []T) (int, error)

	// SendBatchContext is SendBatch that stops waiting when ctx is done.
	SendBatchContext(ctx context.Context, items []T) (int, error)

	// TrySendBatch is SendBatch that never waits.
	TrySendBatch(items []T) (int, error)

	// Dropped returns how many of this producer's items a drop policy threw
	// away, whichever producer's send made it do so.
	Dropped() uint64

	// Close says that nothing more will be sent. It throws nothing away: what was
	// sent is still delivered. A send that is under way in another goroutine,
	// waiting or not, either sends its item or returns ErrClosed soon; a later one
	// returns ErrClosed. Closing again does nothing.
	Close()
}

// Consumer receives items from a fan-in. It belongs to one goroutine at a
// time; only Close may be called by anyone. RecvContext panics if its context is
// nil.
type Consumer[T any] interface {
	// Recv waits until there is at least one item, moves up to len(buf) items
	// into buf and returns how many. When every producer has closed and all
	// is drained it returns 0, io.EOF; after Close it returns 0, ErrClosed. An
	// empty buf receives nothing and never waits: it returns 0 and io.EOF,
	// ErrClosed or nil.
	Recv(buf []T) (int, error)

	// RecvContext is Recv that stops waiting when ctx is done and then returns
	// 0, ctx.Err(). A context that is already done receives nothing; what was
	// not received stays for the next call.
	RecvContext(ctx context.Context, buf []T) (int, error)

	// TryRecv is Recv that never waits: when there is nothing it returns 0, nil.
	// In a strategy with a goroutine of its own, what that has in hand, or the
	// end, is not there yet; in a lock-free one, nor is what stands behind an
	// item whose send has not returned.
	TryRecv(buf []T) (int, error)

	// Close leaves: later sends return ErrClosed, blocked ones do so at once, and
	// what was accepted and not received is thrown away, although its sends have
	// returned nil. To lose nothing, close the producers and receive until io.EOF
	// first. A receive that waits in another goroutine returns ErrClosed; what one
	// finds beside Close is thrown away too. Closing again does nothing.
	Close()
}

// Stopper is what a Consumer may also be: all of this package are, but for that of
// chan-bare.
type Stopper interface {
	// Stop closes every producer, also those that are opened later: sends return
	// ErrClosed, blocked ones at once. What was accepted is still received, and then
	// io.EOF. Anyone may call it, and again, which does nothing.
	Stop()
}

// Readier is what a Consumer may also be, to be waited for in a select: all of this
// package are, but for those of chan-bare and chan-unbuffered.
type Readier interface {
	// Ready returns a channel that can be received from when there may be something to
	// receive, the end or ErrClosed included. Then call TryRecv until it returns no item,
	// and Ready anew for the next select. It is always the same channel, but who keeps it
	// and does not call Ready again is told only of what comes after a TryRecv into a
	// buffer that found nothing.
	//
	// Nothing is missed, whatever is received in between and by which call. That there
	// is nothing after all may happen: at the first call, after a Recv, or if a TryRecv
	// took what had made the channel ready, but not without end. To make the
	// channel ready costs a send a few tens of nanoseconds, once until the consumer has
	// found nothing again; a fan-in whose consumer never calls Ready pays nothing. Only the
	// consumer's goroutine may call it.
	Ready() <-chan struct{}
}

// ParkCounter is what a Consumer may also be. Those of this package that park by
// themselves are; a channel does not tell.
type ParkCounter interface {
	// Parks returns how often the consumer has parked so far. Only its goroutine
	// may ask.
	Parks() int64
}
