package strategies_test

import (
	"testing"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

type (
	words    = strategies.Weighed[strategies.Word]
	messages = strategies.Weighed[strategies.Message]
)

// weightedForm is a strategy below a bound by weight, with items that all weigh the same, so
// that the bound can be told in items, as the conformance kit does.
type weightedForm struct {
	below    string // its name
	order    strategies.Order
	bound    strategies.Bound
	words    strategies.Constructor[words]
	messages strategies.Constructor[messages]
	weight   int  // of each item
	long     bool // tried at full length only: what it adds is little
}

// weightedForms are the strategies that the bound is meant for. Items of lanes weigh 1: lanes
// without a bound of their own may tell a larger backlog while items move, and the weight
// bounds that then.
var weightedForms = []weightedForm{
	{"mpsc-linked", strategies.OrderGlobal, strategies.Total, strategies.NewMPSCLinked[words], strategies.NewMPSCLinked[messages], 100, false},
	{"lanes-linked", strategies.OrderPerProducer, strategies.PerProducer, strategies.NewLanesLinked[words], strategies.NewLanesLinked[messages], 1, false},
	{"mutex-swap", strategies.OrderGlobal, strategies.Total, strategies.NewMutexSwap[words], strategies.NewMutexSwap[messages], 100, true},
	{"mutex-cond", strategies.OrderGlobal, strategies.Total, strategies.NewMutexCond[words], strategies.NewMutexCond[messages], 100, true},
	{"mpsc-ring", strategies.OrderGlobal, strategies.Total, strategies.NewMPSCRing[words], strategies.NewMPSCRing[messages], 100, true},
	{"lanes-ring", strategies.OrderPerProducer, strategies.PerProducer, strategies.NewLanesRing[words], strategies.NewLanesRing[messages], 1, true},
}

func (w weightedForm) strategy() strategies.Strategy {
	d := strategies.Descriptor{
		Name: "weighted-" + w.below, Order: w.order, Bound: w.bound,
		Policies: []strategies.Policy{strategies.Fail, strategies.DropNewest}, Batch: true,
	}
	return strategies.Strategy{Descriptor: d, Word: evenly(w.words, w.weight, d), Message: evenly(w.messages, w.weight, d)}
}

// evenly makes fan-ins in which every item weighs the same.
func evenly[T any](construct strategies.Constructor[strategies.Weighed[T]], weight int, d strategies.Descriptor) strategies.Constructor[T] {
	return func(o strategies.Options) strategies.FanIn[T] {
		o = o.MustSuit(d)
		return strategies.NewWeighted(construct, o, strategies.Weight[T]{
			Of:          func(T) int { return weight },
			Capacity:    weight * o.Capacity,
			PerProducer: d.Bound == strategies.PerProducer,
		})
	}
}

// TestWeightedConformance tries the promises on the weighted forms. At full length it tries
// all on all of them, and otherwise those that are the bound's to keep, on two.
func TestWeightedConformance(t *testing.T) {
	o := conformance.Options{Short: strategies.Brief()}
	if o.Short {
		o.Promises = []strategies.Promise{
			strategies.PromiseExactlyOnce, strategies.PromiseDrain, strategies.PromiseConsumerClose, strategies.PromiseBound,
			strategies.PromiseOverflow, strategies.PromiseWake, strategies.PromiseTry, strategies.PromiseBatch,
			strategies.PromiseContext, strategies.PromiseBacklog, strategies.PromiseNoAlloc, strategies.PromiseClose, strategies.PromiseMisuse,
		}
	}
	for _, form := range weightedForms {
		if form.long && o.Short {
			continue
		}
		t.Run(form.below, func(t *testing.T) {
			for _, finding := range conformance.Check(t.Context(), form.strategy(), o) {
				t.Error(finding)
			}
		})
	}
}
