package strategies

import (
	"io"
	"runtime"
	"sync"
	"testing"
	"time"
)

// counted returns how many are counted now.
func counted() (queued, starting int64) {
	queued, starting, _ = tally()
	return queued, starting
}

// Whoever is counted as waiting or starting is counted out, whichever way a fan-in
// ends: what stayed would hide strangers from every fan-in of the process.
func TestNobodyStaysCounted(t *testing.T) {
	queuedBefore, startingBefore := counted()
	for name, build := range newRingLanesOf {
		ends := map[string]func(FanIn[uint64], []Producer[uint64]){
			"producers close": func(f FanIn[uint64], ps []Producer[uint64]) {
				var senders sync.WaitGroup
				for i, p := range ps {
					senders.Go(func() {
						for v := range uint64(i) * 500 { // the first is silent
							_ = p.Send(v)
						}
						p.Close()
					})
				}
				drainAll(t, f)
				senders.Wait()
			},
			"the consumer closes beside sends": func(f FanIn[uint64], ps []Producer[uint64]) {
				var senders sync.WaitGroup
				for _, p := range ps[1:] {
					senders.Go(func() {
						for p.Send(1) == nil {
							runtime.Gosched()
						}
					})
				}
				_, _ = f.Consumer().Recv(make([]uint64, 8))
				f.Consumer().Close() // and no producer ever does
				senders.Wait()
			},
		}
		for end, run := range ends {
			t.Run(name+", "+end, func(t *testing.T) {
				for range 20 {
					f := build(Options{Capacity: 64})
					ps := make([]Producer[uint64], 12)
					for i := range ps {
						ps[i] = f.Producer()
					}
					run(f, ps)
				}
				deadline := time.Now().Add(2 * time.Second) // a timer may still call back
				for {
					queued, starting := counted()
					if queued == queuedBefore && starting == startingBefore {
						return
					}
					if time.Now().After(deadline) {
						t.Fatalf("%d queued and %d starting were counted in and never out", queued-queuedBefore, starting-startingBefore)
					}
					time.Sleep(time.Millisecond)
				}
			})
		}
	}
}

func drainAll(t *testing.T, f FanIn[uint64]) {
	t.Helper()
	for buf := make([]uint64, 32); ; {
		if _, err := f.Consumer().Recv(buf); err == io.EOF {
			return
		} else if err != nil {
			t.Error(err)
			return
		}
	}
}

// Producers that are open and silent are not taken to wait: not when few begin, nor
// when many do, but long ago.
func TestStartsNeedManyAtOnce(t *testing.T) {
	var s starts
	if s.going(100) {
		t.Error("the first look takes what happened before it for starts")
	}
	if s.going(100 + manyStarts - 1) {
		t.Errorf("%d starts in a window are many", manyStarts-1)
	}
	if !s.going(100 + manyStarts) {
		t.Errorf("%d starts in a window are few", manyStarts)
	}
	s.end = time.Now().Add(-time.Microsecond) // the window is over
	if !s.going(100 + manyStarts) {
		t.Error("many starts in the window before no longer count")
	}
	s.end = time.Now().Add(-time.Microsecond)
	if s.going(100 + manyStarts) {
		t.Error("a window without starts does not end it")
	}
	s.end = time.Now().Add(-2 * startWindow) // nobody has looked for long
	if s.going(100 + 2*manyStarts) {
		t.Error("starts from before the last window count")
	}
}

// A producer that sends in the window that it was opened in vouches for nobody.
func TestStartedAtOnceIsNotLate(t *testing.T) {
	var c counts
	c.started(c.opened())
	if late := c.late.Load(); late != 0 {
		t.Errorf("a producer that began at once counts %d as late", late)
	}
	w := c.opened()
	c.started(w + 1) // as if a window had begun in between
	if late := c.late.Load(); late != 1 {
		t.Errorf("a producer that began in another window counts %d as late, want 1", late)
	}
	if starting := c.starting.Load(); starting != 0 {
		t.Errorf("%d are still counted as starting", starting)
	}
}
