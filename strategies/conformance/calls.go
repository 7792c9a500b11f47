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

// settles waits for what must hold soon after sends and receives have come to
// rest, and reports whether it does.
func settles(cond func() bool) bool {
	for deadline := time.Now().Add(settleTime); !cond(); {
		if time.Now().After(deadline) {
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
