package conformance

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/ledger"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

// usable drops the ways that the strategy says it lacks.
func (e *env) usable(ways []sends.Way) []sends.Way {
	return slices.DeleteFunc(slices.Clone(ways), func(w sends.Way) bool {
		return slices.Contains(sends.Contexts, w) && !e.strategy.Keeps(strategies.PromiseContext) ||
			slices.Contains(sends.NeverWaiting, w) && !e.strategy.Keeps(strategies.PromiseTry)
	})
}

// kind makes items that carry a word and reads it back.
type kind[T any] struct {
	seal func(strategies.Word) T
	// open returns an item's word, or an error if the item is not as sealed.
	open func(T) (strategies.Word, error)
}

func plainWords() kind[strategies.Word] {
	return kind[strategies.Word]{
		seal: func(w strategies.Word) strategies.Word { return w },
		open: func(w strategies.Word) (strategies.Word, error) { return w, nil },
	}
}

// sender sends by any way and keeps the account.
type sender[T any] struct {
	ledger.Sent
	e      *env
	p      strategies.Producer[T]
	kind   kind[T]
	policy strategies.Policy
	items  []T // of the call in hand
}

// send makes one call with the next n items. ErrFull and the context's own
// error are results like any other; what it returns is a finding, or ErrClosed.
func (s *sender[T]) send(ctx context.Context, w sends.Way, n int) error {
	if slices.Contains(sends.Single, w) {
		n = 1
	}
	s.items = s.items[:0]
	for range n {
		s.items = append(s.items, s.kind.seal(strategies.NewWord(s.ID, s.Attempts)))
		s.Attempts++
	}
	accepted, err := sends.Call(ctx, s.p, w, s.items)
	s.e.alive()
	if accepted < 0 || accepted > n || (accepted == n) != (err == nil) {
		return s.e.broke(strategies.PromiseBatch, "%v of %d items returned %d, %v", w, n, accepted, err)
	}
	for i := accepted; i < n; i++ {
		s.Reject(s.Attempts - uint64(n-i))
	}
	return s.judge(ctx, w, err)
}

// judge says whether the error of a call is one that it may return.
func (s *sender[T]) judge(ctx context.Context, w sends.Way, err error) error {
	switch {
	case err == nil || err == strategies.ErrClosed:
		return err
	case err == strategies.ErrFull:
		if slices.Contains(sends.NeverWaiting, w) && s.policy == strategies.Block || s.policy == strategies.Fail {
			return nil
		}
		return s.e.broke(strategies.PromiseOverflow, "%v returned %v under policy %v", w, err, s.policy)
	case slices.Contains(sends.Contexts, w) && err == ctx.Err():
		return nil
	}
	return s.e.broke(strategies.PromiseContext, "%v returned %v while its context's error was %v", w, err, ctx.Err())
}

// flood is a load of many producers. The zero value of each field but the
// first four is the plain case.
type flood struct {
	options  strategies.Options
	ways     []sends.Way // each call takes one at random
	senders  int         // goroutines, each with one open producer
	items    int         // per producer
	lives    int         // producers that each goroutine opens, one after another; 0 means 1
	maxBatch int         // items per batch sent; 0 means 1
	maxRecv  int         // length of the receive buffer; 0 means 1
	cancels  bool        // context calls are cancelled at random
	sparse   bool        // senders pause so long that the consumer parks
	leave    int         // the consumer closes after so many items; 0: it stays
	ready    bool        // the consumer waits in a select, for Ready
}

// traffic is a flood under way.
type traffic[T any] struct {
	flood
	e       *env
	seed    uint64
	fan     strategies.FanIn[T]
	kind    kind[T]
	ledger  *ledger.Ledger
	senders []*sender[T] // by producer index
	left    atomic.Bool  // the consumer is closing: sends may fail
}

// totals is what a flood came to, in items.
type totals struct{ attempted, delivered, dropped, rejected uint64 }

// mostRoom is how many items a flood's fan-in may have room for if each producer
// has its own: some hundred MB of messages, where it is set aside beforehand.
const mostRoom = 1 << 20

// mostScanned is how often a flood's receives may look at a producer where each
// looks at all: at 50 to 100 ns a look, under a second.
const mostScanned = 1 << 23

// mostItems returns how many items a flood of so many senders may have together
// lest it take long: at least one for each, and without limit where the number of
// producers makes no difference.
func mostItems(d strategies.Descriptor, senders int) int {
	if d.Scans == "" {
		return math.MaxInt
	}
	return max(senders, mostScanned/senders)
}

// run floods a fan-in, checks every delivery and settles every account.
func run[T any](e *env, build strategies.Constructor[T], k kind[T], f flood) (totals, error) {
	f.lives, f.maxBatch, f.maxRecv = max(1, f.lives), max(1, f.maxBatch), max(1, f.maxRecv)
	f.ways = e.usable(f.ways)
	if !e.strategy.Offers(f.options.Policy) {
		f.options.Policy = e.strategy.DefaultPolicy()
	}
	producers := f.senders * f.lives
	if e.strategy.Bound == strategies.PerProducer {
		f.options.Capacity = min(f.options.Capacity, max(1, mostRoom/producers))
	}
	t := &traffic[T]{
		flood: f, e: e, seed: e.rng.Uint64(), fan: build(f.options), kind: k,
		ledger:  ledger.New(e.broke, producers, uint64(f.items)),
		senders: make([]*sender[T], producers),
	}
	e.doing("running %d producers of %d items with %+v", producers, f.items, f.options)
	// The fan-in must not end while producers still come.
	keeper := t.fan.Producer()
	senders, consumer := e.crew(), e.crew()
	for i := range f.senders {
		senders.run(func() error { return t.live(i) })
	}
	consumer.run(t.consume)
	sendersErr := senders.wait()
	keeper.Close()
	if err := errors.Join(sendersErr, consumer.wait()); err != nil {
		return totals{}, errGivenUp
	}
	return t.settle()
}

