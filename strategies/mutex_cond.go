package strategies

import (
	"context"
	"io"
	"sync"
)

var mutexCondDescriptor = Descriptor{
	Name:     "mutex-cond",
	Doc:      "one ring under a mutex, with a condition variable for each side",
	Family:   FamilyLocks,
	Source:   "the bounded buffer of C. A. R. Hoare, “Monitors: an operating system structuring concept”, CACM 17(10), 1974",
	Order:    OrderGlobal,
	Bound:    Total,
	Policies: []Policy{Fail, DropNewest, DropOldest},
	Wait:     "parks on a condition variable at once",
	Batch:    true,
}

var mutexCondStrategy = Strategy{
	Descriptor: mutexCondDescriptor,
	Word:       NewMutexCond[Word],
	Message:    NewMutexCond[Message],
	Blocks:     Blocks{NewMutexCond[Block64], NewMutexCond[Block1K], NewMutexCond[Block16K], NewMutexCond[Block64K]},
	Weighed:    NewMutexCond[Weighed[Message]],
}

// NewMutexCond returns a fan-in over one ring of o.Capacity items, allocated at
// once, under one mutex: the monitor of the textbooks. A send and a receive
// take the lock once, a batch too as far as it fits; who finds no room, or no
// item, waits on a condition variable. A call that waits under a context
// allocates, and when that context is done, or a producer closes beside its own
// send, all wake who wait with it.
//
// It loses when many producers meet at the one mutex, and to a channel when
// single items are handed to a consumer that waits: a channel hands an item
// over without another turn at the lock.
//
// NewMutexCond panics with the error of [Options.Validate] if there is one.
func NewMutexCond[T any](o Options) FanIn[T] {
	f := new(mutexCond[T])
	f.init(o.MustSuit(mutexCondDescriptor))
	return f
}

// mutexCond is a ring whose items take up room until they are received or, with
// holds, until they are processed; see [Semaphore].
type mutexCond[T any] struct {
	lifecycle // changed under mu, so that waiting for its changes works
	policy    Policy
	drops     drops[T]
	holds     bool
	capacity  int
	consumer  mutexCondConsumer[T]

	mu       sync.Mutex       // guards what follows
	notEmpty sync.Cond        // for the consumer
	notFull  sync.Cond        // for senders under Block
	watching bool             // the consumer waits for ready; it is taken back by who tells
	ready    readiness        // the channel is made before watching is true
	blocked  int              // senders waiting for notFull, woken ones included until they run
	ring     []T              // nil after the end, and once the consumer has left
	owners   []*overflowCount // under DropOldest: whose drop the item's would be
	head     int              // the oldest item's index
	count    int              // items waiting
	inHand   int              // items received and not processed, with holds
	most     int              // items that have ever waited
	received uint64           // items
	thrown   uint64           // items that the consumer has left
}

func (f *mutexCond[T]) init(o Options) {
	f.policy = o.Policy
	f.capacity = o.Capacity
	f.ring = make([]T, o.Capacity)
	if o.Policy == DropOldest {
		f.owners = make([]*overflowCount, o.Capacity)
	}
	f.notEmpty.L, f.notFull.L = &f.mu, &f.mu
	f.consumer.f = f
}

func (f *mutexCond[T]) Producer() Producer[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := &mutexCondProducer[T]{f: f, closed: f.left.Load() || !f.join()}
	p.withPolicy = withPolicy[T]{f.policy, p}
	return p
}

// OnDrop implements DropObserver.
func (f *mutexCond[T]) OnDrop(call func(item T)) { f.drops.OnDrop(call) }

// Sender is as in [SenderOpener].
func (f *mutexCond[T]) Sender() Sender[T] { return f.Producer() }

func (f *mutexCond[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *mutexCond[T]) Backlog() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

// Stats implements StatsKeeper.
func (f *mutexCond[T]) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.withWaits(f.drops.stats(f.count, f.policy))
	s.HighWater, s.HighWaterExact = f.most, true
	s.Counted, s.Delivered = true, f.received
	s.Accepted = f.received + f.thrown + s.Dropped + uint64(f.count)
	s.Waiting, s.WaitingKnown = f.blocked, true
	return s
}

