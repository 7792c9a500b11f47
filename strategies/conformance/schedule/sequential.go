package schedule

import (
	"context"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
)

// run is a sequential schedule under way: one operation follows the other, each in a
// goroutine of its own as it may wait. The next begins when all calls have returned that
// must, and those that wait have parked.
type run struct {
	*model
	patience time.Duration // for a call that must return

	fan     strategies.FanIn[strategies.Word]
	ps      []strategies.Producer[strategies.Word]
	results chan result
	calls   int // under way
	cancels map[int]context.CancelFunc
}

// settleTime is how long a goroutine of the fan-in may take to move what a call that
// has returned gave it.
const settleTime = time.Second

// sequential makes the operations one after the other, then has all producers close
// and receives to the end.
func (s Schedule) sequential(strategy strategies.Strategy, patience time.Duration) (f *Failure) {
	r := &run{
		model: newModel(s, strategy.Descriptor), patience: patience, results: make(chan result, len(s.Ops)+2*maxProducers),
		ps: make([]strategies.Producer[strategies.Word], s.producers()), cancels: map[int]context.CancelFunc{},
	}
	defer r.release()
	defer func() {
		if p := recover(); p != nil {
			f = broke(strategies.PromiseMisuse, "panic: %v", p)
		}
		if f != nil && !strategy.Keeps(f.Promise) {
			f = nil
		}
	}()
	r.fan = strategy.Word(s.Options)
	for _, op := range s.Ops {
		if f := r.make(op); f != nil {
			return f
		}
	}
	return r.end()
}

// end closes all producers and receives to the end.
func (r *run) end() *Failure {
	for i, p := range r.producers {
		if p.opened && !p.closed && (p.pending == nil || r.Keeps(strategies.PromiseClose)) {
			if f := r.make(Op{i, Close, 1}); f != nil {
				return f
			}
		}
	}
	for r.opened && !r.over && (r.ended || r.left) && r.consumer.pending == nil {
		if f := r.make(Op{Consumer, Recv, 16}); f != nil {
			return f
		}
	}
	return nil
}

// make makes an operation, if it is possible.
func (r *run) make(op Op) *Failure {
	if !r.possible(op) {
		return nil
	}
	c := r.begin(op)
	switch op.Do {
	case Open:
		r.ps[op.Who] = r.fan.Producer()
	case Cancel:
		if cancel := r.cancels[op.Who]; cancel != nil {
			cancel()
		}
	default:
		ctx := context.Background()
		if op.Do.takesContext() {
			ctx, r.cancels[op.Who] = context.WithCancel(ctx)
		}
		if c.canceled {
			r.cancels[op.Who]()
		}
		r.calls++
		begun := make(chan struct{})
		go r.call(ctx, c, begun)
		<-begun // from here on awaitParked finds it
	}
	return r.settle()
}

// call makes a call in its own goroutine, and again while a goroutine of the fan-in may
// be about to bring what it looks for.
func (r *run) call(ctx context.Context, c *call, begun chan<- struct{}) {
	close(begun)
	res := result{call: c}
	defer func() {
		res.panic = recover()
		r.results <- res
	}()
	res.buf = items(c.op, c.first)
	var p strategies.Producer[strategies.Word]
	if c.op.Who != Consumer {
		p = r.ps[c.op.Who]
	}
	for deadline := time.Now().Add(min(settleTime, r.patience/2)); ; time.Sleep(100 * time.Microsecond) {
		res.n, res.err = perform(ctx, r.fan, p, c.op, res.buf)
		nothing := res.n == 0 && (res.err == nil && c.op.Do.receives() || res.err == strategies.ErrFull)
		if !nothing || !c.certain || time.Now().After(deadline) {
			break
		}
	}
}

// settle waits until all calls have returned that must and all others have parked, and
// judges what they returned and what is held then.
func (r *run) settle() *Failure {
	for parked := false; ; {
		promise, why := r.stuck()
		wait := r.patience
		if promise == "" {
			if parked || r.calls == 0 {
				return r.atRest()
			}
			r.awaitParked()
			parked, wait = true, 0
		}
		n, f := r.judge(wait)
		if f != nil {
			return r.traced(f)
		}
		if n == 0 && promise != "" {
			return r.traced(&Failure{promise, "hung: " + why, r.missing()})
		}
		parked = parked && n == 0
	}
}

