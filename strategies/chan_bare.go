package strategies

import (
	"context"
	"io"
)

var chanBareDescriptor = Descriptor{
	Name:     "chan-bare",
	Doc:      "a buffered channel as people write it: ch <- v, and a receive in a loop; its senders do not notice that the consumer has left",
	Family:   FamilyChannels,
	Source:   "https://go.dev/doc/effective_go#channels",
	Order:    OrderGlobal,
	Bound:    Total,
	Policies: []Policy{Fail, DropNewest},
	Wait:     "parks in the channel's queue at once",
	Lacks: map[Promise]string{
		PromiseConsumerClose: "a send does not look whether the consumer has left: its item is received and thrown away",
		PromiseClose: "a send panics if another goroutine closes its producer, the last one, beside it; " +
			"nothing releases a send or a receive that waits",
	},
	Without: map[Extra]string{
		ExtraStop:  "a send on a channel that Stop has closed would panic",
		ExtraReady: "a send is nothing but ch <- v and tells nobody: select over a channel of your own",
	},
}

var chanBareStrategy = Strategy{
	Descriptor: chanBareDescriptor,
	Word:       NewChanBare[Word],
	Message:    NewChanBare[Message],
	Blocks:     Blocks{NewChanBare[Block64], NewChanBare[Block1K], NewChanBare[Block16K], nil},
}

// NewChanBare returns a fan-in over one buffered channel of o.Capacity items with as
// little around it as Go code has that somebody writes without a second thought: a
// send is ch <- v, a receive waits for one item and then takes those that are there,
// and the last producer to close closes the channel. It is the baseline that other
// strategies are compared with. A send and a receive take the channel's lock once
// per item; a sender that finds it full queues there and is handed its turn by the
// receiver.
//
// [NewChan] keeps the whole contract and costs more for it: its sends end with
// ErrClosed when the consumer leaves or another goroutine closes the producer. Here a
// send that waits goes on waiting, and a producer is closed by the goroutine that
// sends, or after its last send. The consumer's Close therefore leaves a goroutine
// behind that receives and throws away until every producer has closed.
//
// It loses to everything that moves more than one item per lock once several
// producers send without pause.
//
// NewChanBare panics with the error of [Options.Validate] if there is one. Code that
// calls it with items of 64 KiB or more does not compile: see [NewChan].
func NewChanBare[T any](o Options) FanIn[T] {
	o = o.MustSuit(chanBareDescriptor)
	f := &chanBare[T]{policy: o.Policy, items: make(chan T, o.Capacity)}
	f.consumer = chanBareConsumer[T]{f: f, items: f.items}
	return f
}

type chanBare[T any] struct {
	lifecycle
	drops[T]
	policy   Policy
	items    chan T // closed by the last producer
	consumer chanBareConsumer[T]
}

func (f *chanBare[T]) Producer() Producer[T] {
	p := &chanBareProducer[T]{f: f, items: f.items}
	p.closed = f.left.Load() || !f.join()
	p.plain = f.policy == Block && !p.closed && f.times.Load() == nil
	return p
}

