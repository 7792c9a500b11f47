package machine

import (
	"runtime"
	"testing"
)

// Reading again allocates nothing, and what happened between two readings is told, of
// several pairs together.
func TestCounters(t *testing.T) {
	before, after := ReadCounters(), ReadCounters()
	if n := testing.AllocsPerRun(10, after.Read); n > 0 {
		t.Errorf("a reading allocates %v objects", n)
	}
	var sum CountersChange
	const rounds = 3
	var kept []*[64]byte
	for range rounds {
		before.Read()
		for range 1000 {
			kept = append(kept, new([64]byte))
		}
		runtime.GC()
		after.Read()
		sum.Add(before, after)
		runtime.GC() // in between it is not counted
	}
	runtime.KeepAlive(kept)
	if sum.Mallocs < rounds*1000 || sum.Mallocs > rounds*1000+500 || sum.Gcs != rounds || sum.SchedP99Ns() < 0 {
		t.Errorf("%+v; want %d objects and %d collections", sum, rounds*1000, rounds)
	}
	if none := new(CountersChange); none.SchedP99Ns() != 0 {
		t.Errorf("of nothing the p99 is %d", none.SchedP99Ns())
	}
}
