package strategies

import (
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The floor's backlog is never below nothing, not even if who reads it loses the processor
// in the midst of that: more goroutines read it than there are processors.
func TestNullBacklog(t *testing.T) {
	f := nullStrategy.Word(Options{})
	var over atomic.Bool
	var wg sync.WaitGroup
	p := f.Producer()
	wg.Go(func() {
		defer p.Close()
		for !over.Load() {
			_ = p.Send(0) // never fails
		}
	})
	wg.Go(func() {
		buf := make([]Word, 256)
		for {
			if _, err := f.Consumer().Recv(buf); err == io.EOF {
				return
			}
		}
	})
	var least atomic.Int64
	for range 8 {
		wg.Go(func() {
			for !over.Load() {
				if b := int64(f.Backlog()); b < least.Load() {
					least.Store(b)
				}
			}
		})
	}
	time.Sleep(200 * time.Millisecond)
	over.Store(true)
	wg.Wait()
	if least.Load() < 0 {
		t.Errorf("a backlog of %d", least.Load())
	}
}
