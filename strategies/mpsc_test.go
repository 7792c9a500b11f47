package strategies

import (
	"context"
	"io"
	"testing"
	"time"
)

// Any capacity is exact, powers of two and one included, on every lap, and the
// places of what was received hold nothing.
func TestMPSCRingCapacities(t *testing.T) {
	for capacity := 1; capacity <= 33; capacity++ {
		f := NewMPSCRing[*int](Options{Capacity: capacity}).(*mpscRing[*int])
		p, c := f.Producer(), f.Consumer()
		batch, buf := make([]*int, capacity+3), make([]*int, capacity)
		for i := range batch {
			batch[i] = new(int)
		}
		for lap := range 10 {
			if n, err := p.TrySendBatch(batch); n != capacity || err != ErrFull {
				t.Fatalf("capacity %d, lap %d: TrySendBatch = %d, %v", capacity, lap, n, err)
			}
			for take := 1 + lap%capacity; f.Backlog() > 0; take = capacity { // a part first
				if n, err := c.Recv(buf[:take]); err != nil || n > take {
					t.Fatalf("capacity %d, lap %d: Recv = %d, %v", capacity, lap, n, err)
				}
			}
			for i := range f.ring.Load().slots {
				if f.ring.Load().slots[i].item != nil {
					t.Fatalf("capacity %d, lap %d: place %d keeps an item that was received", capacity, lap, i)
				}
			}
		}
	}
}

// What stands behind a place that is claimed and not written is received once it
// is, in the order of the claims, and a waiting consumer is woken for it.
func TestMPSCRingStalledProducer(t *testing.T) {
	f := NewMPSCRing[int](Options{Capacity: 8}).(*mpscRing[int])
	other := f.Producer()
	pos, _, _ := f.claim(1)
	send(t, other, 2)
	testStalled(t, f, func() {
		r := f.ring.Load()
		fill(r.slots[r.slot(pos):], r.turn(pos), []int{1})
		f.parker.wake()
	})
}

