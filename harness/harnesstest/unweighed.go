package harnesstest

import (
	"maps"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Unweighed are strategies of which a trial neither weighs what they keep of items and
// producers nor watches them rest. That is two thirds of what a short trial computes, and a
// twentieth of a second in which it waits: tests of what programs make of trials execute
// them so. What finds strategies that do not shrink or park is tested in package harness.
func Unweighed(known []strategies.Strategy) []strategies.Strategy {
	unweighed := make([]strategies.Strategy, len(known))
	for i, s := range known {
		s.Lacks = maps.Clone(s.Lacks)
		if s.Lacks == nil {
			s.Lacks = make(map[strategies.Promise]string)
		}
		for _, p := range []strategies.Promise{strategies.PromiseShrink, strategies.PromisePark} {
			s.Lacks[p] = "it is not looked at"
		}
		unweighed[i] = s
	}
	return unweighed
}
