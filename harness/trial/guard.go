package trial

import (
	"context"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// A trial whose timeout is not given has DefaultTimeout; no trial has more than MaxTimeout.
const (
	DefaultTimeout = time.Minute
	MaxTimeout     = 24 * time.Hour
)

// guardEvery is how often the memory of a trial is looked at: often enough that
// it cannot pass its limit by much at a few gigabytes per second, and a thousand
// times longer than a look takes.
const guardEvery = 5 * time.Millisecond

// guardSeldom is how often it is while a fan-in is at rest: looking would show as
// CPU time that the fan-in uses.
const guardSeldom = time.Second

// Guard executes a trial and gives up on it if it takes too long or uses too
// much memory, or if the context ends. alone says that the process does nothing else.
func Guard(ctx context.Context, strategy strategies.Strategy, spec Spec, alone bool) Reply {
	timeout := time.Duration(spec.TimeoutNs)
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	expired := time.After(timeout)
	every := guardEvery
	if spec.Cell.Kind == results.KindProbe {
		every = guardSeldom
	}
	look := time.NewTicker(every)
	defer look.Stop()
	var hush func() func()
	if alone {
		hush = func() func() {
			look.Reset(guardSeldom)
			return func() { look.Reset(every) }
		}
	}
	done := make(chan Reply, 1)
	go func() { done <- run(strategy, spec, hush) }()
	var high int64
	for {
		select {
		case reply := <-done:
			if reply.Measurement != nil {
				reply.Measurement.HeapBytes = high
			}
			return reply
		case <-ctx.Done():
			return Failed(results.FailureKilled, "%v", ctx.Err())
		case <-expired:
			reply := Failed(results.FailureTimeout, "not finished after %v", timeout)
			reply.Failure.Stderr = stacks()
			return reply
		case <-look.C:
			heap, total := memory()
			high = max(high, heap)
			if spec.MemoryLimit > 0 && total > spec.MemoryLimit {
				return Failed(results.FailureMemory, "used %s; the limit is %s", units.Bytes(float64(total)), units.Bytes(float64(spec.MemoryLimit)))
			}
		}
	}
}

// memory returns the bytes of heap objects and of all memory that the runtime
// holds from the system.
func memory() (heap, total int64) {
	samples := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64()), int64(samples[1].Value.Uint64() - samples[2].Value.Uint64())
}

// stacksBytes bounds the goroutine dump stored with a timeout.
const stacksBytes = 4 << 10

// stacks returns the stacks of all goroutines, cut to stacksBytes: where a hung
// trial hangs.
func stacks() string {
	buf := make([]byte, stacksBytes)
	return string(buf[:runtime.Stack(buf, true)])
}
