package strategies

// dropOldest throws the oldest items away until there is room for n, which is at
// most the capacity. It reports false if it came to one that is claimed and still to
// be written: there is nothing older, so who wants its place must wait for it, as the
// consumer must. Its producer wakes both.
func (f *mpscRing[T]) dropOldest(n int) bool {
	gone := f.collect()
	made := f.makeRoom(n, gone)
	f.tellOf(gone)
	return made
}

func (f *mpscRing[T]) makeRoom(n int, gone *goneItems[T]) bool {
	f.takers.Lock()
	defer f.takers.Unlock()
	r := f.ring.Load()
	if r == nil {
		return true // the next claim, or look at left, tells
	}
	pos := f.head.Load()
	defer func() { f.head.Store(pos) }()
	for f.room(f.tail.Load()&^sealed, pos) < int64(n) {
		if !f.written(r, pos) {
			return false
		}
		at := r.slot(pos)
		gone.add(r.slots[at].item)
		var none T
		r.slots[at].item = none
		r.owners[at].add(1, &f.overflowCounts)
		r.owners[at] = nil
		pos++
	}
	return true
}

// writeSpins is how often a send looks whether a place has been written, before it
// waits: that takes some tens of nanoseconds unless the place's producer was stopped.
const writeSpins = 64

// written reports whether a position was written, or is within a moment.
func (f *mpscRing[T]) written(r *slotRing[T], pos uint64) bool {
	for range writeSpins {
		if r.run(pos) > 0 {
			return true
		}
	}
	return false
}

// publishOwned publishes each item by itself, with who is to blame for its drop:
// any of them may be dropped alone. Then it wakes all who wait to drop one of them:
// after dropping the first, nobody else would tell them.
func (p *mpscRingProducer[T]) publishOwned(r *slotRing[T], pos uint64, items []T) {
	for i := range items {
		at := r.slot(pos)
		r.owners[at] = &p.overflowed
		fill(r.slots[at:], r.turn(pos), items[i:i+1])
		pos++
	}
	p.f.waiters.wakeAll()
}