func (f *chanBare[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *chanBare[T]) Backlog() int {
	if f.left.Load() {
		return 0
	}
	return len(f.items)
}

// Stats implements StatsKeeper.
func (f *chanBare[T]) Stats() Stats { return f.withWaits(f.stats(f.Backlog(), f.policy)) }

// chanBareProducer sends to the channel. But for dropped, all is its goroutine's own.
type chanBareProducer[T any] struct {
	items      chan T
	plain      bool // open, under Block, and not timed: a send is nothing but a send
	closed     bool
	f          *chanBare[T]
	overflowed overflowCount // those that a send dropped or rejected
}

func (p *chanBareProducer[T]) Send(item T) error {
	if p.plain {
		p.items <- item
		return nil
	}
	return p.send(noContext, item)
}

// send is Send and SendContext where that has more to do than to send.
func (p *chanBareProducer[T]) send(ctx context.Context, item T) error {
	if p.f.policy != Block {
		return p.TrySend(item)
	}
	if err := p.try(item); err != ErrFull {
		return err
	}
	defer p.f.begin().end()
	if ctx == noContext {
		p.items <- item
		return nil
	}
	select {
	case p.items <- item:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *chanBareProducer[T]) TrySend(item T) error {
	return p.overflowed.reject(1, p.try(item), &p.f.overflowCounts)
}

// try is TrySend, but that it does not count what it rejects.
func (p *chanBareProducer[T]) try(item T) error {
	if p.closed {
		return ErrClosed
	}
	select {
	case p.items <- item:
		return nil
	default:
	}
	if p.f.policy != DropNewest {
		return ErrFull
	}
	p.overflowed.add(1, &p.f.overflowCounts)
	p.f.tell(item)
	return nil
}

func (p *chanBareProducer[T]) SendContext(ctx context.Context, item T) error {
	if err := contextErr(ctx); err != nil {
		return err
	}
	if !p.plain {
		return p.send(ctx, item)
	}
	select {
	case p.items <- item:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *chanBareProducer[T]) SendBatch(items []T) (int, error) {
	return p.each(items, p.Send)
}

func (p *chanBareProducer[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	if err := contextErr(ctx); err != nil {
		return 0, err
	}
	return p.each(items, func(item T) error { return p.SendContext(ctx, item) })
}

func (p *chanBareProducer[T]) TrySendBatch(items []T) (int, error) {
	return p.each(items, p.TrySend)
}

func (p *chanBareProducer[T]) each(items []T, send func(T) error) (int, error) {
	if len(items) == 0 && (p.closed || p.f.left.Load()) {
		return 0, ErrClosed
	}
	return sendEachCounted(items, send, &p.overflowed, &p.f.overflowCounts)
}

func (p *chanBareProducer[T]) Dropped() uint64 { return p.overflowed.dropped(p.f.policy) }

func (p *chanBareProducer[T]) Close() {
	if p.closed {
		return
	}
	p.closed, p.plain = true, false
	p.overflowed.close(&p.f.overflowCounts)
	if p.f.leave() {
		close(p.items)
	}
}

type chanBareConsumer[T any] struct {
	f     *chanBare[T]
	items <-chan T
	ended bool // items was found closed
}

func (c *chanBareConsumer[T]) Recv(buf []T) (int, error) {
	if len(buf) == 0 || c.f.left.Load() {
		return 0, c.nothing()
	}
	item, open := <-c.items
	return c.fill(buf, item, open)
}

// fill puts the first item received into buf and what else is there after it.
func (c *chanBareConsumer[T]) fill(buf []T, first T, open bool) (int, error) {
	if !open {
		return 0, c.end()
	}
	buf[0] = first
	n := min(1+len(c.items), len(buf))
	for i := 1; i < n; i++ {
		buf[i] = <-c.items // it stays there for the only receiver
	}
	return n, nil
}

func (c *chanBareConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := contextErr(ctx); err != nil {
		return 0, err
	}
	if len(buf) == 0 || c.f.left.Load() {
		return 0, c.nothing()
	}
	select {
	case item, open := <-c.items:
		return c.fill(buf, item, open)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (c *chanBareConsumer[T]) TryRecv(buf []T) (int, error) {
	if len(buf) == 0 || c.f.left.Load() {
		return 0, c.nothing()
	}
	n, open := takeReady(c.items, buf)
	if n == 0 && !open {
		return 0, c.end()
	}
	return n, nil
}

// nothing returns the error of a receive that may not receive.
func (c *chanBareConsumer[T]) nothing() error {
	if c.ended || c.f.ended() && len(c.items) == 0 {
		return c.end()
	}
	if c.f.left.Load() {
		return ErrClosed
	}
	return nil
}

// end returns the error of a receive that found the channel closed, by its producers
// or by a Close that threw away what was in it.
func (c *chanBareConsumer[T]) end() error {
	c.ended = true
	if c.f.left.Load() {
		return ErrClosed
	}
	return io.EOF
}

// Close has a goroutine receive what comes until the channel is closed, so that no
// send waits for ever.
func (c *chanBareConsumer[T]) Close() {
	if c.f.left.Swap(true) {
		return
	}
	if c.f.join() && c.f.leave() { // nobody is open who would
		close(c.f.items)
	}
	discard := func() {
		for range c.items { // thrown away
		}
	}
	if c.f.ended() {
		discard()
	} else {
		go discard()
	}
}
