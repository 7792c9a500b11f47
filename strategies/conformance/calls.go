package conformance

import (
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// The words in which scripted checks are written: sends and receives whose
// result is known beforehand.

type (
	words        = strategies.FanIn[strategies.Word]
	wordProducer = strategies.Producer[strategies.Word]
	wordConsumer = strategies.Consumer[strategies.Word]
)

// received says whether the result of a receive call that waits is the end, or
// one that no such call may return.
func (e *env) received(n, length int, err error) (atEnd bool, _ error) {
	switch {
	case err == io.EOF && n == 0:
		return true, nil
	case err != nil:
		return false, e.broke(strategies.PromiseDrain, "a receive returned %d, %v", n, err)
	case n < 1 || n > length:
		return false, e.broke(strategies.PromiseBatch, "a receive into %d places that waits returned %d, nil", length, n)
	}
	return false, nil
}

// cancelSoon returns a context that is cancelled at a random time, from at once
// to when a call has parked.
func cancelSoon(rng *rand.Rand) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Duration(rng.IntN(100))*time.Microsecond)
}

// canceled returns a context that is done.
func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// sequence returns the words from..to-1 of a producer.
func sequence(producer, from, to int) []strategies.Word {
	ws := make([]strategies.Word, 0, max(0, to-from))
	for i := from; i < to; i++ {
		ws = append(ws, strategies.NewWord(producer, uint64(i)))
	}
	return ws
}

// result is what a call returned.
type result struct {
	n   int
	err error
}

// mustBe holds a result against the one that the promise demands.
func (e *env) mustBe(p strategies.Promise, what string, n int, err error, want result) error {
	if n == want.n && err == want.err {
		return nil
	}
	return e.broke(p, "%s returned %d, %v instead of %d, %v", what, n, err, want.n, want.err)
}

// accept sends items one by one, which there must be room for.
func (e *env) accept(p wordProducer, items ...strategies.Word) error {
	for i, w := range items {
		e.alive()
		if err := p.Send(w); err != nil {
			return e.broke(e.check.promise, "Send %d of %d returned %v although there was room", i+1, len(items), err)
		}
	}
	return nil
}

// ahead sends what is received only afterwards: at once or, to a fan-in that
// holds nothing, in a goroutine beside the receives that follow. sent waits
// until it is done.
func (e *env) ahead(send func() error) (sent func() error, err error) {
	if e.strategy.Bound != strategies.Rendezvous {
		return func() error { return nil }, send()
	}
	sender := e.crew()
	sender.run(send)
	return sender.wait, nil
}

// expect receives exactly these items, in this order, up to size at a time. A
// deviation breaks promise p, unless it shows that another one broke.
func (e *env) expect(p strategies.Promise, c wordConsumer, size int, want ...strategies.Word) error {
	buf := make([]strategies.Word, size)
	for got := 0; got < len(want); {
		part := buf[:min(size, len(want)-got)]
		n, err := c.Recv(part)
		e.alive()
		if err != nil || n < 1 || n > len(part) {
			return e.endedShort(p, c, n, err, got, len(want))
		}
		for i, w := range part[:n] {
			if w != want[got+i] {
				return e.misdelivered(p, c, part[i:n], want, got+i)
			}
		}
		if late := e.probed.Load(); late != nil {
			return *late
		}
		got += n
	}
	return nil
}

// expectNothing makes sure that nothing is waiting.
func (e *env) expectNothing(p strategies.Promise, c wordConsumer) error {
	buf := make([]strategies.Word, 1)
	n, err := c.TryRecv(buf)
	if n == 0 && err == nil {
		return nil
	}
	if n > 0 && !slices.Contains(ownLosses, p) {
		p = strategies.PromiseExactlyOnce
	}
	return e.broke(p, "TryRecv on an empty open fan-in returned %d, %v (%v)", n, err, buf[:max(0, min(n, 1))])
}

// expectEnd makes sure that io.EOF comes next.
func (e *env) expectEnd(p strategies.Promise, c wordConsumer) error {
	n, err := c.Recv(make([]strategies.Word, 4))
	e.alive()
	return e.mustBe(p, "Recv after everything was received and closed", n, err, result{0, io.EOF})
}

// settleTime is how long a fan-in's own goroutines, if it has any, may take to move
// what a send that has returned gave them.
const settleTime = time.Second

// settleLooks is how often it is looked at least, however little of the machine the process
// gets: where it stands still for a second, the fan-in's goroutines do, too.
const settleLooks = 10

// settles waits for what must hold soon after sends and receives have come to
// rest, and reports whether it does.
func settles(cond func() bool) bool {
	deadline := time.Now().Add(settleTime)
	for looks := 1; !cond(); looks++ {
		if looks >= settleLooks && time.Now().After(deadline) {
			return false
		}
		time.Sleep(10 * time.Microsecond)
	}
	return true
}

// tryNext receives the next item, which has been sent, by TryRecv.
func (e *env) tryNext(c wordConsumer, want strategies.Word, what string) error {
	buf := make([]strategies.Word, 2)
	var n int
	var err error
	settles(func() bool {
		n, err = c.TryRecv(buf)
		return n != 0 || err != nil
	})
	if n == 1 && err == nil && buf[0] == want {
		return nil
	}
	return e.broke(e.blameTry(n, err, buf, want), "%s: TryRecv returned %d, %v and %#x instead of %#x", what, n, err, uint64(buf[0]), uint64(want))
}

// fill sends until nothing more is accepted and returns how many were. It stops
// a little past limit.
func (e *env) fill(p wordProducer, id, limit int) int {
	n := 0
	for n <= limit && p.TrySend(strategies.NewWord(id, uint64(n))) == nil {
		n++
		e.alive()
	}
	return n
}

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
