package strategies

import "sync/atomic"

// slot is a place in an array that many producers write and one consumer reads.
// Items are published in runs: the items of a run lie in neighbouring slots and
// the stamp of the first tells that all of them are there, so a batch costs one
// atomic store.
//
// Ordering: a producer writes the items, then the first slot's stamp. The
// consumer's load of that stamp sees the run and with it the items. A stamp names
// the turn, a number that grows each time the array is used again, so it need
// not be erased: what an earlier turn has left there is not this turn's.
type slot[T any] struct {
	stamp atomic.Uint64 // the turn in the high bits, the run's length in the low
	item  T
}

const (
	runBits = 16
	maxRun  = 1<<runBits - 1
)

// turnStamp returns the stamp of turn n, from 1, for runs to be added to. The 48
// bits of the turn would take weeks of nothing but empty turns to come round.
func turnStamp(n uint64) uint64 { return n << runBits }

// fill writes items, at most maxRun, to the slots from the first one on and
// publishes them.
func fill[T any](slots []slot[T], turn uint64, items []T) {
	slots = slots[:len(items)]
	for i := range slots {
		slots[i].item = items[i]
	}
	slots[0].stamp.Store(turn | uint64(len(items)))
}

// run returns how many items were published from this slot on, 0 if none yet.
func (s *slot[T]) run(turn uint64) int {
	stamp := s.stamp.Load()
	if stamp&^maxRun != turn {
		return 0
	}
	return int(stamp & maxRun)
}

// sealed is the bit of a tail that says that nothing is claimed any more. Positions
// do not get there in a century at a billion items a second.
const sealed = 1 << 63

// drain moves the items of slots to buf, which is as long.
func drain[T any](buf []T, slots []slot[T]) {
	var none T
	buf = buf[:len(slots)]
	for i := range slots {
		buf[i] = slots[i].item
		slots[i].item = none // what it points to is the receiver's now
	}
}
