package strategies

import (
	"context"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"weak"
)

// overQueues runs a test over the strategies that are built on locks or are
// lock-free queues, and over lanes, under each policy.
func overQueues(t *testing.T, test func(t *testing.T, s Strategy, policy Policy)) {
	t.Helper()
	for _, s := range All() {
		if s.Family != FamilyLocks && s.Family != FamilyLockFree && s.Name != "lanes" {
			continue
		}
		for _, policy := range Policies() {
			if s.Offers(policy) {
				t.Run(s.Name+"/"+policy.String(), func(t *testing.T) { test(t, s, policy) })
			}
		}
	}
}

// sendWays are the ways to send one item or several.
var sendWays = []func(p Producer[Word], items []Word) (int, error){
	func(p Producer[Word], items []Word) (int, error) {
		for i, item := range items {
			if err := p.Send(item); err != nil {
				return i, err
			}
		}
		return len(items), nil
	},
	func(p Producer[Word], items []Word) (int, error) {
		return p.SendBatch(items)
	},
	func(p Producer[Word], items []Word) (int, error) {
		return p.SendBatchContext(context.Background(), items)
	},
}

// Each of several producers is closed by another goroutine beside its sends. What
// was accepted, and not dropped, is received before io.EOF; nothing else is.
func TestCloseBesideManySends(t *testing.T) {
	rounds := 200
	if Brief() {
		rounds = 50
	}
	overQueues(t, func(t *testing.T, s Strategy, policy Policy) {
		for round := range Rounds(rounds) {
			closeBesideManySends(t, s, policy, round)
		}
	})
}

func closeBesideManySends(t *testing.T, s Strategy, policy Policy, round int) {
	t.Helper()
	const producers = 3
	f := s.Word(Options{Capacity: 1 + round%4, Policy: policy})
	var ps [producers]Producer[Word]
	var accepted [producers]int
	for id := range ps {
		ps[id] = f.Producer()
	}
	var all sync.WaitGroup
	for id, p := range ps {
		all.Go(func() {
			batch := make([]Word, 3)
			for {
				for i := range batch {
					batch[i] = NewWord(id, uint64(accepted[id]+i))
				}
				n, err := sendWays[(id+round)%len(sendWays)](p, batch)
				accepted[id] += n
				switch err {
				case ErrClosed:
					return
				case ErrFull, nil:
					if policy != Block { // or it computes without end
						runtime.Gosched()
					}
				default:
					t.Errorf("round %d: a send returned %v", round, err)
					return
				}
			}
		})
		all.Go(func() {
			for range rand.IntN(40) {
				runtime.Gosched()
			}
			p.Close()
		})
	}
	received := receiveAll(t, f.Consumer(), producers, policy)
	all.Wait()
	for id, p := range ps {
		if want := accepted[id] - int(p.Dropped()); received[id] != want {
			t.Fatalf("round %d: %d items of producer %d were received; %d were accepted, %d of them dropped",
				round, received[id], id, accepted[id], p.Dropped())
		}
	}
	if n, err := f.Consumer().Recv(nil); n != 0 || err != io.EOF {
		t.Fatalf("round %d: a receive of nothing at the end returned %d, %v", round, n, err)
	}
}

// receiveAll receives until io.EOF, sees to the order of each producer's items and
// returns how many there were of each.
func receiveAll(t *testing.T, c Consumer[Word], producers int, policy Policy) []int {
	t.Helper()
	counts, next := make([]int, producers), make([]uint64, producers)
	drops := policy == DropNewest || policy == DropOldest
	buf := make([]Word, 2)
	for {
		n, err := c.Recv(buf)
		if err != nil {
			if err != io.EOF {
				t.Errorf("a receive returned %v", err)
			}
			return counts
		}
		for _, w := range buf[:n] {
			id := w.Producer()
			if w.Seq() < next[id] || !drops && w.Seq() != next[id] {
				t.Errorf("received item %d of producer %d; item %d was next", w.Seq(), id, next[id])
			}
			next[id] = w.Seq() + 1
			counts[id]++
		}
	}
}

