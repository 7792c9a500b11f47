package peers

import (
	"github.com/puzpuzpuz/xsync/v4"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var xsyncMPMCDescriptor = strategies.Descriptor{
	Name:   "xsync-mpmc",
	Doc:    "a bounded array whose slots carry the turn they are in; producers and consumer claim slots by compare-and-swap",
	Family: strategies.FamilyLockFree,
	Source: "https://pkg.go.dev/github.com/puzpuzpuz/xsync/v4#MPMCQueue, after https://github.com/rigtorp/MPMCQueue",
	Module: "github.com/puzpuzpuz/xsync/v4@v4.5.0",
	Order:  strategies.OrderGlobal,
	Bound:  strategies.Total,
	Wait:   polls,
	Lacks: map[strategies.Promise]string{
		strategies.PromisePark:    cannotWait,
		strategies.PromiseBound:   "the capacity is rounded up to a power of two, and a TryEnqueue also fails when another was faster",
		strategies.PromiseBacklog: "it does not count its items",
		strategies.PromisePrompt:  yields,
		strategies.PromiseClose:   closesAlone,
	},
}

var xsyncMPMCStrategy = strategies.Strategy{
	Descriptor: xsyncMPMCDescriptor,
	Word:       NewXsyncMPMC[strategies.Word],
	Message:    NewXsyncMPMC[strategies.Message],
}

// What the adapters say of queues that leave waiting to the caller.
const (
	polls      = "polls, yielding in between"
	cannotWait = "it cannot wait: whoever finds it full or empty polls"
	yields     = "whoever yields waits for a turn of every goroutine that computes"
)

// NewXsyncMPMC adapts xsync.MPMCQueue. Added: waiting, and a receive that goes on
// while there are items.
func NewXsyncMPMC[T any](o strategies.Options) strategies.FanIn[T] {
	q := xsyncMPMC[T]{xsync.NewMPMCQueue[T](capacity(o, xsyncMPMCDescriptor, 1))}
	return newFanIn[T](q, q)
}

type xsyncMPMC[T any] struct{ *xsync.MPMCQueue[T] }

func (q xsyncMPMC[T]) put(item T) bool { return q.TryEnqueue(item) }

func (q xsyncMPMC[T]) take(buf []T) int {
	for i := range buf {
		item, ok := q.TryDequeue()
		if !ok {
			return i
		}
		buf[i] = item
	}
	return len(buf)
}
