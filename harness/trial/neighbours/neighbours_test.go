package neighbours

import (
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/results"
)

// One kind of neighbour allocates nothing and the other what it says.
func TestNeighboursAllocate(t *testing.T) {
	const units = 200
	for kind, want := range map[string]float64{results.BusySpin: 0, results.BusyAlloc: units * unitSteps / garbageEvery} {
		got := testing.AllocsPerRun(3, func() {
			n := &neighbour{}
			work := n.compute
			if kind == results.BusyAlloc {
				work = n.allocate
			}
			work(func() bool { return n.units.Load() == units })
		})
		if got < want || got > want+10 { // what it takes to run the test
			t.Errorf("%s: %v allocations in %d units of work; want %v", kind, got, units, want)
		}
	}
}

// Neighbours rest when they are told to: then they get nothing done.
func TestNeighboursRest(t *testing.T) {
	n := Start(results.Cell{Busy: 3, GOMAXPROCS: 2})
	defer n.End()
	for range 5 {
		rested := n.Progress()
		time.Sleep(2 * time.Millisecond)
		if got := n.since(rested).Units; got != 0 {
			t.Errorf("%d units of work at rest", got)
		}
		n.Release()
		if !harnesstest.Settles(func() bool { return n.since(rested).Units > 0 }) {
			t.Error("nothing was done after the rest")
		}
		n.Hold(rested)
	}
}

func TestWakeDelay(t *testing.T) {
	for _, test := range []struct {
		busy, procs int
		want        time.Duration
	}{{0, 2, 0}, {1, 2, 2 * Slice}, {2, 2, 2 * Slice}, {8, 2, 5 * Slice}, {3, 1, 4 * Slice}} {
		if got := WakeDelay(results.Cell{Busy: test.busy, GOMAXPROCS: test.procs}); got != test.want {
			t.Errorf("WakeDelay(%d neighbours on %d) = %v; want %v", test.busy, test.procs, got, test.want)
		}
	}
}
