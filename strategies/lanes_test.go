package strategies

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

func recvOne(t *testing.T, c Consumer[int]) int {
	t.Helper()
	buf := make([]int, 1)
	n, err := c.Recv(buf)
	if n != 1 || err != nil {
		t.Fatalf("Recv = %d, %v", n, err)
	}
	return buf[0]
}

func send(t *testing.T, p Producer[int], item int) {
	t.Helper()
	if err := p.Send(item); err != nil {
		t.Fatalf("Send(%d) = %v", item, err)
	}
}

// The order that spillway documents for its lanes holds for these, too: a lane
// is drained as it was when swapped, and the lanes take turns.
func TestLanesDocumentedOrder(t *testing.T) {
	for _, lanes := range []int{0, 8} {
		f := NewLanes[int](Options{Lanes: lanes})
		c := f.Consumer()
		expect := func(want int) {
			t.Helper()
			if got := recvOne(t, c); got != want {
				t.Fatalf("%d lanes: received %d; want %d", lanes, got, want)
			}
		}
		s1 := f.Producer()
		send(t, s1, 1)
		s2 := f.Producer()
		send(t, s2, 2)
		send(t, s1, 3)
		send(t, s2, 4)
		expect(1)
		send(t, s1, 5)
		expect(3) // 5 is in another delivery batch
		expect(2)
		expect(4)
		s3 := f.Producer()
		send(t, s3, 6)
		expect(6)
		expect(5)
	}
}

// Weak spot: an empty batch marks a lane and wakes the consumer for nothing.
func TestLanesEmptyBatch(t *testing.T) {
	f := NewLanes[int](Options{}).(*lanes[int])
	p := f.Producer()
	if n, err := p.SendBatch(nil); n != 0 || err != nil {
		t.Errorf("SendBatch(nil) = %d, %v", n, err)
	}
	if (*f.all.Load())[0].dirty.Load() {
		t.Error("an empty batch marked the lane dirty")
	}
}

// Weak spot: what is sent right before the last close is lost between the
// consumer's look at the lanes and its look at the number of producers.
func TestLanesSendThenClose(t *testing.T) {
	rounds := 20_000
	if Brief() {
		rounds = 2_000
	}
	for round := range rounds {
		f := NewLanes[int](Options{})
		p := f.Producer()
		go func() {
			for range round % 50 { // the close falls on every point of the consumer's round
				runtime.Gosched()
			}
			_ = p.Send(round)
			p.Close()
		}()
		if got := recvOne(t, f.Consumer()); got != round {
			t.Fatalf("round %d: received %d", round, got)
		}
	}
}

// Weak spot: sending goes on without an error after the consumer has left.
func TestLanesSendAfterConsumerClosed(t *testing.T) {
	f := NewLanes[int](Options{})
	p := f.Producer()
	send(t, p, 1)
	f.Consumer().Close()
	if err := p.Send(2); err != ErrClosed {
		t.Errorf("Send = %v; want ErrClosed", err)
	}
	if n, err := p.SendBatch([]int{3, 4}); n != 0 || err != ErrClosed {
		t.Errorf("SendBatch = %d, %v; want 0, ErrClosed", n, err)
	}
	if err := f.Producer().Send(5); err != ErrClosed {
		t.Errorf("Send of a later producer = %v; want ErrClosed", err)
	}
}

// Weak spot: the consumer is woken while its lane's lock is held, and runs into
// it. Here the wake-up may wait as long as it likes: the lane stays free.
func TestLanesWakeOutsideLock(t *testing.T) {
	f := NewLanes[int](Options{}).(*lanes[int])
	p := f.Producer().(*lanesProducer[int])
	f.parker.prepare()
	f.parker.token <- struct{}{} // the wake-up will wait for room
	var sent sync.WaitGroup
	sent.Go(func() { _ = p.Send(1) })
	for f.parker.state.Load() == parkerAsleep { // until the sender has claimed the wake-up
		runtime.Gosched()
	}
	if !p.lane.mu.TryLock() {
		t.Error("the lane is locked during the wake-up")
	} else {
		p.lane.mu.Unlock()
	}
	<-f.parker.token
	sent.Wait()
}

// Weak spot: neighbouring lanes share cache lines.
func TestLanesPadded(t *testing.T) {
	var l lane[Word]
	if hot := unsafe.Offsetof(l.dirty) + unsafe.Sizeof(l.dirty); unsafe.Sizeof(l)-hot < padding {
		t.Errorf("a lane of %d bytes uses %d: less than %d bytes lie between two", unsafe.Sizeof(l), hot, padding)
	}
}

