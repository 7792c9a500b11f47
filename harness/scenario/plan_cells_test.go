package scenario

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// How a payload is carried and allocated makes cells where it concerns them and
// the strategy offers it.
func TestPlanItems(t *testing.T) {
	everything := func(s *Scenario) {
		items := results.Items()
		slices.Reverse(items) // what is said by absence may come last
		s.put("producers", 1).put("payload", 8, 64, 64<<10).put("item", wordsOf(items)...).put("allocation", wordsOf(results.Allocations())...)
	}
	plan, err := NewPlan(scenario(func(s *Scenario) {
		everything(s)
		s.of("null", "chan", "lanes")
	}), strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, c := range plan.Cells {
		got[c.Strategy] = append(got[c.Strategy], strings.TrimSpace(Size(c.Payload).String()+" "+c.Item+c.Allocation))
	}
	both := []string{"8 B", "64 B value", "64 B", "64 B fresh", "64 KiB value", "64 KiB"}
	for strategy, want := range map[string][]string{
		"null": both, "lanes": both, "chan": {"8 B", "64 B value", "64 B", "64 B fresh", "64 KiB"},
	} {
		if !slices.Equal(got[strategy], want) {
			t.Errorf("%s has cells of %q; want %q", strategy, got[strategy], want)
		}
	}
}

func TestPlanItemErrors(t *testing.T) {
	mine := strategies.Strategy{Descriptor: strategies.Descriptor{Name: "mine"}}
	for want, change := range map[string]func(*Scenario){
		`item: unknown item "values" (did you mean "value"? `:                          func(s *Scenario) { s.put("item", "values") },
		`allocation: unknown allocation "heap" (one of slab, fresh)`:                   func(s *Scenario) { s.put("allocation", "heap") },
		"payload: 65 bytes cannot be carried by value: there are items of 8, 64, ":     func(s *Scenario) { s.put("payload", 64, 65) },
		`item: strategy "chan" does not carry 65536 bytes of payload by value: at mos`: func(s *Scenario) { s.put("payload", 64<<10) },
		`item: strategy "mine" carries no payload by value`: func(s *Scenario) {
			s.of("mine").put("payload", 64)
		},
	} {
		_, err := NewPlan(scenario(func(s *Scenario) {
			s.of("chan").put("item", results.ItemValue)
			change(s)
		}), append(strategies.All(), mine), 1)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v; want %s...", err, want)
		}
	}
}

