package strategies

import "context"

// The fast path of a send: write the item, publish it, see that the lane is
// listed. Whatever is out of the ordinary makes limit, filling or state differ: no
// room, a ring that is full or was trimmed, a lane that is idle or closed.

func (l *ringLane[T]) Send(item T) error {
	r := l.filling.Load()
	if l.sent == l.limit || r == nil {
		var err error
		if r, err = l.claimMore(noContext, true); err != nil {
			return l.overflow(err, item)
		}
	}
	r.slots[l.sent&uint64(len(r.slots)-1)] = item
	l.sent++
	l.tail.Store(l.sent) // pairs with look, with delist's look after laneIdle, and with close's
	if l.state.Load() != laneListed && l.announce(r, 1) > 0 {
		return ErrClosed
	}
	return nil
}

// claimMore lets a single send go on beyond limit, in the ring returned, or returns an
// error of more.
func (l *ringLane[T]) claimMore(ctx context.Context, wait bool) (*laneRing[T], error) {
	r := l.filling.Load()
	if l.sent == l.room || r == nil {
		var err error
		if r, err = l.more(ctx, wait); err != nil {
			return nil, err
		}
	}
	l.prefetch(r)
	return r, nil
}

// more makes room for at least one item in the ring returned, and waits for it if it
// may. It returns ErrFull, ErrClosed or the error of ctx.
func (l *ringLane[T]) more(ctx context.Context, wait bool) (*laneRing[T], error) {
	for tried := false; ; tried = true {
		r := l.filling.Load()
		switch { // done after filling: a lane without a ring is new or trimmed, or it is seen to be done
		case l.done.Load():
			l.shut()
			return nil, ErrClosed
		case r == nil:
			return l.begin(), nil
		case l.refreshRoom(r):
			if wait {
				l.backOffInTurn()
			}
			return r, nil
		case l.held() < l.capacity:
			return l.goOn(r, wait), nil
		case !wait || l.set.policy != Block:
			return nil, ErrFull
		}
		if err := l.waitForRoom(ctx, !tried); err != nil {
			return nil, err
		}
	}
}

// waitForRoom lets the consumer run, if it may do by that, or waits until it has made room.
func (l *ringLane[T]) waitForRoom(ctx context.Context, yields bool) error {
	timed := l.set.begin()
	var err error
	if !yields || !l.yieldToConsumer() {
		err = l.await(ctx)
	}
	timed.end()
	return err
}

// goOn takes another ring, as the consumer is behind by a whole one; but first, if
// it may wait, it lets the consumer run. With more producers than cores that keeps
// backlogs at what the caches hold, and costs less than to park when the lane is full.
func (l *ringLane[T]) goOn(r *laneRing[T], wait bool) *laneRing[T] {
	if wait && l.set.rings.settled(len(r.slots)) {
		l.yieldToOthers()
		if l.refreshRoom(r) {
			return r
		}
	}
	return l.extend(r)
}

// await waits until the consumer has taken something or the lane is closed. See
// token for the pattern; the other side is wake.
func (l *ringLane[T]) await(ctx context.Context) error {
	l.rings = 0
	l.announceWait()
	if l.held() < l.capacity || l.done.Load() {
		l.retract()
		return nil
	}
	if l.token.await(ctx) {
		l.counts().woken()
		return nil
	}
	l.retract()
	return ctx.Err()
}

func (l *ringLane[T]) announceWait() {
	if l.token == nil {
		l.token = newToken()
	}
	l.waiting.Store(&l.token)
}

// retract takes the announcement back, or the token if it was claimed.
func (l *ringLane[T]) retract() {
	if !l.waiting.CompareAndSwap(&l.token, nil) {
		l.awaitToken()
	}
}

func (l *ringLane[T]) awaitToken() {
	<-l.token
	l.counts().woken()
}

// wake gives the producer its token if it waits, or is about to. The consumer calls
// it after storing head, and who closes the lane after storing done.
func (l *ringLane[T]) wake() {
	if l.shared != nil {
		l.shared.wakeNext()
		return
	}
	if t := l.waiting.Load(); t != nil && l.waiting.CompareAndSwap(t, nil) {
		l.counts().give(*t)
	}
}

// overflow returns what a send of an item that met err is to return.
func (l *ringLane[T]) overflow(err error, item T) error {
	if err == ErrFull && l.set.policy == DropNewest {
		l.overflowed.add(1, &l.set.overflowCounts)
		l.set.tell(item)
		return nil
	}
	return l.reject(1, err)
}

// overflowAll is overflow for several items.
func (l *ringLane[T]) overflowAll(err error, items []T) error {
	if err == ErrFull && l.set.policy == DropNewest {
		l.overflowed.add(uint64(len(items)), &l.set.overflowCounts)
		l.set.tellAll(items)
		return nil
	}
	return l.reject(len(items), err)
}

// reject counts items that a send rejects, if that is what err says. Under DropOldest
// droppingLane makes room for them.
func (l *ringLane[T]) reject(items int, err error) error {
	if l.set.policy == DropOldest {
		return err
	}
	return l.overflowed.reject(items, err, &l.set.overflowCounts)
}

func (l *ringLane[T]) SendBatch(items []T) (int, error) { return l.sendBatch(noContext, items, true) }

func (l *ringLane[T]) sendBatch(ctx context.Context, items []T, wait bool) (int, error) {
	if len(items) == 0 && l.done.Load() {
		return 0, ErrClosed
	}
	for rest := items; len(rest) > 0; {
		r := l.filling.Load()
		if l.sent == l.room || r == nil {
			var err error
			if r, err = l.more(ctx, wait); err != nil {
				if err = l.overflowAll(err, rest); err != nil {
					return len(items) - len(rest), err
				}
				break
			}
		}
		n := min(len(rest), int(l.room-l.sent))
		at := int(l.sent) & (len(r.slots) - 1)
		k := copy(r.slots[at:], rest[:n])
		copy(r.slots, rest[k:n])
		l.sent += uint64(n)
		l.limit = max(l.limit, l.sent)
		l.tail.Store(l.sent)
		if l.state.Load() != laneListed {
			if late := int(l.announce(r, uint64(n))); late > 0 {
				return len(items) - len(rest) + n - late, ErrClosed
			}
		}
		rest = rest[n:]
	}
	return len(items), nil
}

func (l *ringLane[T]) SendContext(ctx context.Context, item T) error {
	if err := contextErr(ctx); err != nil {
		return err
	}
	return l.sendOne(ctx, item, true)
}

func (l *ringLane[T]) TrySend(item T) error { return l.sendOne(noContext, item, false) }

// sendOne makes room in its own way and leaves the rest to Send.
func (l *ringLane[T]) sendOne(ctx context.Context, item T, wait bool) error {
	if l.sent == l.limit || l.filling.Load() == nil {
		if _, err := l.claimMore(ctx, wait); err != nil {
			return l.overflow(err, item)
		}
	}
	return l.Send(item)
}

func (l *ringLane[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	if err := contextErr(ctx); err != nil {
		return 0, err
	}
	return l.sendBatch(ctx, items, true)
}

func (l *ringLane[T]) TrySendBatch(items []T) (int, error) {
	return l.sendBatch(noContext, items, false)
}

func (l *ringLane[T]) Dropped() uint64 { return l.overflowed.dropped(l.set.policy) }

func (l *ringLane[T]) Close() {
	if l.left.Swap(true) {
		return
	}
	l.overflowed.close(&l.set.overflowCounts)
	l.started()
	l.close()
	l.wake()
	if l.set.leave() {
		l.set.wake()
	}
}
