package peers

import "github.com/fanin-bench/fanin-bench/strategies"

// ZenQ has no adapter and its module is not required: a program that imports it
// does not link.
var zenqStrategy = unbuildable(strategies.Descriptor{
	Name:   "zenq",
	Doc:    "a bounded array whose waiting goroutines are parked and readied through the runtime's own functions",
	Family: strategies.FamilyLockFree,
	Source: "https://pkg.go.dev/github.com/alphadose/zenq/v2",
	Module: "github.com/alphadose/zenq/v2@v2.8.4",
	Order:  strategies.OrderPerProducer,
	Bound:  strategies.Total,
}, "it does not link since Go 1.23: invalid reference to runtime.dropg (https://github.com/alphadose/ZenQ/issues/18)")
