package strategies

import (
	"context"
	"runtime"
)

// The fast path of a send: write the item, publish it, see that the lane is
// listed. Whatever is out of the ordinary makes limit or state differ: no room,
// a ring that is full, a closed producer, a consumer that has left.

func (l *ringLane[T]) Send(item T) error {
	if l.sent == l.limit {
		if err := l.further(noContext, true); err != nil {
			return l.overflow(err, 1)
		}
	}
	l.slots[l.sent&uint64(len(l.slots)-1)] = item
	l.sent++
	l.tail.Store(l.sent) // pairs with look, and with delist's look after laneIdle
	if l.state.Load() != laneListed && l.listed() > 0 {
		return ErrClosed
	}
	return nil
}

// listed lists the lane after something was published and returns 0, or how many
// items nobody will ever look at: if the consumer has left, its last store of head
// came before that of laneGone.
func (l *ringLane[T]) listed() uint64 {
	if l.state.Load() != laneGone {
		l.set.list(l)
		return 0
	}
	l.abandon()
	return l.held()
}

// abandon lets go of the items that nobody will receive.
func (l *ringLane[T]) abandon() {
	l.slots, l.filling = nil, nil
	l.first.Store(nil)
	l.limit, l.room = l.sent, l.sent
}

// further lets a single send go on beyond limit, or returns an error of more.
func (l *ringLane[T]) further(ctx context.Context, wait bool) error {
	if l.sent == l.room {
		if err := l.more(ctx, wait); err != nil {
			return err
		}
	}
	l.fetch()
	return nil
}

// yieldProducers is among how many producers one whose lane is full yields once
// before it parks. The consumer mostly comes round before it is run again; 4 to 16
// producers gained a tenth, and 10 000 lost a third, where it does not.
const yieldProducers = 256

// more makes room for at least one item, and waits for it if it may. It returns
// ErrFull, ErrClosed or the error of ctx.
func (l *ringLane[T]) more(ctx context.Context, wait bool) error {
	for yielded := false; ; yielded = true {
		switch {
		case l.closed:
			return ErrClosed
		case l.state.Load() == laneGone:
			l.abandon()
			return ErrClosed
		case l.reach():
			return nil
		case l.held() < l.set.capacity:
			l.goOn()
			return nil
		case !wait || l.set.policy != Block:
			return ErrFull
		case !yielded && l.set.state.Load() <= yieldProducers:
			runtime.Gosched()
			continue
		}
		if err := l.await(ctx); err != nil {
			return err
		}
	}
}

// goOn takes another ring, as the consumer is behind by a whole one; but first it
// lets the consumer run. With more producers than cores that keeps backlogs at what
// the caches hold, and costs less than to park when the lane is full.
func (l *ringLane[T]) goOn() {
	if !l.set.rings.short(len(l.slots)) {
		runtime.Gosched()
		if l.reach() {
			return
		}
	}
	l.extend()
}

// await waits until the consumer has taken something or left. See token for the
// pattern; the other side is wake.
func (l *ringLane[T]) await(ctx context.Context) error {
	if l.token == nil {
		l.token = newToken()
	}
	l.waiting.Store(&l.token)
	ready := l.held() < l.set.capacity || l.state.Load() == laneGone
	if !ready && l.token.await(ctx) {
		return nil
	}
	if !l.waiting.CompareAndSwap(&l.token, nil) {
		<-l.token
	}
	if ready {
		return nil
	}
	return ctx.Err()
}

// wake gives the producer its token if it waits for room, or is about to. The
// consumer calls it after storing head or laneGone.
func (l *ringLane[T]) wake() {
	if t := l.waiting.Load(); t != nil && l.waiting.CompareAndSwap(t, nil) {
		t.give()
	}
}

// overflow returns what a send of n items that met err is to return.
func (l *ringLane[T]) overflow(err error, n int) error {
	if err == ErrFull && l.set.policy == DropNewest {
		l.dropped.Add(uint64(n))
		return nil
	}
	return err
}

func (l *ringLane[T]) SendBatch(items []T) (int, error) { return l.sendBatch(noContext, items, true) }

func (l *ringLane[T]) sendBatch(ctx context.Context, items []T, wait bool) (int, error) {
	for rest := items; len(rest) > 0; {
		if l.sent == l.room {
			if err := l.more(ctx, wait); err != nil {
				if err = l.overflow(err, len(rest)); err != nil {
					return len(items) - len(rest), err
				}
				break
			}
		}
		n := min(len(rest), int(l.room-l.sent))
		at := int(l.sent) & (len(l.slots) - 1)
		k := copy(l.slots[at:], rest[:n])
		copy(l.slots, rest[k:n])
		l.sent += uint64(n)
		l.limit = max(l.limit, l.sent)
		l.tail.Store(l.sent)
		if l.state.Load() != laneListed {
			if lost := int(min(l.listed(), uint64(n))); lost > 0 {
				return len(items) - len(rest) + n - lost, ErrClosed
			}
		}
		rest = rest[n:]
	}
	return len(items), nil
}

func (l *ringLane[T]) SendContext(ctx context.Context, item T) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return l.sendOne(ctx, item, true)
}

func (l *ringLane[T]) TrySend(item T) error { return l.sendOne(noContext, item, false) }

// sendOne makes room in its own way and leaves the rest to Send.
func (l *ringLane[T]) sendOne(ctx context.Context, item T, wait bool) error {
	if l.sent == l.limit {
		if err := l.further(ctx, wait); err != nil {
			return l.overflow(err, 1)
		}
	}
	return l.Send(item)
}

func (l *ringLane[T]) SendBatchContext(ctx context.Context, items []T) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return l.sendBatch(ctx, items, true)
}

func (l *ringLane[T]) TrySendBatch(items []T) (int, error) {
	return l.sendBatch(noContext, items, false)
}

func (l *ringLane[T]) Dropped() uint64 { return l.dropped.Load() }

func (l *ringLane[T]) Close() {
	if l.closed {
		return
	}
	l.closed, l.limit, l.room = true, l.sent, l.sent
	l.done.Store(true)
	l.set.list(l)
	if l.set.leave() {
		l.set.wake()
	}
}
