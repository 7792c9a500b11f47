//go:build !race

package strategies

// gate has nothing to do: the channel's lock keeps sends and the close apart.
type gate struct{}

func newGate() gate { return gate{} }

func (gate) close() {}

// offer sends an item if there is room. It is given the pipe's items, which a
// producer has at hand: to load them from the pipe took half a ns.
func (p *pipe[T]) offer(items chan<- T, item T) outcome {
	defer recoverRefused()
	select {
	case items <- item:
		return sendAccepted
	default:
		return sendFull
	}
}

// send waits for room, until its sender is released or done. Either may be nil: a case
// less to look at.
func (p *pipe[T]) send(item T, released, done <-chan struct{}) outcome {
	defer recoverRefused()
	if done == nil {
		if released == nil {
			p.items <- item
			return sendAccepted
		}
		select {
		case p.items <- item:
			return sendAccepted
		case <-released:
			return sendRefused
		}
	}
	select {
	case p.items <- item:
		return sendAccepted
	case <-released:
		return sendRefused
	case <-done:
		return sendExpired
	}
}
