package harness

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v4/mem"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// A trial's memory has three guards, each for when the one before is too slow.
//
//  1. The child reads its own runtime every guardEvery and reports that it has
//     passed the limit. A hundred producers that allocate on two cores may keep
//     it from looking for half a second.
//  2. The parent reads the child's resident set every watchEvery, which nothing in
//     the child can delay, and kills it at watchedLimit.
//  3. On Linux the kernel gives the child no memory beyond hardLimit: whatever is
//     allocated between two looks, the machine is safe.

// watchEvery is how often the parent looks: a look takes 15 us there, a share of
// 0.1 % of a core, and at most 200 MB are allocated in between.
const watchEvery = 20 * time.Millisecond

// watchedLimit is what the resident set may be, which holds more than what the
// child's runtime counts: the program itself, and what the runtime is about to
// give back.
func watchedLimit(limit int64) int64 { return limit + limit/8 + 32<<20 }

// hardLimit is how much data the kernel lets the child map: 44 MB before it has
// allocated anything, and then more than it uses, for the runtime never unmaps.
func hardLimit(limit int64) int64 { return limit + limit/2 + 128<<20 }

// mostTrialMemory is what a trial may use where there is room for it: an unbounded queue
// that runs away is then a recorded failure long before the machine is in trouble.
const mostTrialMemory = 4 << 30

// ownMemory is what is left to the program that starts the trials. With the histograms
// of the default sweep it takes 90 MB, and drawing comes after the trials.
const ownMemory = 128 << 20

// leastTrialMemory is what a trial needs to be one at all: of 1000 producers, words
// only, the child has 40 MB.
const leastTrialMemory = 64 << 20

// roomForTrial returns how much memory a trial may use on a machine with so much of it
// and under such a limit of a cgroup, each 0 if there is none or it is not known: so much
// that the kernel's guard comes before the machine's, or the cgroup's, own, which may
// choose another victim than the trial. It is 0 if nothing is known.
func roomForTrial(machine uint64, cgroup int64) int64 {
	room := cgroup
	if have := int64(min(machine, 1<<50)); have > 0 && (room == 0 || have < room) {
		room = have
	}
	if room == 0 {
		return 0
	}
	return max((room-ownMemory-hardLimit(0))*2/3, leastTrialMemory) // the inverse of hardLimit
}

// trialMemory returns how much a trial may use there unless somebody says otherwise, in
// whole MiB.
func trialMemory(machine uint64, cgroup int64) int64 {
	if room := roomForTrial(machine, cgroup); room > 0 {
		return min(room, mostTrialMemory) >> 20 << 20
	}
	return mostTrialMemory
}

// MemoryWarning says if trials that may use so much memory, 0 for any amount, endanger
// the program that starts them; empty if not.
func MemoryWarning(e results.Environment, limit int64) string {
	var cgroup int64
	if e.Limits != nil {
		cgroup = e.Limits.MemoryBytes
	}
	room := roomForTrial(e.MemoryBytes, cgroup)
	if room == 0 || limit > 0 && limit <= room {
		return ""
	}
	allowed := "any amount of memory"
	if limit > 0 {
		allowed = units.Bytes(float64(limit)) + " of memory"
	}
	return fmt.Sprintf("a trial may use %s, and there is room for %s: the system may end the whole run (see --memory-limit)",
		allowed, units.Bytes(float64(room)))
}

// DefaultMemoryLimit returns how much memory a trial may use unless a scenario or a flag
// says otherwise: 4 GiB, or what the machine and the cgroup have room for.
func DefaultMemoryLimit() Size { return defaultMemoryLimit() }

var defaultMemoryLimit = sync.OnceValue(func() Size {
	var machine uint64
	if memory, err := mem.VirtualMemory(); err == nil {
		machine = memory.Total
	}
	var cgroup int64
	if own, ok := ownCgroups(); ok {
		cgroup = own.memory()
	}
	return Size(trialMemory(machine, cgroup))
})

// memoryWatch looks at a child's memory from outside.
type memoryWatch struct {
	limit  int64 // 0: none
	every  time.Duration
	curve  results.Memory
	series []int64 // the curve's
	passed int64   // what the resident set was when it passed the limit, or 0
}

func newMemoryWatch(spec Spec) *memoryWatch {
	w := &memoryWatch{every: watchEvery}
	if spec.MemoryLimit > 0 {
		w.limit = watchedLimit(spec.MemoryLimit)
	}
	if spec.Cell.Kind == results.KindProbe {
		w.every = time.Second // see guard
	}
	w.curve.StepNs = int64(w.every)
	return w
}

// run looks at a process until the context is done, and gives it up if it passes
// the limit.
func (w *memoryWatch) run(ctx context.Context, pid int, giveUp func()) {
	begun := time.Now()
	look := time.NewTicker(w.every)
	defer look.Stop()
	for {
		bytes, known := residentBytes(pid)
		if !known {
			return // it has ended, or the system does not tell
		}
		w.add(time.Since(begun), bytes)
		if w.limit > 0 && bytes > w.limit {
			w.passed = bytes
			giveUp()
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

// add takes note of how much there was, keeping the highest of each step. Where
// there would be more than seriesSteps of them, they become twice as long.
func (w *memoryWatch) add(at time.Duration, bytes int64) {
	c := &w.curve
	for int64(at)/c.StepNs >= seriesSteps {
		half := w.series[:0]
		for i := 0; i < len(w.series); i += 2 {
			half = append(half, max(w.series[i], w.series[min(i+1, len(w.series)-1)]))
		}
		w.series = half
		c.StepNs *= 2
	}
	step := int(int64(at) / c.StepNs)
	for len(w.series) < step { // a step without a look is as the one before
		before := bytes
		if len(w.series) > 0 {
			before = w.series[len(w.series)-1]
		}
		w.series = append(w.series, before)
	}
	if len(w.series) == step {
		w.series = append(w.series, bytes)
	}
	w.series[step] = max(w.series[step], bytes)
}

// result returns what was seen, given the peak that the system counted; nil if
// that is nothing.
func (w *memoryWatch) result(peak int64) *results.Memory {
	w.curve.PeakBytes, w.curve.Series = peak, stat.NewLevels(w.series...)
	for _, bytes := range w.series {
		w.curve.PeakBytes = max(w.curve.PeakBytes, bytes)
	}
	if w.curve.PeakBytes == 0 {
		return nil
	}
	return &w.curve
}
