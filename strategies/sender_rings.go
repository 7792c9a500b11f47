package strategies

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// ringSender is a Sender over a few ring lanes. A goroutine claims the lane that its
// stack hints at (see laneHints), and sends there as the lane's producer would. If somebody else
// is about to send there it takes another, and if all are claimed it opens one more:
// so nobody waits for a goroutine that the scheduler has stopped halfway, nor does an
// item. What the goroutine then sends goes into that lane, so order is not kept.
//
// # The claim
//
// A lane's claim is equal to its tail while nobody sends:
//
//	C1  load tail
//	C2  compare and swap claim, from tail to tail+1; failed: another lane
//	C3  load state; not laneListed: keep the lane claimed, and send as its producer
//	C4  write the item
//	C5  store tail+1, which publishes the item and gives the lane up
//	C6  load state; not laneListed: list the lane, or see that it came too late
//
// C5 is the store that a producer's send has, so a Sender pays one compare-and-swap.
// Ordering: whoever claims the lane next has loaded, at C1 or in C2, what C5 stored, so
// it sees all that was written before, the item and the producer's own fields.
// Between C5 and C6 others send, and the consumer may have found the lane idle. That is
// harmless because C3 has seen it listed: the consumer has one of its rings then, which
// trim takes from it only with the lane claimed and empty. So it will find the item
// from there, whoever lists the lane. A lane that C3 finds idle may have no ring, so
// whoever gives it one keeps it claimed until it is listed: see ringLane.enlist.
//
// # The bound
//
// The lanes have together what one producer has. A lane that is full takes a share of
// what no lane has, and then what others have and do not use, whose claim it needs
// for that. One that is claimed counts as full, although its goroutine may leave room
// there: who may not wait does not wait for that goroutine either, and has ErrFull.
// Whoever else finds no room waits in one queue. The consumer wakes the first when it has taken
// something, and that one the next when it has sent, but no more than mostWoken at a
// time: the others would find the room taken by the goroutines that run. Lost is
// none of them:
//
//   - A waiter is in the queue before it looks for room once more (see waiters).
//   - Who makes room and wakes nobody, because enough are awake, has made it before
//     one of those says that it runs, which it does before it looks for room.
//   - One that has sent, or need not, wakes the next. One that has found no room has
//     found that others have sent, and the consumer will come.
//   - Who gives a claim up and leaves room in the lane wakes the next, for others took it
//     for full: see wakeFor. So the last of the room is used though nobody receives.
//     A reclaim is followed by an item of whoever gets the room, and trim always wakes.
//
// The last pairs as a token does. A waiter joins the queue and then looks at all lanes; who
// has a lane gives it up, loads the count of waiters, and then head. All of these are
// atomic, so sequentially consistent: either the waiter has joined before the count is
// loaded, and is woken, or its look comes after the claim was given up. As for
// head, the consumer stores it and then loads the count itself: if that was 0, the waiter
// joined later and looked later still, so whose claim it met there loads the new head.
//
// Checked exhaustively: model/sender.pml.
type ringSender[T any] struct {
	set        *ringLanes[T]
	hint       laneHints[ringLane[T]]
	share      uint64 // items that a lane takes of those that are free
	lanes      atomic.Pointer[[]*ringLane[T]]
	next       atomic.Uint32
	overflowed overflowCount // items that a send dropped or rejected

	mu     sync.Mutex // held by who adds lanes, moves room between them, or closes them
	closed bool

	_       [padding]byte
	free    atomic.Int64 // of the capacity, what no lane has
	waiting waitOwner    // guarded by waiters
	waiters waiters      // count is loaded by the consumer when it has taken something
	woken   atomic.Int64 // how many were woken and have not said so yet
	_       [padding]byte
}

const (
	// mostSenderLanes is how many lanes a Sender opens at most: more than goroutines
	// are likely to be stopped by the scheduler while they send.
	mostSenderLanes = 1 << 10
	// laneHeld is the claim of a lane that stays claimed when its tail is stored.
	laneHeld = 1<<64 - 1
	// mostWoken is how many waiters may be on their way at a time.
	mostWoken = 1
)

func newRingSender[T any](f *ringLanes[T]) Sender[T] {
	s := &ringSender[T]{set: f, share: max(1, f.capacity/uint64(4*runtime.GOMAXPROCS(0)))}
	if f.capacity != noLimit {
		s.free.Store(int64(f.capacity))
	}
	s.lanes.Store(new([]*ringLane[T]))
	first := s.add()
	first.release()
	s.hint = newLaneHints(first)
	return s
}

// add adds a lane, which it holds. mu is held, or nobody else knows of the Sender.
func (s *ringSender[T]) add() *ringLane[T] {
	l := newLane(s.set)
	l.shared = s
	l.claim.Store(laneHeld)
	if s.set.capacity != noLimit {
		l.capacity = 0
	}
	s.set.open(l)
	all := append(append([]*ringLane[T](nil), *s.lanes.Load()...), l)
	s.lanes.Store(&all)
	return l
}

