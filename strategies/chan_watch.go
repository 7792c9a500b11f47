package strategies

import "sync/atomic"

// chanWatch is where the consumer of a channel announces that it waits for the channel
// of Ready, and those who send look. See token for the pattern: a send and a receive
// that finds nothing are synchronizing operations like an atomic one, and Go's memory
// model has one order for all of them. So either the announcement comes before the look
// of who has sent, or the item is in the channel when the consumer looks again.
type chanWatch struct {
	waits atomic.Bool // loaded by every send
	readiness
}

// wake makes the channel of Ready ready if the consumer waits for it. It is called after a
// send, and after a close.
func (w *chanWatch) wake() {
	if w.waits.Load() && w.waits.CompareAndSwap(true, false) {
		w.signal()
	}
}

// ready is Ready of the consumer. While waits stands there was nothing after it.
func (w *chanWatch) ready() <-chan struct{} {
	channel := w.make()
	if !w.waits.Load() {
		w.signal()
	}
	return channel
}

// asked reports whether a TryRecv into so many places that returned n, err is to announce
// that the consumer waits.
func (w *chanWatch) asked(length, n int, err error) bool {
	return n == 0 && err == nil && length > 0 && w.channel != nil
}

// again announces that and looks once more, by a call that finds nothing or something.
func (w *chanWatch) again(receive func() (int, error)) (int, error) {
	w.waits.Store(true)
	n, err := receive()
	if n > 0 || err != nil {
		w.waits.Store(false) // there may be more, for which nobody looks at it
	}
	return n, err
}
