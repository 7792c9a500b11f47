package strategies

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// holder is a fan-in that says what it holds.
type holder interface {
	FanIn[int]
	Held() int
}

// weightTorture sends items of random weight in every way, some heavier than the capacity, while
// contexts end and producers close, and holds the bound and the accounts against it.
type weightTorture struct {
	f           holder
	capacity    int64
	producers   int
	perProducer bool
	policy      Policy
	rounds      int
	patience    time.Duration // how long to wait for an item

	// accepted is the weight of what was sent, added when the send has returned, so that
	// accepted less received is at most what the fan-in holds.
	accepted           atomic.Int64
	sent, lost, failed atomic.Int64 // items: accepted, dropped, refused
	received           int64        // weight
	delivered          int64        // items
}

// light returns the items' weight, as the fan-in counts it.
func (w *weightTorture) light(items []int) (sum int64) {
	for _, item := range items {
		sum += min(max(int64(item), 1), w.capacity)
	}
	return sum
}

// limit is the weight that all hold together at most.
func (w *weightTorture) limit() int64 {
	if w.perProducer {
		return w.capacity * int64(w.producers)
	}
	return w.capacity
}

func (w *weightTorture) run() error {
	var senders sync.WaitGroup
	keeper := w.f.Producer()
	for i := range w.producers {
		p := w.f.Producer()
		senders.Go(func() { w.send(p, rand.New(rand.NewPCG(1, uint64(i)))) })
	}
	go func() {
		senders.Wait()
		keeper.Close()
	}()
	if err := w.receive(); err != nil {
		w.f.Consumer().Close()
		senders.Wait()
		return err
	}
	if got, want := w.delivered, w.sent.Load()-w.lost.Load(); got != want {
		return fmt.Errorf("delivered %d items of %d", got, want)
	}
	if held := w.f.Held(); held != 0 {
		return fmt.Errorf("%d are held at the end", held)
	}
	return nil
}

// send sends until its rounds are over, and then closes beside a send of its own.
func (w *weightTorture) send(p Producer[int], rng *rand.Rand) {
	items := make([]int, 9)
	for range w.rounds {
		for i := range items {
			items[i] = rng.IntN(int(w.capacity) / 2)
		}
		items[rng.IntN(9)] = rng.IntN(int(w.capacity) * 2)
		w.sendOnce(p, rng, items[:1+rng.IntN(8)])
	}
	last := make(chan struct{})
	go func() {
		defer close(last)
		w.sendOnce(p, rng, items)
	}()
	p.Close()
	<-last
	w.lost.Add(int64(p.Dropped()))
}

func (w *weightTorture) sendOnce(p Producer[int], rng *rand.Rand, items []int) {
	var n int
	var err error
	switch way := rng.IntN(6); way {
	case 0:
		n, err = p.SendBatch(items)
	case 1:
		n, err = p.TrySendBatch(items)
	case 2:
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rng.IntN(50))*time.Microsecond)
		n, err = p.SendBatchContext(ctx, items)
		cancel()
	case 3:
		n, err = sendEach(items, p.TrySend)
	default:
		n, err = sendEach(items, p.Send)
	}
	if (err == nil) != (n == len(items)) {
		panic(fmt.Sprintf("sending %d items returned %d, %v", len(items), n, err))
	}
	w.sent.Add(int64(n))
	if w.policy != DropNewest { // or it is not known which were dropped
		w.accepted.Add(w.light(items[:n]))
	}
	w.failed.Add(int64(len(items) - n))
}

func (w *weightTorture) receive() error {
	c := w.f.Consumer()
	buf := make([]int, 5)
	for i := 0; ; i++ {
		if inside := w.accepted.Load() - w.received; inside > w.limit() {
			return fmt.Errorf("at least %d are held of %d", inside, w.limit())
		}
		if held := int64(w.f.Held()); held < 0 || held > w.limit() {
			return fmt.Errorf("%d are said to be held of %d", held, w.limit())
		}
		ctx, cancel := context.WithTimeout(context.Background(), w.patience)
		n, err := c.RecvContext(ctx, buf[:1+i%5])
		cancel()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("nothing comes: %w", err)
		}
		w.received += w.light(buf[:n])
		w.delivered += int64(n)
	}
}

// TestWeightedTorture holds the bound and the accounts of every form against random traffic.
func TestWeightedTorture(t *testing.T) {
	for name, construct := range map[string]Constructor[Weighed[int]]{
		"mutex-cond": NewMutexCond[Weighed[int]], "mpsc-ring": NewMPSCRing[Weighed[int]], "mpsc-linked": NewMPSCLinked[Weighed[int]],
		"lanes": NewLanes[Weighed[int]], "lanes-ring": NewLanesRing[Weighed[int]], "lanes-linked": NewLanesLinked[Weighed[int]], "chan": NewChan[Weighed[int]],
	} {
		for _, policy := range []Policy{Block, Fail, DropNewest} {
			for _, perProducer := range []bool{false, true} {
				w := weightTorture{capacity: 30, producers: 4, perProducer: perProducer, policy: policy, rounds: 200, patience: time.Minute}
				w.f = NewWeighted(construct, Options{Policy: policy, Capacity: 20}, Weight[int]{Of: itself, Capacity: 30, PerProducer: perProducer})
				if err := w.run(); err != nil {
					t.Errorf("%s, %s, per producer %v: %v", name, policy, perProducer, err)
				}
			}
		}
	}
}

// leaking is a fan-in whose receives give too little weight back.
type leaking struct {
	*Weighted[int]
	forever bool
}

func (l leaking) Consumer() Consumer[int] { return leakingConsumer{l.Weighted.Consumer(), l} }

type leakingConsumer struct {
	Consumer[int]
	l leaking
}

func (c leakingConsumer) RecvContext(ctx context.Context, buf []int) (int, error) {
	if c.l.forever || c.l.credits.held() == 0 {
		c.l.credits.take(1, 1)
	}
	return c.Consumer.RecvContext(ctx, buf)
}

// TestWeightedTortureBites shows that the torture finds what is wrong with a bound.
func TestWeightedTortureBites(t *testing.T) {
	bound := func(policy Policy, of func(int) int) *Weighted[int] {
		return NewWeighted(NewMPSCLinked, Options{Policy: policy}, Weight[int]{Of: of, Capacity: 30})
	}
	for name, specimen := range map[string]struct {
		f      holder
		policy Policy
		want   string
	}{
		"exceeds the weight":     {bound(Block, func(item int) int { return item / 2 }), Block, "at least "},
		"leaks weight":           {leaking{bound(Fail, itself), false}, Fail, "are held at the end"},
		"leaks until it is full": {leaking{bound(Block, itself), true}, Block, "nothing comes"},
		"gives too much back":    {generous{bound(Block, itself)}, Block, "held of 30"},
	} {
		w := weightTorture{f: specimen.f, capacity: 30, producers: 4, policy: specimen.policy, rounds: 200, patience: 300 * time.Millisecond}
		if err := w.run(); err == nil || !strings.Contains(err.Error(), specimen.want) {
			t.Errorf("%s: found %v; want %q", name, err, specimen.want)
		}
	}
}

// generous is a fan-in whose receives give too much weight back.
type generous struct{ *Weighted[int] }

func (g generous) Consumer() Consumer[int] { return generousConsumer{g.Weighted.Consumer(), g} }

type generousConsumer struct {
	Consumer[int]
	g generous
}

func (c generousConsumer) RecvContext(ctx context.Context, buf []int) (int, error) {
	c.g.credits.give(10)
	return c.Consumer.RecvContext(ctx, buf)
}