// judge judges the results that there are, and waits for the first.
func (r *run) judge(wait time.Duration) (n int, f *Failure) {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for ; r.calls > 0; n++ {
		var res result
		select {
		case res = <-r.results:
		default:
			if n > 0 || wait == 0 {
				return n, nil
			}
			select {
			case res = <-r.results:
			case <-timeout.C:
				return n, nil
			}
		}
		r.calls--
		if f := r.returned(res); f != nil {
			return n, f
		}
	}
	return n, nil
}

// awaitParked waits until the calls that wait have parked: what wakes them is to find
// them so. Calls that need not park get a moment.
func (r *run) awaitParked() {
	const moment = 100 * time.Microsecond
	time.Sleep(moment)
	if r.Keeps(strategies.PromisePark) {
		r.soon(func() bool { return process.Unparked("schedule.(*run).call") == 0 })
	} else {
		time.Sleep(4 * moment)
	}
}

// atRest judges what is held and counted while nobody moves.
func (r *run) atRest() *Failure {
	if limit := r.capacity * len(r.producers); r.Keeps(strategies.PromiseBacklog) {
		if r.Bound != strategies.PerProducer {
			limit = r.capacity
		}
		if n := r.fan.Backlog(); n > limit && r.Bound != strategies.Unbounded {
			return broke(strategies.PromiseBound, "Backlog returned %d, more than %d", n, limit)
		}
	}
	single := true
	for i, p := range r.producers {
		if r.room(p) < 0 {
			return broke(strategies.PromiseBound, "%d items are held with capacity %d", r.held(p), r.capacity)
		}
		if p.opened && !r.soon(func() bool { return r.ps[i].Dropped() == p.dropped }) {
			return broke(strategies.PromiseOverflow, "p%d counts %d dropped items instead of %d", i, r.ps[i].Dropped(), p.dropped)
		}
		single = single && (p.pending == nil || p.pending.op.N == 1)
	}
	want := r.backlog()
	if !single || !r.Keeps(strategies.PromiseBacklog) || r.soon(func() bool { return r.fan.Backlog() == want }) {
		return nil
	}
	f := broke(strategies.PromiseBacklog, "Backlog returned %d instead of %d", r.fan.Backlog(), want)
	if r.consumer.pending == nil && r.Keeps(strategies.PromiseTry) && !r.left {
		switch held := len(r.rest()); {
		case held < want:
			return broke(strategies.PromiseExactlyOnce, "%d of %d items that were sent are not there", want-held, want)
		case held > want:
			return broke(strategies.PromiseExactlyOnce, "%d items are there where %d were sent", held, want)
		}
	}
	return f
}

// soon waits for what a goroutine may have in hand.
func (r *run) soon(cond func() bool) bool {
	for deadline := time.Now().Add(min(settleTime, r.patience/2)); !cond(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

// traced looks for the items that a failure misses: if they do not come at all, they
// are lost, whatever the call.
func (r *run) traced(f *Failure) *Failure {
	if len(f.missing) == 0 {
		return f
	}
	comes := !r.Keeps(strategies.PromiseBacklog) || r.fan.Backlog() > 0
	if !comes && r.consumer.pending == nil && r.Keeps(strategies.PromiseTry) {
		comes = slices.ContainsFunc(r.rest(), func(w strategies.Word) bool { return slices.Contains(f.missing, w) })
	}
	if !comes {
		f.Promise = strategies.PromiseExactlyOnce
	}
	return f
}

// rest receives what is there.
func (r *run) rest() (items []strategies.Word) {
	const enough = 20 // looks in vain
	buf := make([]strategies.Word, 64)
	for looks := 0; looks < enough; {
		n, err := r.fan.Consumer().TryRecv(buf)
		if items = append(items, buf[:n]...); err != nil {
			break
		}
		if n == 0 {
			looks++
			time.Sleep(time.Millisecond)
		}
	}
	return items
}

// release lets go of all calls that still wait.
func (r *run) release() {
	for _, cancel := range r.cancels {
		cancel()
	}
	if r.fan == nil {
		return
	}
	sends := 0 // that wait, and beside which no producer may close
	for _, p := range r.producers {
		if p.pending != nil && !r.Keeps(strategies.PromiseClose) {
			sends++
		}
	}
	go func() {
		defer func() { _ = recover() }() // the failure is what is reported
		r.fan.Consumer().Close()
		for sends > 0 {
			if res := <-r.results; res.op.Who != Consumer {
				sends--
			}
		}
		for _, p := range r.ps {
			if p != nil {
				p.Close()
			}
		}
	}()
}
