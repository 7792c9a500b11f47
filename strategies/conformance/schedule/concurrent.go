package schedule

import (
	"context"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/ledger"
)

// round is a concurrent schedule under way: each goroutine makes its operations beside
// the others. All producers are open before the first operation; each closes after its
// last, and the consumer receives to the end.
type round struct {
	Schedule
	strategy strategies.Strategy
	fan      strategies.FanIn[strategies.Word]
	books    *ledger.Ledger
	left     atomic.Bool // the consumer is closing

	mu    sync.Mutex
	first *Failure
}

// concurrent makes one round.
func (s Schedule) concurrent(strategy strategies.Strategy, seed uint64, patience time.Duration) *Failure {
	t := &round{Schedule: s, strategy: strategy, fan: strategy.Word(s.Options)}
	t.books = ledger.New(func(p strategies.Promise, format string, args ...any) error {
		t.fail(broke(p, format, args...))
		return io.ErrUnexpectedEOF // ends who asked; the failure is noted
	}, max(1, s.producers()), strategies.MaxSeq)
	producers := make([]*account, max(1, s.producers())) // or nothing would ever end
	for i := range producers {
		producers[i] = &account{Sent: ledger.Sent{ID: i}, p: t.fan.Producer()}
	}
	start, done := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	part := func(i int, f func(rng *rand.Rand)) {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					t.fail(broke(strategies.PromiseMisuse, "panic: %v", p))
				}
			}()
			<-start
			f(rand.New(rand.NewPCG(seed, uint64(i))))
		})
	}
	for i, a := range producers {
		part(i, func(rng *rand.Rand) { t.produce(a, rng) })
	}
	part(len(producers), t.consume)
	close(start)
	go func() { all.Wait(); close(done) }()
	select {
	case <-done:
		t.settle(producers)
	case <-time.After(patience):
		t.fail(broke(strategies.PromiseWake, "hung: no end after %v", patience))
		go t.fan.Consumer().Close() // lets go of who can be
	}
	return t.failed()
}

func (t *round) failed() *Failure {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.first
}

// account is a producer's side.
type account struct {
	ledger.Sent
	p strategies.Producer[strategies.Word]
}

// fail notes the first failure; what follows from it would only confuse.
func (t *round) fail(f *Failure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f != nil && t.first == nil && t.strategy.Keeps(f.Promise) {
		t.first = f
	}
}

// beside lets others run for a random time.
func beside(rng *rand.Rand) {
	switch rng.IntN(4) {
	case 0:
		runtime.Gosched()
	case 1:
		time.Sleep(time.Duration(rng.IntN(50)) * time.Microsecond)
	}
}

// mine calls make for each operation of who, with a context that a Cancel before it ends
// meanwhile, until make reports that nothing more is to come.
func (t *round) mine(who int, rng *rand.Rand, make func(context.Context, Op) bool) {
	canceled := false
	for _, op := range t.Ops {
		if op.Who != who || op.Do == Open || !offers(t.strategy.Descriptor, op) {
			continue
		}
		beside(rng)
		if op.Do == Cancel {
			canceled = true
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		if canceled && op.Do.takesContext() {
			canceled = false
			go cancel()
		}
		more := make(ctx, op)
		cancel()
		if !more {
			return
		}
	}
}

func (t *round) produce(a *account, rng *rand.Rand) {
	closed := false
	t.mine(a.ID, rng, func(ctx context.Context, op Op) bool {
		if op.Do == Close {
			a.p.Close()
			closed = true
			return true
		}
		first := a.Attempts
		a.Attempts += uint64(op.N)
		n, err := perform(ctx, t.fan, a.p, op, items(op, int(first)))
		r := result{call: &call{op: op, cut: ctx.Err() != nil}, n: n, err: err}
		t.fail(r.implausible(closed || t.left.Load(), t.Options.Policy))
		for i := first + uint64(max(0, n)); i < a.Attempts; i++ {
			a.Reject(i)
		}
		return true
	})
	a.p.Close()
}

func (t *round) consume(rng *rand.Rand) {
	more := true
	t.mine(Consumer, rng, func(ctx context.Context, op Op) bool {
		more = t.receive(ctx, op)
		return more
	})
	for more {
		more = t.receive(context.Background(), Op{Consumer, Recv, 16})
	}
}

// receive makes a call of the consumer and reports whether there may be more to come.
func (t *round) receive(ctx context.Context, op Op) bool {
	if op.Do == Close {
		t.left.Store(true)
		t.fan.Consumer().Close()
		return false
	}
	buf := items(op, 0)
	n, err := perform(ctx, t.fan, nil, op, buf)
	f := result{call: &call{op: op, cut: ctx.Err() != nil}, n: n, err: err}.implausible(false, t.Options.Policy)
	t.fail(f)
	for i := 0; f == nil && i < n; i++ {
		if t.books.Take(buf[i]) != nil {
			f = t.failed()
		}
	}
	if f != nil { // must not leave the senders blocked
		t.left.Store(true)
		t.fan.Consumer().Close()
	}
	return f == nil && err != io.EOF
}

// settle holds what was received against what was sent.
func (t *round) settle(producers []*account) {
	for _, a := range producers {
		if t.left.Load() {
			_ = t.books.Unsent(&a.Sent)
		} else {
			_ = t.books.Settle(&a.Sent, a.p.Dropped(), drops(t.Options.Policy))
		}
	}
}
