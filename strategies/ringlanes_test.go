package strategies

import (
	"io"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"
	"unsafe"
)

// newRingLanesOf names the constructors that ringLanes serve.
var newRingLanesOf = map[string]Constructor[uint64]{
	"lanes-ring":   NewLanesRing[uint64],
	"lanes-linked": NewLanesLinked[uint64],
}

// liveHeap returns the bytes of live objects.
func liveHeap() uint64 {
	for range 3 { // pools let go of what they hold at the second
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Thousands of producers that send once in a while are normal: each must be cheap,
// before its first item and after it.
func TestIdleProducerBytes(t *testing.T) {
	const producers, most = 10_000, 512
	for name, build := range newRingLanesOf {
		t.Run(name, func(t *testing.T) {
			f := build(Options{})
			open := make([]Producer[uint64], producers)
			before := liveHeap()
			for i := range open {
				open[i] = f.Producer()
			}
			if each := (liveHeap() - before) / producers; each > most {
				t.Errorf("a producer that has sent nothing takes %d bytes; want at most %d", each, most)
			}
			buf := make([]uint64, 1)
			for i, p := range open {
				if err := p.Send(uint64(i)); err != nil {
					t.Fatal(err)
				}
				if n, err := f.Consumer().Recv(buf); n != 1 || err != nil || buf[0] != uint64(i) {
					t.Fatalf("Recv = %d, %v with item %d; want item %d", n, err, buf[0], i)
				}
			}
			if each := (liveHeap() - before) / producers; each > most {
				t.Errorf("a producer that has sent once takes %d bytes; want at most %d", each, most)
			}
			runtime.KeepAlive(open)
		})
	}
}

// A lane full of items delays the others by no more than what is left of its turn
// and another: who becomes ready joins the next round.
func TestHotLaneTakesTurns(t *testing.T) {
	f := NewLanesLinked[uint64](Options{})
	hot, other := f.Producer(), f.Producer()
	for i := range uint64(10 * laneTurn) {
		if err := hot.Send(i); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]uint64, 256)
	if _, err := f.Consumer().Recv(buf); err != nil { // the hot lane has its turn
		t.Fatal(err)
	}
	const mark = 1 << 40
	if err := other.Send(mark); err != nil {
		t.Fatal(err)
	}
	for received := 0; received <= 2*laneTurn; {
		n, err := f.Consumer().Recv(buf)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range buf[:n] {
			if item == mark {
				return
			}
		}
		received += n
	}
	t.Errorf("the other lane's item was not among the %d after it", 2*laneTurn)
}

// Producers that come and go leave nothing behind.
func TestClosedLanesAreForgotten(t *testing.T) {
	for name, build := range newRingLanesOf {
		t.Run(name, func(t *testing.T) {
			f := build(Options{}).(*ringLanes[uint64])
			stays := f.Producer()
			buf := make([]uint64, 8)
			for i := range uint64(100) {
				p := f.Producer()
				_ = p.Send(i)
				p.Close()
				for range laneMisses + 2 { // until it was found empty often enough
					if _, err := f.Consumer().TryRecv(buf); err != nil {
						t.Fatal(err)
					}
				}
			}
			var known []Producer[uint64]
			f.lanes.each(func(l *ringLane[uint64]) { known = append(known, l) })
			if len(known) != 1 || known[0] != stays {
				t.Errorf("%d lanes are known; want the one that is open", len(known))
			}
			stays.Close()
			if _, err := f.Consumer().Recv(buf); err != io.EOF {
				t.Errorf("Recv after the last Close: %v; want io.EOF", err)
			}
		})
	}
}

// What a rest lets go of: rings that a burst has left.
func TestSpareRingsAreForgotten(t *testing.T) {
	f := NewLanesLinked[uint64](Options{}).(*ringLanes[uint64])
	p := f.Producer()
	const items = 1 << 18
	before := liveHeap()
	for i := range uint64(items) {
		_ = p.Send(i)
	}
	buf := make([]uint64, 1024)
	for received := 0; received < items; {
		n, err := f.Consumer().Recv(buf)
		if err != nil {
			t.Fatal(err)
		}
		received += n
	}
	if !f.trim() {
		t.Fatalf("a burst of %d items has left nothing that is worth letting go", items)
	}
	for looks := 0; f.trim() && looks < 3; looks++ {
	}
	if kept := int64(liveHeap()) - int64(before); kept > keepBytes {
		t.Errorf("%d bytes are kept after a burst of %d; want at most %d", kept, items*8, keepBytes)
	}
	runtime.KeepAlive(f)
}

// Weak spot: lanes that come into the rotation in the middle of a round are
// passed over, as the lanes already looked at in that round are counted again.
// Then an item is there and TryRecv says that there is none; at the end it is lost.
func TestRingLanesNewcomer(t *testing.T) {
	f := NewLanesRing[int](Options{}).(*ringLanes[int])
	a, b, last := f.Producer(), f.Producer(), f.Producer()
	c, buf := f.Consumer(), make([]int, 1)
	send(t, a, 1)
	send(t, b, 2)
	for _, want := range []int{1, 2} { // now it is b's turn, with nothing left
		if got := recvOne(t, c); got != want {
			t.Fatalf("received %d; want %d", got, want)
		}
	}
	send(t, last, 3)
	if n, err := c.TryRecv(buf); n != 1 || err != nil {
		t.Fatalf("TryRecv = %d, %v with an item to receive", n, err)
	}
	for _, p := range []Producer[int]{a, b, last} {
		p.Close()
	}
	if n, err := c.TryRecv(buf); n != 0 || err != io.EOF {
		t.Errorf("TryRecv = %d, %v; want 0, EOF", n, err)
	}
}

// Weak spot: the consumer gives memory back while a lane that has just been
// listed, with nothing in it yet, is in rotation. It must stay there: its
// producer will not list it again.
func TestRingLanesTrimKeepsRotation(t *testing.T) {
	f := NewLanesRing[int](Options{}).(*ringLanes[int])
	p := f.Producer().(*ringLane[int])
	p.enlist(p.begin())
	buf := make([]int, 1)
	if n := f.poll(buf); n != 0 {
		t.Fatalf("poll = %d; want 0", n)
	}
	f.trim()
	send(t, p, 1)
	if n := f.poll(buf); n != 1 {
		t.Errorf("poll = %d after an item was sent; want 1", n)
	}
}

// Weak spot: the end shows while the last lane is still being listed. A consumer
// that has just let the lane go, as its producer is about to list it, would find
// neither lane nor item, but the end.
func TestRingLanesListedBeforeEnd(t *testing.T) {
	f := NewLanesRing[int](Options{}).(*ringLanes[int])
	p := f.Producer().(*ringLane[int])
	if !f.prepare() {
		t.Fatal("prepare = false with nothing to look at")
	}
	p.begin().slots[0] = 1 // a send that has yet to list its lane
	p.sent = 1
	p.tail.Store(1)
	f.token <- struct{}{} // the wake-up, and with it list, will wait for room
	var closed sync.WaitGroup
	closed.Go(p.Close)
	for f.ready.Load() != p {
		runtime.Gosched()
	}
	if f.ended() {
		t.Error("the fan-in has ended before its last lane was listed")
	}
	<-f.token
	closed.Wait()
	if !f.ended() {
		t.Error("the fan-in has not ended after its last producer has closed")
	}
}

// TestBackOffInTurn has the timer of the first that backed off be used by the second:
// the race detector sees whether it was set before it ran.
func TestBackOffInTurn(t *testing.T) {
	f := newRingLanes[Word](noLimit, Block)
	first, second := f.open(newLane(f)), f.open(newLane(f))
	var both sync.WaitGroup
	both.Go(first.backOff)
	both.Go(func() {
		time.Sleep(10 * backoffFor)
		second.backOff()
	})
	both.Wait()
	if f.backedOff.first.Load() != nil {
		t.Error("a producer that was woken still counts as backed off")
	}
}

// TestLaneLayout holds what is stored by one side off the lines of the other. The
// paddings count pointers of 64 bits; where they are shorter, sides may share a line,
// which takes time and breaks nothing.
func TestLaneLayout(t *testing.T) {
	if strconv.IntSize != 64 {
		t.Skip("the paddings are those of 64-bit platforms")
	}
	var l ringLane[Word]
	if at := unsafe.Offsetof(l.tail); at%padding != 0 {
		t.Errorf("tail begins at byte %d, inside a pair of lines", at)
	}
	if apart := unsafe.Offsetof(l.head) - unsafe.Offsetof(l.tail); apart != padding/2 {
		t.Errorf("head begins %d bytes after tail, not on the next line", apart)
	}
	if size := unsafe.Sizeof(l); size%padding != 0 {
		t.Errorf("a lane has %d bytes: its end shares a pair of lines with what comes next", size)
	}
	if size := unsafe.Sizeof(laneWithRing[Word]{}); size%padding != 0 {
		t.Errorf("a lane with its ring has %d bytes", size)
	}
}
