package strategies

import (
	"context"
	"sync/atomic"
)

// token is what a parked goroutine waits for. Who means to park announces it in
// an atomic variable first and looks once more; who makes an item, or room,
// first publishes that and then looks for the announcement:
//
//	The one that may park:                 The other side:
//
//	C1  announce                           P1  publish
//	C2  look again                         P2  announced?
//	C3  found: retract; nothing: park      P3  if so, claim it and give the token
//
// Atomic operations are sequentially consistent in Go's memory model, so either
// C1 comes before P2 in their one total order and the other side sees the
// announcement, or P2, and P1 before it, comes before C1 and C2 sees what was
// published. Both missing each other is impossible. An announcement is taken
// back or claimed by one compare-and-swap only, and whoever wins it is spared or
// owes one token: at most one is ever under way, so giving it never waits.
//
// Checked exhaustively: model/parker.pml, and for what else waits in this way
// model/lanes.pml and model/room.pml.
type token chan struct{}

func newToken() token { return make(token, 1) }

func (t token) give() { t <- struct{}{} }

// await waits for the token and reports true, or false if ctx was done first;
// noContext never is. On false the announcement still stands.
func (t token) await(ctx context.Context) bool {
	if ctx == noContext {
		<-t
		return true
	}
	select {
	case <-t:
		return true
	case <-ctx.Done():
		return false
	}
}

// noContext stands for the context of a plain call, which waits for ever.
var noContext context.Context

// sleeper is where the one consumer of a fan-in announces that it is about to
// park, in the way of its strategy.
type sleeper interface {
	// prepare announces (C1). It reports false if there is something to look at first.
	prepare() bool
	// cancel takes the announcement back, or the token if it was claimed.
	cancel()
	// park is token.await.
	park(ctx context.Context) bool
	// wake gives the token if there is an announcement (P2 and P3).
	wake()
}

// parker is the sleeper of strategies whose producers look at a flag.
type parker struct {
	asleep atomic.Bool
	token  token
}

func newParker() parker { return parker{token: newToken()} }

func (p *parker) prepare() bool {
	p.asleep.Store(true)
	return true
}

func (p *parker) cancel() {
	if !p.asleep.CompareAndSwap(true, false) {
		<-p.token
	}
}

func (p *parker) park(ctx context.Context) bool { return p.token.await(ctx) }

// wake wakes the consumer if it is parked or about to be. A producer calls it
// after publishing, holding no lock.
func (p *parker) wake() {
	// The load keeps the common case, nobody asleep, free of a write.
	if p.asleep.Load() && p.asleep.CompareAndSwap(true, false) {
		p.token.give()
	}
}
