package harness

import (
	"context"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// A trial's memory has three guards, each for when the one before is too slow.
//
//  1. The child reads its own runtime every guardEvery and reports that it has
//     passed the limit. A hundred producers that allocate on two cores may keep
//     it from looking for half a second.
//  2. The parent reads the child's resident set every watchEvery, which nothing in
//     the child can delay, and kills it at watchedLimit.
//     Where it starts processes of its own, theirs counts, too: what each has to itself.
//  3. On Linux the kernel gives the child no memory beyond machine.HardLimit: whatever is
//     allocated between two looks, the machine is safe.

// watchEvery is how often the parent looks: a look takes 15 us there, a share of
// 0.1 % of a core, and at most 200 MB are allocated in between.
const watchEvery = 20 * time.Millisecond

// watchedLimit is what the resident set may be, which holds more than what the
// child's runtime counts: the program itself, and what the runtime is about to
// give back.
func watchedLimit(limit int64) int64 { return limit + limit/8 + 32<<20 }

// memoryWatch looks at a child's memory from outside.
type memoryWatch struct {
	limit  int64 // 0: none
	memory func(pid int) (int64, bool)
	every  time.Duration
	curve  results.Memory
	series []int64 // the curve's
	passed int64   // what the resident set was when it passed the limit, or 0
}

func newMemoryWatch(spec trial.Spec) *memoryWatch {
	w := &memoryWatch{every: watchEvery, memory: residentBytes}
	if spec.Cell.Processes > 0 {
		w.memory = familyBytes
	}
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
		if known := w.look(pid, time.Since(begun), giveUp); !known {
			return // it has ended, or the system does not tell
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

// look looks once, and gives a process up that passes the limit. It reports false if it
// has ended, or there is no telling.
func (w *memoryWatch) look(pid int, at time.Duration, giveUp func()) bool {
	bytes, known := w.memory(pid)
	if !known || w.passed > 0 {
		return false
	}
	w.add(at, bytes)
	if w.limit > 0 && bytes > w.limit {
		w.passed = bytes
		giveUp()
	}
	return true
}

// add takes note of how much there was, keeping the highest of each step. Where
// there would be more than stat.MaxLevels of them, they become twice as long.
func (w *memoryWatch) add(at time.Duration, bytes int64) {
	c := &w.curve
	for int64(at)/c.StepNs >= stat.MaxLevels {
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
