package strategies

import (
	"sync/atomic"
	"time"
)

// counts is whom this package knows to wait for a processor. There are several, so
// that not all who count meet at one; only their sums mean something.
type counts struct {
	_ [padding]byte
	// queued is how many wait because this package has made them: it has given them a
	// token, or they yield. Each is counted from just before that until it runs again.
	queued atomic.Int64
	// starting is how many producers of lanes are open and have not sent yet. Their
	// goroutines may wait to run for the first time, or have nothing to send for long.
	starting atomic.Int64
	// late is how many have begun to send in another window than they were opened in.
	late atomic.Int64
	_    [padding - 3*8]byte
}

var known [maxShards]counts

// opened counts a producer in, and returns the window.
func (c *counts) opened() uint32 {
	c.starting.Add(1)
	return window.n.Load()
}

// started counts a producer out that was opened in window w.
func (c *counts) started(w uint32) {
	if w != window.n.Load() {
		c.late.Add(1)
	}
	c.starting.Add(-1)
}

// tally sums up.
func tally() (queued, starting, late int64) {
	for i := range known {
		c := &known[i]
		queued += c.queued.Load()
		starting += c.starting.Load()
		late += c.late.Load()
	}
	return queued, starting, late
}

// starts tells whether producers that have not sent yet are about to. When a thousand
// are let go at once, those that wait for their first turn are no strangers: as long as
// many begin within a short time, all are taken to wait. Few do if others compute in
// between. Those that are opened, send and close at once do not count: they would
// vouch for others that are open and silent.
type starts struct {
	end    time.Time // of the present window
	before int64     // late, when it began
	many   bool      // in the window before
}

// window is the number of the present window; it is never 0.
var window struct {
	_ [padding]byte
	n atomic.Uint32
	_ [padding]byte
}

func init() { window.n.Store(1) }

const (
	startWindow = 5 * time.Millisecond
	manyStarts  = 8
)

// going reports whether producers begin to send; late is how many ever have.
func (s *starts) going(late int64) bool {
	if over := time.Since(s.end); over > 0 {
		s.many = late-s.before >= manyStarts && over < startWindow
		s.before, s.end = late, time.Now().Add(startWindow)
		window.n.Store(max(1, window.n.Load()+1))
	}
	return s.many || late-s.before >= manyStarts
}
