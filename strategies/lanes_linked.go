package strategies

import "math"

var lanesLinkedDescriptor = Descriptor{
	Name:   "lanes-linked",
	Doc:    "a lock-free chain of rings per producer; the consumer takes turns over those that have announced themselves",
	Family: FamilyLanes,
	Source: "this project; the chain after FastFlow's uSPSC, Aldinucci et al., Euro-Par 2012",
	Order:  OrderPerProducer,
	Bound:  Unbounded,
	Wait:   "parks; while producers are fast, first yields to them or spins",
	Batch:  true,
}

var lanesLinkedStrategy = Strategy{
	Descriptor: lanesLinkedDescriptor,
	Word:       NewLanesLinked[Word],
	Message:    NewLanesLinked[Message],
	Blocks:     Blocks{NewLanesLinked[Block64], NewLanesLinked[Block1K], NewLanesLinked[Block16K], NewLanesLinked[Block64K]},
}

// noLimit is the capacity of an unbounded lane: positions stay below it for a
// century at a billion items a second.
const noLimit = math.MaxInt64

// NewLanesLinked returns an unbounded fan-in in which each producer has a chain of
// rings of its own and shares nothing with the others; the consumer goes round the
// lanes of those that have sent lately. A send is one atomic store and one load, a
// batch the same; a receive is one load and one store for all that it takes from a
// lane. A send never waits for the consumer, but when its lane is behind by a whole
// ring it lets others run before it goes on in another: by a yield if all that wait
// for a processor are producers, and if others do, who may compute for long, by
// backing off for some 200 µs. What a burst took is let go as it is drained; an
// idle producer costs a few hundred bytes.
//
// Order is kept per producer only. It loses where a backlog needs a limit, and
// where most producers send once in a while: then each send is listed by a
// compare-and-swap on a word that all share.
//
// NewLanesLinked panics with the error of [Options.Validate] if there is one.
func NewLanesLinked[T any](o Options) FanIn[T] {
	o.MustSuit(lanesLinkedDescriptor)
	return newRingLanes[T](noLimit, Block)
}
