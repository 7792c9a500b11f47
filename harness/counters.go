package harness

import (
	"math"
	"runtime"
	"runtime/metrics"
	"time"
)

// counters is a reading of the runtime's own counters.
type counters struct {
	mallocs   uint64
	gcs       uint32
	gcPause   uint64 // ns
	mutexWait float64
	sched     *metrics.Float64Histogram // seconds that goroutines were runnable and did not run
}

// countersChange is what happened between two readings.
type countersChange struct {
	mallocs     int64
	gcs         int64
	gcPauseNs   int64
	mutexWaitNs int64
	schedP99Ns  int64
}

func readCounters() counters {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	samples := []metrics.Sample{{Name: "/sync/mutex/wait/total:seconds"}, {Name: "/sched/latencies:seconds"}}
	metrics.Read(samples)
	return counters{
		mallocs: stats.Mallocs, gcs: stats.NumGC, gcPause: stats.PauseTotalNs,
		mutexWait: samples[0].Value.Float64(), sched: samples[1].Value.Float64Histogram(),
	}
}

func (h counters) since(before counters) countersChange {
	return countersChange{
		mallocs:     int64(h.mallocs - before.mallocs),
		gcs:         int64(h.gcs - before.gcs),
		gcPauseNs:   int64(h.gcPause - before.gcPause),
		mutexWaitNs: int64((h.mutexWait - before.mutexWait) * 1e9),
		schedP99Ns:  int64(quantileBetween(before.sched, h.sched, 0.99) * 1e9),
	}
}

// quantileBetween returns the upper edge of the bucket that holds quantile q of
// what was counted between two readings of a histogram.
func quantileBetween(before, after *metrics.Float64Histogram, q float64) float64 {
	total := uint64(0)
	for i := range after.Counts {
		total += after.Counts[i] - before.Counts[i]
	}
	wanted, seen := uint64(math.Ceil(q*float64(total))), uint64(0)
	for i := range after.Counts {
		if seen += after.Counts[i] - before.Counts[i]; seen >= wanted && total > 0 {
			if edge := after.Buckets[i+1]; !math.IsInf(edge, 1) {
				return edge
			}
			return after.Buckets[i]
		}
	}
	return 0
}

// usage is what the operating system has counted for the process.
type usage struct {
	cpu     time.Duration // user and system
	peakRSS int64         // bytes, the highest so far
	evicted int64         // times that a thread had to give its processor to another process
	waited  int64         // times that a thread gave its processor up to wait for something
	known   bool          // false where the system does not tell
}

// since returns what was counted since an earlier reading, and the peak as it is
// now.
func (u usage) since(before usage) usage {
	u.cpu -= before.cpu
	u.evicted -= before.evicted
	u.waited -= before.waited
	return u
}
