package harness

import (
	"context"
	"errors"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// answer is what came of a step of a trial that takes turns: exactly one of them.
type answer struct {
	ready *trial.Ready
	slice *trial.Slice
	reply *trial.Reply // it is over
}

func over(reply trial.Reply) answer { return answer{reply: &reply} }

// seat is a trial that takes turns with others. Its steps are taken one after the other,
// and none once it is over.
type seat interface {
	// begin starts it and has it warm up.
	begin() answer
	// slice has it run a slice.
	slice() answer
	// end has it come to its end.
	end() trial.Reply
	// leave ends it at once, if it is not over.
	leave()
}

// inside is a trial that takes turns in this process.
type inside struct {
	ctx      context.Context
	cancel   context.CancelFunc
	strategy strategies.Strategy
	spec     trial.Spec
	turns    chan bool // false is the end
	answers  chan answer
	over     bool
}

func newInside(ctx context.Context, strategy strategies.Strategy, spec trial.Spec) *inside {
	i := &inside{strategy: strategy, spec: spec, turns: make(chan bool), answers: make(chan answer)}
	i.ctx, i.cancel = context.WithCancel(ctx)
	return i
}

func (i *inside) begin() answer {
	go func() {
		reply := trial.Guard(i.ctx, i.strategy, i.spec, false, i)
		i.cancel() // a trial that was given up has nobody to answer
		i.answers <- over(reply)
	}()
	return i.hear(<-i.answers)
}

// tell tells the trial what is next, and returns its answer.
func (i *inside) tell(slice bool) answer {
	select {
	case i.turns <- slice:
		return i.hear(<-i.answers)
	case a := <-i.answers: // it was given up
		return i.hear(a)
	}
}

func (i *inside) hear(a answer) answer {
	i.over = i.over || a.reply != nil
	return a
}

func (i *inside) slice() answer    { return i.tell(true) }
func (i *inside) end() trial.Reply { return *i.tell(false).reply }

func (i *inside) leave() {
	i.cancel()
	for !i.over {
		i.hear(<-i.answers)
	}
}

// errLeft is why a trial in this process ends before it was told to.
var errLeft = errors.New("the sitting is over")

// Ready implements trial.Partner.
func (i *inside) Ready(r trial.Ready) error { return i.answer(answer{ready: &r}) }

// Did implements trial.Partner.
func (i *inside) Did(s trial.Slice) error { return i.answer(answer{slice: &s}) }

func (i *inside) answer(a answer) error {
	select {
	case i.answers <- a:
		return nil
	case <-i.ctx.Done():
		return errLeft
	}
}

// Next implements trial.Partner.
func (i *inside) Next() (slice bool, err error) {
	select {
	case slice = <-i.turns:
		return slice, nil
	case <-i.ctx.Done():
		return false, errLeft
	}
}

// oldForm is a trial that cannot take turns, executed as a whole in its place.
type oldForm func() trial.Reply

func (run oldForm) begin() answer    { return over(run()) }
func (oldForm) slice() answer        { return answer{} }
func (oldForm) end() (r trial.Reply) { return r }
func (oldForm) leave()               {}
