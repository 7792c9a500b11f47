package strategies

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"sync"
)

var chanSelectDescriptor = Descriptor{
	Name:      "chan-select",
	Doc:       "a buffered channel per producer; the consumer waits for all of them with reflect.Select",
	Family:    FamilyChannels,
	Source:    "https://pkg.go.dev/reflect#Select",
	Order:     OrderPerProducer,
	Bound:     PerProducer,
	Policies:  []Policy{Fail, DropNewest, DropOldest},
	Wait:      "parks in the queues of all channels at once",
	Allocates: "each receive allocates room for an item of every open producer, in reflect.Select",
	Scans:     "each receive queues at the channel of every open producer",
}

var chanSelectStrategy = Strategy{
	Descriptor: chanSelectDescriptor,
	Word:       NewChanSelect[Word],
	Message:    NewChanSelect[Message],
	Blocks:     Blocks{NewChanSelect[Block64], NewChanSelect[Block1K], NewChanSelect[Block16K], nil},
}

// maxSelect is how many producers reflect.Select can wait for: it takes 65536
// cases and says so by a panic.
const maxSelect = 1<<16 - selectFixed

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
// Opening more producers than reflect.Select can wait for, 65534 of those that
// are open or have items left, panics.
func NewChanSelect[T any](o Options) FanIn[T] {
	o = o.MustSuit(chanSelectDescriptor)
	if o.Policy == DropOldest {
		o.Policy = Fail // says when it is full; making room is chanDropOldest's
		return newChanDropOldest(newChanSelect[owned[T]](o))
	}
	return newChanSelect[T](o)
}

func newChanSelect[T any](o Options) *chanSelect[T] {
	f := &chanSelect[T]{policy: o.Policy, capacity: o.Capacity, opened: make(chan struct{}, 1)}
	f.departure.prepare()
	f.consumer = chanSelectConsumer[T]{f: f, cases: make([]reflect.SelectCase, selectFixed)}
	f.consumer.cases[selectOpened] = receiveFrom(f.opened)
	return f
}

type chanSelect[T any] struct {
	lifecycle
	departure departure
	policy    Policy
	capacity  int

	// opened holds a token when all has grown since the consumer last looked.
	opened chan struct{}

	mu sync.Mutex // guards all
	// all is every producer's channel but those that the consumer has found
	// closed and empty. Producers append, only the consumer removes.
	all []chan T

	consumer chanSelectConsumer[T]
}

func (f *chanSelect[T]) Producer() Producer[T] { return f.producer() }

func (f *chanSelect[T]) producer() *chanProducer[T] {
	p := &chanProducer[T]{policy: f.policy, life: &f.lifecycle, gone: f.departure.next()}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.all) == maxSelect {
		panic(fmt.Sprintf("chan-select: opening a producer beside %d, the most that reflect.Select waits for", maxSelect))
	}
	if p.closed = !f.join(); p.closed {
		return p
	}
	items := make(chan T, f.capacity)
	p.items = items
	p.leave = func() {
		// In this order: who finds the last channel closed finds the fan-in ended.
		f.lifecycle.leave()
		close(items)
	}
	f.all = append(f.all, items)
	select {
	case f.opened <- struct{}{}:
	default: // the consumer has yet to look, and will see this one too
	}
	return p
}

func (f *chanSelect[T]) Consumer() Consumer[T] { return &f.consumer }

// Backlog looks at every channel.
func (f *chanSelect[T]) Backlog() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	sum := 0
	for _, items := range f.all {
		sum += len(items)
	}
	return sum
}

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

	// channels is f.all as the consumer last saw it, and cases the fixed ones
	// and one for each of channels. An append to f.all writes behind the length
	// of channels, which the consumer does not look at.
	channels []chan T
	cases    []reflect.SelectCase
}

func (c *chanSelectConsumer[T]) Recv(buf []T) (int, error) {
	n, _, err := c.recv(buf, reflect.SelectCase{Dir: reflect.SelectRecv})
	return n, err
}

func (c *chanSelectConsumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, stopped, err := c.recv(buf, receiveFrom(ctx.Done()))
	if stopped {
		return 0, ctx.Err()
	}
	return n, err
}

func (c *chanSelectConsumer[T]) TryRecv(buf []T) (int, error) {
	n, _, err := c.recv(buf, reflect.SelectCase{Dir: reflect.SelectDefault})
	return n, err
}

// recv receives until there is an item, the end, or what stop waits for.
func (c *chanSelectConsumer[T]) recv(buf []T, stop reflect.SelectCase) (n int, stopped bool, err error) {
	if c.f.left.Load() {
		return 0, false, ErrClosed
	}
	if len(buf) == 0 {
		return 0, false, nil
	}
	for !c.atEnd() {
		c.cases[selectStop] = stop
		chosen, item, open := reflect.Select(c.cases)
		switch {
		case chosen == selectOpened:
			c.refresh()
		case chosen == selectStop:
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
	return 0, false, io.EOF
}

// atEnd reports whether every producer has closed and its channel is removed.
// After the end no producer opens, so none is missed after the refresh.
func (c *chanSelectConsumer[T]) atEnd() bool {
	if len(c.channels) > 0 || !c.f.ended() {
		return false
	}
	c.refresh()
	return len(c.channels) == 0
}

// fill moves what is there into buf: from the channel that was chosen, so that
// it is chance which producer is served first, and then from the others in turn.
// It removes the channels that it finds at their end, for each would cost a
// select of its own.
func (c *chanSelectConsumer[T]) fill(buf []T, chosen int) int {
	n := 0
	for range c.channels {
		if n == len(buf) {
			break
		}
		chosen %= len(c.channels)
		k, open := takeReady(c.channels[chosen], buf[n:])
		n += k
		if open {
			chosen++
		} else {
			c.remove(chosen)
		}
	}
	return n
}

// remove forgets the channel at an index; the last takes its place.
func (c *chanSelectConsumer[T]) remove(i int) {
	f := c.f
	f.mu.Lock()
	last := len(f.all) - 1
	f.all[i] = f.all[last]
	f.all[last] = nil
	f.all = f.all[:last]
	f.mu.Unlock()
	c.refresh()
	if i < len(c.channels) {
		c.cases[selectFixed+i] = receiveFrom(c.channels[i])
	}
}

// refresh looks for new channels, which are at the end.
func (c *chanSelectConsumer[T]) refresh() {
	known := len(c.channels)
	c.f.mu.Lock()
	c.channels = c.f.all
	c.f.mu.Unlock()
	known = min(known, len(c.channels))
	clear(c.cases[selectFixed+known:])
	c.cases = c.cases[:selectFixed+known]
	for _, items := range c.channels[known:] {
		c.cases = append(c.cases, receiveFrom(items))
	}
}

func (c *chanSelectConsumer[T]) Close() {
	if !c.f.left.Swap(true) {
		c.f.departure.announce()
	}
}