// Neighbours multiply cells, what they do only cells that have some, and a fan-in at
// rest has none.
func TestPlanNeighbours(t *testing.T) {
	s, err := Parse("f", []byte("queue: {strategies: chan, probe: true}\nload: {producers: 1}\nrun: {busy: \"0,1..4\", busy-kind: [spin, alloc]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan := planned(t, s)
	type company struct {
		kind, busyKind string
		busy           int
	}
	var got []company
	for _, c := range plan.contenders() {
		got = append(got, company{c.Kind, c.BusyKind, c.Busy})
	}
	const alloc = results.BusyAlloc
	want := []company{{results.KindProbe, "", 0}, {"", "", 0}, {"", "", 1}, {"", alloc, 1}, {"", "", 2}, {"", alloc, 2}, {"", "", 4}, {"", alloc, 4}}
	if !slices.Equal(got, want) {
		t.Errorf("cells %v; want %v", got, want)
	}
}

// Shapes concern the loads that can have them; what contradicts is refused.
func TestPlanShapes(t *testing.T) {
	planned := func(change func(*Scenario)) ([]results.Cell, error) {
		plan, err := NewPlan(scenario(func(s *Scenario) {
			s.Messages, s.Duration = 0, Duration(time.Second)
			s.of("chan").put("producers", 4).put("arrival", results.ArrivalClosed, results.ArrivalBurst).put("rate", 1000.0)
			change(s)
		}), strategies.All(), 1)
		return plan.contenders(), err
	}
	cells, err := planned(func(s *Scenario) {
		s.put("pause", []any{5, 6}).put("burst-period", 7).put("hot-share", 0.0, 0.5).put("zipf", 1.0)
	})
	if err != nil || len(cells) != 6 {
		t.Fatalf("%d cells, error %v; want three shares of two loads", len(cells), err)
	}
	for i, c := range cells {
		closed := c.Arrival == results.ArrivalClosed
		if (c.PauseNs == 5 && c.PauseEvery == 6) != closed || (c.BurstPeriodNs == 7) == closed {
			t.Errorf("cell %d: %+v; want the pause in closed loops and the period in bursts", i, c)
		}
	}
	for want, change := range map[string]func(*Scenario){
		"hot-share: 1 is not": func(s *Scenario) { s.put("hot-share", 1.0) },
		"zipf: -1 is not in":  func(s *Scenario) { s.put("zipf", -1.0) },
	} {
		if _, err := planned(change); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v; want %q", err, want)
		}
	}
	for want, change := range map[string]func(*results.Cell){
		"zipf: an exponent":               func(c *results.Cell) { c.Zipf, c.HotShare = 1, 0.5 },
		"burst-period: arr":               func(c *results.Cell) { c.BurstPeriodNs = 1 },
		"pause: 1ns after ":               func(c *results.Cell) { c.PauseNs = 1 },
		"pause: only producers of closed": func(c *results.Cell) { c.PauseNs, c.PauseEvery, c.Arrival, c.Rate = 1, 1, results.ArrivalPoisson, 1000 },
		"hot-share: NaN is":               func(c *results.Cell) { c.HotShare = math.NaN() },
	} {
		s, _ := pick.Find(strategies.All(), "chan")
		cell := harnesstest.Cell(s, 2)
		change(&cell)
		if err := CheckCell(cell); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v; want %q", err, want)
		}
	}
}

