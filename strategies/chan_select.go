package strategies

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"sync"
	"sync/atomic"
)

var chanSelectDescriptor = Descriptor{
	Name:           "chan-select",
	Doc:            "a buffered channel per producer; the consumer waits for all of them with reflect.Select",
	Family:         FamilyChannels,
	Source:         "https://pkg.go.dev/reflect#Select",
	Order:          OrderPerProducer,
	Bound:          PerProducer,
	Policies:       []Policy{Fail, DropNewest, DropOldest},
	Wait:           "parks in the queues of all channels at once",
	Allocates:      "each receive allocates room for an item of every open producer, in reflect.Select",
	Scans:          "each receive queues at the channel of every open producer",
	SharesProducer: true,
}

var chanSelectStrategy = Strategy{
	Descriptor: chanSelectDescriptor,
	Word:       NewChanSelect[Word],
	Message:    NewChanSelect[Message],
	Blocks:     Blocks{NewChanSelect[Block64], NewChanSelect[Block1K], NewChanSelect[Block16K], nil},
}

const (
	// maxSelect is how many pipes reflect.Select can wait for: it takes 65536 cases
	// and says so by a panic.
	maxSelect = 1<<16 - selectFixed
	// maxOpen is how many producers may be open: one less, so that when there are
	// more pipes than the consumer can wait for, it waits for one that is closed. That
	// one goes, and another takes its place.
	maxOpen = maxSelect - 1
)

// NewChanSelect returns a fan-in of one buffered channel of o.Capacity items per
// producer, whose consumer waits for any of them by reflect.Select and then
// fills its buffer from the channel that was chosen and those after it. A send
// takes the lock of the producer's own channel, which only the consumer wants
// too. A receive, however few items it returns, takes the locks of all channels
// in order of their addresses and queues at each: n log n and more than n
// allocations for n producers.
//
// It loses as soon as there are more than a few producers, most of all when
// they send so seldom that each receive finds one item; and in memory, since
// every producer's capacity is set aside when it opens.
//
// Opening a producer beside 65533 that are open, the most that reflect.Select can wait
// for but one, panics. So does NewChanSelect, with the error of
// [Options.Validate], if there is one. Code that calls it with items of more than
// 65520 bytes does not compile: see [NewChan].
func NewChanSelect[T any](o Options) FanIn[T] {
	o = o.MustSuit(chanSelectDescriptor)
	if o.Policy == DropOldest {
		return newChanDropOldest(newChanSelect[owned[T]](o))
	}
	return newChanSelect[T](o)
}

func newChanSelect[T any](o Options) *chanSelect[T] {
	f := &chanSelect[T]{policy: o.Policy, capacity: o.Capacity, opened: make(chan struct{}, 1)}
	f.consumer = chanSelectConsumer[T]{f: f}
	return f
}

type chanSelect[T any] struct {
	lifecycle
	drops[T]
	policy   Policy
	capacity int

	// opened holds a token when all has changed since the consumer last looked, or
	// the consumer has left.
	opened chan struct{}

	mu sync.Mutex // guards all and stopping
	// all is every producer's pipe but those that the consumer has found closed and
	// empty; none after the consumer left. Producers append, only the consumer
	// removes.
	all []*pipe[T]

	stopping bool // no producer gets a pipe any more

	watch    chanWatch    // of all pipes
	closed   atomic.Int64 // pipes, since the drained ones were removed
	consumer chanSelectConsumer[T]
}

func (f *chanSelect[T]) Producer() Producer[T] { return f.producer() }

// Sender is a producer, with one channel for all its goroutines.
func (f *chanSelect[T]) Sender() Sender[T] { return f.producer() }

func (f *chanSelect[T]) producer() *chanProducer[T] {
	p := &chanProducer[T]{policy: f.policy, life: &f.lifecycle, watch: &f.watch, drops: &f.drops, own: f.pipeClosed}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left.Load() || f.ended() || f.stopping {
		p.state.Store(producerClosed)
		return p
	}
	if f.state.Load() >= maxOpen {
		panic(fmt.Sprintf("chan-select: opening a producer beside %d, the most that reflect.Select waits for", maxOpen))
	}
	if !f.join() {
		p.state.Store(producerClosed)
		return p
	}
	p.pipe = newPipe[T](f.capacity)
	p.items = p.pipe.items
	f.all = append(f.all, p.pipe)
	f.announce()
	return p
}

