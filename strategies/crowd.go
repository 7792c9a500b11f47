package strategies

import (
	"math"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
)

// A goroutine that yields goes to the end of the queue for a processor. If those
// ahead of it are producers of a fan-in, it is back within microseconds, and what
// they have sent meanwhile was worth it. If they compute, each of them may take
// 10 ms, and a channel, which parks and is woken to the front of the queue, would
// have delivered long since. So nothing in this package yields before it has looked
// who waits.

// queued is how many goroutines wait for a processor because this package has made
// them: it has given them a token, or they yield. Each is counted from just before
// that until it runs again.
var queued struct {
	_ [padding]byte
	n atomic.Int64
	_ [padding]byte
}

// starting is how many producers of lanes are open and have not sent yet. Their
// goroutines may wait to run for the first time, or have nothing to send for long: as
// long as their number falls, they are taken to wait.
var starting struct {
	_ [padding]byte
	n atomic.Int64
	_ [padding]byte
}

// crowd is who waits for a processor.
type crowd uint8

const (
	nobody    crowd = iota // to yield changes nothing
	ours                   // goroutines that queued counts, and no other
	strangers              // others, who may compute
)

// runnable is the scheduler's count of goroutines that wait for a processor, a sum
// over its queues: some 50 ns on 2 cores. It does not count those that run.
const runnable = "/sched/goroutines/runnable:goroutines"

// looks is the state of look. The runtime makes two that read its counts wait for
// each other, and one that waits there would be a stranger to the other: so one reads
// at a time, and who comes meanwhile takes what it finds.
var looks struct {
	_       [padding]byte
	taken   atomic.Bool // by who reads; guards the next four
	sample  [1]metrics.Sample
	started int64         // starting, at the last read
	silent  int64         // those of them that are taken to have nothing to send
	credit  int           // for how many reads those that start are taken to wait
	count   atomic.Uint32 // of reads
	// What the last read has found: all that wait, and those that start among them.
	waiting, starting atomic.Int64
	_                 [padding]byte
}

func init() { looks.sample[0].Name = runnable }

// look tells who waits for a processor at this moment. A producer that the scheduler
// has interrupted is a stranger until it has run again; breathe sees to that.
func look() crowd {
	count := looks.count.Load()
	if !looks.taken.Load() && looks.taken.CompareAndSwap(false, true) {
		metrics.Read(looks.sample[:])
		waiting := int64(math.MaxInt64) // if this runtime does not tell, strangers
		if v := looks.sample[0].Value; v.Kind() == metrics.KindUint64 {
			waiting = int64(v.Uint64())
		}
		looks.waiting.Store(waiting)
		looks.starting.Store(credited())
		looks.count.Add(1)
		looks.taken.Store(false)
	} else {
		for tries := 0; looks.count.Load() == count; tries++ {
			if tries == patience { // the one that reads was interrupted, by strangers
				return strangers
			}
			spin(1)
		}
	}
	switch waiting, known := looks.waiting.Load(), queued.n.Load()+looks.starting.Load(); {
	case waiting == 0:
		return nobody
	case waiting <= known+known/tolerance:
		return ours
	default:
		return strangers
	}
}

// credited returns how many producers that start are taken to wait: those that have
// not been silent since none started for long.
func credited() int64 {
	n := starting.n.Load()
	if n < looks.started {
		looks.credit = startCredit
	} else if looks.credit > 0 {
		looks.credit--
	}
	looks.started = n
	if looks.credit == 0 || n < looks.silent {
		looks.silent = n
	}
	return n - looks.silent
}

// startCredit is for how many looks producers are taken to start after one has: fewer
// than are made while one that waits in the queue is not run for its turn.
const startCredit = 64

// tolerance is among how many of ours one stranger does not count. With a thousand
// producers the scheduler always has interrupted a few, and to go round them all takes
// milliseconds anyway.
const tolerance = 128

// patience is for how many spins one waits for another's look: five times as long as
// it takes on 2 cores.
const patience = 2

// yield lets those run who wait; the caller has seen that they are ours.
func yield() {
	queued.n.Add(1)
	runtime.Gosched()
	queued.n.Add(-1)
}

// giveQueued gives a token to a goroutine that will run because of it.
func (t token) giveQueued() {
	queued.n.Add(1)
	t.give()
}

// spinUnit is how many steps of spin take about as long as a yield that finds
// nobody: some 130 ns.
const spinUnit = 100

// spin computes for so many times 130 ns, and touches no memory that others use.
func spin(units int) {
	x := uint32(units)
	for range units * spinUnit {
		x = x*1664525 + 1013904223
	}
	if x == 1 { // or the compiler removes the loop
		runtime.KeepAlive(x)
	}
}