// How to write concerns cells with a sink only.
func TestPlanSinks(t *testing.T) {
	plan, err := NewPlan(scenario(func(s *Scenario) {
		s.of("chan").put("producers", 1).put("sink", results.SinkDiscard, results.SinkTCP)
		s.put("sink-write", wordsOf(results.SinkWrites())...).put("sink-frame", results.FrameByte)
	}), strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range plan.contenders() {
		got = append(got, c.Sink+" "+c.SinkWrite+" "+c.SinkFrame)
	}
	if want := []string{"  ", "tcp message byte", "tcp batch byte"}; !slices.Equal(got, want) {
		t.Errorf("sinks %q; want %q", got, want)
	}
	_, err = NewPlan(scenario(func(s *Scenario) { s.put("sink", "udp") }), strategies.All(), 1)
	if err == nil || !strings.HasPrefix(err.Error(), `sink: unknown sink "udp" (`) {
		t.Errorf("error %v; want one of the sink", err)
	}
}

// What cannot be a pipeline is refused, with the reason.
func TestPlanStages(t *testing.T) {
	for _, test := range []struct {
		change func(*Scenario)
		want   string // of the error
	}{
		{func(s *Scenario) { s.put("consumer-cost", 5) }, "consumer-cost: it contradicts the stages 10ms+2us,"},
		{func(s *Scenario) { s.put("stages", results.NewStages(-1)) }, `stages: "-1ns" is not a duration between`},
		{func(s *Scenario) { s.put("stages", results.NewStages(make([]time.Duration, 65)...)) }, "stages: number of stages 65 is outside 0..64"},
		{func(s *Scenario) { s.of("null") }, "stages: no strategy can be"},
		{func(*Scenario) {}, ""},
	} {
		plan, err := NewPlan(scenario(func(s *Scenario) {
			s.put("stages", results.NewStages(10*time.Millisecond, 2*time.Microsecond)).put("cost-kind", results.CostSleep)
			test.change(s)
		}), strategies.All(), 1)
		if test.want != "" {
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v; want %q", err, test.want)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if c := plan.Cells[0]; c.Stages.String() != "10ms+2us" || c.CostKind != results.CostSleep || c.Strategy == "null" {
			t.Errorf("cell %+v; want stages 10ms+2us, asleep, of what carries items", c)
		}
		if got := plan.Cells[0].Stages.Costs(); !slices.Equal(got, []time.Duration{10 * time.Millisecond, 2 * time.Microsecond}) {
			t.Errorf("stages %v", got)
		}
	}
}

// A lossy strategy runs under its own policy, and not under block.
func TestLossyPolicy(t *testing.T) {
	known := []strategies.Strategy{{Descriptor: strategies.Descriptor{
		Name: "sieve", Bound: strategies.Total, Lossy: true, Policies: []strategies.Policy{strategies.DropOldest},
	}}}
	plan, err := NewPlan(scenario(func(*Scenario) {}), known, 1)
	if err != nil || len(plan.Cells) == 0 || plan.Cells[0].Policy != "drop-oldest" {
		t.Errorf("plan %+v, error %v; want policy drop-oldest", plan, err)
	}
	if _, err := NewPlan(scenario(func(s *Scenario) { s.put("policy", "block") }), known, 1); err == nil {
		t.Error("a lossy strategy was planned to block")
	}
}

// Costs are planned as they are given; what is done meanwhile only where there is
// any.
func TestPlanCost(t *testing.T) {
	known := strategies.All()
	plan, err := NewPlan(scenario(func(s *Scenario) {
		s.of("chan").put("consumer-cost", 5).put("batch-cost", 7).put("cost-kind", results.CostSleep)
	}), known, 1)
	if err != nil {
		t.Fatal(err)
	}
	if c := plan.Cells[0]; c.ConsumerCostNs != 5 || c.BatchCostNs != 7 || c.CostKind != results.CostSleep {
		t.Errorf("cell %+v; want costs of 5 and 7 ns, slept", c)
	}
	plan, err = NewPlan(scenario(func(s *Scenario) { s.of("chan").put("cost-kind", results.CostSleep) }), known, 1)
	if err != nil || plan.Cells[0].CostKind != "" {
		t.Errorf("cell %+v, error %v; want no kind of cost where there is none", plan.Cells[0], err)
	}
	_, err = NewPlan(scenario(func(s *Scenario) { s.put("consumer-cost", 5).put("cost-kind", "slep") }), known, 1)
	if err == nil || err.Error() != `cost-kind: unknown kind "slep" (did you mean "sleep"? one of spin, sleep)` {
		t.Errorf("error %v; want one that suggests sleep", err)
	}
}

// A capacity said to be of each producer, or of all, is what the strategy gets
// whatever it bounds itself; the cell keeps what was said.
func TestCapacityFor(t *testing.T) {
	for _, test := range []struct {
		of    string
		bound strategies.Bound
		items int
		want  int // 0: an error
	}{
		{"", strategies.Total, 100, 100},
		{"", strategies.PerProducer, 100, 100},
		{"producer", strategies.PerProducer, 100, 100},
		{"producer", strategies.Total, 100, 1600},
		{"producer", strategies.Total, strategies.MaxCapacity, 0},
		{"total", strategies.Total, 100, 100},
		{"total", strategies.PerProducer, 100, 6},
		{"total", strategies.PerProducer, 15, 0},
	} {
		cell := results.Cell{Producers: 16, Capacity: test.items, CapacityOf: test.of}
		got, err := trial.Options(cell, strategies.Descriptor{Bound: test.bound})
		var field *results.FieldError
		if got.Capacity != test.want || (err == nil) != (test.want > 0) || err != nil && !errors.As(err, &field) {
			t.Errorf("%d of %q for a strategy %s: %d, %v; want %d", test.items, test.of, test.bound, got.Capacity, err, test.want)
		}
	}
	plan, err := NewPlan(scenario(func(s *Scenario) {
		s.of("chan", "lanes").put("producers", 16).put("capacity", []any{100, "producer"}, []any{0, "total"})
	}), strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	type capacity struct {
		items int
		of    string
	}
	var kept []capacity
	for _, c := range plan.contenders() {
		kept = append(kept, capacity{c.Capacity, c.CapacityOf})
	}
	if want := []capacity{{100, "producer"}, {strategies.DefaultCapacity, "total"}, {}}; !slices.Equal(kept, want) {
		t.Errorf("cells with %v; want %v", kept, want)
	}
}
