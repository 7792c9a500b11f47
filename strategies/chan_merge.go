package strategies

import (
	"sync"
	"sync/atomic"
)

var chanMergeDescriptor = Descriptor{
	Name:           "chan-merge",
	Doc:            "a channel and a forwarding goroutine per producer, all into one channel",
	Family:         FamilyChannels,
	Source:         "https://go.dev/blog/pipelines",
	Order:          OrderPerProducer,
	Bound:          PerProducer,
	Policies:       []Policy{Fail, DropNewest},
	Wait:           "parks in the channel's queue at once",
	SharesProducer: true,
}

var chanMergeStrategy = Strategy{
	Descriptor: chanMergeDescriptor,
	Word:       NewChanMerge[Word],
	Message:    NewChanMerge[Message],
	Blocks:     Blocks{NewChanMerge[Block64], NewChanMerge[Block1K], NewChanMerge[Block16K], nil},
}

// NewChanMerge returns a fan-in as Go's textbook has it: each producer sends to a
// channel of its own, from which a goroutine forwards to the one channel that
// the consumer receives from. Each item crosses two channels, of which the second
// is everybody's, and takes its turn in a goroutine that has to be scheduled.
//
// The textbook's bound is whatever its buffers and the forwarders' hands come to.
// Here it is o.Capacity per producer exactly, kept by credits, for an atomic
// operation on either side of each item and the producer's address in it.
//
// It loses always, in time to a single channel and in memory to everything, as
// each producer costs a goroutine and its whole capacity. Its use is to join
// channels that exist already.
//
// There is no DropOldest: the oldest item is out of reach, in the forwarder's
// hand or behind other producers' items.
//
// NewChanMerge panics with the error of [Options.Validate] if there is one. Code that
// calls it with items of more than 65520 bytes does not compile: see [NewChan].
func NewChanMerge[T any](o Options) FanIn[T] {
	o = o.MustSuit(chanMergeDescriptor)
	f := &chanMerge[T]{policy: o.Policy, capacity: o.Capacity, out: newChan[merged[T]](Options{Capacity: pumpBuffer})}
	f.consumer = chanMergeConsumer[T]{
		taggedConsumer[T, *mergeAccount[T]]{inner: f.out.Consumer(), took: f.giveBack}, f,
	}
	return f
}

// merged is an item with the account that it was sent on.
type merged[T any] = tagged[T, *mergeAccount[T]]

// chanMerge's producers are counted twice, since it has ended when they have
// closed but its output only when the forwarders are done.
type chanMerge[T any] struct {
	lifecycle // of the producers; whether the consumer has left is in out
	drops[T]
	policy   Policy
	capacity int
	out      *chanFanIn[merged[T]] // its producers are the forwarders
	consumer chanMergeConsumer[T]

	forwarders sync.WaitGroup

	mu       sync.Mutex       // guards accounts and their links
	accounts *mergeAccount[T] // the first of those that are open or have items left
}

// mergeAccount is one producer's room, and its channel. It outlives the producer
// until its last item is received.
type mergeAccount[T any] struct {
	credits
	in         pipe[T] // as long as there are credits, so that to put never waits
	closed     atomic.Bool
	listed     bool
	prev, next *mergeAccount[T]
}

func (f *chanMerge[T]) Producer() Producer[T] {
	a := new(mergeAccount[T])
	a.free.Store(int64(f.capacity))
	p := &chanMergeProducer[T]{f: f, account: a}
	p.init(&a.credits, f.policy, &f.out.left, &f.lifecycle, &f.drops, p)
	out := f.out.producer()
	// The output first, so that it cannot end between the two.
	if out.state.Load() != 0 || !f.join() {
		out.Close()
		p.closed.Store(true)
		return p
	}
	a.in.init(f.capacity)
	if !f.open(a) {
		out.Close()
		p.Close()
		return p
	}
	go f.forward(a, out)
	return p
}

// Sender is a producer, with one account for all its goroutines.
func (f *chanMerge[T]) Sender() Sender[T] { return f.Producer() }

// open lists an account and counts its forwarder, unless the consumer has left or
// stopped.
func (f *chanMerge[T]) open(a *mergeAccount[T]) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.out.left.Load() || f.ended() {
		return false
	}
	a.listed = true
	if a.next = f.accounts; a.next != nil {
		a.next.prev = a
	}
	f.accounts = a
	f.forwarders.Add(1)
	return true
}

// settle forgets an account that is closed and whose items are all received. Who
// closes it and who gives credits back both look, after they did; the later of the
// two finds both done.
func (f *chanMerge[T]) settle(a *mergeAccount[T]) {
	if !a.closed.Load() || f.held(a) > 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if a.listed {
		f.unlist(a)
	}
}

