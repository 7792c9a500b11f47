package strategies

import "testing"

// Exactly the newest items are kept, and the others counted, whether they come one
// by one or in batches longer than the lane, in a chain of one ring or of several.
func TestLanesRingDropOldest(t *testing.T) {
	for _, capacity := range []int{1, 2, 3, 5, 100, 5000} {
		for _, batch := range []int{1, 7, 3*capacity + 1} {
			testDropOldest(t, capacity, batch)
		}
	}
}

func testDropOldest(t *testing.T, capacity, batch int) {
	t.Helper()
	f := NewLanesRing[int](Options{Capacity: capacity, Policy: DropOldest})
	p, c := f.Producer(), f.Consumer()
	items, buf := make([]int, batch), make([]int, capacity+1)
	first, next, dropped := 0, 0, 0 // first is the oldest item held
	for round := range 5 {
		for sent := 0; sent < 2*capacity+round; sent += batch {
			for i := range items {
				items[i], next = next, next+1
			}
			if n, err := p.SendBatch(items); n != batch || err != nil {
				t.Fatalf("capacity %d: SendBatch of %d = %d, %v", capacity, batch, n, err)
			}
		}
		dropped += next - capacity - first
		first = next - capacity
		if got := p.Dropped(); got != uint64(dropped) || f.Backlog() != capacity {
			t.Fatalf("capacity %d, batch %d: %d dropped and %d held; want %d and %d", capacity, batch, got, f.Backlog(), dropped, capacity)
		}
		want := min(capacity, round*capacity/3+1) // a part at first, all in the end
		for want > 0 {
			n, err := c.TryRecv(buf[:want])
			if n == 0 || err != nil {
				t.Fatalf("capacity %d: TryRecv = %d, %v with %d to come", capacity, n, err, want)
			}
			for _, item := range buf[:n] {
				if item != first {
					t.Fatalf("capacity %d, batch %d: received %d; want %d", capacity, batch, item, first)
				}
				first++
			}
			want -= n
		}
	}
}

// A consumer that found nothing and is about to park sees what was sent since, also
// when the producer has just looked in its place, to make room for the next.
func TestLanesRingDropOldestBeforeParking(t *testing.T) {
	const capacity = 4
	f := NewLanesRing[int](Options{Capacity: capacity, Policy: DropOldest}).(ringLanesDropOldest[int])
	p, c := f.Producer(), f.Consumer()
	send(t, p, 0)
	buf := make([]int, capacity+1)
	for want := 1; want >= 0; want-- {
		if n, err := c.TryRecv(buf); n != want || err != nil {
			t.Fatalf("TryRecv = %d, %v; want %d", n, err, want)
		}
	}
	for i := range capacity {
		send(t, p, i)
	}
	p.(*droppingLane[int]).lane.makeRoom(1, nil)
	if f.prepare() {
		t.Fatal("the consumer would park beside a lane with items")
	}
	send(t, p, capacity)
	if n, err := c.TryRecv(buf); n != capacity || err != nil || buf[0] != 1 || p.Dropped() != 1 {
		t.Fatalf("TryRecv = %d, %v beginning with %d, %d dropped; want 4 beginning with 1, 1 dropped", n, err, buf[0], p.Dropped())
	}
}
