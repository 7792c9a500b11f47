package harness

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

const mib = 1 << 20

// gorgeLimit is what the kernel allows a child that gorges, to begin with.
const gorgeLimit = 64 * mib

// gorge takes a gigabyte of memory, as fast as it can or with pauses, and looks at
// no limit.
func gorge(pause time.Duration) {
	var kept [][]byte
	for range 256 {
		kept = append(kept, slices.Repeat([]byte{1}, 4*mib))
		time.Sleep(pause)
	}
	runtime.KeepAlive(kept)
}

func onLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere a child's memory is watched by itself alone")
	}
}

// A child that does not look at its own memory is stopped by its parent, and one
// that is too fast for that by the kernel; the curve up to there is kept.
func TestMemoryGuards(t *testing.T) {
	onLinux(t)
	for _, test := range []struct {
		way     string
		limit   int64 // that the parent knows
		allowed int64
		detail  string
	}{
		// Between two looks of the parent a slow machine may let pass a lot.
		{"grow", gorgeLimit, 900 * mib, "the limit is 64.0 MiB"},
		{"gorge", 0, machine.HardLimit(gorgeLimit) + 32*mib, "the system refused it more memory"},
	} {
		t.Run(test.way, func(t *testing.T) {
			spec := specOf("chan")
			spec.MemoryLimit = test.limit
			reply := runChild(context.Background(), childCommand(t, test.way), spec)
			if f := reply.Failure; f == nil || f.Kind != results.FailureMemory || !strings.Contains(f.Detail, test.detail) {
				t.Fatalf("failure %+v; want one of memory with %q", f, test.detail)
			}
			if m := reply.Memory; m == nil || m.PeakBytes < gorgeLimit/2 || m.PeakBytes > test.allowed || m.Series.Len() == 0 {
				t.Errorf("memory %+v; want a curve and a peak of at most %d", m, test.allowed)
			}
		})
	}
}

// An unbounded fan-in before a slow consumer of large items blows up and is ended
// by its limit, with many producers too; a bounded one survives the same load, its
// memory flat.
func TestBlowUp(t *testing.T) {
	onLinux(t)
	const limit = 256 * mib
	for _, test := range []struct {
		strategy  string
		producers int
		messages  int64
		survives  bool
	}{
		{"mutex-swap", 1, 2000, false},
		{"mutex-swap", 100, 2000, false},
		{"chan", 4, 600, true},
	} {
		spec := specOf(test.strategy)
		c := &spec.Cell
		c.Producers, c.Messages, c.Payload, c.RecvBatch = test.producers, test.messages, mib, 1
		c.ConsumerCostNs, c.CostKind = int64(2*time.Millisecond), results.CostSleep
		if test.survives {
			c.Capacity = 10
		}
		spec.MemoryLimit = limit
		reply := runChild(context.Background(), childCommand(t, "serve"), spec)
		if reply.Memory == nil {
			t.Fatalf("%s of %d producers: no memory curve", test.strategy, test.producers)
		}
		peak := reply.Memory.PeakBytes
		t.Logf("%s of %d producers: peak %d MiB in %d steps of %v, failure %+v", test.strategy, test.producers,
			peak/mib, reply.Memory.Series.Len(), time.Duration(reply.Memory.StepNs), reply.Failure)
		switch {
		case test.survives && reply.Failure != nil:
			t.Errorf("the bounded one failed: %+v", reply.Failure)
		case test.survives && peak > limit/2:
			t.Errorf("the bounded one took %d bytes", peak)
		case !test.survives && (reply.Failure == nil || reply.Failure.Kind != results.FailureMemory):
			t.Errorf("%d producers: failure %+v; want one of memory", test.producers, reply.Failure)
		case !test.survives && (peak < limit/2 || peak > machine.HardLimit(limit)+32*mib):
			t.Errorf("%d producers: peak of %d bytes; want about the limit, %d", test.producers, peak, limit)
		}
	}
}

// A curve keeps the highest of each step, however long the trial and however
// irregular the looks.
func TestMemoryCurve(t *testing.T) {
	w := newMemoryWatch(trial.Spec{})
	for i := range int64(10 * stat.MaxLevels) {
		bytes := 100 + i
		if i == 777 {
			bytes = 1 << 30
		}
		w.add(time.Duration(i)*watchEvery, bytes)
	}
	w.add(20*stat.MaxLevels*watchEvery, 7)
	m := w.result(0)
	series := m.Series.Values()
	if len(series) > stat.MaxLevels || len(series) < stat.MaxLevels/2 {
		t.Errorf("%d steps; want at most %d and not many fewer", len(series), stat.MaxLevels)
	}
	at := 777 * int64(watchEvery) / m.StepNs
	if m.PeakBytes != 1<<30 || series[at] != 1<<30 || series[len(series)-1] != 7 {
		t.Errorf("peak %d, %d in its step, %d at the end", m.PeakBytes, series[at], series[len(series)-1])
	}
	if series[at+1] >= 1<<30 || series[len(series)-2] != 100+10*stat.MaxLevels-1 {
		t.Errorf("%d after the peak, %d before the end", series[at+1], series[len(series)-2])
	}
	if newMemoryWatch(trial.Spec{}).result(0) != nil {
		t.Error("nothing seen is not nil")
	}
}
