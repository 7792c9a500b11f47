package strategies

import (
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

// trimEvery is how long a fan-in that has grown waits before it looks at what of
// that it still uses. What one look finds unused goes at that look, so a burst is
// gone after two. Between bursts that follow closer than this the memory is worth
// keeping: growing it anew each time cost a third of the throughput.
const trimEvery = 200 * time.Millisecond

// trimmer gives memory back after a burst, whatever the consumer does meanwhile.
// It is a timer that runs while a fan-in holds more than one at rest, and not
// otherwise.
type trimmer struct {
	// trim gives back what was not used since the last call and reports whether
	// more is held than at rest. It runs in a goroutine of its own, beside sends
	// and receives.
	trim func() (more bool)

	armed atomic.Bool // the timer runs

	mu      sync.Mutex // guards what follows
	timer   *time.Timer
	stopped bool
}

// arm is called where memory grows, after it has. Called again it costs a load.
//
// No growth is missed: run stores armed first and looks after that, so whoever
// still finds it armed has grown before the look.
func (t *trimmer) arm() {
	if !t.armed.Load() && t.armed.CompareAndSwap(false, true) {
		t.start()
	}
}

func (t *trimmer) start() {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.stopped:
	case t.timer == nil:
		fan := weak.Make(t) // a fan-in that nobody refers to any more goes as it is
		t.timer = time.AfterFunc(trimEvery, func() {
			if t := fan.Value(); t != nil {
				t.run()
			}
		})
	default:
		t.timer.Reset(trimEvery)
	}
}

func (t *trimmer) run() {
	t.armed.Store(false)
	if t.trim() {
		t.arm()
	}
}

// stop is called when the fan-in has ended, or its consumer left: no memory is
// used any more.
func (t *trimmer) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stopped = true
	if t.timer != nil {
		t.timer.Stop()
	}
}
