package strategies

import (
	"context"
	"io"
	"sync/atomic"
)

var chanDescriptor = Descriptor{
	Name:     "chan",
	Doc:      "one buffered channel that every producer sends to",
	Family:   FamilyChannels,
	Source:   "https://go.dev/ref/spec#Channel_types",
	Order:    OrderGlobal,
	Bound:    Total,
	Policies: []Policy{Fail, DropNewest, DropOldest},
	Wait:     "parks in the channel's queue at once",
}

var chanStrategy = Strategy{
	Descriptor: chanDescriptor,
	Word:       NewChan[Word],
	Message:    NewChan[Message],
	Blocks:     Blocks{NewChan[Block64], NewChan[Block1K], NewChan[Block16K], nil},
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
	o = o.MustSuit(chanDescriptor)
	if o.Policy == DropOldest {
		o.Policy = Fail // says when it is full; making room is chanDropOldest's
		f := newChan[owned[T]](o)
		f.consumer.shared = true
		return newChanDropOldest(f)
	}
	return newChan[T](o)
}

// chanFanIn closes its channel when the last producer closes: nobody can be
// sending then, so no send can panic.
type chanFanIn[T any] struct {
	lifecycle
	departure departure
	policy    Policy
	items     chan T
	consumer  chanConsumer[T]
}

func newChan[T any](o Options) *chanFanIn[T] {
	f := &chanFanIn[T]{policy: o.Policy, items: make(chan T, o.Capacity)}
	f.departure.prepare()
	f.consumer = chanConsumer[T]{in: f, items: f.items}
	return f
}

func (f *chanFanIn[T]) Producer() Producer[T] { return f.producer() }

func (f *chanFanIn[T]) producer() *chanProducer[T] {
	return &chanProducer[T]{
		items: f.items, policy: f.policy, life: &f.lifecycle, gone: f.departure.next(),
		closed: !f.join(), leave: f.leave,
	}
}

// leave counts a producer out.
func (f *chanFanIn[T]) leave() {
	if f.lifecycle.leave() {
		close(f.items)
	}
}

func (f *chanFanIn[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *chanFanIn[T]) Backlog() int { return len(f.items) }

// departure tells blocked senders that the consumer has left: gone is closed
// then. A sender waits on one of these beside its items. There are several,
// dealt out in turn, because a select locks every channel it waits on and all
// senders would meet at one.
type departure struct {
	gone   [goneChannels]chan struct{}
	opened atomic.Uint32
}

// goneChannels is how many channels tell blocked senders that the consumer
// left. The item channel's lock is what they queue at anyway; sixteen keep the
// second lock from mattering beside it, for 1.5 kB a fan-in.
const goneChannels = 16

func (d *departure) prepare() {
	for i := range d.gone {
		d.gone[i] = make(chan struct{})
	}
}

// next returns the channel for the next producer.
func (d *departure) next() <-chan struct{} { return d.gone[d.opened.Add(1)%goneChannels] }

// announce tells them. It is called once.
func (d *departure) announce() {
	for _, gone := range d.gone {
		close(gone)
	}
}

// chanProducer sends to items, which may be its own or shared.
type chanProducer[T any] struct {
	items   chan T
	policy  Policy
	life    *lifecycle
	gone    <-chan struct{}
	leave   func() // what its Close does, once
	closed  bool
	dropped atomic.Uint64 // under DropNewest
}

func (p *chanProducer[T]) Send(item T) error {
	if p.closed || p.life.left.Load() {
		return ErrClosed
	}
	select {
	case p.items <- item:
		return nil
	default:
	}
	switch p.policy {
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
	case p.items <- item:
		return nil
	case <-p.gone:
		return ErrClosed
	}
}

func (p *chanProducer[T]) SendContext(ctx context.Context, item T) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := p.TrySend(item); err != ErrFull || p.policy != Block {
		return err
	}
	select {
	case p.items <- item:
		return nil
	case <-p.gone:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *chanProducer[T]) TrySend(item T) error {
	if p.policy != Block {
		return p.Send(item) // the other policies never wait
	}
	if p.closed || p.life.left.Load() {
		return ErrClosed
	}
	select {
	case p.items <- item:
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
		p.leave()
	}
}

// chanConsumer receives from items, a channel that is closed after the end.
type chanConsumer[T any] struct {
	in    *chanFanIn[T] // whose senders are told when the consumer leaves
	items <-chan T

	// shared says that the channel's length does not tell how many items are there
	// for us: senders receive as well, to make room, or hand over without a buffer.
	shared bool
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
		n, _ := takeReady(c.items, buf[1:]) // if it was closed the next call says io.EOF
		return 1 + n, nil
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

func (c *chanConsumer[T]) Close() {
	if !c.in.left.Swap(true) {
		c.in.departure.announce()
	}
}

// takeReady moves what is in a channel into buf, returns how much that was and
// whether the channel is open or may have more.
func takeReady[T any](items <-chan T, buf []T) (n int, open bool) {
	for n := range buf {
		select {
		case item, open := <-items:
			if !open {
				return n, false
			}
			buf[n] = item
		default:
			return n, true
		}
	}
	return len(buf), true
}
