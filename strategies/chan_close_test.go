package strategies_test

import (
	"context"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// overChannels runs a test for each strategy over channels that may be closed by any
// goroutine, and each policy that it offers.
func overChannels(t *testing.T, test func(*testing.T, strategies.Strategy, strategies.Policy)) {
	for _, s := range strategies.All() {
		for _, policy := range strategies.Policies() {
			if s.Family == strategies.FamilyChannels && s.Keeps(strategies.PromiseClose) && s.Offers(policy) {
				t.Run(s.Name+"/"+policy.String(), func(t *testing.T) { test(t, s, policy) })
			}
		}
	}
}

// sent is what the sends of one goroutine came to.
type sent struct {
	accepted int
	err      error // the one that ended them
}

// sendOn sends until a send returns ErrClosed, each time in another way.
func sendOn(p strategies.Producer[strategies.Word], first int) sent {
	var s sent
	for i := first; ; i++ {
		n, err := 0, error(nil)
		switch i % 4 {
		case 0:
			n, err = 1, p.Send(1)
		case 1:
			n, err = 1, p.SendContext(context.Background(), 1)
		case 2:
			n, err = 1, p.TrySend(1)
		default:
			n, err = p.SendBatch([]strategies.Word{1, 1, 1})
		}
		if err == nil || i%4 == 3 {
			s.accepted += n
		}
		switch err {
		case nil:
		case strategies.ErrFull:
			runtime.Gosched()
		default:
			s.err = err
			return s
		}
	}
}

// TestChanCloseBesideSend closes producers beside their sends, the last one of a
// fan-in among them, and counts: what was accepted and not dropped is received
// before io.EOF, nothing else is.
func TestChanCloseBesideSend(t *testing.T) {
	overChannels(t, func(t *testing.T, s strategies.Strategy, policy strategies.Policy) {
		for round := range strategies.Rounds(1200) {
			fan := s.Word(strategies.Options{Capacity: 1 + round%5, Policy: policy})
			const producers = 2
			var ps [producers]strategies.Producer[strategies.Word]
			var ended [producers]sent
			for i := range ps {
				ps[i] = fan.Producer()
			}
			var wg sync.WaitGroup
			for i, p := range ps {
				wg.Go(func() { ended[i] = sendOn(p, round+i) })
				wg.Go(func() {
					for range round % 7 * (i + 1) {
						runtime.Gosched()
					}
					p.Close()
					if err := p.TrySend(1); err != strategies.ErrClosed {
						t.Errorf("TrySend after Close returned %v", err)
					}
				})
			}
			received, buf := 0, make([]strategies.Word, 1+round%3)
			for {
				n, err := fan.Consumer().Recv(buf)
				received += n
				if err == io.EOF {
					break
				}
				if err != nil || n == 0 {
					t.Fatalf("Recv returned %d, %v", n, err)
				}
			}
			wg.Wait()
			want := 0
			for i, e := range ended {
				if e.err != strategies.ErrClosed {
					t.Fatalf("a send of a closed producer returned %v", e.err)
				}
				want += e.accepted - int(ps[i].Dropped())
			}
			if received != want {
				t.Fatalf("round %d: received %d items before io.EOF of %d that were accepted and not dropped", round, received, want)
			}
			if n, err := fan.Consumer().TryRecv(buf); n != 0 || err != io.EOF {
				t.Fatalf("TryRecv after the end returned %d, %v", n, err)
			}
		}
	})
}

// TestChanCloseReleasesSend closes a producer whose send waits for room, with and
// without a context, while another keeps the fan-in open.
func TestChanCloseReleasesSend(t *testing.T) {
	overChannels(t, func(t *testing.T, s strategies.Strategy, policy strategies.Policy) {
		if policy != strategies.Block || s.Bound == strategies.Unbounded {
			t.Skip("no send waits")
		}
		for i := range strategies.Rounds(200) {
			fan := s.Word(strategies.Options{Capacity: 1})
			keeper, p := fan.Producer(), fan.Producer()
			if s.Bound != strategies.Rendezvous {
				if err := p.Send(1); err != nil {
					t.Fatal(err)
				}
			}
			returned := make(chan error)
			go func() {
				if i%2 == 0 {
					returned <- p.Send(2)
				} else {
					returned <- p.SendContext(t.Context(), 2)
				}
			}()
			time.Sleep(time.Duration(i) * 5 * time.Microsecond)
			p.Close()
			if err := <-returned; err != strategies.ErrClosed {
				t.Fatalf("a send that waited returned %v when its producer was closed", err)
			}
			keeper.Close()
			received, buf := 0, make([]strategies.Word, 2)
			for {
				n, err := fan.Consumer().Recv(buf)
				if received += n; err != nil {
					break
				}
			}
			if s.Bound != strategies.Rendezvous && received != 1 {
				t.Fatalf("received %d items of one accepted", received)
			}
		}
	})
}

// TestChanCloseReleasesReceive closes the consumer while a receive waits, at every
// stage of a fan-in's life and beside sends.
func TestChanCloseReleasesReceive(t *testing.T) {
	overChannels(t, func(t *testing.T, s strategies.Strategy, policy strategies.Policy) {
		for round := range strategies.Rounds(1200) {
			fan := s.Word(strategies.Options{Capacity: 3, Policy: policy})
			c := fan.Consumer()
			var wg sync.WaitGroup
			var ps []strategies.Producer[strategies.Word]
			for i := range round % 3 {
				p := fan.Producer()
				ps = append(ps, p)
				if round%2 == 0 {
					wg.Go(func() {
						if e := sendOn(p, i); e.err != strategies.ErrClosed {
							t.Errorf("a send after the consumer's Close returned %v", e.err)
						}
					})
				}
			}
			wg.Go(func() {
				buf := make([]strategies.Word, 2)
				if round%5 == 1 {
					buf = nil // never waits, and asks again and again
				}
				for {
					n, err := c.Recv(buf)
					if err == strategies.ErrClosed {
						return
					}
					if n == 0 && len(buf) > 0 || err != nil {
						t.Errorf("Recv beside Close returned %d, %v", n, err)
						return
					}
				}
			})
			for range round % 11 {
				runtime.Gosched()
			}
			c.Close()
			wg.Wait()
			if n, err := c.TryRecv(make([]strategies.Word, 1)); n != 0 || err != strategies.ErrClosed {
				t.Fatalf("TryRecv after Close returned %d, %v", n, err)
			}
			if n := fan.Backlog(); n != 0 {
				t.Fatalf("backlog %d after the consumer closed", n)
			}
			for _, p := range ps {
				p.Close()
			}
		}
	})
}

// TestChanCornerResults is about calls with nothing to send or no place to receive.
func TestChanCornerResults(t *testing.T) {
	overChannels(t, func(t *testing.T, s strategies.Strategy, policy strategies.Policy) {
		done, cancel := context.WithCancel(context.Background())
		cancel()
		fan := s.Word(strategies.Options{Capacity: 1, Policy: policy})
		p, q, c := fan.Producer(), fan.Producer(), fan.Consumer()
		empty := func(when string, p strategies.Producer[strategies.Word], want error) {
			t.Helper()
			for _, send := range []func([]strategies.Word) (int, error){
				p.SendBatch, p.TrySendBatch,
				func(b []strategies.Word) (int, error) { return p.SendBatchContext(context.Background(), b) },
			} {
				if n, err := send(nil); n != 0 || err != want {
					t.Errorf("an empty batch %s returned %d, %v; want %v", when, n, err, want)
				}
			}
			if n, err := p.SendBatchContext(done, nil); n != 0 || err != context.Canceled {
				t.Errorf("an empty batch %s under a context that is done returned %d, %v", when, n, err)
			}
			if err := p.SendContext(done, 1); err != context.Canceled {
				t.Errorf("SendContext %s under a context that is done returned %v", when, err)
			}
		}
		receive := func(when string, want error) {
			t.Helper()
			for _, recv := range []func([]strategies.Word) (int, error){
				c.Recv, c.TryRecv,
				func(b []strategies.Word) (int, error) { return c.RecvContext(context.Background(), b) },
			} {
				if n, err := recv(nil); n != 0 || err != want {
					t.Errorf("a receive into an empty buffer %s returned %d, %v; want %v", when, n, err, want)
				}
			}
			if n, err := c.RecvContext(done, nil); n != 0 || err != context.Canceled {
				t.Errorf("RecvContext %s under a context that is done returned %d, %v", when, n, err)
			}
		}
		empty("with both ends open", p, nil)
		receive("with both ends open", nil)
		p.Close()
		empty("of a closed producer", p, strategies.ErrClosed)
		q.Close()
		if n, err := c.Recv(make([]strategies.Word, 1)); n != 0 || err != io.EOF {
			t.Errorf("Recv after the end returned %d, %v", n, err)
		}
		receive("after the end", io.EOF)
		c.Close()
		receive("after Close", strategies.ErrClosed)

		fan = s.Word(strategies.Options{Capacity: 1, Policy: policy})
		p, c = fan.Producer(), fan.Consumer()
		c.Close()
		empty("after the consumer's Close", p, strategies.ErrClosed)
		empty("of a producer opened after it", fan.Producer(), strategies.ErrClosed)
		//nolint:staticcheck // that it panics is what is tested
		for _, call := range []func(){
			func() { _ = p.SendContext(nil, 1) }, func() { _, _ = p.SendBatchContext(nil, nil) },
			func() { _, _ = c.RecvContext(nil, nil) },
		} {
			if panics(call) == "" {
				t.Error("a nil context does not panic")
			}
		}
	})
}

// TestChanOptions builds with what Validate rejects.
func TestChanOptions(t *testing.T) {
	for _, s := range strategies.All() {
		if s.Family != strategies.FamilyChannels {
			continue
		}
		for _, o := range []strategies.Options{
			{Capacity: -1}, {Lanes: -1}, {Lanes: strategies.MaxLanes + 1}, {Policy: 99}, {Capacity: strategies.MaxCapacity + 1},
		} {
			want := o.Validate(s.Descriptor)
			func() {
				defer func() {
					if err, _ := recover().(error); err == nil || err.Error() != want.Error() {
						t.Errorf("%s with %+v panics with %v instead of %q", s.Name, o, err, want)
					}
				}()
				s.Word(o)
			}()
		}
	}
}
