package conformance

import (
	"context"
	"runtime/pprof"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// goroutines uses fan-ins up, by the drain and by the consumer's Close in
// every order, and looks for goroutines that are left.
//
// A goroutine inherits the profiler's labels of the one that started it, so those of
// the fan-ins are told from all others of the process, and the profile counts them by
// where they stand, however many there are.
func goroutines(e *env) error {
	users := e.crew()
	users.run(func() (err error) {
		pprof.Do(context.Background(), pprof.Labels(leakLabel, e.check.name), func(context.Context) { err = e.endEachWay() })
		return err
	})
	if err := users.wait(); err != nil {
		return err
	}
	e.doing("looking for goroutines")
	var left int
	var where string
	var err error
	if settles(func() bool { left, where, err = process.Labelled(leakLabel); return left == 0 || err != nil }) {
		return err
	}
	return e.broke(strategies.PromiseNoLeak, "%d goroutines of drained fan-ins are left, in %s", left, where)
}

const leakLabel = "conformance-fan-in"

// endEachWay uses fan-ins up in every way.
func (e *env) endEachWay() error {
	held := e.room(2, 1)
	for range 5 {
		for _, usage := range []func(words, []wordProducer, int) error{e.endByDrain, e.closeConsumerFirst, e.closeConsumerLast} {
			fan := e.words(4)
			ps := []wordProducer{fan.Producer(), fan.Producer()}
			for i, p := range ps {
				if err := e.accept(p, sequence(i, 0, held)...); err != nil {
					return err
				}
			}
			if err := usage(fan, ps, held); err != nil {
				return err
			}
			e.alive()
		}
	}
	return e.floodWords(flood{
		options: strategies.Options{Capacity: 2}, ways: sends.Waiting, cancels: true,
		senders: 20, lives: 3, items: 20, maxBatch: 4, maxRecv: 4,
	})
}

// endByDrain closes the producers and drains the items held of each.
func (e *env) endByDrain(fan words, ps []wordProducer, held int) error {
	for _, p := range ps {
		p.Close()
	}
	if err := e.expectTogether(fan.Consumer(), 3, sequence(0, 0, held), sequence(1, 0, held)); err != nil {
		return err
	}
	return e.expectEnd(strategies.PromiseDrain, fan.Consumer())
}

// closeConsumerFirst closes the consumer with items waiting, then the producers.
func (e *env) closeConsumerFirst(fan words, ps []wordProducer, _ int) error {
	fan.Consumer().Close()
	for _, p := range ps {
		p.Close()
	}
	return nil
}

// closeConsumerLast closes the producers, then the consumer with items waiting.
func (e *env) closeConsumerLast(fan words, ps []wordProducer, _ int) error {
	for _, p := range ps {
		p.Close()
	}
	fan.Consumer().Close()
	return nil
}
