package strategies

var lanesRingDescriptor = Descriptor{
	Name:     "lanes-ring",
	Doc:      "a lock-free ring per producer; the consumer takes turns over those that have announced themselves",
	Family:   FamilyLanes,
	Source:   "this project; the rings after FastFlow's uSPSC, Aldinucci et al., Euro-Par 2012",
	Order:    OrderPerProducer,
	Bound:    PerProducer,
	Policies: []Policy{Fail, DropNewest, DropOldest},
	Wait:     "parks; while producers are fast, first yields to them or spins",
	Batch:    true,
}

var lanesRingStrategy = Strategy{
	Descriptor: lanesRingDescriptor,
	Word:       NewLanesRing[Word],
	Message:    NewLanesRing[Message],
	Blocks:     Blocks{NewLanesRing[Block64], NewLanesRing[Block1K], NewLanesRing[Block16K], NewLanesRing[Block64K]},
	Weighed:    NewLanesRing[Weighed[Message]],
}

// NewLanesRing returns a fan-in bounded per producer, in which each producer has a
// ring of o.Capacity items of its own and shares nothing with the others; the
// consumer goes round the rings of those that have sent lately. A send is one
// atomic store and one load, a batch the same; a receive is one load and one store
// for all that it takes from a ring. A producer that finds its ring full parks, but
// lets the consumer run first where that takes no longer: see [NewLanesLinked] for
// who yields when. Rings grow as they fill, so an idle producer costs a few hundred
// bytes.
//
// Order is kept per producer only. It loses where the memory of all must be
// bounded tightly, since each producer's backlog counts by itself, and where most
// producers send once in a while: then each send is listed by a compare-and-swap
// on a word that all share. Under DropOldest a lock goes with each ring, taken by the
// consumer once per turn and by a producer for each send that drops.
//
// NewLanesRing panics with the error of [Options.Validate] if there is one.
func NewLanesRing[T any](o Options) FanIn[T] {
	o = o.MustSuit(lanesRingDescriptor)
	if o.Policy == DropOldest {
		return newRingLanesDropOldest[T](uint64(o.Capacity))
	}
	return newRingLanes[T](uint64(o.Capacity), o.Policy)
}