// tryHold claims a lane for longer than a send, unless somebody has it.
func (l *ringLane[T]) tryHold() bool {
	tail := l.tail.Load()
	return l.claim.Load() == tail && l.claim.CompareAndSwap(tail, laneHeld)
}

// release gives up a lane that is held.
func (l *ringLane[T]) release() { l.claim.Store(l.sent) }

func (s *ringSender[T]) Send(item T) error {
	if err := s.attempt(item); err != ErrFull {
		return err
	}
	return s.overflow(noContext, item, s.set.policy)
}

func (s *ringSender[T]) SendContext(ctx context.Context, item T) error {
	if err := contextErr(ctx); err != nil {
		return err
	}
	if err := s.attempt(item); err != ErrFull {
		return err
	}
	return s.overflow(ctx, item, s.set.policy)
}

func (s *ringSender[T]) TrySend(item T) error {
	if err := s.attempt(item); err != ErrFull {
		return err
	}
	return s.overflow(noContext, item, s.set.policy.withoutWaiting())
}

// attempt sends if there is room in any lane, in the way that is told at the top.
func (s *ringSender[T]) attempt(item T) error {
	here := s.hint.place()
	l := here.Load()
	tail := l.tail.Load()
	if !l.claim.CompareAndSwap(tail, tail+1) {
		return s.attemptElsewhere(here, item)
	}
	r := l.filling.Load()
	if tail == l.limit || r == nil || l.state.Load() != laneListed {
		l.claim.Store(laneHeld)
		return s.sendHeld(l, item)
	}
	r.slots[tail&uint64(len(r.slots)-1)] = item
	capacity := l.capacity // the next to claim the lane may change it
	l.sent = tail + 1
	l.tail.Store(tail + 1)
	if l.state.Load() != laneListed && s.tooLate(l, r, tail) {
		return ErrClosed
	}
	if s.waiters.count.Load() > 0 {
		s.wakeFor(l, tail+1, capacity)
	}
	return nil
}

// attemptElsewhere is attempt where somebody has claimed the goroutine's lane. It gets
// another.
func (s *ringSender[T]) attemptElsewhere(here *atomic.Pointer[ringLane[T]], item T) error {
	l := s.hold()
	if l == nil {
		return ErrClosed
	}
	here.Store(l)
	return s.sendHeld(l, item)
}

// tooLate lists the lane after an item was published in r at a position, and reports
// whether that is beyond its end. Then it takes the item back, as ringLane.announce.
func (s *ringSender[T]) tooLate(l *ringLane[T], r *laneRing[T], at uint64) bool {
	if l.enlist(r) || at < l.end() {
		return false
	}
	var none T
	r.slots[at&uint64(len(r.slots)-1)] = none
	return true
}

// hold returns a lane that it holds, or nil after Close.
func (s *ringSender[T]) hold() *ringLane[T] {
	for {
		all := *s.lanes.Load()
		from := int(s.next.Add(1))
		for i := range all {
			if l := all[(from+i)%len(all)]; l.tryHold() {
				return l
			}
		}
		if len(all) >= mostSenderLanes {
			runtime.Gosched()
			continue
		}
		s.mu.Lock()
		var l *ringLane[T]
		if !s.closed && len(all) == len(*s.lanes.Load()) {
			l = s.add()
		}
		closed := s.closed
		s.mu.Unlock()
		if l != nil || closed {
			return l
		}
	}
}

// sendHeld sends as the producer of a lane that is held, and gives it up.
func (s *ringSender[T]) sendHeld(l *ringLane[T], item T) error {
	before := l.filling.Load()
	err := s.makeRoom(l)
	if err == nil {
		err = l.Send(item) // finds room, so it does not wait
	}
	r, sent, capacity := l.filling.Load(), l.sent, l.capacity
	l.release()
	if s.waiters.count.Load() > 0 {
		s.wakeFor(l, sent, capacity)
	}
	if err == nil && r != before && r != nil && before != nil && s.set.rings.settled(len(r.slots)) {
		s.letRun()
	}
	return err
}

// wakeFor wakes the next if there is room in a lane that was given up with such a tail and
// capacity. It loads head anew: what its producer knew of may have been full.
func (s *ringSender[T]) wakeFor(l *ringLane[T], sent, capacity uint64) {
	if sent < l.head.Load()+capacity {
		s.wakeNext()
	}
}

// letRun lets the consumer run, and others who send, if it is behind by a whole ring:
// see ringLane.goOn.
func (s *ringSender[T]) letRun() {
	if look() == ours {
		known[0].yield()
	}
}