// Weak spot: the slices never shrink after a burst.
func TestLanesShrink(t *testing.T) {
	f := NewLanes[int](Options{}).(*lanes[int])
	p := f.Producer()
	const burst = 1 << 20
	if _, err := p.SendBatch(make([]int, burst)); err != nil {
		t.Fatal(err)
	}
	c, buf := f.Consumer(), make([]int, 4096)
	for got := 0; got < burst; {
		n, err := c.Recv(buf)
		if err != nil {
			t.Fatal(err)
		}
		got += n
	}
	keepsAtMost(t, f, 2*f.keep) // with nobody receiving
	send(t, p, 1)
	if got := recvOne(t, c); got != 1 {
		t.Fatalf("received %d; want 1", got)
	}
}

// keepsAtMost waits until the slices of all lanes have room for so many items at most.
func keepsAtMost[T any](t *testing.T, f *lanes[T], most int) {
	t.Helper()
	held := func() (items int) {
		for _, l := range *f.all.Load() {
			l.mu.Lock()
			items += cap(l.filling)
			if d := l.draining.Load(); d != nil {
				items += cap(d.items)
			}
			l.mu.Unlock()
		}
		return items
	}
	for range 100 {
		if held() <= most {
			return
		}
		time.Sleep(trimEvery / 4)
	}
	t.Errorf("lanes keep room for %d items; want at most %d", held(), most)
}

// Weak spot: while one lane's whole slice is drained every other lane waits.
func TestLanesTakeTurns(t *testing.T) {
	f := NewLanes[int](Options{})
	hot, other := f.Producer(), f.Producer()
	if _, err := hot.SendBatch(make([]int, 100*laneTurn)); err != nil {
		t.Fatal(err)
	}
	c, buf := f.Consumer(), make([]int, 256)
	if _, err := c.Recv(buf); err != nil { // the hot lane's turn has begun
		t.Fatal(err)
	}
	send(t, other, 7)
	for got := len(buf); ; {
		n, err := c.Recv(buf)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range buf[:n] {
			if item == 7 {
				if got > laneTurn {
					t.Errorf("the other lane waited for %d items; its turn was due after %d", got, laneTurn)
				}
				return
			}
			got++
		}
	}
}

// Weak spot: fewer lanes than producers is never tried. Here the producers of a
// lane share it, and each one's order holds.
func TestLanesShared(t *testing.T) {
	const producers, each = 64, 2_000
	for _, count := range []int{1, 3, 8} {
		f := NewLanes[Word](Options{Lanes: count}).(*lanes[Word])
		keeper := f.Producer() // or the fan-in may end before all have come
		for id := range producers {
			p := f.Producer()
			go func() {
				defer p.Close()
				for seq := range uint64(each) {
					_ = p.Send(NewWord(id, seq))
				}
			}()
		}
		keeper.Close()
		if got := len(*f.all.Load()); got != count {
			t.Fatalf("%d lanes; want %d", got, count)
		}
		next := make([]uint64, producers)
		c, buf := f.Consumer(), make([]Word, 100)
		for {
			n, err := c.Recv(buf)
			if err != nil {
				break
			}
			for _, w := range buf[:n] {
				if w.Seq() != next[w.Producer()] {
					t.Fatalf("%d lanes: producer %d: item %d; want %d", count, w.Producer(), w.Seq(), next[w.Producer()])
				}
				next[w.Producer()]++
			}
		}
		for id, n := range next {
			if n != each {
				t.Errorf("%d lanes: producer %d: %d of %d items", count, id, n, each)
			}
		}
	}
}

// Lanes of producers that have closed serve the next ones, so that coming and
// going does not use memory up.
func TestLanesReused(t *testing.T) {
	f := NewLanes[int](Options{}).(*lanes[int])
	stays := f.Producer()
	for range 1_000 {
		p := f.Producer()
		send(t, p, 1)
		p.Close()
	}
	stays.Close()
	if got := len(*f.all.Load()); got != 2 {
		t.Errorf("%d lanes after at most 2 producers at a time; want 2", got)
	}
	if got := f.Backlog(); got != 1_000 {
		t.Errorf("backlog %d; want 1000", got)
	}
}

