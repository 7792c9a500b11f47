package strategies

import (
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

// runQueue is who waits for a processor.
type runQueue uint8

const (
	nobody    runQueue = iota // to yield changes nothing
	ours                      // goroutines that known counts, and no other
	strangers                 // others, who may compute
)

// runnable is the scheduler's count of goroutines that wait for a processor, a sum
// over its queues: some 50 ns on 2 cores. It does not count those that run.
const runnable = "/sched/goroutines/runnable:goroutines"

// looks is the state of look. The runtime makes two that read its counts wait for
// each other, and one that waits there would be a stranger to the other: so one reads
// at a time, and who comes meanwhile takes what it finds.
var looks struct {
	_      [padding]byte
	taken  atomic.Bool // by who reads; guards sample and starts
	sample [1]metrics.Sample
	starts starts
	count  atomic.Uint32 // of reads
	_      [padding]byte
	found  atomic.Uint32 // the runQueue, at the last read
	_      [padding]byte
}

func init() { looks.sample[0].Name = runnable }

// look tells who waits for a processor at this moment. A producer that the scheduler
// has interrupted is a stranger until it has run again; backOffInTurn sees to that.
func look() runQueue {
	count := looks.count.Load()
	if looks.taken.Load() || !looks.taken.CompareAndSwap(false, true) {
		for tries := 0; looks.count.Load() == count; tries++ {
			if tries == lookSpins { // the one that reads was interrupted, by strangers
				return strangers
			}
			spin(1)
		}
		return runQueue(looks.found.Load())
	}
	found := read()
	if uint32(found) != looks.found.Load() {
		looks.found.Store(uint32(found))
	}
	looks.count.Add(1)
	looks.taken.Store(false)
	return found
}

// read asks the scheduler. Who has taken looks calls it. One of ours that begins to
// wait or to run between the readings is counted in one of them at least: otherwise 4
// producers, who yield every few microseconds, took each other for strangers.
func read() runQueue {
	before, _, _ := tally()
	metrics.Read(looks.sample[:])
	v := looks.sample[0].Value
	if v.Kind() != metrics.KindUint64 { // this runtime does not tell
		return strangers
	}
	waiting := int64(v.Uint64())
	if waiting == 0 {
		return nobody
	}
	queued, starting, late := tally()
	queued = max(queued, before)
	if starting > 0 && looks.starts.going(late) {
		queued += starting
	}
	if waiting <= queued+queued/tolerance {
		return ours
	}
	return strangers
}

// tolerance is among how many of ours one stranger does not count. With a thousand
// producers the scheduler always has interrupted a few, and to go round them all takes
// milliseconds anyway.
const tolerance = 128

// lookSpins is for how many spins one waits for another's look: five times as long as
// it takes on 2 cores.
const lookSpins = 2

// yield lets those run who wait; the caller has seen that they are ours.
func (c *counts) yield() {
	c.queued.Add(1)
	runtime.Gosched()
	c.queued.Add(-1)
}

// give gives a token to a goroutine that will run because of it, and then calls woken.
func (c *counts) give(t token) {
	c.queued.Add(1)
	t.give()
}

func (c *counts) woken() { c.queued.Add(-1) }

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
