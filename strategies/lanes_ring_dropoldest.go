package strategies

import "sync"

// ringLanesDropOldest is lanes-ring under DropOldest: a producer that finds its
// lane full takes the oldest item itself and throws it away, in the consumer's
// place. Who is in that place holds the lane's mu; sends that find room stay
// as they are, without a lock. Checked exhaustively: model/dropoldest.pml.
type ringLanesDropOldest[T any] struct{ *ringLanes[T] }

func newRingLanesDropOldest[T any](capacity uint64) FanIn[T] {
	f := ringLanesDropOldest[T]{newRingLanes[T](capacity, DropOldest)}
	f.consumer.backOff = nil // looks at a lane without its lock, and nobody who is full waits
	return f
}

func (f ringLanesDropOldest[T]) Producer() Producer[T] { return f.producer() }

func (f ringLanesDropOldest[T]) producer() *droppingLane[T] {
	p := &droppingLane[T]{lane: f.open(newLane(f.ringLanes))}
	p.neverWaits.sender = p
	return p
}

// Sender keeps to one lane, whose oldest item is the oldest of all.
func (f ringLanesDropOldest[T]) Sender() Sender[T] { return newLockedSender(f.producer()) }

// hold and release enclose what the consumer does with a lane.
func (f *ringLanes[T]) hold(l *ringLane[T]) {
	if f.policy == DropOldest {
		l.mu.Lock()
	}
}

func (f *ringLanes[T]) release(l *ringLane[T]) {
	if f.policy == DropOldest {
		l.mu.Unlock()
	}
}

// makeRoom throws as many of the oldest items away as keep n, at most the capacity,
// from fitting in. The producer calls it.
func (l *ringLane[T]) makeRoom(n int, gone *goneItems[T]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, before := l.seen, l.head.Load()
	for oldest := [1]T{}; l.held()+uint64(n) > l.capacity; {
		if l.take(oldest[:], &l.set.rings) == 0 { // all that was sent is published, so the lane is cut: the consumer has closed
			break
		}
		gone.add(oldest[0])
	}
	head := l.head.Load()
	if head > before {
		l.overflowed.add(head-before, &l.set.overflowCounts)
	}
	// The consumer takes a lane for empty if it found nothing and tail is still where
	// seen is, so what only the producer has seen must not count.
	l.seen = max(known, head)
}

// droppingLane is the producer of a lane under DropOldest.
type droppingLane[T any] struct {
	neverWaits[T]
	lane *ringLane[T]
}

func (p *droppingLane[T]) Send(item T) error {
	err := p.lane.Send(item)
	if err != ErrFull {
		return err
	}
	drops := &p.lane.set.drops
	gone := drops.collect()
	err = p.drop(item, gone)
	drops.tellOf(gone)
	return err
}

// drop sends by dropping what is in the way.
func (p *droppingLane[T]) drop(item T, gone *goneItems[T]) error {
	for {
		p.lane.makeRoom(1, gone)
		if err := p.lane.Send(item); err != ErrFull {
			return err
		}
	}
}

func (p *droppingLane[T]) SendBatch(items []T) (int, error) {
	drops := &p.lane.set.drops
	gone := drops.collect()
	n, err := p.sendBatch(items, gone)
	drops.tellOf(gone)
	return n, err
}

func (p *droppingLane[T]) sendBatch(items []T, gone *goneItems[T]) (int, error) {
	for sent := 0; ; {
		n, err := p.lane.SendBatch(items[sent:])
		if sent += n; err != ErrFull {
			return sent, err
		}
		p.lane.makeRoom(min(len(items)-sent, int(p.lane.capacity)), gone)
	}
}

func (p *droppingLane[T]) Dropped() uint64 { return p.lane.Dropped() }

func (p *droppingLane[T]) Close() { p.lane.Close() }

// lockedSender is a Sender over one lane, whose goroutines take turns.
type lockedSender[T any] struct {
	neverWaits[T]
	mu sync.Mutex
	p  *droppingLane[T]
}

func newLockedSender[T any](p *droppingLane[T]) Sender[T] {
	s := &lockedSender[T]{p: p}
	s.neverWaits.sender = s
	return s
}

func (s *lockedSender[T]) Send(item T) error {
	drops := &s.p.lane.set.drops
	gone := drops.collect()
	s.mu.Lock()
	err := s.p.lane.Send(item)
	if err == ErrFull {
		err = s.p.drop(item, gone)
	}
	s.mu.Unlock()
	drops.tellOf(gone)
	return err
}

// SendBatch is for neverWaits; a Sender has no batches.
func (s *lockedSender[T]) SendBatch(items []T) (int, error) { return sendEach(items, s.Send) }

func (s *lockedSender[T]) Dropped() uint64 { return s.p.Dropped() }

func (s *lockedSender[T]) Close() { s.p.Close() }
