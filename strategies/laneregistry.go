package strategies

import (
	"math/bits"
	"runtime"
	"sync"
)

// laneRegistry holds the lanes of a fan-in's producers, for those who must reach
// them all: to sum up the backlog, to give memory back, to close. It is divided
// into shards, so that producers that come and go do not meet at one lock.
type laneRegistry[T any] struct{ shards []laneShard[T] }

type laneShard[T any] struct {
	mu    sync.Mutex
	lanes []*ringLane[T] // guarded by mu, as are their indexes, and
	// what was sent and received in the lanes that are gone.
	sent, received uint64
	_              [padding - 8 - 24 - 2*8]byte
}

// maxShards keeps a fan-in small on large machines.
const maxShards = 16

func (r *laneRegistry[T]) init() {
	cores := uint(runtime.GOMAXPROCS(0))
	r.shards = make([]laneShard[T], min(maxShards, 1<<bits.Len(cores-1)))
}

// of returns the shard of a lane.
func (r *laneRegistry[T]) of(l *ringLane[T]) *laneShard[T] {
	return &r.shards[int(l.shard)&(len(r.shards)-1)]
}

// unregistered is the index of a lane that is in no shard.
const unregistered = -1

// add returns how many lanes there are, by what is in the one shard.
func (r *laneRegistry[T]) add(l *ringLane[T]) int {
	s := r.of(l)
	s.mu.Lock()
	defer s.mu.Unlock()
	l.index = int32(len(s.lanes))
	s.lanes = append(s.lanes, l)
	return len(s.lanes) * len(r.shards)
}

// leastShard is how many lanes a shard has room for at least.
const leastShard = 16

// remove forgets a lane, if it is there. The last of its shard takes its place, and
// the shard's memory follows the lanes that are left.
func (r *laneRegistry[T]) remove(l *ringLane[T]) {
	s := r.of(l)
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.index == unregistered {
		return
	}
	s.sent += l.head.Load() // all is received
	s.received += l.head.Load()
	last := len(s.lanes) - 1
	s.lanes[l.index] = s.lanes[last]
	s.lanes[l.index].index = l.index
	s.lanes[last] = nil
	s.lanes = s.lanes[:last]
	l.index = unregistered
	if c := cap(s.lanes); c > leastShard && last <= c/4 {
		s.lanes = append(make([]*ringLane[T], 0, c/2), s.lanes...)
	}
}

// each calls do for every lane; whoever opens or leaves one of the same shard waits
// meanwhile. So do must not wait for a lane's mu: under DropOldest the consumer holds it
// when it removes the lane.
func (r *laneRegistry[T]) each(do func(*ringLane[T])) {
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		for _, l := range s.lanes {
			do(l)
		}
		s.mu.Unlock()
	}
}

// moved returns how many items were sent and received in all lanes that ever were. What
// was received is loaded first: it never passes what was sent.
func (r *laneRegistry[T]) moved() (sent, received uint64) {
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		sent, received = sent+s.sent, received+s.received
		for _, l := range s.lanes {
			received += l.head.Load()
			sent += l.sentSoFar()
		}
		s.mu.Unlock()
	}
	return sent, received
}

// takeAll forgets all lanes and returns them.
func (r *laneRegistry[T]) takeAll() []*ringLane[T] {
	var all []*ringLane[T]
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		for _, l := range s.lanes {
			l.index = unregistered
			s.received += l.head.Load()
			s.sent += l.tail.Load()
		}
		all, s.lanes = append(all, s.lanes...), nil
		s.mu.Unlock()
	}
	return all
}
