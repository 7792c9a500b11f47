package strategies

// How a lane ends. Its producer's Close may come from any goroutine, beside a send;
// so may the consumer's, which closes every lane. Whoever comes first holds mu and
//
//	E1  stores done
//	E2  swaps state for laneClosed
//	E3  loads tail, and stores it as final
//
// Items before final are delivered; those from there on never are, and their sends
// return ErrClosed. A send needs no more for that than it does anyhow: it stores tail
// and then loads state.
//
//   - If that is not laneClosed, its store came before E2, and so before E3: its item
//     is before final.
//   - If it is, the send asks for final, and knows.
//   - The consumer loads tail and then done. If that is false, its load came before
//     E1, and so before E3: tail only grows, so final is at least what it saw. If it is
//     true, it takes nothing from final on.
//
// A send that has published an item from final on takes it back, which nobody sees.
// Its ring is not used by another lane: the last ring of a chain is left to the
// garbage collector, for a send may be about to write to it. Checked exhaustively:
// model/lanes.pml.

// The states of a lane.
const (
	laneIdle   uint32 = iota // who has something for the consumer must list it
	laneListed               // the consumer will look at it
	laneClosed               // for good
)

// close closes the lane, if it is open. If there is something to receive and it is not
// listed, it lists it; if there is nothing, it lets go of it, in the consumer's place.
func (l *ringLane[T]) close() {
	l.mu.Lock()
	if l.done.Load() {
		l.mu.Unlock()
		return
	}
	l.done.Store(true)
	was := l.state.Swap(laneClosed)
	end := l.tail.Load()
	if was == laneIdle && l.draining.Load() == nil {
		// The consumer has no ring of this lane. A send under way has one, but if the
		// lane was trimmed since, nobody else: then its item is not accepted.
		if r := l.filling.Load(); r != nil {
			l.draining.Store(r)
		} else {
			end = l.head.Load()
		}
	}
	l.final.Store(end + 1)
	empty := end == l.head.Load()
	if was == laneIdle && !empty {
		l.set.push(l) // under mu, as in enlist: a send beside this may return next, and its item must be found
	}
	l.mu.Unlock()
	if was == laneIdle && empty {
		l.cut()
		l.set.lanes.remove(l)
	}
}

// end returns the final tail of a lane that is done.
func (l *ringLane[T]) end() uint64 {
	end := l.final.Load()
	if end == 0 { // whoever closes it is about to say; under DropOldest the consumer has mu, and it is said
		l.mu.Lock()
		end = l.final.Load()
		l.mu.Unlock()
	}
	return end - 1
}

// published returns the position up to which items may be received. It may wait for mu.
func (l *ringLane[T]) published() uint64 {
	tail := l.tail.Load()
	if l.done.Load() {
		tail = min(tail, l.end())
	}
	return tail
}

// sentSoFar is published for who may not wait for mu.
func (l *ringLane[T]) sentSoFar() uint64 {
	tail := l.tail.Load()
	if final := l.final.Load(); final > 0 {
		tail = min(tail, final-1)
	}
	return tail
}

// lookSlack is how many items the consumer may take beside a look at a lane. Where it takes
// more, the look was interrupted, and what was sent since is no backlog.
const lookSlack = 64

// backlog returns how many items are sent and not received. Anyone may ask.
func (l *ringLane[T]) backlog() uint64 {
	for {
		head := l.head.Load() // first: it never passes tail
		sent := l.sentSoFar()
		if l.head.Load()-head <= lookSlack {
			return sent - head
		}
	}
}

// enlist has the consumer look at the lane after something was published in r, or
// reports false if it is closed. While a lane is idle, its consumer knows the ring
// that it saw last, or none if it has seen none or the lane was trimmed.
func (l *ringLane[T]) enlist(r *laneRing[T]) bool {
	l.mu.Lock()
	if l.state.Load() == laneIdle {
		if l.filling.Load() == nil { // trimmed since the send has begun
			l.filling.Store(r)
		}
		if l.draining.Load() == nil {
			l.draining.Store(r)
		}
		l.state.Store(laneListed)
		l.set.push(l) // under mu: a Close beside this must not end the fan-in first
	}
	closed := l.done.Load()
	l.mu.Unlock()
	return !closed
}

// announce sees to n items just published in r while the lane was not listed, and
// returns how many of them came too late.
func (l *ringLane[T]) announce(r *laneRing[T], n uint64) (late uint64) {
	if l.enlist(r) {
		return 0
	}
	first := max(l.end(), l.sent-n)
	var none T
	for at := first; at < l.sent; at++ {
		r.slots[at&uint64(len(r.slots)-1)] = none
	}
	late = l.sent - first
	l.shut()
	return late
}

// shut lets the producer know that it need not try again.
func (l *ringLane[T]) shut() { l.limit, l.room = l.sent, l.sent }

// cut lets go of the rings of a lane that is done, or idle. See fill for a producer,
// and source.discard for a consumer, that is about to put one there. A consumer that
// is at work on the lane's own ring then, which no longer leads to the next, finds that
// it has closed before it returns anything.
func (l *ringLane[T]) cut() {
	l.draining.Store(nil)
	l.filling.Store(nil)
	if l.own != nil {
		l.own.next.Store(nil)
	}
}

// trim gives back the ring of a lane that was idle since the last call, unless it is
// the lane's own, and reports whether it has a long one still. A send that is about
// to write to that ring gives it back to the lane when it lists it: see enlist.
func (l *ringLane[T]) trim() (more bool) {
	r := l.filling.Load()
	if r == nil || len(r.slots) <= firstSlots && l.set.rings.small {
		return false
	}
	if l.done.Load() {
		if final := l.final.Load(); final == 0 || l.head.Load() != final-1 { // not end, which may wait for mu
			return true
		}
		l.cut() // the consumer has yet to find that there is nothing
		return false
	}
	tail := l.tail.Load()
	if tail != l.mark || l.state.Load() != laneIdle {
		l.mark = tail
		return true
	}
	if l.shared != nil {
		if !l.shared.holdIdle(l) {
			return true
		}
		defer l.shared.releaseIdle(l)
	}
	if !l.mu.TryLock() { // whoever has it is at work on the lane, and may wait for the registry
		return true
	}
	defer l.mu.Unlock()
	// What a send has published that is about to list the lane may lie in a ring
	// before the one that it would give back.
	if l.state.Load() == laneIdle && l.tail.Load() == tail && l.head.Load() == tail {
		l.cut()
		return false
	}
	return true
}

// retake takes an idle lane back for its consumer, who has found that something was
// published since. It reports false if the lane is listed or closed meanwhile, or about
// to be: if it was trimmed, by the send, which alone has its ring.
func (l *ringLane[T]) retake() bool {
	if l.set.policy != DropOldest { // or the consumer has mu
		l.mu.Lock()
		defer l.mu.Unlock()
	}
	return l.draining.Load() != nil && l.state.CompareAndSwap(laneIdle, laneListed)
}
