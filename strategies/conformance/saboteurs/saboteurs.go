// Package saboteurs holds strategies that break a promise in ways that are easy to
// miss: late, slowly, or only while nobody looks. Each is mpsc-ring behind the public
// API of package strategies, as a module of somebody else's would wrap it. They are
// there for the tests of what must catch them, package conformance and the trials of
// package harness, and for nothing else.
//
// The package is the program's own: its API may change with every version.
package saboteurs

import (
	"slices"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Saboteur is a strategy and the promise that it breaks.
type Saboteur struct {
	strategies.Strategy
	Promise strategies.Promise
	// LosesAfter is how many items of one fan-in arrive before one is lost, 0 if none
	// ever is: nothing shorter can notice.
	LosesAfter int
}

// All returns every saboteur.
func All() []Saboteur {
	return []Saboteur{
		{Strategy: Leaks(), Promise: strategies.PromiseShrink},
		{Strategy: Polls(), Promise: strategies.PromisePark},
		{Strategy: Doubles(), Promise: strategies.PromiseBacklog},
		{Strategy: TryWaits(), Promise: strategies.PromiseTry},
		{Strategy: KeepsProducers(), Promise: strategies.PromiseShrink},
		{Strategy: LosesLate(), Promise: strategies.PromiseExactlyOnce, LosesAfter: losesAfter},
		{Strategy: Spins(), Promise: strategies.PromisePark},
	}
}

// base returns the strategy that all of them are underneath.
func base() strategies.Strategy {
	all := strategies.All()
	return all[slices.IndexFunc(all, func(s strategies.Strategy) bool { return s.Name == "mpsc-ring" })]
}

// over returns the base under another name, built by other constructors. What
// carries its payload by value is left out.
func over(name, doc string, word strategies.Constructor[strategies.Word], message strategies.Constructor[strategies.Message]) strategies.Strategy {
	s := strategies.Strategy{Descriptor: base().Descriptor, Word: word, Message: message}
	s.Name, s.Doc = name, doc
	return s
}

// fanIn is one whose consumer is another one.
type fanIn[T any] struct {
	strategies.FanIn[T]
	consumer strategies.Consumer[T]
}

func (f fanIn[T]) Consumer() strategies.Consumer[T] { return f.consumer }
