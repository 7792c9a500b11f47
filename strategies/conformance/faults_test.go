package conformance_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// faults are switches in the reference; the zero value is none. A rare fault
// counts over all fan-ins of its strategy, so that it is as rare as it says
// however the kit divides its items.
type faults struct {
	loses, doubles, reorders, corrupts *rare
	corruptsBlocks                     *rare
	noConsumerWake, noProducerWake     *rare
	miscounts                          *rare

	wakesOne        bool // producer for all the room made
	swallows        bool // a cancelled sender keeps the wake-up it had
	closesQuietly   bool // the last Close does not wake the consumer
	closesTwice     bool // a second Close counts again
	endsWithItems   bool // EOF with one item left
	endsEmpty       bool // EOF when empty and no producer was opened yet
	leavesBlocked   bool // consumer Close does not wake senders
	sendsAfterClose bool // sends after the consumer's Close succeed
	leaks           bool // a goroutine
	over            int  // items over the capacity
	dropsSecond     bool // the second oldest item instead of the oldest
	blamesSender    bool // counts a drop against who caused it
	sendsRejected   bool // queues what it rejects
	spins           bool // instead of parking
	tryWaits        bool
	batchLimit      int  // a batch stops there and says nothing
	emptyWakes      bool // an empty batch wakes the consumer
	deaf            bool // to contexts
	losesCanceled   bool // a cancelled receive throws an item away
	ahead           int  // backlog is over by this much
	allocates       bool // per item of a batch
	retains         bool // received items stay referred to
	hoards          bool // the queue's memory

	freesWaiting  bool // only a consumer that waits lets go of a burst
	keepsBatches  bool // each producer, as long as it is open
	keepsBeyond   int  // producers beyond so many are never let go
	keepsLeft     bool // what the consumer left behind
	leaksBytes    bool // 64 for each thousand items
	looksBack     bool // each receive looks at every producer there ever was
	losesAfter    uint64
	doublesMoving bool // the backlog is read as twice of what it is while items move
	looksLong     bool // the backlog is what was sent at one moment less what was received at an earlier one

	polls        time.Duration // instead of parking
	yields       bool          // instead of parking
	yieldsToLook bool          // the consumer, before each look
	yieldsToSend bool          // a producer, before each send
	naps         bool          // the Try variants

	keepsOwnSender    bool // a producer's Close does not release its send
	sendsWoken        bool // what a send released by Close wanted to send
	panicsOnClose     bool // a send that was released
	closesTwiceAtOnce bool // two Closes at once count twice
	leavesReceiver    bool // the consumer's Close does not release its receive
	closesUnseen      bool // a receive at the end looks only before that whether the consumer has closed
	endsOnClose       bool // the consumer's Close ends a fan-in without producers before it leaves

	takesAnything bool // options
	takesNil      bool // contexts
	emptyAlways   bool // returns 0, nil
	countsLeft    bool // the backlog of a consumer that closed
}

// some is the context that a call goes on with.
func (f *faults) some(ctx context.Context) context.Context {
	switch {
	case ctx != nil:
		return ctx
	case f.takesNil:
		return context.Background()
	}
	panic("nil context")
}

func (f *faults) nap() {
	if f.naps {
		time.Sleep(20 * time.Millisecond)
	}
}

// lookBack takes the time of a look at each producer.
func (f *faults) lookBack(producers int) {
	if !f.looksBack {
		return
	}
	x := uint64(1)
	for range producers {
		x = x*31 + 1
	}
	runtime.KeepAlive(x)
}

// rare is one in so many.
type rare struct {
	every uint64
	count atomic.Uint64
}

func oneIn(every uint64) *rare { return &rare{every: every} }

func (r *rare) hits() bool { return r != nil && r.count.Add(1)%r.every == 0 }

func (f *faults) copies() int {
	switch {
	case f.loses.hits():
		return 0
	case f.doubles.hits():
		return 2
	}
	return 1
}

func (f *faults) swaps() bool         { return f.reorders.hits() }
func (f *faults) wakesConsumer() bool { return !f.noConsumerWake.hits() }
func (f *faults) limit(capacity int) int {
	return capacity + f.over
}
func (f *faults) backlog(n int) int { return n + f.ahead }

// err and done are the context's, if it is looked at.
func (f *faults) err(ctx context.Context) error {
	if f.deaf {
		return nil
	}
	return ctx.Err()
}

func (f *faults) done(ctx context.Context) <-chan struct{} {
	if f.deaf {
		return nil
	}
	return ctx.Done()
}

func (f *faults) wakesProducers(n int) int {
	if f.noProducerWake.hits() {
		return 0
	}
	if f.wakesOne {
		return min(n, 1)
	}
	return n
}

func (f *faults) countsDrops() uint64 {
	if f.miscounts.hits() {
		return 0
	}
	return 1
}

// corrupt changes the newest item: a bit of a word, a byte of a payload.
func (f *faults) corrupt(entries any) {
	if f.corrupts == nil && f.corruptsBlocks == nil {
		return
	}
	switch e := entries.(type) {
	case *[]entry[strategies.Word]:
		if f.corrupts.hits() {
			(*e)[len(*e)-1].item ^= 1 << 50
		}
	case *[]entry[strategies.Block1K]:
		if f.corruptsBlocks.hits() {
			(*e)[len(*e)-1].item.Payload[1<<10-1] ^= 1
		}
	case *[]entry[strategies.Message]:
		if m := &(*e)[len(*e)-1].item; len(m.Payload) > 0 && f.corrupts.hits() {
			m.Payload[0] ^= 1
		}
	}
}
