package harness

import (
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// At twice the consumer's capacity the scenario shows what it is for: who drops
// the oldest loses a part and keeps the rest fresh, who holds everything loses
// nothing and lets it grow old. A small capacity shows it within a short trial.
func TestOverloadScenario(t *testing.T) {
	s, err := scenario.Load("overload")
	if err != nil {
		t.Fatal(err)
	}
	s.Duration = scenario.Duration(100 * time.Millisecond)
	s.Values.Give(results.Cell{Rate: 20_000, Capacity: 16}, "rate", "capacity")
	plan, err := scenario.NewPlan(s, strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if capacity := 1e9 / float64(plan.Cells[0].ConsumerCostNs); capacity != 10_000 {
		t.Errorf("the consumer's capacity is %v: the rates are meant as 0.5 to 4 times 10000", capacity)
	}
	measured := map[string]*results.Measurement{}
	for _, cell := range plan.Cells {
		if cell.Policy != strategies.DropOldest.String() && cell.Strategy != "mutex-swap" {
			continue
		}
		strategy, err := pick.Find(strategies.All(), cell.Strategy)
		if err != nil {
			t.Fatal(err)
		}
		reply := trial.Run(strategy, trial.Spec{Schema: results.SchemaVersion, Cell: cell, Seed: 1, TimeoutNs: int64(time.Minute)})
		if reply.Failure != nil {
			t.Fatalf("%v: %+v", cell, reply.Failure)
		}
		measured[cell.Strategy] = reply.Measurement
	}
	dropping, holding := measured["chan"], measured["mutex-swap"]
	if dropping == nil || holding == nil {
		t.Fatalf("the scenario has no drop-oldest or no unbounded strategy: %v", plan.Cells)
	}
	if 3*dropping.Dropped < dropping.Attempted {
		t.Errorf("drop-oldest dropped %d of %d", dropping.Dropped, dropping.Attempted)
	}
	if holding.Delivered != holding.Attempted {
		t.Errorf("unbounded delivered %d of %d", holding.Delivered, holding.Attempted)
	}
	if young, old := dropping.Response.ValueAtQuantile(50), holding.Response.ValueAtQuantile(50); young >= old {
		t.Errorf("p50 of what was delivered: %d ns under drop-oldest, %d ns unbounded", young, old)
	}
}