// room returns how many items may come. The lock is held, as in all that follow.
func (f *mutexCond[T]) room() int { return f.capacity - f.count - f.inHand }

// at returns the index of the i-th place from the oldest item's on.
func (f *mutexCond[T]) at(i int) int {
	if i += f.head; i >= len(f.ring) {
		i -= len(f.ring)
	}
	return i
}

// put appends as many items as there is room for and returns how many.
func (f *mutexCond[T]) put(items []T, dropped *overflowCount) int {
	n := min(len(items), f.room())
	if n == 0 {
		return 0
	}
	tail := f.at(f.count)
	copy(f.ring, items[copy(f.ring[tail:], items[:n]):n])
	if f.owners != nil {
		for i := range n {
			f.owners[f.at(f.count+i)] = dropped
		}
	}
	f.count += n
	f.most = max(f.most, f.count)
	f.tell()
	return n
}

// tell makes the channel of Ready ready if the consumer waits for it.
func (f *mutexCond[T]) tell() {
	if f.watching {
		f.watching = false
		f.ready.signal()
	}
}

// take moves items into buf and returns how many.
func (f *mutexCond[T]) take(buf []T) int {
	n := min(len(buf), f.count)
	for got := 0; got < n; {
		part := min(n-got, len(f.ring)-f.head)
		got += copy(buf[got:], f.ring[f.head:f.head+part])
		f.remove(part)
	}
	f.received += uint64(n)
	if f.holds {
		f.inHand += n
	} else {
		f.madeRoom(n)
	}
	return n
}

// remove frees the places of the n oldest items, which lie in one piece: what the
// items point to is not ours any more, nor is who sent them.
func (f *mutexCond[T]) remove(n int) {
	clear(f.ring[f.head : f.head+n])
	if f.owners != nil {
		clear(f.owners[f.head : f.head+n])
	}
	f.count -= n
	f.head = f.at(n)
}

// forget lets go of everything, when nothing more is sent or received.
func (f *mutexCond[T]) forget() {
	f.thrown += uint64(f.count)
	f.ring, f.owners = nil, nil
	f.head, f.count, f.inHand = 0, 0, 0
}

// drop throws away so many of the oldest items, or as many as there are.
func (f *mutexCond[T]) drop(n int, gone *goneItems[T]) {
	for range min(n, f.count) {
		gone.add(f.ring[f.head])
		f.owners[f.head].add(1, &f.drops.overflowCounts)
		f.remove(1)
	}
}

// madeRoom wakes as many senders as there is new room for. One that finds it
// taken by somebody quicker waits again: the room was used.
func (f *mutexCond[T]) madeRoom(n int) {
	if n >= f.blocked {
		f.notFull.Broadcast()
		return
	}
	for range n {
		f.notFull.Signal()
	}
}

// wait waits for cond, or for ctx to be done, which the caller must ask. Who
// was woken by both, and finds what it waited for, must take it: nobody else
// was told.
func (f *mutexCond[T]) wait(ctx context.Context, cond *sync.Cond) {
	if ctx != noContext {
		stop := context.AfterFunc(ctx, func() {
			f.mu.Lock() // not between the caller's look at ctx and its Wait
			defer f.mu.Unlock()
			cond.Broadcast()
		})
		defer stop()
	}
	cond.Wait()
}

// expired returns the error of a context that is done.
func expired(ctx context.Context) error {
	if ctx == noContext {
		return nil
	}
	return ctx.Err()
}

type mutexCondProducer[T any] struct {
	withPolicy[T]
	f          *mutexCond[T]
	closed     bool // this and the next are guarded by f.mu
	blocked    int  // its sends that wait for notFull: several of a Sender
	overflowed overflowCount
}

func (p *mutexCondProducer[T]) Send(item T) error { return p.sendOne(noContext, item, p.policy) }

func (p *mutexCondProducer[T]) sendOne(ctx context.Context, item T, policy Policy) error {
	_, err := p.sendAll(ctx, []T{item}, policy)
	return err
}

