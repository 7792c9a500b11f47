package conformance

import (
	"io"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// What a scripted check finds is filed under the promise that broke, which need not
// be the one it tries: an item lost beside a backlog that is being compared is lost.

// ownLosses are the promises that say themselves which items come: a check of one of
// them that receives others has found that one broken.
var ownLosses = []strategies.Promise{strategies.PromiseDrain, strategies.PromiseOverflow, strategies.PromiseContext, strategies.PromiseOrder}

// misdelivered is the error of items of which the first was received in place of the
// next of those wanted, got of which have come.
func (e *env) misdelivered(p strategies.Promise, c wordConsumer, came, want []strategies.Word, got int) error {
	w := came[0]
	if !slices.Contains(ownLosses, p) {
		p = e.blame(c, came, want, got)
	}
	if w == probe {
		return e.broke(p, "item %d of producer %d was sent and never received", want[got].Seq(), want[got].Producer())
	}
	return e.broke(p, "received item %d of producer %d instead of item %d of producer %d",
		w.Seq(), w.Producer(), want[got].Seq(), want[got].Producer())
}

// blame tells what items in place of those wanted mean: the first came before, nobody
// sent it, the one wanted comes later, or it does not come at all.
func (e *env) blame(c wordConsumer, came, want []strategies.Word, got int) strategies.Promise {
	w := came[0]
	switch {
	case w == probe || slices.Contains(want[:got], w):
		return strategies.PromiseExactlyOnce
	case !slices.Contains(want[got:], w):
		return strategies.PromiseIntact
	case slices.Contains(came, want[got]),
		e.strategy.Keeps(strategies.PromiseTry) && slices.Contains(e.rest(c), want[got]):
		return strategies.PromiseOrder
	}
	return strategies.PromiseExactlyOnce
}

// blameTry tells what the result of a TryRecv means that should have returned one
// item: it came twice, or it is nowhere; anything else is about the check's promise.
func (e *env) blameTry(n int, err error, buf []strategies.Word, want strategies.Word) strategies.Promise {
	fan := e.last.Load()
	lost := n == 0 && err == nil && fan != nil && e.strategy.Keeps(strategies.PromiseBacklog) && (*fan).Backlog() == 0
	twice := n == 2 && buf[0] == want && buf[1] == want
	if (lost || twice) && !slices.Contains(ownLosses, e.check.promise) {
		return strategies.PromiseExactlyOnce
	}
	return e.check.promise
}

// rest receives what is there.
func (e *env) rest(c wordConsumer) (items []strategies.Word) {
	const rests = 20 * time.Millisecond // for what a goroutine of the fan-in has in hand
	buf := make([]strategies.Word, 64)
	for deadline := time.Now().Add(rests); time.Now().Before(deadline); {
		n, err := c.TryRecv(buf)
		if err != nil {
			break
		}
		if items = append(items, buf[:n]...); n == 0 {
			time.Sleep(time.Millisecond)
		} else {
			deadline = time.Now().Add(rests)
		}
		e.alive()
	}
	return items
}

// endedShort is the error of a receive that returned err with so many items missing:
// they are lost, unless they come after all.
func (e *env) endedShort(p strategies.Promise, c wordConsumer, n int, err error, got, want int) error {
	if err == io.EOF && !slices.Contains(ownLosses, p) {
		p = strategies.PromiseExactlyOnce
		if e.strategy.Keeps(strategies.PromiseTry) && len(e.rest(c)) > 0 {
			p = strategies.PromiseDrain
		}
	}
	return e.broke(p, "Recv returned %d, %v with %d of %d items received", n, err, got, want)
}

// holds makes sure that the backlog, at rest, is as it must be. If it is not, what
// is there tells whether it was miscounted, or items were lost or doubled.
func (e *env) holds(fan words, want int, when string) error {
	if !e.strategy.Keeps(strategies.PromiseBacklog) || settles(func() bool { return fan.Backlog() == want }) {
		return nil
	}
	backlog := fan.Backlog()
	if e.strategy.Keeps(strategies.PromiseTry) && !slices.Contains(ownLosses, e.check.promise) {
		switch held := len(e.rest(fan.Consumer())); {
		case held < want:
			return e.broke(strategies.PromiseExactlyOnce, "%d of %d items %s were sent and never received", want-held, want, when)
		case held > want:
			return e.broke(strategies.PromiseExactlyOnce, "%d items came %s where %d had been sent", held, when, want)
		}
	}
	return e.broke(strategies.PromiseBacklog, "backlog %d instead of %d %s", backlog, want, when)
}