// live opens one producer after another and sends everything on each.
func (t *traffic[T]) live(i int) error {
	rng := rand.New(rand.NewPCG(t.seed, uint64(i)))
	for life := range t.lives {
		id := i*t.lives + life
		s := &sender[T]{Sent: ledger.Sent{ID: id}, e: t.e, p: t.fan.Producer(), kind: t.kind, policy: t.options.Policy}
		t.senders[id] = s
		err := t.sendAll(s, rng)
		s.p.Close()
		if rng.IntN(4) == 0 {
			s.p.Close() // closing twice is harmless
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *traffic[T]) sendAll(s *sender[T], rng *rand.Rand) error {
	for s.Attempts < uint64(t.items) {
		n := min(1+rng.IntN(t.maxBatch), t.items-int(s.Attempts))
		ctx, cancel := t.context(rng)
		rejected := s.Rejected()
		err := s.send(ctx, t.ways[rng.IntN(len(t.ways))], n)
		cancel()
		switch {
		case err == strategies.ErrClosed && t.left.Load():
			return nil // what made the consumer leave early is the finding
		case err == strategies.ErrClosed:
			return t.e.broke(strategies.PromiseConsumerClose, "a send returned %v while both sides were open", err)
		case err != nil:
			return err
		case s.Rejected() > rejected:
			runtime.Gosched() // to let the consumer make room
		}
		if t.sparse {
			pause(rng.IntN(2000))
		}
	}
	return nil
}

// context returns the context of one call.
func (t *traffic[T]) context(rng *rand.Rand) (context.Context, context.CancelFunc) {
	if !t.cancels || rng.IntN(8) != 0 {
		return context.Background(), func() {}
	}
	return cancelSoon(rng)
}

// consume receives until the end, or until the consumer leaves.
func (t *traffic[T]) consume() error {
	c := t.fan.Consumer()
	// A finding must not leave the senders blocked. After io.EOF this is
	// harmless.
	defer func() { t.left.Store(true); c.Close() }()
	rng := rand.New(rand.NewPCG(t.seed, 1<<32))
	buf := make([]T, t.maxRecv)
	for {
		part := buf[:1+rng.IntN(len(buf))]
		n, err := t.receive(c, part, rng)
		t.e.alive()
		if atEnd, err := t.e.received(n, len(part), err); atEnd || err != nil {
			return err
		}
		for _, item := range part[:n] {
			if err := t.book(item); err != nil {
				return err
			}
		}
		clear(part)
		if t.leave > 0 && t.ledger.Received() >= uint64(t.leave) {
			return nil
		}
	}
}

func (t *traffic[T]) book(item T) error {
	w, err := t.kind.open(item)
	if err != nil {
		return t.e.broke(strategies.PromiseIntact, "%v", err)
	}
	return t.ledger.Take(w)
}

// receive makes one receive call that waits; under cancels it may be cut short,
// which looks like a call that was never made.
func (t *traffic[T]) receive(c strategies.Consumer[T], buf []T, rng *rand.Rand) (int, error) {
	if t.ready && rng.IntN(8) != 0 {
		return t.receiveReady(c, buf, rng)
	}
	for t.cancels && rng.IntN(2) == 0 {
		ctx, cancel := cancelSoon(rng)
		n, err := c.RecvContext(ctx, buf)
		canceled := ctx.Err()
		cancel()
		if err == nil || err != canceled {
			return n, err
		}
		if n != 0 {
			return n, t.e.broke(strategies.PromiseContext, "RecvContext returned %d, %v", n, err)
		}
	}
	return c.Recv(buf)
}

// receiveReady is receive by a select, over a timer as well.
func (t *traffic[T]) receiveReady(c strategies.Consumer[T], buf []T, rng *rand.Rand) (int, error) {
	for {
		var timer <-chan time.Time
		if t.sparse && rng.IntN(4) == 0 {
			timer = time.After(time.Duration(rng.IntN(50)) * time.Microsecond)
		}
		select {
		case <-c.(strategies.Readier).Ready():
		case <-timer:
			continue
		case <-t.e.givenUp:
			return 0, errGivenUp
		}
		if n, err := c.TryRecv(buf); n > 0 || err != nil {
			return n, err
		}
	}
}

// settle settles every account after the end.
func (t *traffic[T]) settle() (totals, error) {
	sum := totals{delivered: t.ledger.Received()}
	drops := t.options.Policy == strategies.DropNewest || t.options.Policy == strategies.DropOldest
	for _, s := range t.senders {
		dropped := s.p.Dropped()
		sum.attempted += s.Attempts
		sum.dropped += dropped
		sum.rejected += s.Rejected()
		var err error
		if t.leave > 0 {
			err = t.ledger.Unsent(&s.Sent) // what was thrown away with the consumer is in no account
		} else {
			err = t.ledger.Settle(&s.Sent, dropped, drops)
		}
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}
