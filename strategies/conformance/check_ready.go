package conformance

import (
	"context"
	"io"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// noReady is for strategies whose consumer has no Ready.
func noReady(s strategies.Strategy) string {
	if _, ready := s.Word(strategies.Options{Policy: s.DefaultPolicy()}).Consumer().(strategies.Readier); !ready {
		return "its consumer is no Readier"
	}
	return ""
}

// readyManyItems has the consumer of floods wait in a select, and receive by all calls.
func readyManyItems(e *env) error {
	for _, f := range []flood{
		{senders: 1, items: e.n(20_000), ways: sends.Plain, maxRecv: 4},
		{senders: 4, items: e.n(10_000), ways: sends.Plain, maxBatch: 8, maxRecv: 16},
		{senders: 3, items: e.n(1000), ways: []sends.Way{sends.Send}, maxRecv: 2, sparse: true},
		{senders: 16, lives: 8, items: e.n(200), ways: sends.Plain, maxBatch: 2, maxRecv: 64},
	} {
		f.ready = true
		f.options.Capacity = 16
		if _, err := run(e, e.strategy.Word, plainWords(), f); err != nil {
			return err
		}
	}
	return nil
}

// readySparse sends one item at a time, at every point of a consumer that receives until
// it finds nothing and then waits for a channel that it has asked for once.
func readySparse(e *env) error {
	const sweep = 200
	fan := e.words(4)
	p, c := fan.Producer(), fan.Consumer()
	received := make(chan struct{}, 1)
	ready := c.(strategies.Readier).Ready()
	consumer := e.crew()
	consumer.run(func() error { return e.takeWhenReady(c, ready, received) })
	for i := range e.n(20_000) {
		e.doing("sending item %d to a consumer that waits for Ready", i)
		if err := p.Send(strategies.NewWord(0, uint64(i))); err != nil {
			return e.broke(strategies.PromiseWake, "Send returned %v", err)
		}
		select {
		case <-received:
		case <-e.givenUp:
			return errGivenUp
		}
		pause(i % sweep)
	}
	p.Close()
	return consumer.wait()
}

// takeWhenReady receives a producer's items, one by one, until the end, and tells of each.
func (e *env) takeWhenReady(c wordConsumer, ready <-chan struct{}, received chan<- struct{}) error {
	buf := make([]strategies.Word, 2)
	for next := 0; ; {
		n, err := c.TryRecv(buf)
		e.alive()
		switch {
		case err == io.EOF:
			return nil
		case err != nil || n > 1 || n == 1 && buf[0] != strategies.NewWord(0, uint64(next)):
			return e.broke(strategies.PromiseWake, "TryRecv after Ready returned %d, %v, %#x instead of item %d", n, err, uint64(buf[0]), next)
		case n == 1:
			next++
			received <- struct{}{}
			continue
		}
		select {
		case <-ready:
		case <-e.givenUp:
			return errGivenUp
		}
	}
}

// mustBeReady waits for Ready; the watchdog ends that.
func (e *env) mustBeReady(c wordConsumer, format string, args ...any) error {
	e.doing("waiting for Ready "+format, args...)
	select {
	case <-c.(strategies.Readier).Ready():
		e.alive()
		return nil
	case <-e.givenUp:
		return errGivenUp
	}
}

// untilNothing receives by TryRecv until it finds nothing, after which the consumer waits
// for what comes, and returns how many items that were.
func (e *env) untilNothing(c wordConsumer) (got int, _ error) {
	buf := make([]strategies.Word, 1)
	for {
		n, err := c.TryRecv(buf)
		if e.alive(); err != nil {
			return got, e.broke(strategies.PromiseWake, "TryRecv after Ready returned %d, %v", n, err)
		}
		if got += n; n == 0 {
			return got, nil
		}
	}
}

// readyBetween receives in other ways than after Ready, in between: what is left makes it
// ready, and so does what comes.
func readyBetween(e *env) error {
	for _, between := range []struct {
		name    string
		takes   int // items
		receive func(wordConsumer) error
	}{
		{"TryRecv", 1, func(c wordConsumer) error {
			n, buf := 0, make([]strategies.Word, 1)
			settles(func() bool { n, _ = c.TryRecv(buf); return n > 0 })
			return e.mustBe(strategies.PromiseWake, "TryRecv of one of several", n, nil, result{1, nil})
		}},
		{"Recv", 1, func(c wordConsumer) error {
			return e.expect(strategies.PromiseWake, c, 1, strategies.NewWord(0, 0))
		}},
		{"RecvContext", 1, func(c wordConsumer) error {
			n, err := c.RecvContext(context.Background(), make([]strategies.Word, 1))
			return e.mustBe(strategies.PromiseWake, "RecvContext", n, err, result{1, nil})
		}},
		{"a receive into no place", 0, func(c wordConsumer) error {
			n, err := c.TryRecv(nil)
			return e.mustBe(strategies.PromiseWake, "TryRecv into no place", n, err, result{0, nil})
		}},
		{"a receive cut short", 0, func(c wordConsumer) error {
			if !e.strategy.Keeps(strategies.PromiseContext) {
				return nil
			}
			n, err := c.RecvContext(canceled(), make([]strategies.Word, 1))
			return e.mustBe(strategies.PromiseWake, "RecvContext", n, err, result{0, context.Canceled})
		}},
	} {
		fan := e.words(8)
		p, c := fan.Producer(), fan.Consumer()
		if _, err := e.untilNothing(c); err != nil {
			return err
		}
		for range 3 {
			if err := e.readyAfter(p, c, between.name, between.takes, between.receive); err != nil {
				return err
			}
		}
	}
	return nil
}

// readyAfter sends some items, receives in a way that takes so many, and the others by
// Ready; and once more after a receive that has found nothing.
func (e *env) readyAfter(p wordProducer, c wordConsumer, name string, takes int, receive func(wordConsumer) error) error {
	const items = 3
	if err := e.accept(p, sequence(0, 0, items)...); err != nil {
		return err
	}
	if err := receive(c); err != nil {
		return err
	}
	if err := e.byReady(c, items-takes, "after "+name); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(context.Background(), 100*time.Microsecond)
	defer cancel()
	if _, err := c.RecvContext(waiting, make([]strategies.Word, 1)); err != waiting.Err() || err == nil {
		return e.broke(strategies.PromiseWake, "RecvContext of nothing returned %v", err)
	}
	if err := e.accept(p, 0); err != nil {
		return err
	}
	return e.byReady(c, 1, "after a receive that gave up")
}

// byReady receives so many items, each time until it finds nothing. A goroutine of the
// fan-in's own may have some in hand then, and tells of them.
func (e *env) byReady(c wordConsumer, items int, when string) error {
	for items > 0 {
		if err := e.mustBeReady(c, "with %d items sent and not received %s", items, when); err != nil {
			return err
		}
		n, err := e.untilNothing(c)
		if err != nil {
			return err
		}
		items -= n
	}
	return nil
}

// ending is a way in which a fan-in ends.
type ending struct {
	name string
	do   func(wordConsumer, wordProducer)
	want error
}

var endings = []ending{
	{"its last producer closes", func(_ wordConsumer, p wordProducer) { p.Close() }, io.EOF},
	{"the consumer closes", func(c wordConsumer, _ wordProducer) { c.Close() }, strategies.ErrClosed},
	{"the consumer stops", func(c wordConsumer, p wordProducer) {
		if stopper, stops := c.(strategies.Stopper); stops {
			stopper.Stop()
		} else {
			p.Close()
		}
	}, io.EOF},
}

// readyAtTheEnd ends fan-ins in every way beside a consumer that waits for Ready.
func readyAtTheEnd(e *env) error {
	const sweep = 50
	for round := range e.n(2000) {
		for _, end := range endings {
			if err := e.readyAt(end, round%sweep); err != nil {
				return err
			}
		}
	}
	return nil
}

// readyAt ends a fan-in in one way, after a pause of the consumer.
func (e *env) readyAt(end ending, after int) error {
	fan := e.under(e.strategy.DefaultPolicy(), 4)
	p, c := fan.Producer(), fan.Consumer()
	c.(strategies.Readier).Ready()
	ender := e.crew()
	start := make(chan struct{})
	ender.run(func() error { <-start; end.do(c, p); return nil })
	close(start)
	pause(after)
	for {
		n, err := c.TryRecv(make([]strategies.Word, 1))
		if n == 0 && err == end.want {
			break
		}
		if n > 0 || err != nil {
			return e.broke(strategies.PromiseWake, "TryRecv returned %d, %v as %s", n, err, end.name)
		}
		if err := e.mustBeReady(c, "as %s", end.name); err != nil {
			return err
		}
	}
	if err := e.mustBeReady(c, "again after %s", end.name); err != nil {
		return err
	}
	return ender.wait()
}

// readyAtRest counts how often Ready tells of nothing: hardly ever while nothing is sent,
// and not more often than items come, twice over.
func readyAtRest(e *env) error {
	const rounds, some = 200, 4
	fan := e.words(8)
	p, c := fan.Producer(), fan.Consumer()
	for spurious, got, i := 0, 0, 0; i < rounds; i++ {
		if err := e.accept(p, strategies.NewWord(0, uint64(i))); err != nil {
			return err
		}
		for got <= i {
			if err := e.mustBeReady(c, "after item %d", i); err != nil {
				return err
			}
			n, err := e.untilNothing(c)
			if err != nil {
				return err
			}
			if got += n; n == 0 {
				spurious++
			}
		}
		if spurious > 2*(i+1)+some {
			return e.broke(strategies.PromisePark, "Ready told of nothing %d times while %d items came", spurious, i+1)
		}
	}
	e.doing("waiting for Ready while nothing is sent")
	rest := time.After(20 * time.Millisecond)
	for told := 0; ; told++ {
		if told > some {
			return e.broke(strategies.PromisePark, "Ready told of nothing %d times while nothing was sent", told)
		}
		select {
		case <-c.(strategies.Readier).Ready():
		case <-rest:
			return nil
		}
		if n, err := c.TryRecv(make([]strategies.Word, 1)); n != 0 || err != nil {
			return e.broke(strategies.PromisePark, "TryRecv of a fan-in at rest returned %d, %v", n, err)
		}
	}
}
