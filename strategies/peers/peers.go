// Package peers adapts queues that others wrote in Go to the contract of package
// strategies, so that they run in the same suite, under the same checks. An
// adapter adds only what the contract demands and the queue can be given without
// changing what it is; the comment at its constructor says what that was. What a
// queue cannot do is in Descriptor.Lacks, with the reason.
//
// All adapters share the skeleton in adapter.go: producers are counted, so that
// the fan-in ends with the last of them; a flag that every send looks at says
// that the consumer has left; a batch is a loop unless the queue has a call for
// it. Queues that leave waiting to their caller are tried again and again, with
// a yield in between.
//
// Nothing but the suite's own program imports this package: importing a strategy
// must not bring a queue's module with it.
//
// The package is the program's own: its API may change with every version.
package peers

import "github.com/fanin-bench/fanin-bench/strategies"

// All returns every peer, in the order of tables, colours and legends: unbounded
// ones, bounded ones, lossy ones, those that cannot be built. New ones go at
// the end of theirs.
func All() []strategies.Strategy {
	return []strategies.Strategy{
		xsyncUMPSCStrategy,
		workivaQueueStrategy,
		chanxStrategy,
		chanQueueStrategy,
		xsyncMPMCStrategy,
		workivaRingStrategy,
		lfqStrategy,
		ringbufStrategy,
		shardedRingStrategy,
		disruptorStrategy,
		diodesStrategy,
		zenqStrategy,
	}
}

// unbuildable is a peer that is only listed, and why. Where that is so on some platforms
// only, build tags choose between this and the adapter.
func unbuildable(d strategies.Descriptor, why string) strategies.Strategy {
	d.Unbuildable = why
	return strategies.Strategy{Descriptor: d}
}
