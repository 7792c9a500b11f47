package strategies

import (
	"context"
	"testing"
)

// The seed's case: at most five in flight, a credit held until the work is done,
// the free ones readable.
func TestSemaphoreFree(t *testing.T) {
	f := NewSemaphore[int](Options{Capacity: 5, Policy: Fail})
	p, c := f.Producer(), f.Consumer()
	expect := func(want int, when string) {
		t.Helper()
		if got := f.Free(); got != want {
			t.Fatalf("%d credits free %s; want %d", got, when, want)
		}
	}
	expect(5, "at first")
	if n, err := p.SendBatch(make([]int, 20)); n != 5 || err != ErrFull {
		t.Fatalf("SendBatch = %d, %v; want 5, ErrFull", n, err)
	}
	expect(0, "when full")
	buf := make([]int, 2)
	if n, err := c.Recv(buf); n != 2 || err != nil {
		t.Fatalf("Recv = %d, %v", n, err)
	}
	expect(0, "while two are worked on")
	if got := f.Backlog(); got != 3 {
		t.Fatalf("backlog %d; want 3", got)
	}
	if n, err := c.Recv(buf[:1]); n != 1 || err != nil {
		t.Fatalf("Recv = %d, %v", n, err)
	}
	expect(2, "when two are done")
	if n, err := c.Recv(nil); n != 0 || err != nil {
		t.Fatalf("Recv(nil) = %d, %v", n, err)
	}
	expect(3, "when three are done")
	c.Close()
	expect(5, "after the consumer's Close")
}

// Credits come back with the next receive, also one under a context that is done.
func TestSemaphoreContextDone(t *testing.T) {
	f := NewSemaphore[int](Options{Capacity: 2})
	p, c := f.Producer(), f.Consumer()
	send(t, p, 1)
	if got := recvOne(t, c); got != 1 || f.Free() != 1 {
		t.Fatalf("received %d; %d credits are free", got, f.Free())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := c.RecvContext(ctx, make([]int, 1)); n != 0 || err != context.Canceled || f.Free() != 2 {
		t.Errorf("RecvContext = %d, %v; %d credits are free", n, err, f.Free())
	}
}
