package strategies

import (
	"context"
	"io"
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

// NewChan returns a fan-in over one buffered channel of o.Capacity items that keeps
// the whole contract: its sends end when the consumer leaves. [NewChanBare] is what Go
// code does without a second thought. A send and a receive each take the channel's lock
// once per item; a sender that finds it full queues there and is handed its
// turn by the receiver.
//
// It loses to everything that moves more than one item per lock once several
// producers send without pause.
//
// NewChan panics with the error of [Options.Validate] if there is one. Go's channels
// carry elements of less than 64 KiB, and DropOldest sends 8 bytes with each item:
// code that calls NewChan with items of more than 65520 bytes does not compile
// ("channel element type too large"). Send pointers, or take another strategy.
func NewChan[T any](o Options) FanIn[T] {
	o = o.MustSuit(chanDescriptor)
	if o.Policy == DropOldest {
		f := newChan[owned[T]](o)
		f.consumer.shared = true
		return newChanDropOldest(f)
	}
	return newChan[T](o)
}

// chanFanIn closes its channel when the last producer closes, or the consumer.
type chanFanIn[T any] struct {
	lifecycle
	drops[T]
	policy   Policy
	pipe     *pipe[T]
	watch    chanWatch // of the channel, if the consumer receives from that
	consumer chanReader[T]
}

func newChan[T any](o Options) *chanFanIn[T] {
	f := &chanFanIn[T]{policy: o.Policy, pipe: newPipe[T](o.Capacity)}
	f.consumer = chanReader[T]{chanConsumer[T]{in: f, items: f.pipe.items, drained: f.pipe.drained}, &f.watch}
	return f
}

func (f *chanFanIn[T]) Producer() Producer[T] { return f.producer() }

// Sender is a producer: all that its sends change is the channel.
func (f *chanFanIn[T]) Sender() Sender[T] { return f.producer() }

func (f *chanFanIn[T]) producer() *chanProducer[T] {
	p := &chanProducer[T]{pipe: f.pipe, items: f.pipe.items, policy: f.policy, life: &f.lifecycle, watch: &f.watch, drops: &f.drops}
	if f.left.Load() || !f.join() {
		p.state.Store(producerClosed)
	}
	return p
}

func (f *chanFanIn[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *chanFanIn[T]) Backlog() int {
	if f.left.Load() {
		return 0
	}
	return len(f.pipe.items)
}

// Stats implements StatsKeeper.
func (f *chanFanIn[T]) Stats() Stats { return f.withWaits(f.stats(f.Backlog(), f.policy)) }

// chanConsumer receives from items, a channel that is closed after the end or when
// the consumer leaves.
type chanConsumer[T any] struct {
	in      *chanFanIn[T]
	items   <-chan T
	drained func() bool // reports whether items is empty and nothing will come

	// shared says that the channel's length does not tell how many items are there
	// for us: senders receive as well, to make room, or hand over without a buffer.
	shared bool
	ended  bool // items was found closed
}

func (c *chanConsumer[T]) Recv(buf []T) (int, error) {
	if len(buf) == 0 || c.in.left.Load() {
		return 0, c.nothing()
	}
	item, open := <-c.items
	return c.fill(buf, item, open)
}

func (c *chanConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := contextErr(ctx); err != nil {
		return 0, err
	}
	if len(buf) == 0 || c.in.left.Load() {
		return 0, c.nothing()
	}
	select {
	case item, open := <-c.items:
		return c.fill(buf, item, open)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (c *chanConsumer[T]) TryRecv(buf []T) (int, error) {
	if len(buf) == 0 || c.in.left.Load() {
		return 0, c.nothing()
	}
	select {
	case item, open := <-c.items:
		return c.fill(buf, item, open)
	default:
		return 0, nil
	}
}

// nothing returns the error of a receive that may not receive.
func (c *chanConsumer[T]) nothing() error {
	c.ended = c.ended || c.drained()
	// Looked at second: Close stores left and then closes the channel, too.
	switch {
	case c.in.left.Load():
		return ErrClosed
	case c.ended:
		return io.EOF
	}
	return nil
}

// fill puts the first item received into buf and what else is there after it.
func (c *chanConsumer[T]) fill(buf []T, first T, open bool) (int, error) {
	if !open {
		c.ended = true
		return 0, c.nothing()
	}
	buf[0] = first
	if c.shared {
		n, _ := takeReady(c.items, buf[1:]) // if it was closed the next call says io.EOF
		return 1 + n, nil
	}
	// What is there stays there for the only receiver, so these need not ask
	// first: a select with a default reads the channel's state once more without
	// its lock, which cost 15 % while senders write there. A Close in another
	// goroutine may throw it away, but not before it closed the channel.
	n := min(1+len(c.items), len(buf))
	for i := 1; i < n; i++ {
		item, open := <-c.items
		if !open {
			return i, nil
		}
		buf[i] = item
	}
	return n, nil
}

// Stop closes the channel: what lies in it is still received.
func (c *chanConsumer[T]) Stop() {
	c.in.stop()
	c.in.pipe.close()
	c.in.watch.wake()
}

// Close closes the channel, which refuses all senders and wakes a receiver, and
// empties it.
func (c *chanConsumer[T]) Close() {
	if !c.in.left.Swap(true) {
		c.in.pipe.discard()
		c.in.watch.wake()
	}
}

// chanReader is a chanConsumer that can be waited for in a select.
type chanReader[T any] struct {
	chanConsumer[T]
	watch *chanWatch
}

// Ready implements Readier.
func (c *chanReader[T]) Ready() <-chan struct{} { return c.watch.ready() }

func (c *chanReader[T]) TryRecv(buf []T) (int, error) {
	n, err := c.chanConsumer.TryRecv(buf)
	if !c.watch.asked(len(buf), n, err) {
		return n, err
	}
	return c.watch.again(func() (int, error) { return c.chanConsumer.TryRecv(buf) })
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
