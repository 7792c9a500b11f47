package strategies

import (
	"context"
	"io"
	"sync/atomic"
)

var chanStrategy = Strategy{
	Descriptor: Descriptor{
		Name:     "chan",
		Doc:      "one buffered channel that every producer sends to",
		Source:   "https://go.dev/ref/spec#Channel_types",
		Order:    OrderGlobal,
		Bound:    Total,
		Policies: []Policy{Fail, DropNewest, DropOldest},
		Wait:     "parks in the channel's queue at once",
	},
	Word:    NewChan[Word],
	Message: NewChan[Message],
}

// NewChan returns a fan-in over one buffered channel of o.Capacity items: what
// Go code does without a second thought, and the baseline that every other
// strategy is compared with. A send and a receive each take the channel's lock
// once per item; a sender that finds it full queues there and is handed its
// turn by the receiver.
//
// It loses to everything that moves more than one item per lock once several
// producers send without pause.
func NewChan[T any](o Options) FanIn[T] {
	o = o.withDefaults()
	if o.Policy == DropOldest {
		return newChanDropOldest[T](o)
	}
	return newChan[T](o)
}

// chanFanIn closes its channel when the last producer closes: nobody can be
// sending then, so no send can panic.
type chanFanIn[T any] struct {
	lifecycle
	policy Policy
	items  chan T

	// gone is closed when the consumer leaves. A blocked sender waits on one of
	// these beside the items. There are several, dealt out in turn, because a
	// select locks every channel it waits on and all senders would meet at one.
	gone   [goneChannels]chan struct{}
	opened atomic.Uint32

	consumer chanConsumer[T]
}

// goneChannels is how many channels tell blocked senders that the consumer
// left. The item channel's lock is what they queue at anyway; sixteen keep the
// second lock from mattering beside it, for 1.5 kB a fan-in.
const goneChannels = 16

func newChan[T any](o Options) *chanFanIn[T] {
	f := &chanFanIn[T]{policy: o.Policy, items: make(chan T, o.Capacity)}
	for i := range f.gone {
		f.gone[i] = make(chan struct{})
	}
	f.consumer = chanConsumer[T]{in: f, items: f.items}
	return f
}

func (f *chanFanIn[T]) Producer() Producer[T] { return f.producer() }

func (f *chanFanIn[T]) producer() *chanProducer[T] {
	gone := f.gone[f.opened.Add(1)%goneChannels]
	return &chanProducer[T]{f: f, gone: gone, closed: !f.join()}
}

func (f *chanFanIn[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *chanFanIn[T]) Backlog() int { return len(f.items) }

type chanProducer[T any] struct {
	f       *chanFanIn[T]
	gone    chan struct{}
	closed  bool
	dropped atomic.Uint64 // under DropNewest
}

func (p *chanProducer[T]) Send(item T) error {
	if p.closed || p.f.left.Load() {
		return ErrClosed
	}
	select {
	case p.f.items <- item:
		return nil
	default:
	}
	switch p.f.policy {
	case Fail:
		return ErrFull
	case DropNewest:
		p.dropped.Add(1)
		return nil
	default:
		return p.wait(item)
	}
}

// wait sends as soon as there is room.
func (p *chanProducer[T]) wait(item T) error {
	select {
	case p.f.items <- item:
		return nil
	case <-p.gone:
		return ErrClosed
	}
}

func (p *chanProducer[T]) SendContext(ctx context.Context, item T) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := p.TrySend(item); err != ErrFull || p.f.policy != Block {
		return err
	}
	select {
	case p.f.items <- item:
		return nil
	case <-p.gone:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *chanProducer[T]) TrySend(item T) error {
	if p.f.policy != Block {
		return p.Send(item) // the other policies never wait
	}
	if p.closed || p.f.left.Load() {
		return ErrClosed
	}
	select {
	case p.f.items <- item:
		return nil
	default:
		return ErrFull
	}
}

func (p *chanProducer[T]) SendBatch(items []T) (int, error) {
	return sendEach(items, p.Send)
}

func (p *chanProducer[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	return sendEach(items, func(item T) error { return p.SendContext(ctx, item) })
}

func (p *chanProducer[T]) TrySendBatch(items []T) (int, error) {
	return sendEach(items, p.TrySend)
}

func (p *chanProducer[T]) Dropped() uint64 { return p.dropped.Load() }

func (p *chanProducer[T]) Close() {
	if !p.closed {
		p.closed = true
		if p.f.leave() {
			close(p.f.items)
		}
	}
}

// chanConsumer receives from items, a channel that is closed after the end.
type chanConsumer[T any] struct {
	in    *chanFanIn[T] // whose senders are told when the consumer leaves
	items <-chan T

	shared bool // senders receive as well, to make room
}

func (c *chanConsumer[T]) Recv(buf []T) (int, error) {
	if c.in.left.Load() {
		return 0, ErrClosed
	}
	if len(buf) == 0 {
		return 0, nil
	}
	item, open := <-c.items
	return c.fill(buf, item, open)
}

func (c *chanConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if c.in.left.Load() {
		return 0, ErrClosed
	}
	if len(buf) == 0 {
		return 0, nil
	}
	select {
	case item, open := <-c.items:
		return c.fill(buf, item, open)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (c *chanConsumer[T]) TryRecv(buf []T) (int, error) {
	if c.in.left.Load() {
		return 0, ErrClosed
	}
	if len(buf) == 0 {
		return 0, nil
	}
	select {
	case item, open := <-c.items:
		return c.fill(buf, item, open)
	default:
		return 0, nil
	}
}

// fill puts the first item received into buf and what else is there after it.
func (c *chanConsumer[T]) fill(buf []T, first T, open bool) (int, error) {
	if !open {
		return 0, io.EOF
	}
	buf[0] = first
	if c.shared {
		return c.fillShared(buf), nil
	}
	// What is there stays there for the only receiver, so these need not ask
	// first: a select with a default reads the channel's state once more without
	// its lock, which cost 15 % while senders write there.
	n := min(1+len(c.items), len(buf))
	for i := 1; i < n; i++ {
		buf[i] = <-c.items
	}
	return n, nil
}

// fillShared is the rest of fill where somebody else may receive, too.
func (c *chanConsumer[T]) fillShared(buf []T) int {
	for n := 1; n < len(buf); n++ {
		select {
		case item, open := <-c.items:
			if !open {
				return n // the next call says io.EOF
			}
			buf[n] = item
		default:
			return n
		}
	}
	return len(buf)
}

func (c *chanConsumer[T]) Close() {
	if c.in.left.Swap(true) {
		return
	}
	for _, gone := range c.in.gone {
		close(gone)
	}
}
