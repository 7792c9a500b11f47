package trial

import (
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// replying is a closed loop whose consumer replies to each message when its work on the
// receive is done. A send returns when its producer has fewer messages without a reply
// than the window: with a window of 1, when its own message has one, as a call does. What
// a send takes is then the round trip.
//
// A reply is a token in a channel of the producer's, as Go programs send them. An item
// that is lost has none: its producer and the consumer wait for each other until the
// watchdog ends the trial.
type replying[T any] struct {
	driver[T]
	window  int
	replies []chan struct{} // by producer; nil once deliveries were found wrong
}

func newReplying[T any](d driver[T], producers, window int) *replying[T] {
	r := &replying[T]{driver: d, window: window, replies: make([]chan struct{}, producers)}
	for id := range r.replies {
		r.replies[id] = make(chan struct{}, window)
	}
	return r
}

func (d *replying[T]) sender(p strategies.Producer[T], id int) sender {
	return d.driver.sender(&asking[T]{Producer: p, window: d.window, replies: d.replies[id]}, id)
}

func (d *replying[T]) consume(buf []T, check *record.Ledger, rec *record.Recorder) {
	d.driver.consume(buf, check, rec)
	if check.Stray != nil { // nothing more is received, so nobody is to wait for it
		for _, replies := range d.replies {
			close(replies)
		}
		d.replies = nil
	}
	if d.replies == nil {
		return
	}
	for i := range buf {
		select {
		case d.replies[wordOf(&buf[i]).Producer()] <- struct{}{}:
		default: // nobody sent that many: the books will tell
		}
	}
}

// asking is a producer that waits for replies. Its loops send single items and wait for
// room, so its Send is all that they call.
type asking[T any] struct {
	strategies.Producer[T]
	window  int
	waiting int // messages without a reply
	replies <-chan struct{}
}

func (p *asking[T]) Send(item T) error {
	if err := p.Producer.Send(item); err != nil {
		return err
	}
	for p.waiting++; p.waiting >= p.window; p.waiting-- {
		if _, ok := <-p.replies; !ok {
			return strategies.ErrClosed
		}
	}
	return nil
}

// wordOf returns the word of an item that drives the harness.
func wordOf[T any](item *T) strategies.Word {
	switch item := any(item).(type) {
	case *strategies.Word:
		return *item
	case *strategies.Message:
		return item.ID
	}
	panic("trial: an item without a word")
}
