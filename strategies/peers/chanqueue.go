package peers

import (
	"github.com/gammazero/chanqueue"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var chanQueueDescriptor = strategies.Descriptor{
	Name:      "chanqueue",
	Doc:       "a goroutine moves items from one unbuffered channel through a deque to another",
	Family:    strategies.FamilyChannels,
	Source:    "https://pkg.go.dev/github.com/gammazero/chanqueue",
	Module:    "github.com/gammazero/chanqueue@v1.1.3",
	Order:     strategies.OrderGlobal,
	Bound:     strategies.Unbounded,
	Wait:      "parks in the channel's queue at once",
	Allocates: "its deque grows and shrinks with the backlog",
	Lacks: map[strategies.Promise]string{
		strategies.PromiseClose: closesAlone,
	},
}

var chanQueueStrategy = strategies.Strategy{
	Descriptor: chanQueueDescriptor,
	Word:       NewChanQueue[strategies.Word],
	Message:    NewChanQueue[strategies.Message],
}

// NewChanQueue adapts chanqueue.ChanQueue as New makes it: without a bound. Added:
// the last producer closes it, and once the consumer has left too, it is stopped.
func NewChanQueue[T any](o strategies.Options) strategies.FanIn[T] {
	o.MustSuit(chanQueueDescriptor)
	q := chanqueue.New[T]()
	f := newPump(q.In(), q.Out())
	f.length = q.Len
	f.onEnd = q.Close
	f.onUnused = func() { q.Stop() }
	return f
}
