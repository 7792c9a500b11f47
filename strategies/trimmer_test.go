package strategies

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// The timer runs while trim asks for more, and stops for good with stop.
func TestTrimmerRuns(t *testing.T) {
	var trims, left atomic.Int64
	left.Store(3)
	tr := &trimmer{}
	tr.trim = func() bool { trims.Add(1); return left.Add(-1) > 0 }
	tr.arm()
	tr.arm()
	for tr.armed.Load() || trims.Load() < 3 {
		time.Sleep(trimEvery / 10)
	}
	if n := trims.Load(); n != 3 {
		t.Errorf("%d trims; want 3", n)
	}
	tr.stop()
	tr.arm()
	time.Sleep(trimEvery * 3 / 2)
	if n := trims.Load(); n != 3 {
		t.Errorf("%d trims, one of them after stop", n)
	}
}

// A fan-in that nobody refers to is collected although its timer runs.
func TestTrimmerKeepsNothing(t *testing.T) {
	collected := new(atomic.Bool)
	func() {
		fan := &struct {
			trimmer
			held []byte
		}{held: make([]byte, 100)}
		fan.trim = func() bool { return len(fan.held) > 0 }
		runtime.AddCleanup(fan, func(b *atomic.Bool) { b.Store(true) }, collected)
		fan.arm()
	}()
	if !soon(collected.Load) {
		t.Error("the timer keeps the fan-in")
	}
}

// The count of open producers tells the end once, to one of those that leave, and
// nobody joins afterwards.
func TestLifecycleEndsOnce(t *testing.T) {
	for range 2000 {
		var l lifecycle
		var last, joined atomic.Int64
		l.join()
		done := make(chan struct{})
		const goers = 3
		for range goers {
			go func() {
				if l.join() {
					joined.Add(1)
					if l.leave() {
						last.Add(1)
					}
				}
				done <- struct{}{}
			}()
		}
		if l.leave() {
			last.Add(1)
		}
		for range goers {
			<-done
		}
		if last.Load() != 1 || !l.ended() || l.join() || !l.ended() {
			t.Fatalf("the end was told %d times; ended: %v; %d joined beside it", last.Load(), l.ended(), joined.Load())
		}
	}
}