// The same with so much behind it that the place's segment is many back.
func TestMPSCLinkedStalledProducer(t *testing.T) {
	f := NewMPSCLinked[int](Options{}).(*mpscLinked[int])
	other := f.Producer()
	pos := f.tail.Add(1) - 1
	send(t, other, 2)
	for range 100 {
		if _, err := other.SendBatch(make([]int, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	testStalled(t, f, func() {
		s := f.segment(pos)
		fill(s.slots[s.place(pos):], s.turn, []int{1})
		f.parker.wake()
	})
}

// testStalled has write publish 1, which comes before 2.
func testStalled(t *testing.T, f FanIn[int], write func()) {
	t.Helper()
	c := f.Consumer()
	if n, err := c.TryRecv(make([]int, 4)); n != 0 || err != nil {
		t.Fatalf("TryRecv = %d, %v before the oldest place was written", n, err)
	}
	got := make(chan int)
	go func() {
		buf := make([]int, 1)
		for range 2 {
			_, _ = c.Recv(buf)
			got <- buf[0]
		}
	}()
	select {
	case item := <-got:
		t.Fatalf("received %d before the oldest place was written", item)
	case <-time.After(5 * time.Millisecond): // it parks
	}
	write()
	for want := 1; want <= 2; want++ {
		if item := <-got; item != want {
			t.Fatalf("received %d; want %d", item, want)
		}
	}
}

// In steady state segments go round: no new one is made. After a burst all but
// one go back, once they were not used for two looks.
func TestMPSCLinkedSegments(t *testing.T) {
	f := NewMPSCLinked[int](Options{}).(*mpscLinked[int])
	f.trimmer.stop() // trims are the test's
	p, c := f.Producer(), f.Consumer()
	move := func(items int) {
		t.Helper()
		if n, err := p.SendBatch(make([]int, items)); n != items || err != nil {
			t.Fatalf("SendBatch = %d, %v", n, err)
		}
		for buf := make([]int, 1000); items > 0; {
			n, err := c.Recv(buf)
			if err != nil {
				t.Fatal(err)
			}
			items -= n
		}
	}
	segments := func() map[*segment[int]]bool {
		all := map[*segment[int]]bool{}
		for s := f.front.Load(); s != nil; s = s.next.Load() {
			all[s] = true
		}
		for s := f.spare; s != nil; s = s.rest {
			all[s] = true
		}
		return all
	}
	if n := len(f.front.Load().slots); n > firstSegment {
		t.Errorf("the first segment holds %d items; want at most %d", n, firstSegment)
	}
	for range 10 {
		move(f.most)
	}
	steady := segments()
	for range 100 {
		move(f.most / 3)
	}
	for s := range segments() {
		if !steady[s] {
			t.Fatal("a segment was made although others were spare")
		}
	}
	move(20 * f.most)
	if !f.trimmer.armed.Load() {
		t.Error("no look is due after a burst")
	}
	if !f.trim() {
		t.Error("no other look is due after the first")
	}
	if more := f.trim(); more || len(segments()) > 2 {
		t.Errorf("%d segments kept after a burst; want at most 2; more to come: %v", len(segments()), more)
	}
	move(3 * f.most) // what is left is fit for use
}

// A send that its producer's Close has overtaken, at the end, is received before
// io.EOF if it has its place by then; if not, it has none any more.
func TestMPSCSeals(t *testing.T) {
	ring := NewMPSCRing[int](Options{Capacity: 8}).(*mpscRing[int])
	pos, _, _ := ring.claim(1)
	testSeals(t, ring, func() {
		r := ring.ring.Load()
		fill(r.slots[r.slot(pos):], r.turn(pos), []int{1})
		ring.parker.wake()
	})
	if _, n, open := ring.claim(1); n != 0 || open {
		t.Errorf("a ring at its end has %d places; open: %v", n, open)
	}

	linked := NewMPSCLinked[int](Options{}).(*mpscLinked[int])
	pos = linked.tail.Add(1) - 1
	testSeals(t, linked, func() {
		s := linked.segment(pos)
		fill(s.slots[s.place(pos):], s.turn, []int{1})
		linked.parker.wake()
	})
	if pos := linked.tail.Add(1) - 1; pos&sealed == 0 {
		t.Errorf("a list at its end has position %d", pos)
	}
	if n := linked.Backlog(); n != 0 {
		t.Errorf("backlog %d at the end", n)
	}
}

// testSeals has write publish 1, whose place was claimed, after the end.
func testSeals(t *testing.T, f FanIn[int], write func()) {
	t.Helper()
	p, c := f.Producer(), f.Consumer()
	p.Close()
	if n, err := c.TryRecv(make([]int, 4)); n != 0 || err != nil {
		t.Fatalf("TryRecv = %d, %v before the last place was written", n, err)
	}
	got := make(chan error)
	go func() {
		buf := make([]int, 4)
		n, err := c.Recv(buf)
		if n != 1 || err != nil || buf[0] != 1 {
			t.Errorf("Recv = %d, %v, item %d; want 1", n, err, buf[0])
		}
		_, err = c.Recv(buf)
		got <- err
	}()
	time.Sleep(5 * time.Millisecond) // it parks
	write()
	if err := <-got; err != io.EOF {
		t.Errorf("at the end Recv returned %v", err)
	}
}

// Under drop-oldest a send that comes to a place which is claimed and not written is
// parked until it is, or its context is done, or one of the two ends closes.
func TestMPSCRingDropOldestWaits(t *testing.T) {
	for _, how := range []string{"written", "context", "producer", "consumer"} {
		f := NewMPSCRing[int](Options{Capacity: 2, Policy: DropOldest}).(*mpscRing[int])
		stalled, p := f.Producer().(*mpscRingProducer[int]), f.Producer()
		pos, _, _ := f.claim(1)
		send(t, p, 2)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		sent := make(chan error)
		go func() { sent <- p.SendContext(ctx, 3) }()
		for f.waiters.count.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		want := ErrClosed
		switch how {
		case "written":
			want = nil
			stalled.publishOwned(f.ring.Load(), pos, []int{1})
		case "context":
			want = context.Canceled
			cancel()
		case "producer":
			p.Close()
		case "consumer":
			f.Consumer().Close()
		}
		if err := <-sent; err != want {
			t.Errorf("%s: SendContext returned %v; want %v", how, err, want)
		}
		if n := f.waiters.count.Load(); n != 0 {
			t.Errorf("%s: %d still wait", how, n)
		}
		if how != "written" {
			continue
		}
		if stalled.Dropped() != 1 || p.Dropped() != 0 {
			t.Errorf("%d and %d items are counted as dropped; want 1 of the one that was late", stalled.Dropped(), p.Dropped())
		}
		for want := 2; want <= 3; want++ {
			if got := recvOne(t, f.Consumer()); got != want {
				t.Errorf("received %d; want %d", got, want)
			}
		}
	}
}
