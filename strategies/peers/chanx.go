package peers

import (
	"context"

	"github.com/smallnest/chanx"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var chanxDescriptor = strategies.Descriptor{
	Name:   "chanx",
	Doc:    "a goroutine moves items from one buffered channel through a growing ring to another",
	Family: strategies.FamilyChannels,
	Source: "https://pkg.go.dev/github.com/smallnest/chanx",
	Module: "github.com/smallnest/chanx@v1.2.0",
	Order:  strategies.OrderGlobal,
	Bound:  strategies.Unbounded,
	Wait:   "parks in the channel's queue at once",
	Lacks: map[strategies.Promise]string{
		strategies.PromiseBacklog: "Len copies the counter that its goroutine writes: a data race",
		strategies.PromiseClose:   closesAlone,
	},
}

var chanxStrategy = strategies.Strategy{
	Descriptor: chanxDescriptor,
	Word:       NewChanx[strategies.Word],
	Message:    NewChanx[strategies.Message],
}

// NewChanx adapts chanx.UnboundedChan, with 1024 items for each of the three
// buffers that it asks for. Added: the last producer closes its In, and once the
// consumer has left too, its context ends the goroutine.
func NewChanx[T any](o strategies.Options) strategies.FanIn[T] {
	o.MustSuit(chanxDescriptor)
	ctx, cancel := context.WithCancel(context.Background())
	q := chanx.NewUnboundedChan[T](ctx, strategies.DefaultCapacity)
	f := newPump(q.In, q.Out)
	f.onEnd = func() { close(q.In) }
	f.onUnused = cancel
	return f
}
