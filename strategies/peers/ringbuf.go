package peers

import "github.com/fanin-bench/fanin-bench/strategies"

var ringbufDescriptor = strategies.Descriptor{
	Name:   "ringbuf",
	Doc:    "a bounded array with a state per slot; both sides advance a shared index and then claim the slot by compare-and-swap",
	Family: strategies.FamilyLockFree,
	Source: "https://pkg.go.dev/github.com/hedzr/go-ringbuf/v2",
	Module: "github.com/hedzr/go-ringbuf/v2@v2.2.5",
	Order:  strategies.OrderPerProducer,
	Bound:  strategies.Total,
	Wait:   polls,
	Lacks: map[strategies.Promise]string{
		strategies.PromisePark:        cannotWait,
		strategies.PromiseBound:       "the capacity is rounded up to one less than a power of two",
		strategies.PromiseOrder:       passesBy,
		strategies.PromiseExactlyOnce: passesBy,
		strategies.PromiseDrain:       passesBy,
		strategies.PromiseWake:        passesBy,
		strategies.PromiseBatch:       passesBy,
		strategies.PromiseContext:     passesBy,
		strategies.PromiseShrink:      "slots keep what was received until they are written again",
		strategies.PromisePrompt:      yields,
		strategies.PromiseClose:       closesAlone,
	},
}

// passesBy is what breaks most promises of hedzr/go-ringbuf.
const passesBy = "Dequeue passes by a slot that is still being written: its item comes a whole round later, or never"
