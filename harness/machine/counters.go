package machine

import (
	"math"
	"runtime"
	"runtime/metrics"
	"time"
)

// Counters is a reading of the runtime's own counters. Reading into one again allocates
// nothing, so that what is counted is not the reading itself.
type Counters struct {
	stats   runtime.MemStats
	samples [2]metrics.Sample // mutexWait and sched
}

// Which sample is which.
const (
	mutexWait = iota
	sched     // seconds that goroutines were runnable and did not run
)

// CountersChange is what happened between two readings, or between several pairs of
// them. The zero value is nothing.
type CountersChange struct {
	Mallocs     int64
	Gcs         int64
	GcPauseNs   int64
	MutexWaitNs int64

	waits *metrics.Float64Histogram // of sched; nil of nothing
}

// Read reads them.
func (h *Counters) Read() {
	h.samples[mutexWait].Name, h.samples[sched].Name = "/sync/mutex/wait/total:seconds", "/sched/latencies:seconds"
	metrics.Read(h.samples[:])
	runtime.ReadMemStats(&h.stats)
}

// ReadCounters returns a reading.
func ReadCounters() *Counters {
	h := new(Counters)
	h.Read()
	return h
}

// Since returns what was counted since an earlier reading.
func (h *Counters) Since(before *Counters) CountersChange {
	var c CountersChange
	c.Add(before, h)
	return c
}

// Add adds what was counted between two readings.
func (c *CountersChange) Add(before, after *Counters) {
	c.Mallocs += int64(after.stats.Mallocs - before.stats.Mallocs)
	c.Gcs += int64(after.stats.NumGC - before.stats.NumGC)
	c.GcPauseNs += int64(after.stats.PauseTotalNs - before.stats.PauseTotalNs)
	c.MutexWaitNs += int64((after.samples[mutexWait].Value.Float64() - before.samples[mutexWait].Value.Float64()) * 1e9)
	then, now := before.samples[sched].Value.Float64Histogram(), after.samples[sched].Value.Float64Histogram()
	if c.waits == nil {
		c.waits = &metrics.Float64Histogram{Counts: make([]uint64, len(now.Counts)), Buckets: now.Buckets}
	}
	for i := range now.Counts {
		c.waits.Counts[i] += now.Counts[i] - then.Counts[i]
	}
}

// SchedP99Ns is the p99 of how long goroutines were runnable and did not run: the upper
// edge of the bucket that holds it, 0 of nothing.
func (c *CountersChange) SchedP99Ns() int64 {
	total := uint64(0)
	if c.waits != nil {
		for _, n := range c.waits.Counts {
			total += n
		}
	}
	if total == 0 {
		return 0
	}
	wanted, seen := uint64(math.Ceil(0.99*float64(total))), uint64(0)
	for i, n := range c.waits.Counts {
		if seen += n; seen >= wanted {
			if edge := c.waits.Buckets[i+1]; !math.IsInf(edge, 1) {
				return int64(edge * 1e9)
			}
			return int64(c.waits.Buckets[i] * 1e9)
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

// Plus returns what was counted in two spans together, u before other, and the peak of
// the latter.
func (u Usage) Plus(other Usage) Usage {
	other.Cpu += u.Cpu
	other.Evicted += u.Evicted
	other.Waited += u.Waited
	return other
}
