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
// Who waits in a select for the channel of Ready announces that in the same place. It
// may wait for something else as well and come back without having been told, so what it
// is told by is no token that somebody owes: the channel has something, or not, and who
// finds that it has leaves it at that. The argument is the same. What may be left over is
// that the channel has something and there is nothing to receive.
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
	// wake gives the token, or makes the channel of Ready ready, if there is an
	// announcement (P2 and P3).
	wake()

	// watch announces that the consumer waits for the channel of Ready (C1), which
	// readiness has made. It reports false if there is something to look at first.
	watch() bool
	// unwatch takes that announcement back, if it stands.
	unwatch()
	// watching reports whether it stands. A prepare takes its place.
	watching() bool
	readiness() *readiness
}

// readiness is the channel that Ready returns. The consumer makes it, before it first
// announces that it watches: who has seen the announcement sees the channel.
type readiness struct{ channel chan struct{} }

// make makes the channel, if there is none, and returns it.
func (r *readiness) make() chan struct{} {
	if r.channel == nil {
		r.channel = make(chan struct{}, 1)
	}
	return r.channel
}

// signal makes the channel ready. It never waits.
func (r *readiness) signal() {
	select {
	case r.channel <- struct{}{}:
	default: // it is
	}
}

// parker is the sleeper of strategies whose producers look at a flag.
type parker struct {
	state atomic.Uint32
	token token
	ready readiness
}

// The states of a parker.
const (
	parkerAwake    uint32 = iota
	parkerAsleep          // or about to be
	parkerWatching        // waits for ready, or is about to
)

func newParker() parker { return parker{token: newToken()} }

func (p *parker) prepare() bool {
	p.state.Store(parkerAsleep)
	return true
}

func (p *parker) cancel() {
	if !p.state.CompareAndSwap(parkerAsleep, parkerAwake) {
		<-p.token
	}
}

func (p *parker) park(ctx context.Context) bool { return p.token.await(ctx) }

func (p *parker) watch() bool {
	p.state.Store(parkerWatching)
	return true
}

func (p *parker) unwatch() { p.state.CompareAndSwap(parkerWatching, parkerAwake) }

func (p *parker) watching() bool { return p.state.Load() == parkerWatching }

func (p *parker) readiness() *readiness { return &p.ready }

// wake wakes the consumer if it waits or is about to. A producer calls it after
// publishing, holding no lock.
func (p *parker) wake() {
	// The load keeps the common case, nobody waits, free of a write.
	if state := p.state.Load(); state != parkerAwake {
		p.rouse(state)
	}
}

// rouse wakes a consumer that was found in a state. If that has changed, another has
// woken it, or the consumer has: then it looks again after what it announces next.
func (p *parker) rouse(state uint32) {
	switch {
	case !p.state.CompareAndSwap(state, parkerAwake):
	case state == parkerAsleep:
		p.token.give()
	default:
		p.ready.signal()
	}
}