// The consumer is closed beside sends and a receive, by a goroutine of its own. None
// of the items can be reached afterwards, while everything else is kept.
func TestUndeliveredGo(t *testing.T) {
	const rounds, most = 6, 2000
	overQueues(t, func(t *testing.T, s Strategy, policy Policy) {
		for round := range rounds {
			f := s.Message(Options{Capacity: 300, Policy: policy})
			c := f.Consumer()
			ps := []Producer[Message]{f.Producer(), f.Producer()}
			var mu sync.Mutex
			var payloads []weak.Pointer[byte]
			var all sync.WaitGroup
			for _, p := range ps {
				all.Go(func() {
					for range most {
						payload := make([]byte, 64)
						mu.Lock()
						payloads = append(payloads, weak.Make(&payload[0]))
						mu.Unlock()
						err := p.Send(Message{Payload: payload})
						if err == ErrClosed {
							return
						}
					}
				})
			}
			if round%2 == 1 {
				all.Go(func() {
					buf := make([]Message, 7)
					for {
						if _, err := c.Recv(buf); err != nil {
							if err != ErrClosed {
								t.Errorf("Recv beside Close returned %v", err)
							}
							return
						}
					}
				})
			}
			time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond)
			c.Close()
			all.Wait()
			if !soon(func() bool {
				for _, payload := range payloads {
					if payload.Value() != nil {
						return false
					}
				}
				return true
			}) {
				t.Errorf("round %d: an item is kept after the consumer's Close", round)
			}
			if n := f.Backlog(); n != 0 {
				t.Errorf("round %d: backlog %d after the consumer's Close", round, n)
			}
			for _, p := range ps {
				if n, err := p.SendBatch(nil); n != 0 || err != ErrClosed {
					t.Errorf("SendBatch(nil) returned %d, %v after the consumer's Close", n, err)
				}
			}
			if n, err := c.TryRecv(nil); n != 0 || err != ErrClosed {
				t.Errorf("TryRecv(nil) returned %d, %v after Close", n, err)
			}
		}
	})
}

// soon collects garbage until cond holds, and reports whether it came to that.
func soon(cond func() bool) bool {
	for range 200 {
		runtime.GC()
		if cond() {
			return true
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}

// atCollection has f called when a producer was collected.
func atCollection(t *testing.T, p Producer[Word], f func()) {
	t.Helper()
	call := func(f func()) { f() }
	switch p := p.(type) {
	case *mutexSwapProducer[Word]:
		runtime.AddCleanup(p, call, f)
	case *ipQueueProducer[Word]:
		runtime.AddCleanup(p, call, f)
	case *mutexCondProducer[Word]:
		runtime.AddCleanup(p, call, f)
	case *mpscRingProducer[Word]:
		runtime.AddCleanup(p, call, f)
	case *mpscLinkedProducer[Word]:
		runtime.AddCleanup(p, call, f)
	case *lanesProducer[Word]:
		runtime.AddCleanup(p, call, f)
	default:
		t.Fatalf("cannot tell when a %T is collected", p)
	}
}

// Producers that have closed and been drained are collected while another stays
// open, whether they were open together or one after the other.
func TestProducersGo(t *testing.T) {
	together, oneByOne := 2000, 10_000
	if Brief() {
		together, oneByOne = 200, 1000
	}
	overQueues(t, func(t *testing.T, s Strategy, policy Policy) {
		f := s.Word(Options{Policy: policy})
		keeper, c := f.Producer(), f.Consumer()
		buf := make([]Word, 64)
		collected := new(atomic.Int64)
		open := func() Producer[Word] {
			p := f.Producer()
			atCollection(t, p, func() { collected.Add(1) })
			return p
		}
		receive := func() {
			if n, err := c.Recv(buf); n == 0 || err != nil {
				t.Fatalf("Recv returned %d, %v", n, err)
			}
		}
		ps := make([]Producer[Word], together)
		for i := range ps {
			ps[i] = open()
		}
		for i, p := range ps {
			if err := p.Send(1); err != nil {
				t.Fatal(err)
			}
			receive()
			p.Close()
			ps[i] = nil
		}
		for range oneByOne {
			p := open()
			if err := p.Send(1); err != nil {
				t.Fatal(err)
			}
			receive()
			p.Close()
		}
		// The last one may be in a register or on the stack.
		if want := int64(together + oneByOne - 1); !soon(func() bool { return collected.Load() >= want }) {
			t.Errorf("%d of %d closed producers were collected while another is open", collected.Load(), want)
		}
		keeper.Close()
	})
}

// Opening a producer, sending and closing it allocates the producer and nothing else.
func TestOpenAllocates(t *testing.T) {
	overQueues(t, func(t *testing.T, s Strategy, policy Policy) {
		f := s.Word(Options{Policy: policy})
		keeper, c := f.Producer(), f.Consumer()
		defer keeper.Close()
		buf := make([]Word, 1)
		allocs := testing.AllocsPerRun(2000, func() {
			p := f.Producer()
			if err := p.Send(1); err != nil {
				t.Fatal(err)
			}
			p.Close()
			if n, err := c.Recv(buf); n != 1 || err != nil {
				t.Fatalf("Recv returned %d, %v", n, err)
			}
		})
		if allocs > 1 {
			t.Errorf("%.1f allocations for each producer", allocs)
		}
	})
}