func (p *mutexCondProducer[T]) sendAll(ctx context.Context, items []T, policy Policy) (int, error) {
	f := p.f
	gone := f.drops.collect()
	f.mu.Lock()
	sent, err := p.put(ctx, items, policy, gone)
	f.mu.Unlock()
	f.drops.tellOf(gone)
	if sent > 0 {
		f.notEmpty.Signal() // after unlocking: the consumer would only run into the lock
	}
	return sent, err
}

// put puts items into the ring as the policy says; the lock is held.
func (p *mutexCondProducer[T]) put(ctx context.Context, items []T, policy Policy, gone *goneItems[T]) (int, error) {
	f := p.f
	for sent := 0; ; {
		if p.closed || f.left.Load() || f.ended() {
			return sent, ErrClosed
		}
		sent += f.put(items[sent:], &p.overflowed)
		if sent == len(items) {
			return sent, nil
		}
		switch policy {
		case Fail:
			return sent, p.overflowed.reject(len(items)-sent, ErrFull, &f.drops.overflowCounts)
		case DropNewest:
			p.overflowed.add(uint64(len(items)-sent), &f.drops.overflowCounts)
			gone.add(items[sent:]...)
			return len(items), nil
		case DropOldest:
			f.drop(len(items)-sent, gone)
		default:
			if err := expired(ctx); err != nil {
				return sent, err
			}
			f.notEmpty.Signal() // of what is sent so far
			f.blocked++
			p.blocked++
			timed := f.begin()
			f.wait(ctx, &f.notFull)
			timed.end()
			p.blocked--
			f.blocked--
		}
	}
}

func (p *mutexCondProducer[T]) Dropped() uint64 { return p.overflowed.dropped(p.policy) }

// Close wakes all who wait for room if a send of its own is among them: it may
// also be the one that was told of new room, which another can use then.
func (p *mutexCondProducer[T]) Close() {
	f := p.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	p.overflowed.close(&f.drops.overflowCounts)
	if p.blocked > 0 {
		f.notFull.Broadcast()
	}
	if f.leave() {
		f.notEmpty.Signal()
		f.tell()
	}
}

type mutexCondConsumer[T any] struct{ f *mutexCond[T] }

func (c *mutexCondConsumer[T]) Recv(buf []T) (int, error) {
	return c.recv(noContext, nil, buf, true)
}

func (c *mutexCondConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	return c.recv(ctx, contextErr(ctx), buf, true)
}

func (c *mutexCondConsumer[T]) TryRecv(buf []T) (int, error) {
	return c.recv(noContext, nil, buf, false)
}

// recv is every way to receive. done is the error of a context that was done
// beforehand.
func (c *mutexCondConsumer[T]) recv(ctx context.Context, done error, buf []T, wait bool) (int, error) {
	f := c.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.inHand > 0 { // it comes back for more, so it has processed these
		n := f.inHand
		f.inHand = 0
		f.madeRoom(n)
	}
	for ; done == nil; done = expired(ctx) {
		if f.left.Load() {
			return 0, ErrClosed
		}
		if n := f.take(buf); n > 0 {
			return n, nil
		}
		if f.ended() && f.count == 0 {
			f.forget()
			return 0, io.EOF
		}
		if !wait || len(buf) == 0 {
			f.watching = f.watching || f.ready.channel != nil && len(buf) > 0
			return 0, nil
		}
		f.wait(ctx, &f.notEmpty)
	}
	return 0, done
}

// Stop ends the fan-in, which who waits finds.
func (c *mutexCondConsumer[T]) Stop() {
	f := c.f
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stop()
	f.notFull.Broadcast()
	f.notEmpty.Signal()
	f.tell()
}

// Ready implements Readier. Watching stands while there is nothing: it is set, and what
// comes is put, under the lock.
func (c *mutexCondConsumer[T]) Ready() <-chan struct{} {
	f := c.f
	f.mu.Lock()
	defer f.mu.Unlock()
	channel := f.ready.make()
	if !f.watching {
		f.ready.signal()
	}
	return channel
}

func (c *mutexCondConsumer[T]) Close() {
	f := c.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.left.Swap(true) {
		f.forget()
		f.notFull.Broadcast()
		f.notEmpty.Signal()
		f.tell()
	}
}
