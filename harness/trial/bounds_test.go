package trial

import (
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/trial/monitor"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/saboteurs"
)

// What a gauge may show follows from the kind of bound, and from what sends and
// receives have in hand; beyond that the promise is named that it breaks.
func TestJudgeBounds(t *testing.T) {
	const producers, sendBatch, recvBatch, capacity = 3, 2, 10, 100
	const hands = producers*sendBatch + recvBatch
	lacking := map[strategies.Promise]string{strategies.PromiseBound: "rounded up"}
	for _, test := range []struct {
		name    string
		d       strategies.Descriptor
		items   int
		promise strategies.Promise // "": nothing is broken
	}{
		{"total, full", strategies.Descriptor{Bound: strategies.Total}, capacity + hands, ""},
		{"total, over", strategies.Descriptor{Bound: strategies.Total}, capacity + hands + 1, strategies.PromiseBound},
		{"per producer, full", strategies.Descriptor{Bound: strategies.PerProducer}, producers*capacity + hands, ""},
		{"per producer, over", strategies.Descriptor{Bound: strategies.PerProducer}, producers*capacity + hands + 1, strategies.PromiseBound},
		{"in flight, full", strategies.Descriptor{Bound: strategies.InFlight}, capacity + hands, ""},
		{"in flight, over", strategies.Descriptor{Bound: strategies.InFlight}, capacity + hands + 1, strategies.PromiseBound},
		{"rendezvous, in hand", strategies.Descriptor{Bound: strategies.Rendezvous}, hands, ""},
		{"rendezvous, held", strategies.Descriptor{Bound: strategies.Rendezvous}, hands + 1, strategies.PromiseBound},
		{"unbounded", strategies.Descriptor{Bound: strategies.Unbounded}, 1 << 30, ""},
		{"a bound that is not promised", strategies.Descriptor{Bound: strategies.Total, Lacks: lacking}, 1 << 20, ""},
		{"negative, in hand", strategies.Descriptor{Bound: strategies.Unbounded}, -hands, ""},
		{"negative", strategies.Descriptor{Bound: strategies.Unbounded}, -hands - 1, strategies.PromiseBacklog},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &round[strategies.Word]{
				strategy: test.d, quotas: make([]uint64, producers), sendBatch: sendBatch, recvBatch: recvBatch, capacity: capacity,
			}
			err := r.checkGauges([][]monitor.Sample{{{At: time.Millisecond}, {At: 2 * time.Millisecond, Items: test.items}}})
			if test.promise == "" && err != nil || test.promise != "" && !record.Breaks(err, test.promise) {
				t.Errorf("%d items: %v; want promise %q to be broken", test.items, err, test.promise)
			}
		})
	}
}

// What is in flight is counted exactly: one more than the capacity, or one less than
// none, is too many.
func TestJudgeInFlight(t *testing.T) {
	r := &round[strategies.Word]{
		strategy: strategies.Descriptor{Bound: strategies.InFlight}, quotas: make([]uint64, 3), sendBatch: 1, recvBatch: 10, capacity: 100,
	}
	for items, promise := range map[int]strategies.Promise{-1: strategies.PromiseBacklog, 0: "", 100: "", 101: strategies.PromiseBound} {
		if err := r.checkGauges([][]monitor.Sample{nil, {{Items: items}}}); promise == "" && err != nil || promise != "" && !record.Breaks(err, promise) {
			t.Errorf("%d in flight: %v; want promise %q to be broken", items, err, promise)
		}
	}
}

// Each stage of a pipeline has a bound of its own, and all together have their sum.
func TestJudgePipeline(t *testing.T) {
	const producers, recvBatch, capacity, rest = 3, 10, 100, 20
	r := &round[strategies.Word]{
		strategy: strategies.Descriptor{Bound: strategies.PerProducer}, quotas: make([]uint64, producers), sendBatch: 1, recvBatch: recvBatch, capacity: capacity,
		fanIn: &pipeline[strategies.Word]{stages: make([]*stage[strategies.Word], 2), capacity: rest},
	}
	const first, second = producers*capacity + producers + recvBatch, rest + 1 + recvBatch
	for gauge, most := range []int{first + second, first, second} {
		gauges := make([][]monitor.Sample, 3)
		gauges[gauge] = []monitor.Sample{{Items: most}}
		if err := r.checkGauges(gauges); err != nil {
			t.Errorf("gauge %d: %v", gauge, err)
		}
		gauges[gauge][0].Items++
		if err := r.checkGauges(gauges); !record.Breaks(err, strategies.PromiseBound) {
			t.Errorf("gauge %d: %v at %d items; want promise %q to be broken", gauge, err, most+1, strategies.PromiseBound)
		}
	}
}

// overfull is a ring that holds more than it says.
func overfull() strategies.Strategy {
	more := func(o strategies.Options) strategies.FanIn[strategies.Word] {
		return strategies.NewMPSCRing[strategies.Word](strategies.Options{Capacity: 2 * o.MustSuit(strategies.Descriptor{}).Capacity})
	}
	return strategies.Strategy{Descriptor: strategies.Descriptor{Name: "overfull", Bound: strategies.Total}, Word: more}
}

// A round whose backlog passes the bound fails its trial, asked to inspect or not, and
// the reason tells a fan-in that holds too much from one that only says so.
func TestBacklogBeyondTheBound(t *testing.T) {
	for _, test := range []struct {
		strategy strategies.Strategy
		promise  strategies.Promise
	}{
		{saboteurs.Doubles(), strategies.PromiseBacklog},
		{overfull(), strategies.PromiseBound},
	} {
		cell := harnesstest.Cell(test.strategy, 4)
		// The consumer is the slower, so that the ring is full, and moves at every look; and there is time for some looks.
		cell.Messages, cell.RecvBatch, cell.ConsumerCostNs = 20_000, 1, 2000
		f := Run(test.strategy, Spec{Cell: cell}).Failure
		if f == nil || f.Kind != results.FailurePromise || !strings.Contains(f.Detail, string(test.promise)+": ") {
			t.Errorf("%s: failure %+v; want promise %q to be broken", test.strategy.Name, f, test.promise)
		}
	}
}
