package neighbours

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
)

// Slice is how long Go lets a goroutine run before it has another take its turn.
const Slice = 10 * time.Millisecond

// WakeDelay returns by how much somebody who slept may be late in a cell that has
// neighbours: nobody looks at the timers before one of them is interrupted, and
// then each of them may have its turn first.
func WakeDelay(c results.Cell) time.Duration {
	if c.Busy == 0 {
		return 0
	}
	return Slice * time.Duration(1+(c.Busy+c.GOMAXPROCS-1)/c.GOMAXPROCS)
}

const (
	// AloneTime is how long neighbours compute alone, for what they get done beside a
	// fan-in to be held against: five slices.
	AloneTime = 50 * time.Millisecond
	// unitSteps is how many steps, each a multiplication and an addition, make a unit
	// of work: about 2 µs, so that counting them costs nothing beside them.
	unitSteps = 1024
	// garbageEvery and garbageBytes are what neighbours of kind alloc allocate: 16
	// times 64 bytes in a unit of work, which makes 0.4 GB/s on a core of 2 GHz.
	garbageEvery = 64 // steps
	garbageBytes = 64
	// garbageKept is how many of its latest allocations such a neighbour keeps: enough
	// to make them objects of the heap, and too few to fill it.
	garbageKept = 256
)

// Group are goroutines that compute while a trial's rounds last. They rest in
// between: to collect garbage beside them, as is done before each round, takes a
// second, because the collector yields for every span that it sweeps. Nil is none.
type Group struct {
	rest  atomic.Pointer[rest] // nil while they compute; each of them looks between two units
	all   []neighbour
	ended sync.WaitGroup
	alone results.Work
}

// rest is a time in which they do not compute.
type rest struct {
	begun sync.WaitGroup // all of them rest
	over  chan struct{}  // closed at the end; nil of one that has none, where they leave
}

// neighbour is one of them. What it writes lies on lines of its own: one shared with
// another neighbour would slow both down.
type neighbour struct {
	units  atomic.Int64 // of work, added to by the neighbour only; read from aside, where it orders nothing
	result uint64       // of the work, so that the compiler cannot leave it out; written at the end
	_      [112]byte
}

// garbage is what neighbours allocate: with a pointer in it, so that the collector
// has to look inside.
type garbage struct {
	owner *neighbour
	_     [garbageBytes - 8]byte
}

// Start starts the neighbours that a cell has, and has them rest after they
// have computed alone for AloneTime. Unless there are none, end must follow.
func Start(c results.Cell) *Group {
	if c.Busy == 0 {
		return nil
	}
	n := &Group{all: make([]neighbour, c.Busy)}
	for i := range n.all {
		n.ended.Go(func() {
			if c.BusyKind == results.BusyAlloc {
				n.all[i].allocate(n.leave)
			} else {
				n.all[i].compute(n.leave)
			}
		})
	}
	begun := n.Progress()
	time.Sleep(AloneTime)
	n.alone = n.since(begun)
	n.halt()
	return n
}

// halt has the neighbours rest, and returns when all do.
func (n *Group) halt() {
	r := &rest{over: make(chan struct{})}
	r.begun.Add(len(n.all))
	n.rest.Store(r)
	r.begun.Wait()
}

// leave lets a rest pass, if there is one, and reports whether it has no end.
func (n *Group) leave() bool {
	r := n.rest.Load()
	switch {
	case r == nil:
		return false
	case r.over == nil:
		return true
	}
	r.begun.Done()
	<-r.over
	return false
}

// Release has the neighbours compute again, and gives them a moment to begin: whoever
// is released with them would have its turn first.
func (n *Group) Release() {
	if n != nil {
		close(n.rest.Swap(nil).over) // nil before they can look again
		time.Sleep(time.Millisecond)
	}
}

// Hold has the neighbours rest, and returns what they got done until then.
func (n *Group) Hold(since progress) results.Work {
	if n == nil {
		return results.Work{}
	}
	work := n.since(since)
	n.halt()
	return work
}

// End has the neighbours, which rest, end, and returns when they are gone.
func (n *Group) End() {
	if n == nil {
		return
	}
	close(n.rest.Swap(&rest{}).over)
	n.ended.Wait()
}

// compute works until it is stopped. It calls nothing that gives way: it is ordinary
// Go code that the runtime has to interrupt.
func (n *neighbour) compute(leave func() bool) {
	x := uint64(1)
	for !leave() {
		x = steps(x, unitSteps)
		n.units.Add(1)
	}
	n.result = x
}

// allocate is compute that makes garbage all along.
func (n *neighbour) allocate(leave func() bool) {
	x := uint64(1)
	var kept [garbageKept]*garbage
	for at := 0; !leave(); n.units.Add(1) {
		for range unitSteps / garbageEvery {
			x = steps(x, garbageEvery)
			kept[at%garbageKept] = &garbage{owner: n}
			at++
		}
	}
	n.result = x
}

// steps computes.
func steps(x uint64, count int) uint64 {
	for range count {
		x = x*31 + 1
	}
	return x
}

// progress is how far neighbours have got.
type progress struct {
	units int64
	at    time.Time
}

// Progress returns how far the neighbours have got; the zero value if there are none.
func (n *Group) Progress() (p progress) {
	if n == nil {
		return p
	}
	p.at = time.Now()
	for i := range n.all {
		p.units += n.all[i].units.Load()
	}
	return p
}

// since returns what the neighbours got done since then.
func (n *Group) since(then progress) results.Work {
	now := n.Progress()
	return results.Work{Units: now.units - then.units, ElapsedNs: int64(now.at.Sub(then.at))}
}

// Report fills in what the neighbours got done, and takes out what cannot be told
// from it: the process's time, and what it allocated if they do that too.
func (n *Group) Report(m *results.Measurement, c results.Cell, beside results.Work) {
	if n == nil {
		return
	}
	m.Neighbours = &results.Neighbours{Alone: n.alone, Beside: beside}
	m.CPUNs = 0
	if c.BusyKind == results.BusyAlloc {
		m.Mallocs = nil
	}
}