// makeRoom sees to it that the next send on a lane that is held finds room.
func (s *ringSender[T]) makeRoom(l *ringLane[T]) error {
	for l.sent == l.limit || l.filling.Load() == nil {
		_, err := l.claimMore(noContext, false)
		if err == ErrFull && s.allot(l) {
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// allot gives a lane that is held more of the capacity, or reports that there is none.
func (s *ringSender[T]) allot(l *ringLane[T]) bool {
	n := s.takeFree()
	if n == 0 {
		s.mu.Lock()
		if n = s.takeFree(); n == 0 {
			s.reclaim()
			n = s.takeFree()
		}
		s.mu.Unlock()
	}
	l.capacity += n
	return n > 0
}

// takeFree takes up to a share of what is free.
func (s *ringSender[T]) takeFree() uint64 {
	for {
		free := s.free.Load()
		n := min(free, int64(s.share))
		if n == 0 || s.free.CompareAndSwap(free, free-n) {
			return uint64(n)
		}
	}
}

// reclaim frees what the lanes that nobody has claimed do not use; mu is held.
func (s *ringSender[T]) reclaim() {
	for _, l := range *s.lanes.Load() {
		if !l.tryHold() {
			continue
		}
		if unused := l.capacity - l.held(); unused > 0 {
			l.capacity -= unused
			l.shut() // until it looks for room
			s.free.Add(int64(unused))
		}
		l.release()
	}
}

// holdIdle holds a lane for trim, which may not wait. A send that finds it held adds
// or reclaims with mu, and so waits until it is given up.
func (s *ringSender[T]) holdIdle(l *ringLane[T]) bool {
	if !s.mu.TryLock() {
		return false
	}
	if !l.tryHold() {
		s.mu.Unlock()
		return false
	}
	return true
}

func (s *ringSender[T]) releaseIdle(l *ringLane[T]) {
	l.release()
	s.mu.Unlock()
	s.wakeNext()
}

// overflow does what the policy says about an item for which there is no room.
func (s *ringSender[T]) overflow(ctx context.Context, item T, policy Policy) error {
	switch policy {
	case Fail:
		return s.overflowed.reject(1, ErrFull, &s.set.overflowCounts)
	case DropNewest:
		s.overflowed.add(1, &s.set.overflowCounts)
		s.set.tell(item)
		return nil
	}
	timed := s.set.begin()
	err := s.waitForRoom(ctx, item)
	timed.end()
	return err
}

// waitForRoom lets the consumer run, if it may do by that, or waits, and sends.
func (s *ringSender[T]) waitForRoom(ctx context.Context, item T) error {
	switch look() {
	case ours:
		known[0].yield()
	case nobody:
		spin(1)
	case strangers:
		return s.wait(ctx, item)
	}
	if err := s.attempt(item); err != ErrFull {
		return err
	}
	return s.wait(ctx, item)
}

// wait sends as soon as there is room.
func (s *ringSender[T]) wait(ctx context.Context, item T) error {
	w := spareWaiters.Get().(*waiter)
	defer spareWaiters.Put(w)
	for again := false; ; again = true {
		s.waiters.join(w, &s.waiting, again)
		if err := s.attempt(item); err != ErrFull {
			s.quit(w)
			return err
		}
		if !w.token.await(ctx) {
			s.quit(w)
			return ctx.Err()
		}
		s.awake()
		if err := s.attempt(item); err != ErrFull {
			s.wakeNext()
			return err
		}
	}
}

// quit takes w out of the queue or, if it was woken, lets the next have its turn.
func (s *ringSender[T]) quit(w *waiter) {
	s.waiters.mu.Lock()
	if w.queued {
		s.waiters.remove(w)
		s.waiters.mu.Unlock()
		return
	}
	s.waiters.mu.Unlock()
	<-w.token
	s.awake()
	s.wakeNext()
}

// awake is called by who was woken, before it looks for room.
func (s *ringSender[T]) awake() {
	known[0].woken()
	s.woken.Add(-1)
}

// wakeNext wakes who has waited longest, unless enough are on their way. The consumer
// calls it when it has made room, and who closes.
func (s *ringSender[T]) wakeNext() {
	for s.waiters.count.Load() > 0 {
		woken := s.woken.Load()
		if woken >= mostWoken {
			return
		}
		if s.woken.CompareAndSwap(woken, woken+1) {
			if s.waiters.wakeFirst(&known[0]) {
				return
			}
			s.woken.Add(-1) // and look again: somebody may have relied on it
		}
	}
}

func (s *ringSender[T]) Dropped() uint64 { return s.overflowed.dropped(s.set.policy) }

// Close closes every lane. Each waiter that is woken finds that, and wakes the next.
func (s *ringSender[T]) Close() {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	all := *s.lanes.Load()
	s.mu.Unlock()
	if first {
		s.overflowed.close(&s.set.overflowCounts)
	}
	for _, l := range all {
		l.Close()
	}
	s.wakeNext()
}