// announce makes the consumer look at all.
func (f *chanSelect[T]) announce() {
	select {
	case f.opened <- struct{}{}:
	default: // it has yet to look, and will see this one too
	}
}

func (f *chanSelect[T]) Consumer() Consumer[T] { return &f.consumer }

// Backlog looks at every channel.
func (f *chanSelect[T]) Backlog() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := 0
	for _, p := range f.all {
		sum += len(p.items)
	}
	return sum
}

// Stats implements StatsKeeper.
func (f *chanSelect[T]) Stats() Stats { return f.withWaits(f.stats(f.Backlog(), f.policy)) }

// The cases before those of the producers.
const (
	selectOpened = iota // a producer has been opened
	selectStop          // what else ends the wait; the zero case never does
	selectFixed
)

func receiveFrom(channel any) reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(channel)}
}

type chanSelectConsumer[T any] struct {
	f *chanSelect[T]

	receiving sync.Mutex // held by a receive; guards what follows
	// pipes is f.all as the consumer last saw it, or the first maxSelect of them, and
	// cases the fixed ones and one for each of pipes. An append to f.all writes behind the length of pipes, which
	// the consumer does not look at.
	pipes []*pipe[T]
	cases []reflect.SelectCase
}

func (c *chanSelectConsumer[T]) Recv(buf []T) (int, error) {
	n, _, err := c.recv(buf, reflect.SelectCase{Dir: reflect.SelectRecv})
	return n, err
}

func (c *chanSelectConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := contextErr(ctx); err != nil {
		return 0, err
	}
	n, stopped, err := c.recv(buf, receiveFrom(ctx.Done()))
	if stopped {
		return 0, ctx.Err()
	}
	return n, err
}

func (c *chanSelectConsumer[T]) TryRecv(buf []T) (int, error) {
	n, err := c.try(buf)
	if !c.f.watch.asked(len(buf), n, err) {
		return n, err
	}
	return c.f.watch.again(func() (int, error) { return c.try(buf) })
}

func (c *chanSelectConsumer[T]) try(buf []T) (int, error) {
	n, _, err := c.recv(buf, reflect.SelectCase{Dir: reflect.SelectDefault})
	return n, err
}

// Ready implements Readier.
func (c *chanSelectConsumer[T]) Ready() <-chan struct{} { return c.f.watch.ready() }

func (c *chanSelectConsumer[T]) recv(buf []T, stop reflect.SelectCase) (n int, stopped bool, err error) {
	c.receiving.Lock()
	n, stopped, err = c.receive(buf, stop)
	c.receiving.Unlock()
	if c.f.left.Load() {
		c.forget()
	}
	return n, stopped, err
}

// receive receives until there is an item, the end, or what stop waits for.
func (c *chanSelectConsumer[T]) receive(buf []T, stop reflect.SelectCase) (n int, stopped bool, err error) {
	if len(buf) == 0 {
		return 0, false, c.nothing()
	}
	for !c.f.left.Load() {
		if c.atEnd() {
			return 0, false, c.end()
		}
		c.cases[selectStop] = stop
		chosen, item, open := reflect.Select(c.cases)
		switch {
		case chosen == selectOpened:
			c.refresh()
		case chosen == selectStop:
			if c.f.left.Load() {
				return 0, false, ErrClosed
			}
			return 0, true, nil
		case open:
			reflect.ValueOf(&buf[0]).Elem().Set(item)
			return 1 + c.fill(buf[1:], chosen-selectFixed), false, nil
		default:
			if n := c.fill(buf, chosen-selectFixed); n > 0 {
				return n, false, nil
			}
		}
	}
	return 0, false, ErrClosed
}

// nothing returns the error of a receive into an empty buffer.
func (c *chanSelectConsumer[T]) nothing() error {
	if c.f.left.Load() {
		return ErrClosed
	}
	c.dropSpent()
	if c.atEnd() {
		return c.end()
	}
	return nil
}

// end returns the error of a receive at the end. A Close that came before it has thrown
// away what was there.
func (c *chanSelectConsumer[T]) end() error {
	if c.f.left.Load() {
		return ErrClosed
	}
	return io.EOF
}

// dropSpent removes the pipes that are closed and empty.
func (c *chanSelectConsumer[T]) dropSpent() {
	c.refresh()
	for i := len(c.pipes) - 1; i >= 0; i-- {
		if i < len(c.pipes) && c.pipes[i].drained() { // a Close beside this leaves none
			c.remove(i)
		}
	}
}

