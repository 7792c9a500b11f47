package strategies

import (
	"runtime"
	"runtime/metrics"
	"sync"
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

// samples saves an allocation per look.
var samples = sync.Pool{New: func() any { return &[1]metrics.Sample{{Name: runnable}} }}

// look tells who waits for a processor at this moment. A producer that the
// scheduler has interrupted is a stranger until it has run again; gatherer and
// breathe see to that.
func look() crowd {
	s, _ := samples.Get().(*[1]metrics.Sample)
	metrics.Read(s[:])
	waiting := int64(-1)
	if s[0].Value.Kind() == metrics.KindUint64 {
		waiting = int64(s[0].Value.Uint64())
	}
	samples.Put(s)
	switch {
	case waiting == 0:
		return nobody
	case waiting > 0 && waiting <= queued.n.Load():
		return ours
	default:
		return strangers
	}
}

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