// unlist takes a listed account out; mu is held.
func (f *chanMerge[T]) unlist(a *mergeAccount[T]) {
	if a.prev != nil {
		a.prev.next = a.next
	} else {
		f.accounts = a.next
	}
	if a.next != nil {
		a.next.prev = a.prev
	}
	a.listed, a.prev, a.next = false, nil, nil
}

// held returns how many items of a producer are not yet received.
func (f *chanMerge[T]) held(a *mergeAccount[T]) int { return f.capacity - int(a.free.Load()) }

func (f *chanMerge[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *chanMerge[T]) Backlog() int {
	if f.out.left.Load() {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := 0
	for a := f.accounts; a != nil; a = a.next {
		sum += f.held(a)
	}
	return sum
}

// Stats implements StatsKeeper.
func (f *chanMerge[T]) Stats() Stats {
	s := f.withWaits(f.stats(f.Backlog(), f.policy))
	s.WaitingKnown = true
	f.mu.Lock()
	defer f.mu.Unlock()
	for a := f.accounts; a != nil; a = a.next {
		s.Waiting += int(a.count.Load())
	}
	return s
}

// giveBack returns the credits of items that were received, those of the same
// producer in a row together.
func (f *chanMerge[T]) giveBack(items []merged[T]) {
	for first := 0; first < len(items); {
		next := first + 1
		for next < len(items) && items[next].tag == items[first].tag {
			next++
		}
		f.give(items[first].tag, next-first)
		first = next
	}
}

func (f *chanMerge[T]) give(a *mergeAccount[T], n int) {
	a.give(n)
	f.settle(a)
}

// forward ends when the producer has closed and its items are forwarded, or the
// consumer has left.
func (f *chanMerge[T]) forward(a *mergeAccount[T], out *chanProducer[merged[T]]) {
	defer f.forwarders.Done()
	defer out.Close()
	for item := range a.in.items {
		// Not by out.Send, which could be released by a Close: nobody else has out.
		if out.pipe.send(merged[T]{item, a}, nil, nil) != sendAccepted {
			return
		}
		out.watch.wake()
	}
}

type chanMergeProducer[T any] struct {
	creditProducer[T]
	f       *chanMerge[T]
	account *mergeAccount[T]
}

func (p *chanMergeProducer[T]) put(item T) bool {
	if p.account.in.offer(p.account.in.items, item) == sendAccepted {
		return true
	}
	p.f.give(p.account, 1)
	return false
}

func (p *chanMergeProducer[T]) putBatch(items []T) int {
	for i, item := range items {
		if p.account.in.offer(p.account.in.items, item) != sendAccepted {
			p.f.give(p.account, len(items)-i)
			return i
		}
	}
	return len(items)
}

func (p *chanMergeProducer[T]) stall() {}

func (p *chanMergeProducer[T]) Close() {
	if p.closed.Swap(true) {
		return
	}
	p.overflowed.close(&p.f.overflowCounts)
	a := p.account
	p.f.leave()
	a.in.close()
	a.release(&p.waiting)
	a.closed.Store(true)
	p.f.settle(a)
}

type chanMergeConsumer[T any] struct {
	taggedConsumer[T, *mergeAccount[T]]
	f *chanMerge[T]
}

// Stop closes the producers' channels: who waits has an account in the list, who opens
// one later finds the fan-in ended. The output ends when the forwarders have sent what is
// in them, at once if there are none.
func (c *chanMergeConsumer[T]) Stop() {
	f := c.f
	if !f.stop() {
		return
	}
	keeper := f.out.producer() // or the output could end before all are closed
	f.mu.Lock()
	for a := f.accounts; a != nil; a = a.next {
		a.in.close()
		a.wakeAll()
	}
	f.mu.Unlock()
	keeper.Close()
}

// Ready is the output's: a TryRecv that finds nothing is one of it.
func (c *chanMergeConsumer[T]) Ready() <-chan struct{} { return c.f.out.consumer.Ready() }

// Close closes the output, which lets the forwarders go, and then the producers'
// channels: who waits has an account in the list, who opens one later finds the
// output closed. It returns when no forwarder has an item in hand.
func (c *chanMergeConsumer[T]) Close() {
	f := c.f
	c.taggedConsumer.Close()
	f.mu.Lock()
	for f.accounts != nil {
		a := f.accounts
		f.unlist(a)
		a.in.discard()
		a.wakeAll()
	}
	f.mu.Unlock()
	f.forwarders.Wait()
}
