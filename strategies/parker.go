package strategies

import (
	"context"
	"sync/atomic"
	"time"
)

// parker parks the one consumer of a fan-in that has no lock to wait under.
//
// The consumer, finding nothing:          A producer, having published an item:
//
//	C1  asleep = true                      P1  publish
//	C2  look again                         P2  asleep?
//	C3  found: cancel; nothing: park       P3  if so, claim it and send a token
//
// Atomic operations are sequentially consistent in Go's memory model, so either
// C1 comes before P2 in their one total order and the producer sees the sleeper,
// or P2, and P1 before it, comes before C1 and the consumer sees the item at C2.
// Both missing each other is impossible. asleep goes from true to false by one
// compare-and-swap only, and whoever wins it owes or is spared one token:
// at most one is ever under way, so the send at P3 never waits.
type parker struct {
	asleep atomic.Bool
	token  chan struct{} // capacity 1
	timer  *time.Timer   // the consumer's, for parkFor; used over and over
}

func newParker() parker { return parker{token: make(chan struct{}, 1)} }

// prepare announces that the consumer is about to park. It must look for items
// and for the end once more, then either cancel or park.
func (p *parker) prepare() { p.asleep.Store(true) }

// cancel takes the announcement back.
func (p *parker) cancel() {
	if !p.asleep.CompareAndSwap(true, false) {
		<-p.token // a producer has claimed it: its token is on the way
	}
}

// park waits for a token, or for ctx, whose error it then returns; noContext
// never ends.
func (p *parker) park(ctx context.Context) error {
	if ctx == noContext {
		<-p.token
		return nil
	}
	select {
	case <-p.token:
		return nil
	case <-ctx.Done():
		p.cancel()
		return ctx.Err()
	}
}

// parkFor is park that waits no longer than limit. It reports false if that was
// up; the announcement then stands, and park must follow.
func (p *parker) parkFor(ctx context.Context, limit time.Duration) (woken bool, err error) {
	var done <-chan struct{}
	if ctx != noContext {
		done = ctx.Done()
	}
	if p.timer == nil {
		p.timer = time.NewTimer(limit)
	} else {
		p.timer.Reset(limit)
	}
	defer p.timer.Stop()
	select {
	case <-p.token:
		return true, nil
	case <-p.timer.C:
		return false, nil
	case <-done:
		p.cancel()
		return false, ctx.Err()
	}
}

// unpark wakes the consumer if it is parked or about to be. A producer calls
// it after publishing, holding no lock.
func (p *parker) unpark() {
	// The load keeps the common case, nobody asleep, free of a write.
	if p.asleep.Load() && p.asleep.CompareAndSwap(true, false) {
		p.token <- struct{}{}
	}
}
