package schedule

import (
	"context"
	"fmt"
	"io"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// result is what a call returned.
type result struct {
	*call
	n     int
	err   error
	buf   []strategies.Word // of a receive
	panic any
}

// String says what the call returned.
func (r result) String() string { return fmt.Sprintf("%v returned %d, %v", r.op, r.n, r.err) }

func broke(p strategies.Promise, format string, args ...any) *Failure {
	return &Failure{Promise: p, Detail: fmt.Sprintf(format, args...)}
}

// offers reports whether a strategy promises what an operation tries.
func offers(d strategies.Descriptor, op Op) bool {
	switch {
	case op.Do.tries() && !d.Keeps(strategies.PromiseTry),
		op.Do.takesContext() && !d.Keeps(strategies.PromiseContext),
		op.Do.receives() && op.N == 0 && !d.Keeps(strategies.PromiseMisuse),
		op.Who == Consumer && op.Do == Close && !d.Keeps(strategies.PromiseConsumerClose):
		return false
	}
	return true
}

// items returns what a call sends, from a producer's item first on, or receives into.
func items(op Op, first int) []strategies.Word {
	words := make([]strategies.Word, op.N)
	for i := range words {
		if op.Do.sends() {
			words[i] = strategies.NewWord(op.Who, uint64(first+i))
		}
	}
	return words
}

// perform makes a call.
func perform(ctx context.Context, fan strategies.FanIn[strategies.Word], p strategies.Producer[strategies.Word], op Op, items []strategies.Word) (int, error) {
	switch {
	case op.Do == Recv:
		return fan.Consumer().Recv(items)
	case op.Do == RecvContext:
		return fan.Consumer().RecvContext(ctx, items)
	case op.Do == TryRecv:
		return fan.Consumer().TryRecv(items)
	case op.Do == Close && op.Who == Consumer:
		fan.Consumer().Close()
		return 0, nil
	case op.Do == Close:
		p.Close()
		return 0, nil
	}
	return sends.Call(ctx, p, op.Do.way(), items)
}

// implausible says what is wrong with a result whatever else happens; closed says that
// an end of the call has closed.
func (r result) implausible(closed bool, policy strategies.Policy) *Failure {
	sends := r.op.Do.sends()
	switch {
	case r.n < 0 || r.n > r.op.N,
		sends && r.op.N > 0 && (r.n == r.op.N) != (r.err == nil),
		!sends && r.n > 0 && r.err != nil,
		!sends && r.n == 0 && r.err == nil && r.op.N > 0 && r.op.Do != TryRecv,
		sends && r.err == io.EOF, !sends && r.err == strategies.ErrFull:
		return broke(strategies.PromiseBatch, "%v", r)
	case r.err == nil, r.err == io.EOF:
		return nil
	case r.err == strategies.ErrClosed && !closed:
		return broke(strategies.PromiseConsumerClose, "%v with both ends open", r)
	case r.err == strategies.ErrClosed:
		return nil
	case r.err != strategies.ErrFull && (!r.cut || r.err != context.Canceled):
		return broke(strategies.PromiseContext, "%v", r)
	case r.err == strategies.ErrFull && policy != strategies.Fail && (policy != strategies.Block || !r.op.Do.tries()):
		return broke(strategies.PromiseOverflow, "%v under policy %v", r, policy)
	}
	return nil
}
