package strategies

// gatherer decides how long the consumer of lanes waits before it looks at them
// again. A look takes cache lines away from a producer, and so costs both sides as
// much as a few dozen items: a consumer that looked all the time slowed one producer
// to a tenth. And the consumer, faster than its producers, would keep a processor
// that they need. So when it has emptied the lanes it lets those run who wait for a
// processor, if all of them are producers, or the like (see runqueue.go). If nobody waits,
// or there is one lane, it spins for a time that adapts: to find enough at a lane,
// unless waiting brings less than an item each 130 ns, and then not at all.
//
// What it finds after it let others run tells whether to do so again soon: few, and
// for the next abstention looks it leaves it at that.
type gatherer struct {
	enough  int  // items that a look at a lane should find
	pause   int  // in spin units
	abstain int  // looks for which not to wait, with several lanes in rotation
	emptied bool // by the last poll, all lanes
	gaveWay bool // since the last poll
}

const (
	// gatherItems is how many items a look at a lane should find, at most. Half as
	// many cost batches from one producer an eighth.
	gatherItems = 1024
	// gatherPause bounds the spinning before such a look: some 10 µs.
	gatherPause = 64
	// giveWayItems is how many items giving way should bring: a consumer of a
	// million a second finds a handful, and would find them later for it. abstention
	// is for how many looks it then leaves it at that.
	giveWayItems = 64
	abstention   = 64
)

// found takes note of what a poll has found in a buffer of so many items.
func (g *gatherer) found(n, of int) {
	if g.gaveWay && n < giveWayItems {
		g.abstain = abstention
	}
	g.emptied, g.gaveWay = n < of, false
}

// adapt sets pause by what a look has found.
func (g *gatherer) adapt(found int) {
	switch {
	case found > g.enough:
		g.pause -= (g.pause + 3) / 4
	case found < g.pause+2:
		g.pause /= 2
	case found < g.enough/2:
		g.pause = min(g.pause+1, gatherPause)
	}
}

// gather waits, if that pays.
func (f *ringLanes[T]) gather() {
	if f.emptied {
		f.callBack()
	}
	if len(f.rotation) != 1 {
		f.gatherSeveral()
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

// gatherSeveral is gather with several lanes in rotation.
func (f *ringLanes[T]) gatherSeveral() {
	switch {
	case !f.emptied:
	case f.abstain > 0:
		f.abstain--
	default:
		switch look() {
		case nobody:
			spin(f.pause)
		case ours:
			f.gaveWay = true
			known[0].yield()
		case strangers: // if there is nothing, park: it leaves them the processor
		}
	}
}
