package strategies

// How a producer lets others run: the consumer, that it may make room, and other
// producers. It yields if only such wait for a processor, and otherwise parks when its
// lane is full, as a channel does, or goes on, and backs off now and then.

// yieldProducers is among how many producers one whose lane is full lets others run
// before it parks. The consumer mostly comes round before it is run again; 4 to 16
// producers gained a tenth, and 10 000 lost a third, where it does not.
const yieldProducers = 256

// yieldToConsumer lets the consumer make room in a lane that is full, if there is a chance,
// and reports whether to look again.
func (l *ringLane[T]) yieldToConsumer() bool {
	if l.set.lifecycle.state.Load() > yieldProducers {
		return false
	}
	switch l.whoWaits() {
	case ours:
		l.yield()
		return true
	case nobody: // it runs on another processor, if it has anything to do
		spin(1)
		return true
	default:
		return false
	}
}

// yieldToOthers lets others run before the lane goes on to another ring.
func (l *ringLane[T]) yieldToOthers() {
	if l.contended {
		l.backOffInTurn()
		return
	}
	switch l.whoWaits() {
	case ours:
		l.yield()
	case strangers:
		l.contended, l.rings = true, 0
	case nobody:
	}
}

func (l *ringLane[T]) yield() {
	l.rings = 0
	l.counts().yield()
}

// trustFor is for how many yields a producer takes for true that only ours wait, unless
// somebody has seen strangers since: the consumer looks whenever it has emptied the
// lanes. A look takes cache lines from all processors; one for each yield cost 16
// producers on two of them a twentieth.
const trustFor = 15

// whoWaits is look, if it must be.
func (l *ringLane[T]) whoWaits() runQueue {
	if l.trust > 0 && looks.found.Load() != uint32(strangers) {
		l.trust--
		return ours
	}
	who := look()
	l.trust = 0
	if who == ours {
		l.trust = trustFor
	}
	return who
}

const (
	// burstRings is how many rings a producer fills in one go, some 100 µs, before it
	// sees whether strangers wait.
	burstRings = 16
	// A producer that has seen strangers looks again after leastBurst rings. If they
	// still wait it backs off, and if that is of no use, for they compute, it fills
	// twice as many the next time, up to mostBurst.
	leastBurst = 2
	mostBurst  = 256
)

// backOffInTurn backs off every so many rings, if strangers wait. They may be producers that
// the scheduler has interrupted, or that have not begun yet: they are ours again once
// they have run, but nobody would let them.
func (l *ringLane[T]) backOffInTurn() {
	most := uint16(burstRings)
	if l.contended {
		most = max(leastBurst, l.burst)
	}
	if l.rings++; l.rings < most {
		return
	}
	l.rings = 0
	if l.contended = look() == strangers; l.contended {
		l.burst = min(2*max(leastBurst, l.burst), mostBurst)
		l.backOff()
	} else {
		l.burst /= 2
	}
}

// counts is where the lane counts its goroutine.
func (l *ringLane[T]) counts() *counts { return &known[l.shard] }