// tidyShare is which part of the pipes may be drained before they are removed without a
// receive, which costs a look at all of them.
const tidyShare = 16

// pipeClosed is called by each producer that has closed its pipe: the consumer may
// not come back for long.
func (f *chanSelect[T]) pipeClosed() {
	c := &f.consumer
	closed := f.closed.Add(1)
	f.mu.Lock()
	few := closed*tidyShare < int64(len(f.all))
	f.mu.Unlock()
	if few || !c.receiving.TryLock() { // who receives removes them
		return
	}
	if !f.left.Load() {
		f.closed.Store(0)
		c.dropSpent()
	}
	c.receiving.Unlock()
	if f.left.Load() {
		c.forget()
	}
}

// atEnd reports whether every producer has closed and its pipe is removed. After
// the end no producer opens, so none is missed after the refresh.
func (c *chanSelectConsumer[T]) atEnd() bool {
	if len(c.cases) == 0 { // the first receive
		c.refresh()
	}
	if len(c.pipes) > 0 || !c.f.ended() {
		return false
	}
	c.refresh()
	return len(c.pipes) == 0
}

// fill moves what is there into buf: from the pipe that was chosen, so that it is
// chance which producer is served first, and then from the others in turn. It
// removes the pipes that it finds at their end, for each would cost a select of
// its own.
func (c *chanSelectConsumer[T]) fill(buf []T, chosen int) int {
	n := 0
	for range c.pipes {
		if n == len(buf) {
			break
		}
		chosen %= len(c.pipes)
		k, open := takeReady(c.pipes[chosen].items, buf[n:])
		n += k
		if open {
			chosen++
		} else if c.remove(chosen); len(c.pipes) == 0 {
			break
		}
	}
	return n
}

// remove forgets the pipe at an index; the last takes its place.
func (c *chanSelectConsumer[T]) remove(i int) {
	f := c.f
	f.mu.Lock()
	if last := len(f.all) - 1; i <= last { // or the consumer has left
		f.all[i] = f.all[last]
		f.all[last] = nil
		f.all = shrunk(f.all[:last])
	}
	f.mu.Unlock()
	c.refresh()
	if i < len(c.pipes) {
		c.cases[selectFixed+i] = receiveFrom(c.pipes[i].items)
	}
}

// refresh looks for new pipes, which are at the end.
func (c *chanSelectConsumer[T]) refresh() {
	known := len(c.pipes)
	c.f.mu.Lock()
	c.pipes = c.f.all[:min(len(c.f.all), maxSelect)]
	c.f.mu.Unlock()
	if len(c.cases) == 0 {
		c.cases = make([]reflect.SelectCase, selectFixed)
		c.cases[selectOpened] = receiveFrom(c.f.opened)
	}
	known = min(known, len(c.pipes))
	clear(c.cases[selectFixed+known:])
	c.cases = shrunk(c.cases[:selectFixed+known])
	for _, p := range c.pipes[known:] {
		c.cases = append(c.cases, receiveFrom(p.items))
	}
}

// shrunk returns s, in memory of twice its length if it had more than four times
// that much. What this copies was paid for by as many removals.
func shrunk[E any](s []E) []E {
	if cap(s) <= 16 || cap(s) <= 4*len(s) {
		return s
	}
	return append(make([]E, 0, 2*len(s)), s...)
}

// Stop closes every pipe, and ends the fan-in when all are: then those that are left
// are drained.
func (c *chanSelectConsumer[T]) Stop() {
	f := c.f
	f.mu.Lock()
	f.stopping = true
	for _, p := range f.all {
		p.close()
	}
	f.mu.Unlock()
	f.stop()
	f.announce()
	f.watch.wake()
}

// Close closes and empties every pipe.
func (c *chanSelectConsumer[T]) Close() {
	f := c.f
	if f.left.Swap(true) {
		return
	}
	f.mu.Lock()
	all := f.all
	f.all = nil
	f.mu.Unlock()
	for _, p := range all {
		p.discard()
	}
	f.announce() // if there was no pipe that a receiver waits for
	f.watch.wake()
	c.forget()
}

// forget lets go of the pipes when the consumer has left, unless a receive is under
// way, which forgets them itself: it looks for left after it has unlocked.
func (c *chanSelectConsumer[T]) forget() {
	if c.receiving.TryLock() {
		c.pipes, c.cases = nil, nil
		c.receiving.Unlock()
	}
}
