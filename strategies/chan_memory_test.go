package strategies_test

import (
	"runtime"
	"testing"
	"weak"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// reachable counts the payloads that are not collected.
func reachable(payloads []weak.Pointer[byte]) (kept int) {
	for _, payload := range payloads {
		if payload.Value() != nil {
			kept++
		}
	}
	return kept
}

// TestChanUndelivered closes the consumer of a fan-in that is full, from another
// goroutine than the one that received, and looks for what was not received while
// both ends and the fan-in stay in use.
func TestChanUndelivered(t *testing.T) {
	overChannels(t, func(t *testing.T, s strategies.Strategy, policy strategies.Policy) {
		if s.Bound == strategies.Rendezvous {
			t.Skip("holds nothing")
		}
		const capacity, items = 200, 300
		fan := s.Message(strategies.Options{Capacity: capacity, Policy: policy})
		c := fan.Consumer()
		ps := []strategies.Producer[strategies.Message]{fan.Producer(), fan.Producer()}
		payloads := make([]weak.Pointer[byte], 0, items)
		for i := range items {
			payload := make([]byte, 64)
			payloads = append(payloads, weak.Make(&payload[0]))
			err := ps[i%2].TrySend(strategies.Message{Payload: payload})
			if err != nil && err != strategies.ErrFull {
				t.Fatal(err)
			}
		}
		buf := make([]strategies.Message, 5) // of a slice in chan-batch, so that the rest of it lies somewhere
		if n, err := c.Recv(buf); n == 0 || err != nil {
			t.Fatalf("Recv returned %d, %v", n, err)
		}
		clear(buf)
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			c.Close()
		}()
		<-closed
		runtime.GC() // once: twice empties pools
		if kept := reachable(payloads); kept > 0 {
			t.Errorf("%d of %d items are kept from being collected after the consumer's Close", kept, items)
		}
		for _, p := range ps {
			if err := p.Send(strategies.Message{}); err != strategies.ErrClosed {
				t.Error(err)
			}
		}
		if n, err := c.Recv(buf); n != 0 || err != strategies.ErrClosed || fan.Backlog() != 0 {
			t.Errorf("Recv returned %d, %v, backlog %d", n, err, fan.Backlog())
		}
	})
}

// TestChanUndeliveredRace sends beside the consumer's Close: nothing that was sent
// too late for the Close to see may stay.
func TestChanUndeliveredRace(t *testing.T) {
	overChannels(t, func(t *testing.T, s strategies.Strategy, policy strategies.Policy) {
		type held struct {
			fan strategies.FanIn[strategies.Message]
			p   strategies.Producer[strategies.Message]
		}
		var all []held
		var payloads []weak.Pointer[byte]
		for round := range strategies.Rounds(1000) {
			fan := s.Message(strategies.Options{Capacity: 8, Policy: policy})
			p, q := fan.Producer(), fan.Producer()
			defer q.Close()
			all = append(all, held{fan, p})
			sent := make(chan []weak.Pointer[byte])
			go func() {
				var mine []weak.Pointer[byte]
				for i := 0; ; i++ {
					payload := make([]byte, 64)
					mine = append(mine, weak.Make(&payload[0]))
					item := strategies.Message{Payload: payload}
					var err error
					if i%3 == 2 {
						_, err = p.TrySendBatch([]strategies.Message{item})
					} else {
						err = p.TrySend(item)
					}
					if err == strategies.ErrClosed {
						sent <- mine
						return
					}
				}
			}()
			for range round % 5 {
				runtime.Gosched()
			}
			fan.Consumer().Close()
			payloads = append(payloads, <-sent...)
		}
		if !strategies.Collected(func() bool { return reachable(payloads) == 0 }) {
			t.Errorf("%d of %d items are kept after the consumer's Close", reachable(payloads), len(payloads))
		}
		for _, h := range all {
			h.p.Close()
		}
	})
}

// TestChanSelectAfterClose opens more producers than reflect.Select can wait for
// after the consumer's Close, and keeps them.
func TestChanSelectAfterClose(t *testing.T) {
	fan := strategies.NewChanSelect[int](strategies.Options{})
	keeper := fan.Producer()
	defer keeper.Close()
	fan.Consumer().Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const producers = 70_000
	kept := make([]strategies.Producer[int], producers)
	for i := range kept {
		kept[i] = fan.Producer()
		if err := kept[i].Send(1); err != strategies.ErrClosed {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / producers; each > 200 {
		t.Errorf("%d bytes for a producer opened after the consumer's Close", each)
	}
	runtime.KeepAlive(kept)
}
