package peers

import "github.com/fanin-bench/fanin-bench/strategies"

var shardedRingDescriptor = strategies.Descriptor{
	Name:      "lock-free-ring",
	Doc:       "a few bounded arrays of interfaces, shared by the producers in turn and claimed by compare-and-swap; received in batches",
	Family:    strategies.FamilyLanes,
	Source:    "https://pkg.go.dev/github.com/randomizedcoder/go-lock-free-ring",
	Module:    "github.com/randomizedcoder/go-lock-free-ring@v1.0.4",
	Order:     strategies.OrderPerProducer,
	Bound:     strategies.PerProducer,
	Lanes:     true,
	Wait:      polls,
	Allocates: "each item is boxed in an interface",
	Lacks: map[strategies.Promise]string{
		strategies.PromisePark:   cannotWait,
		strategies.PromiseBound:  "producers that share a lane share its room, which is at least 2",
		strategies.PromisePrompt: yields,
		strategies.PromiseClose:  closesAlone,
	},
}
