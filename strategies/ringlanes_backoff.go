package strategies

// laneBackoff decides how long the consumer of lanes waits before it looks at them
// again. A look takes cache lines away from a producer, and so costs both sides as
// much as a few dozen items: a consumer that looked all the time slowed one producer
// to a tenth. And the consumer, faster than its producers, would keep a processor
// that they need. So when it has emptied the lanes it lets those run who wait for a
// processor, if all of them are producers, or the like (see runqueue.go). If nobody waits,
// or there is one lane, it spins for a time that adapts: to find enough at a lane,
// unless waiting brings less than an item each 130 ns, and then not at all.
//
// What it finds after it let others run tells whether to do so again soon: few, and
// for the next skipLooks looks it leaves it at that.
type laneBackoff struct {
	enough  int  // items that a look at a lane should find
	pause   int  // in spin units
	skip    int  // looks for which not to wait, with several lanes in rotation
	emptied bool // by the last poll, all lanes
	yielded bool // since the last poll
}

const (
	// enoughItems is how many items a look at a lane should find, at most. Half as
	// many cost batches from one producer an eighth.
	enoughItems = 1024
	// mostPause bounds the spinning before such a look: some 10 µs.
	mostPause = 64
	// yieldItems is how many items a yield should bring: a consumer of a
	// million a second finds a handful, and would find them later for it. skipLooks
	// is for how many looks it then leaves it at that.
	yieldItems = 64
	skipLooks  = 64
)

// found takes note of what a poll has found in a buffer of so many items.
func (g *laneBackoff) found(n, of int) {
	if g.yielded && n < yieldItems {
		g.skip = skipLooks
	}
	g.emptied, g.yielded = n < of, false
}

// adapt sets pause by what a look has found.
func (g *laneBackoff) adapt(found int) {
	switch {
	case found > g.enough:
		g.pause -= (g.pause + 3) / 4
	case found < g.pause+2:
		g.pause /= 2
	case found < g.enough/2:
		g.pause = min(g.pause+1, mostPause)
	}
}

// backOff waits, if that pays.
func (f *ringLanes[T]) backOff() {
	if f.emptied {
		f.wakeBackedOff()
	}
	if len(f.rotation) != 1 {
		f.backOffSeveral()
		return
	}
	l := f.rotation[0]
	if f.pause == 0 || l == nil || l.seen != l.head.Load() || l.waiting.Load() != nil {
		return
	}
	switch look() {
	case ours:
		known[0].yield()
	default:
		spin(f.pause)
	}
}

// backOffSeveral is backOff with several lanes in rotation.
func (f *ringLanes[T]) backOffSeveral() {
	switch {
	case !f.emptied:
	case f.skip > 0:
		f.skip--
	default:
		switch look() {
		case nobody:
			spin(f.pause)
		case ours:
			f.yielded = true
			known[0].yield()
		case strangers: // if there is nothing, park: it leaves them the processor
		}
	}
}
