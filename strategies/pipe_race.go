//go:build race

package strategies

import "sync"

// gate keeps sends and the close apart, because the race detector reports a close
// beside a send wherever the two meet, whatever the program makes of it. The
// outcomes are those of pipe_norace.go.
type gate struct{ *gateState }

type gateState struct {
	closing chan struct{} // closed when the close begins: who waits leaves
	empty   chan struct{} // closed when nobody is inside any more

	mu     sync.Mutex // guards what follows
	inside int        // senders
	shut   bool       // nobody may enter
}

func newGate() gate {
	return gate{&gateState{closing: make(chan struct{}), empty: make(chan struct{})}}
}

func (g gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.shut {
		g.inside++
	}
	return !g.shut
}

func (g gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside--; g.shut && g.inside == 0 {
		close(g.empty)
	}
}

// close returns when no sender is inside, and none will be. It is called once.
func (g gate) close() {
	g.mu.Lock()
	g.shut = true
	close(g.closing)
	if g.inside == 0 {
		close(g.empty)
	}
	g.mu.Unlock()
	<-g.empty
}

// offer sends an item if there is room.
func (p *pipe[T]) offer(items chan<- T, item T) outcome {
	if !p.gate.enter() {
		return sendRefused
	}
	defer p.gate.leave()
	select {
	case items <- item:
		return sendAccepted
	default:
		return sendFull
	}
}

// send waits for room, until its sender is released or done.
func (p *pipe[T]) send(item T, released, done <-chan struct{}) outcome {
	if !p.gate.enter() {
		return sendRefused
	}
	defer p.gate.leave()
	select {
	case p.items <- item:
		return sendAccepted
	case <-p.gate.closing:
		return sendRefused
	case <-released:
		return sendRefused
	case <-done:
		return sendExpired
	}
}
