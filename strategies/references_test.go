package strategies_test

import (
	"runtime"
	"testing"
	"weak"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// TestReferences sees to it that what an item points to can be collected once the
// item is received or dropped, while the fan-in stays in use. The memory of a burst,
// which the promise shrink is about, may be gone and a few such references not.
func TestReferences(t *testing.T) {
	for _, s := range strategies.All() {
		if s.Floor {
			continue
		}
		for _, policy := range strategies.Policies() {
			if s.Offers(policy) {
				t.Run(s.Name+"/"+policy.String(), func(t *testing.T) { testReferences(t, s, policy) })
			}
		}
	}
}

func testReferences(t *testing.T, s strategies.Strategy, policy strategies.Policy) {
	const items = 500 // more than the slices and rings that strategies start with
	f := s.Message(strategies.Options{Capacity: 100, Policy: policy})
	p, c := f.Producer(), f.Consumer()
	payloads := make([]weak.Pointer[byte], items)
	rejected := make(chan int)
	go func() {
		failed := 0
		for i := range payloads {
			payload := make([]byte, 64)
			payloads[i] = weak.Make(&payload[0])
			if p.Send(strategies.Message{Payload: payload}) != nil {
				failed++
			}
		}
		rejected <- failed
	}()
	received, buf := 0, make([]strategies.Message, 7)
	receive := func(want int) {
		t.Helper()
		for received < want {
			n, err := c.Recv(buf)
			if err != nil {
				t.Fatal(err)
			}
			received += n
		}
	}
	if policy == strategies.Block {
		receive(items)
		<-rejected
	} else {
		receive(items - <-rejected - int(p.Dropped()))
	}
	clear(buf)
	runtime.GC() // once: twice empties pools
	if kept := reachable(payloads); kept > 0 {
		t.Errorf("%d of %d items received or dropped are kept from being collected", kept, items)
	}
	p.Close() // uses f
	if _, err := c.TryRecv(buf); err == strategies.ErrClosed {
		t.Error(err)
	}
}
