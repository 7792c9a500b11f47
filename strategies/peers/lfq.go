package peers

import "github.com/fanin-bench/fanin-bench/strategies"

var lfqDescriptor = strategies.Descriptor{
	Name:   "lfq-mpsc",
	Doc:    "a bounded array of twice the capacity whose slots carry a cycle; producers claim slots by fetch-and-add",
	Family: strategies.FamilyLockFree,
	Source: "https://pkg.go.dev/code.hybscloud.com/lfq#MPSC",
	Module: "code.hybscloud.com/lfq@v0.1.3",
	Order:  strategies.OrderGlobal,
	Bound:  strategies.Total,
	Wait:   polls,
	Lacks: map[strategies.Promise]string{
		strategies.PromiseIntact:  "its atomics are assembly of its own, which neither Go's memory model nor the race detector knows",
		strategies.PromisePark:    cannotWait,
		strategies.PromiseBound:   "the capacity is rounded up to a power of two, at least 2, and passed when several producers claim the last slot",
		strategies.PromiseBacklog: "it does not count its items",
		strategies.PromisePrompt:  yields,
		strategies.PromiseClose:   closesAlone,
	},
}
