package machine

import (
	"math"
	"runtime"
	"runtime/metrics"
	"time"
)

// Counters is a reading of the runtime's own counters.
type Counters struct {
	mallocs   uint64
	gcs       uint32
	gcPause   uint64 // ns
	mutexWait float64
	sched     *metrics.Float64Histogram // seconds that goroutines were runnable and did not run
}

// CountersChange is what happened between two readings.
type CountersChange struct {
	Mallocs     int64
	Gcs         int64
	GcPauseNs   int64
	MutexWaitNs int64
	SchedP99Ns  int64
}

// ReadCounters reads them.
func ReadCounters() Counters {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	samples := []metrics.Sample{{Name: "/sync/mutex/wait/total:seconds"}, {Name: "/sched/latencies:seconds"}}
	metrics.Read(samples)
	return Counters{
		mallocs: stats.Mallocs, gcs: stats.NumGC, gcPause: stats.PauseTotalNs,
		mutexWait: samples[0].Value.Float64(), sched: samples[1].Value.Float64Histogram(),
	}
}

// Since returns what was counted since an earlier reading.
func (h Counters) Since(before Counters) CountersChange {
	return CountersChange{
		Mallocs:     int64(h.mallocs - before.mallocs),
		Gcs:         int64(h.gcs - before.gcs),
		GcPauseNs:   int64(h.gcPause - before.gcPause),
		MutexWaitNs: int64((h.mutexWait - before.mutexWait) * 1e9),
		SchedP99Ns:  int64(quantileBetween(before.sched, h.sched, 0.99) * 1e9),
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

// Usage is what the operating system has counted for the process.
type Usage struct {
	Cpu     time.Duration // user and system
	PeakRSS int64         // bytes, the highest so far
	Evicted int64         // times that a thread had to give its processor to another process
	Waited  int64         // times that a thread gave its processor up to wait for something
	Known   bool          // false where the system does not tell
}

// Since returns what was counted since an earlier reading, and the peak as it is
// now.
func (u Usage) Since(before Usage) Usage {
	u.Cpu -= before.Cpu
	u.Evicted -= before.Evicted
	u.Waited -= before.Waited
	return u
}
