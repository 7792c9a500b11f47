package conformance

import (
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// pastCosts times the calls on fan-ins with a past beside those on a new one: a burst
// of items, and thousands of producers at once, all of it gone. A call that looks
// at what once was costs many times as much.
func pastCosts(e *env) error {
	pasts := []struct {
		name     string
		capacity int
		make     func(words) error
	}{
		{"a burst of items", pastItems, e.pastBurst},
		{"thousands of producers", 4, e.pastThousands},
	}
	for _, past := range pasts {
		used, fresh := e.timed(past.capacity), e.timed(past.capacity)
		if err := past.make(used.fan); err != nil {
			return err
		}
		e.doing("timing the calls on a fan-in after %s", past.name)
		for _, calls := range timedCalls {
			if err := e.compareTimes(past.name, calls, used, fresh); err != nil {
				return err
			}
		}
		leave(used.fan, used.keeper)
		leave(fresh.fan, fresh.keeper)
	}
	return nil
}

// timed is a fan-in whose calls are timed.
type timed struct {
	fan    words
	keeper wordProducer
	c      wordConsumer
}

const (
	pastItems     = 1 << 17
	pastProducers = 10_000
)

func (e *env) timed(capacity int) *timed {
	fan := e.words(capacity)
	return &timed{fan: fan, keeper: fan.Producer(), c: fan.Consumer()}
}

func (e *env) pastBurst(fan words) error {
	b := &burstFanIn[strategies.Word]{e: e, fan: fan, c: fan.Consumer(), items: pastItems, buf: make([]strategies.Word, 1000)}
	for i := range b.ps {
		b.ps[i] = fan.Producer()
		defer b.ps[i].Close()
	}
	return b.once(func(i int) strategies.Word { return strategies.NewWord(0, uint64(i)) })
}

func (e *env) pastThousands(fan words) error {
	producers := pastProducers
	if e.strategy.Scans != "" {
		producers /= 10
		if e.short {
			producers /= 2 // each receive looks at all
		}
	}
	ps := make([]wordProducer, producers)
	for i := range ps {
		ps[i] = fan.Producer()
		e.alive()
	}
	b := &burstFanIn[strategies.Word]{e: e, fan: fan, c: fan.Consumer(), buf: make([]strategies.Word, 1000)}
	if err := b.all(ps, sequence(0, 0, 1)); err != nil {
		return err
	}
	for _, p := range ps {
		p.Close()
	}
	return nil
}

type timedCall struct {
	name string
	call func(*env, *timed) error
}

var timedCalls = []timedCall{
	{"a send and a receive", func(e *env, t *timed) error {
		if err := t.keeper.Send(1); err != nil {
			return e.broke(strategies.PromiseShrink, "Send returned %v although there was room", err)
		}
		return e.expect(strategies.PromiseShrink, t.c, 1, 1)
	}},
	{"an open, a send, a receive and a close", func(e *env, t *timed) error { return e.passThrough(t.fan, t.c, 1) }},
}

const (
	// pastFactor and pastSlack are by how much a call may take longer. To look at
	// thousands of producers takes ten microseconds, a send and a receive a tenth of
	// one, and a whole one under the race detector.
	pastFactor = 4
	pastSlack  = time.Microsecond
	pastTurns  = 31
	pastTries  = 4
)

// compareTimes times a call in turns, of the one with a past and of the new one, and
// compares the medians. What was just used may still be being put away.
func (e *env) compareTimes(past string, calls timedCall, used, fresh *timed) error {
	var after, without time.Duration
	for range pastTries {
		var turns [2][]time.Duration
		for range pastTurns {
			for i, t := range []*timed{used, fresh} {
				took, err := e.timeCalls(calls, t)
				if err != nil {
					return err
				}
				turns[i] = append(turns[i], took)
			}
		}
		after, without = median(turns[0]), median(turns[1])
		if after <= pastFactor*without+pastSlack {
			return nil
		}
		time.Sleep(settleTime / pastTries)
	}
	return e.broke(strategies.PromiseShrink, "%s takes %v in a fan-in after %s, and %v in a new one", calls.name, after, past, without)
}

// timeCalls returns how long one call takes, of a few in a row.
func (e *env) timeCalls(calls timedCall, t *timed) (time.Duration, error) {
	const row = 50
	start := time.Now()
	for range row {
		if err := calls.call(e, t); err != nil {
			return 0, err
		}
	}
	return time.Since(start) / row, nil
}

// median returns the median, 0 of none. It sorts.
func median(ds []time.Duration) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	return ds[len(ds)/2]
}
