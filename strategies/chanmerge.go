package strategies

import (
	"slices"
	"sync"
)

var chanMergeDescriptor = Descriptor{
	Name:     "chan-merge",
	Doc:      "a channel and a forwarding goroutine per producer, all into one channel",
	Family:   FamilyChannels,
	Source:   "https://go.dev/blog/pipelines",
	Order:    OrderPerProducer,
	Bound:    PerProducer,
	Policies: []Policy{Fail, DropNewest},
	Wait:     "parks in the channel's queue at once",
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
func NewChanMerge[T any](o Options) FanIn[T] {
	o = o.MustSuit(chanMergeDescriptor)
	f := &chanMerge[T]{policy: o.Policy, capacity: o.Capacity, out: newChan[merged[T]](Options{Capacity: pumpBuffer})}
	f.consumer = chanMergeConsumer[T]{taggedConsumer[T, *mergeAccount]{inner: f.out.Consumer(), took: giveBack[T]}, f}
	return f
}

// merged is an item with the credits that it was sent on.
type merged[T any] = tagged[T, *mergeAccount]

// chanMerge's producers are counted twice, since it has ended when they have
// closed but its output only when the forwarders are done.
type chanMerge[T any] struct {
	lifecycle // of the producers; whether the consumer has left is in out
	policy    Policy
	capacity  int
	out       *chanFanIn[merged[T]] // its producers are the forwarders
	consumer  chanMergeConsumer[T]

	mu       sync.Mutex // guards accounts and their closed
	accounts []*mergeAccount
}

// mergeAccount is one producer's room. It outlives the producer until its last
// item is received.
type mergeAccount struct {
	credits
	closed bool // by the producer
}

func (f *chanMerge[T]) Producer() Producer[T] {
	p := &chanMergeProducer[T]{f: f, account: new(mergeAccount)}
	p.account.free.Store(int64(f.capacity))
	p.init(&p.account.credits, f.policy, &f.out.lifecycle, p)
	out := f.out.producer()
	// The output first, so that it cannot end between the two.
	if out.closed || !f.join() {
		out.Close()
		p.closed = true
		return p
	}
	p.in = make(chan T, f.capacity)
	f.open(p.account)
	go p.forward(out)
	return p
}

// open adds an account, after removing those that are settled if there is no
// more place.
func (f *chanMerge[T]) open(a *mergeAccount) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.accounts) == cap(f.accounts) {
		f.accounts = slices.DeleteFunc(f.accounts, func(a *mergeAccount) bool {
			return a.closed && f.held(a) == 0
		})
		f.accounts = slices.Grow(f.accounts, 1+len(f.accounts)) // or the next to open would look again
	}
	f.accounts = append(f.accounts, a)
}

// held returns how many items of a producer are not yet received.
func (f *chanMerge[T]) held(a *mergeAccount) int { return f.capacity - int(a.free.Load()) }

func (f *chanMerge[T]) Consumer() Consumer[T] { return &f.consumer }

func (f *chanMerge[T]) Backlog() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := 0
	for _, a := range f.accounts {
		sum += f.held(a)
	}
	return sum
}

// giveBack returns the credits of items that were received, those of the same
// producer in a row together.
func giveBack[T any](items []merged[T]) {
	for first := 0; first < len(items); {
		next := first + 1
		for next < len(items) && items[next].tag == items[first].tag {
			next++
		}
		items[first].tag.give(next - first)
		first = next
	}
}

type chanMergeProducer[T any] struct {
	creditProducer[T]
	f       *chanMerge[T]
	account *mergeAccount
	in      chan T // as long as there are credits, so that put never waits
}

// forward ends when the producer has closed or the consumer has left.
func (p *chanMergeProducer[T]) forward(out *chanProducer[merged[T]]) {
	defer out.Close()
	for item := range p.in {
		if out.Send(merged[T]{item, p.account}) != nil {
			return
		}
	}
}

func (p *chanMergeProducer[T]) put(item T) { p.in <- item }

func (p *chanMergeProducer[T]) putBatch(items []T) {
	for _, item := range items {
		p.in <- item
	}
}

func (p *chanMergeProducer[T]) stall() {}

func (p *chanMergeProducer[T]) Close() {
	if p.closed {
		return
	}
	p.closed = true
	p.f.leave()
	close(p.in)
	p.f.mu.Lock()
	p.account.closed = true
	p.f.mu.Unlock()
}

type chanMergeConsumer[T any] struct {
	taggedConsumer[T, *mergeAccount]
	f *chanMerge[T]
}

// Close closes the output, which lets the forwarders go, and then the producers:
// who waits has an account in the list, who opens one later finds the output closed.
func (c *chanMergeConsumer[T]) Close() {
	c.taggedConsumer.Close()
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	for _, a := range c.f.accounts {
		a.wakeAll()
	}
}
