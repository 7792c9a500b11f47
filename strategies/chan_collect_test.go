package strategies

import (
	"io"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// TestChanProducersCollected closes thousands of producers, all at once and one by
// one while another stays open.
func TestChanProducersCollected(t *testing.T) {
	for _, s := range All() {
		for _, policy := range Policies() {
			if s.Family == FamilyChannels && s.Offers(policy) {
				t.Run(s.Name+"/"+policy.String(), func(t *testing.T) { testChanProducersCollected(t, s, policy) })
			}
		}
	}
}

func testChanProducersCollected(t *testing.T, s Strategy, policy Policy) {
	fan := s.Word(Options{Capacity: 4, Policy: policy})
	c, keeper := fan.Consumer(), fan.Producer()
	buf := make([]Word, 3)
	var gone atomic.Int64
	open := func() Producer[Word] {
		p := fan.Producer()
		whenCollected(t, p, &gone)
		return p
	}
	use := func(p Producer[Word]) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := p.Send(1); err != nil && s.Bound != Rendezvous {
				t.Error(err)
			}
		}()
		if n, err := c.Recv(buf); n != 1 || err != nil {
			t.Fatalf("Recv returned %d, %v", n, err)
		}
		<-done
	}
	expect := func(n int64) {
		t.Helper()
		if !collected(func() bool { return gone.Load() == n }) {
			t.Errorf("%d of %d closed and drained producers can be collected", gone.Load(), n)
		}
	}
	together, oneByOne := int64(2000), int64(10_000)
	if Brief() {
		together, oneByOne = 200, 1000
	}
	ps := make([]Producer[Word], together)
	for i := range ps {
		ps[i] = open()
	}
	for i, p := range ps {
		use(p)
		p.Close()
		ps[i] = nil
	}
	expect(together)
	for range oneByOne {
		p := open()
		use(p)
		p.Close()
	}
	expect(together + oneByOne)
	keeper.Close()
	if n, err := c.Recv(buf); n != 0 || err != io.EOF {
		t.Errorf("Recv returned %d, %v", n, err)
	}
}

// whenCollected counts a producer when it is collected.
func whenCollected(t *testing.T, p Producer[Word], gone *atomic.Int64) {
	count := func(gone *atomic.Int64) { gone.Add(1) }
	switch p := p.(type) {
	case *chanProducer[Word]:
		runtime.AddCleanup(p, count, gone)
	case *chanBareProducer[Word]:
		runtime.AddCleanup(p, count, gone)
	case *chanDropOldestProducer[Word]:
		runtime.AddCleanup(p.inner, count, gone)
	case *chanMergeProducer[Word]:
		runtime.AddCleanup(p, count, gone)
	case *chanBatchProducer[Word]:
		runtime.AddCleanup(p, count, gone)
	default:
		t.Fatalf("not a producer over channels: %T", p)
	}
}

// collected collects garbage until cond holds, and reports whether it came to that.
func collected(cond func() bool) bool {
	for range 100 {
		runtime.GC()
		if cond() {
			return true
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}