// Lanes of closed producers go when two looks have found them unused and empty, but
// for some spare ones, and the turn stays where it was.
func TestLanesDropped(t *testing.T) {
	f := NewLanes[Word](Options{}).(*lanes[Word])
	f.trimmer.stop() // trims are the test's
	const drained, producers = spareLanes + 21, spareLanes + 36
	var ps [producers]Producer[Word]
	for id := range ps {
		ps[id] = f.Producer()
		if _, err := ps[id].SendBatch([]Word{NewWord(id, 0), NewWord(id, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	c, buf := f.Consumer(), make([]Word, 2*drained+1) // the turn is in the middle of a lane's
	if n, err := c.Recv(buf); n != len(buf) || err != nil {
		t.Fatalf("Recv = %d, %v", n, err)
	}
	for _, p := range ps[:producers-1] {
		p.Close()
	}
	if !f.trim() { // unused since now
		t.Error("no other look is due")
	}
	if n := len(*f.all.Load()); n != producers {
		t.Errorf("%d lanes of %d producers that have closed just now", n, producers)
	}
	if more := f.trim(); more || len(*f.all.Load()) != spareLanes+1 {
		t.Errorf("%d lanes are left; want %d and that of the one that is open; more to come: %v", len(*f.all.Load()), spareLanes, more)
	}
	for i := len(buf); i < 2*producers; i++ {
		if n, err := c.Recv(buf[:1]); n != 1 || err != nil {
			t.Fatalf("Recv = %d, %v", n, err)
		}
		if got, want := buf[0], NewWord(i/2, uint64(i)%2); got != want {
			t.Fatalf("received item %d of producer %d; want item %d of producer %d", got.Seq(), got.Producer(), want.Seq(), want.Producer())
		}
	}
	p := f.Producer() // in a lane that another had
	if err := p.Send(NewWord(0, 7)); err != nil {
		t.Fatal(err)
	}
	if n, err := c.Recv(buf); n != 1 || err != nil || buf[0] != NewWord(0, 7) {
		t.Fatalf("Recv = %d, %v", n, err)
	}
}

// A burst of thousands of producers leaves nothing behind, whether they close or
// stay open, although nobody calls the consumer afterwards.
func TestLanesForget(t *testing.T) {
	const producers = 500
	for _, closes := range []bool{true, false} {
		f := NewLanes[Word](Options{}).(*lanes[Word])
		keeper, c, buf := f.Producer(), f.Consumer(), make([]Word, 5000)
		ps := make([]Producer[Word], producers)
		for id := range ps {
			ps[id] = f.Producer()
			if _, err := ps[id].SendBatch(buf); err != nil {
				t.Fatal(err)
			}
		}
		if closes {
			for _, p := range ps {
				p.Close()
			}
		}
		for got := 0; got < producers*len(buf); {
			n, err := c.Recv(buf)
			if err != nil {
				t.Fatal(err)
			}
			got += n
		}
		keepsAtMost(t, f, 0)
		for range 100 {
			if !closes || len(*f.all.Load()) <= 1+spareLanes {
				break
			}
			time.Sleep(trimEvery / 4)
		}
		if n := len(*f.all.Load()); closes && n > 1+spareLanes {
			t.Errorf("%d lanes are left of %d producers that have closed", n, producers)
		}
		keeper.Close()
	}
}

// Trims at any moment disturb nobody: everything comes, once and in order.
func TestLanesTrimBeside(t *testing.T) {
	const producers, each = 400, 300
	f := NewLanes[Word](Options{}).(*lanes[Word])
	keeper, done := f.Producer(), make(chan struct{})
	var trims sync.WaitGroup
	trims.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				f.trim()
				runtime.Gosched()
			}
		}
	})
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for id := worker; id < producers; id += 4 {
				p := f.Producer()
				for seq := 0; seq < each; {
					batch := make([]Word, min(1+seq%150, each-seq))
					for i := range batch {
						batch[i] = NewWord(id, uint64(seq+i))
					}
					if _, err := p.SendBatch(batch); err != nil {
						t.Error(err)
					}
					seq += len(batch)
				}
				p.Close()
			}
		})
	}
	go func() { all.Wait(); keeper.Close() }()
	for id, n := range receiveAll(t, f.Consumer(), producers, Block) {
		if n != each {
			t.Errorf("%d of %d items of producer %d came", n, each, id)
		}
	}
	close(done)
	trims.Wait()
}

// The parker loses no wake-up however the two sides interleave: a ping-pong in
// which every item finds the consumer about to park.
func TestParkerPingPong(t *testing.T) {
	p := newParker()
	var work, done atomic.Int64
	const rounds = 100_000
	go func() {
		for i := int64(1); i <= rounds; i++ {
			work.Store(i)
			p.wake()
			for done.Load() < i {
				runtime.Gosched()
			}
		}
	}()
	for done.Load() < rounds {
		if work.Load() > done.Load() {
			done.Store(work.Load())
			continue
		}
		p.prepare()
		if work.Load() > done.Load() {
			p.cancel()
			continue
		}
		p.park(noContext)
	}
	if len(p.token) != 0 || p.state.Load() != parkerAwake {
		t.Error("a token or an announcement is left over")
	}
}
