package strategies

import (
	"context"
	"sync/atomic"
)

// weightedProducer is a producer of a Weighted fan-in, or a Sender, over one of the fan-in
// below.
type weightedProducer[T any] struct {
	withPolicy[T]
	f          *Weighted[T]
	below      Sender[Weighed[T]]
	batches    Producer[Weighed[T]] // is below, or nil of a Sender, which has no batches
	credits    *weightCredits       // own, or those of all
	closed     atomic.Bool
	overflowed overflowCount        // items that a send dropped or rejected
	prev       *weightedProducer[T] // in the list of the open ones; guarded by f.mu
	next       *weightedProducer[T]
	own        weightCredits
}

// gone reports whether a send fails.
func (p *weightedProducer[T]) gone() bool { return p.closed.Load() || p.f.left.Load() }

func (p *weightedProducer[T]) Send(item T) error { return p.sendOne(noContext, item, p.policy) }

func (p *weightedProducer[T]) sendOne(ctx context.Context, item T, policy Policy) error {
	if p.gone() {
		return ErrClosed
	}
	weight := p.f.weightOf(item)
	if p.credits.take(weight, weight) == 0 {
		if got, err := p.overflow(ctx, item, weight, weight, policy); got == 0 {
			return p.rejected(1, err)
		}
	}
	var err error
	switch e := (Weighed[T]{item, p.credits, weight}); {
	case policy != Block:
		err = p.below.TrySend(e)
	case ctx == noContext:
		err = p.below.Send(e)
	default:
		err = p.below.SendContext(ctx, e)
	}
	if err == nil {
		return nil
	}
	p.credits.give(weight)
	return p.rejected(1, p.refused(err, item, policy))
}

// rejected counts so many items if they are, by err.
func (p *weightedProducer[T]) rejected(items int, err error) error {
	return p.overflowed.reject(items, err, &p.f.drops.overflowCounts)
}

// overflow does what the policy says where there is no room by weight, and returns how much
// there is now. None without an error means that one item has been dropped.
func (p *weightedProducer[T]) overflow(ctx context.Context, item T, need, most int64, policy Policy) (int64, error) {
	switch {
	case policy == Block:
		defer p.f.begin().end()
		return p.credits.wait(ctx, p, need, most)
	case p.gone(): // no room may mean that
		return 0, ErrClosed
	default:
		return 0, p.refused(ErrFull, item, policy)
	}
}

// refused returns what the send of an item returns that met err: none if the policy drops
// it.
func (p *weightedProducer[T]) refused(err error, item T, policy Policy) error {
	if err == ErrFull && policy == DropNewest {
		p.overflowed.add(1, &p.f.drops.overflowCounts)
		p.f.drops.tell(item)
		return nil
	}
	return err
}

// sendAll weighs a part of the batch at a time, and sends of that as much as there is room
// for.
func (p *weightedProducer[T]) sendAll(ctx context.Context, items []T, policy Policy) (int, error) {
	if p.gone() {
		return 0, ErrClosed
	}
	spare := p.f.spare.Get().(*[]Weighed[T])
	defer p.f.spare.Put(spare)
	if most := min(len(items), weighAtOnce[T]()); cap(*spare) < most {
		*spare = make([]Weighed[T], most)
	}
	for sent := 0; sent < len(items); {
		part := (*spare)[:min(len(items)-sent, cap(*spare))]
		sum := int64(0)
		for i, item := range items[sent : sent+len(part)] {
			weight := p.f.weightOf(item)
			part[i] = Weighed[T]{item, p.credits, weight}
			sum += weight
		}
		n, err := p.sendWeighed(ctx, part, sum, policy)
		clear(part)
		if sent += n; err != nil {
			return sent, p.rejected(len(items)-sent, err)
		}
	}
	return len(items), nil
}

// weighAtOnce is how many items of a batch are weighed, or received, at a time.
func weighAtOnce[T any]() int { return min(readAhead, keepItems[Weighed[T]]()) }

// sendWeighed sends items that weigh sum together and returns how many it dealt with.
func (p *weightedProducer[T]) sendWeighed(ctx context.Context, items []Weighed[T], sum int64, policy Policy) (int, error) {
	for done := 0; ; {
		if done == len(items) {
			return done, nil
		}
		need := items[done].weight
		got := p.credits.take(need, sum)
		if got == 0 {
			var err error
			if got, err = p.overflow(ctx, items[done].item, need, sum, policy); err != nil {
				return done, err
			}
			if got == 0 { // dropped: a lighter one may still fit
				done++
				sum -= need
				continue
			}
		}
		n, used, err := p.put(ctx, items[done:], got, policy)
		done += n
		sum -= used
		if used < got {
			p.credits.give(got - used)
		}
		if err != nil {
			if err = p.refused(err, items[done].item, policy); err != nil {
				return done, err
			}
			sum -= items[done].weight
			done++
		}
	}
}

// put hands over as many items as weigh no more than got, and returns how many it did and
// what those weigh.
func (p *weightedProducer[T]) put(ctx context.Context, items []Weighed[T], got int64, policy Policy) (n int, used int64, err error) {
	fit := 0
	for left := got; fit < len(items) && items[fit].weight <= left; fit++ {
		left -= items[fit].weight
	}
	switch {
	case policy != Block:
		n, err = p.batches.TrySendBatch(items[:fit])
	case ctx == noContext:
		n, err = p.batches.SendBatch(items[:fit])
	default:
		n, err = p.batches.SendBatchContext(ctx, items[:fit])
	}
	for _, e := range items[:n] {
		used += e.weight
	}
	return n, used, err
}

func (p *weightedProducer[T]) Dropped() uint64 { return p.overflowed.dropped(p.policy) }

// Close closes the producer below last: so that fan-in ends after this one, and whoever is
// admitted here has a producer below that is open.
func (p *weightedProducer[T]) Close() {
	if p.closed.Swap(true) {
		return
	}
	p.credits.release(p)
	p.f.dismiss(p)
	p.f.leave()
	p.overflowed.close(&p.f.drops.overflowCounts)
	p.below.Close()
}
