package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// constructors are those of every strategy, for lines. Nothing else in this program
// knows which one is used.
var constructors = map[string]strategies.Constructor[line]{
	"chan":            strategies.NewChan[line],
	"chan-unbounded":  strategies.NewChanUnbounded[line],
	"chan-unbuffered": strategies.NewChanUnbuffered[line],
	"chan-merge":      strategies.NewChanMerge[line],
	"chan-select":     strategies.NewChanSelect[line],
	"chan-batch":      strategies.NewChanBatch[line],
	"chan-bare":       strategies.NewChanBare[line],
	"mutex-swap":      strategies.NewMutexSwap[line],
	"mutex-cond":      strategies.NewMutexCond[line],
	"semaphore":       func(o strategies.Options) strategies.FanIn[line] { return strategies.NewSemaphore[line](o) },
	"ipqueue":         strategies.NewIPQueue[line],
	"mpsc-ring":       strategies.NewMPSCRing[line],
	"mpsc-linked":     strategies.NewMPSCLinked[line],
	"lanes":           strategies.NewLanes[line],
	"lanes-ring":      strategies.NewLanesRing[line],
	"lanes-linked":    strategies.NewLanesLinked[line],
}

// construct returns a fan-in of the strategy with that name.
func construct(name string, capacity int) (strategies.FanIn[line], error) {
	constructor, ok := constructors[name]
	if !ok {
		return nil, fmt.Errorf("--strategy: unknown strategy %q (one of %s)", name, strings.Join(slices.Sorted(maps.Keys(constructors)), ", "))
	}
	if capacity < 0 || capacity > strategies.MaxCapacity {
		return nil, fmt.Errorf("--capacity: %d is not in 0..%d", capacity, strategies.MaxCapacity)
	}
	return constructor(strategies.Options{Capacity: capacity}), nil
}
