package trial

import (
	"runtime"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Every bounded strategy makes a pipeline that its slowest stage throttles: those
// before it are blocked, and what waits waits before it.
func TestStages(t *testing.T) {
	costs := []time.Duration{500 * time.Microsecond, 4 * time.Millisecond, time.Millisecond}
	for _, s := range strategies.All() {
		if s.Floor {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel() // they sleep
			m := trialOf(t, s.Name, func(c *results.Cell) {
				c.GOMAXPROCS = runtime.GOMAXPROCS(0) // as it is: other tests run beside
				c.Messages, c.RecvBatch, c.CostKind, c.Stages = 40, 1, results.CostSleep, results.NewStages(costs...)
				if s.Bound.HasCapacity() {
					c.Capacity = 5
				}
			})
			if len(m.Stages) != 4 || m.Delivered != 40 {
				t.Fatalf("%d stages, %d delivered; want ingest and 3, and 40", len(m.Stages), m.Delivered)
			}
			for i, stage := range m.Stages {
				if stage.Messages != 40 || stage.ElapsedNs <= 0 {
					t.Errorf("stage %d: %+v; want 40 messages over a while", i, stage)
				}
				if i > 0 && (stage.CostNs != int64(costs[i-1]) || stage.ElapsedNs < 39*stage.CostNs) {
					t.Errorf("stage %d: %+v; want 39 times its cost at least", i, stage)
				}
				unseen := i == 0 || stage.Backlog == nil && m.Host.HiccupMaxNs > int64(5*time.Millisecond) // who sleeps longer sees nothing
				if (stage.Backlog == nil) != unseen || (stage.BlockedNs == nil) != (i == 3) {
					t.Errorf("stage %d: %+v; want a backlog but for the first, and time blocked but for the last", i, stage)
				}
			}
			if m.SendCall.Count != 40 || m.Transit.TotalCount() != 40 {
				t.Errorf("%d sends and %d transits timed; want all 40", m.SendCall.Count, m.Transit.TotalCount())
			}
			if s.Bound == strategies.Unbounded {
				return
			}
			// Two producers and two fan-ins of some items hold 20 or so; the rest waits outside.
			slow := m.Stages[2].Throughput()
			if ingest := m.Stages[0].Throughput(); ingest > 4*slow {
				t.Errorf("ingest at %.0f/s, the slow stage at %.0f/s; want it throttled", ingest, slow)
			}
			if *m.Stages[0].BlockedNs < m.Stages[2].CostNs {
				t.Errorf("the producers were blocked for %d ns only", *m.Stages[0].BlockedNs)
			}
		})
	}
}

// A violation at the end of a pipeline, and an early end, end it as a whole.
func TestStagesEnd(t *testing.T) {
	s, _ := pick.Find(strategies.All(), "mutex-cond")
	tr := &trial{cell: harnesstest.Cell(s, 1), clock: machine.NewClock()}
	f := newPipeline(tr, s.Word, make([]time.Duration, 5))(strategies.Options{Capacity: 1})
	p := f.Producer()
	for seq := range uint64(9) {
		if err := p.Send(strategies.NewWord(0, seq)); err != nil {
			t.Fatal(err)
		}
	}
	f.Consumer().Close()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if err := p.Send(0); err == strategies.ErrClosed {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the producer of a pipeline whose end has left was never told")
		}
	}
	p.Close()
}
