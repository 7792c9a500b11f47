package trial

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/schedule"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// sharings are ways in which producers send other than through a handle each.
var sharings = []struct {
	name   string
	change func(*results.Cell)
}{
	{"a handle for each three", func(c *results.Cell) { c.Sharing, c.Lifetime, c.SendBatch = results.SharingOpen, 3, 5 }},
	{"a life for each item", func(c *results.Cell) { c.Lifetime = 1 }},
	{"one sender", func(c *results.Cell) { c.Sharing = results.SharingShared }},
	{"one sender, lives of seven, by value", func(c *results.Cell) {
		c.Sharing, c.Lifetime, c.Payload, c.Item = results.SharingShared, 7, 64, results.ItemValue
	}},
	{"writers", func(c *results.Cell) { c.SendBy, c.SendBatch = results.SendByWriter, 7 }},
	{"writers of payloads, and a reader", func(c *results.Cell) {
		c.SendBy, c.SendBatch, c.RecvBy, c.RecvBatch, c.Payload = results.SendByWriter, 7, results.RecvByReader, 1, 64
	}},
	{"a reader", func(c *results.Cell) { c.RecvBy, c.RecvBatch = results.RecvByReader, 1 }},
	{"ready", func(c *results.Cell) { c.RecvBy = results.RecvByReady }},
}

// Every strategy gets through rounds and slices however its producers share it.
func TestSharings(t *testing.T) {
	const messages, slices = 2000, 3
	clock := machine.NewClock()
	clock.Calibrate()
	for _, s := range strategies.All() {
		for _, way := range sharings {
			t.Run(s.Name+"/"+way.name, func(t *testing.T) {
				cell := harnesstest.Cell(s, 4)
				way.change(&cell)
				if Sharable(s, cell) != nil {
					t.Skip("the harness leaves it out")
				}
				opts, err := Options(cell, s.Descriptor)
				if err != nil {
					t.Fatal(err)
				}
				trial := &trial{cell: cell, strategy: s, opts: opts, clock: clock}
				out, err := trial.closedRound(messages)
				if err != nil || out.delivered != messages {
					t.Fatalf("delivered %d of %d: %v", out.delivered, messages, err)
				}
				load, err := trial.newLoad(make([]uint64, cell.Producers), nil)
				if err != nil {
					t.Fatal(err)
				}
				load.stand()
				for range slices {
					if err == nil {
						_, err = load.slice(schedule.QuotasOf(cell, messages))
					}
				}
				out, err = load.depart(err)
				if err != nil || out.Attempted != slices*messages || out.delivered != slices*messages {
					t.Errorf("delivered %d of %d in slices: %v", out.delivered, out.Attempted, err)
				}
			})
		}
	}
}

// Who has no Ready cannot be waited for by it.
func TestReadySharable(t *testing.T) {
	for _, s := range strategies.All() {
		cell := harnesstest.Cell(s, 1)
		cell.RecvBy = results.RecvByReady
		_, without := s.Without[strategies.ExtraReady]
		if err := Sharable(s, cell); (err != nil) != without {
			t.Errorf("%s: %v; has no Ready: %v", s.Name, err, without)
		}
	}
}

// Producers that share a Sender, or live for an item, also keep to a schedule, pause, have
// neighbours, and lose what a policy drops or rejects.
func TestSharingLoads(t *testing.T) {
	find := func(name string) strategies.Strategy {
		for _, s := range strategies.All() {
			if s.Name == name {
				return s
			}
		}
		t.Fatalf("no strategy %q", name)
		return strategies.Strategy{}
	}
	full := func(policy strategies.Policy) func(*results.Cell) {
		return func(c *results.Cell) { c.Policy, c.Capacity, c.Lifetime = policy.String(), 4, 0 }
	}
	for name, test := range map[string]struct {
		strategy string
		change   func(*results.Cell)
	}{
		"a schedule": {"lanes-ring", func(c *results.Cell) {
			c.Messages, c.DurationNs, c.Arrival, c.Rate = 0, int64(20*time.Millisecond), results.ArrivalPoisson, 20_000
		}},
		"pauses":      {"lanes", func(c *results.Cell) { c.Messages, c.PauseNs, c.PauseEvery = 40, 1000, 5 }},
		"neighbours":  {"mpsc-ring", func(c *results.Cell) { c.Messages, c.DurationNs, c.Busy = 0, int64(10*time.Millisecond), 1 }},
		"rejects":     {"lanes-ring", full(strategies.Fail)},
		"drops":       {"lanes-ring", full(strategies.DropNewest)},
		"drops first": {"mpsc-ring", full(strategies.DropOldest)},
		"a total": {"lanes-ring", func(c *results.Cell) {
			c.Capacity, c.CapacityOf = 64, results.CapacityInTotal
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := find(test.strategy)
			before := runtime.NumGoroutine()
			cell := harnesstest.Cell(s, 4)
			cell.Messages, cell.Sharing, cell.Lifetime = 2000, results.SharingShared, 1
			test.change(&cell)
			reply := Run(s, Spec{Cell: cell})
			if reply.Failure != nil {
				t.Fatal(reply.Failure)
			}
			if m := reply.Measurement; m.Attempted != m.Delivered+m.Dropped+m.Rejected || m.Delivered == 0 {
				t.Errorf("attempted %d; delivered %d, dropped %d, rejected %d", m.Attempted, m.Delivered, m.Dropped, m.Rejected)
			}
			if !harnesstest.Settles(func() bool { return runtime.NumGoroutine() <= before }) {
				t.Errorf("%d goroutines; there were %d", runtime.NumGoroutine(), before)
			}
		})
	}
}

// What gets lost or doubled is noticed where order is not kept, too.
func TestSharingChecks(t *testing.T) {
	for name, want := range map[string]string{
		"loses":   "exactly-once: producer ",
		"doubles": "exactly-once: producer 2: item 69 received again",
		"refuses": "producer 1: send failed: no more",
	} {
		t.Run(name, func(t *testing.T) {
			s := named(t, name)
			s.Order = strategies.OrderPerProducer
			cell := slicedCell(s, 4)
			cell.Lifetime = 10
			reply := run(s, Spec{Cell: cell, Slices: slicing}, false, nil, &soloist{turns: 3})
			if f := reply.Failure; f == nil || !strings.Contains(f.Detail, want) {
				t.Errorf("failure %+v; want %q", f, want)
			}
		})
	}
}

// A strategy is left out, with the reason, where its deliveries could not be checked.
func TestSharable(t *testing.T) {
	words := func(strategies.Options) strategies.FanIn[strategies.Word] { return nil }
	ours, foreign := strategies.Strategy{Word: words}, strategies.Strategy{}
	for name, test := range map[string]struct {
		strategy strategies.Strategy
		cell     results.Cell
		want     string // part of the reason; "" means that it can
	}{
		"handles":               {foreign, results.Cell{}, ""},
		"another program's":     {foreign, results.Cell{Sharing: results.SharingShared}, "another program's"},
		"its Writer":            {foreign, results.Cell{SendBy: results.SendByWriter}, "no Writer"},
		"drops after the close": {ours, results.Cell{Lifetime: 1, Policy: strategies.DropOldest.String()}, "whose handle has closed"},
		"drops, one Sender":     {ours, results.Cell{Sharing: results.SharingShared, Policy: strategies.DropOldest.String()}, ""},
		"a Writer that loses":   {ours, results.Cell{SendBy: results.SendByWriter, Policy: strategies.Fail.String()}, "that a Writer has taken"},
	} {
		err := Sharable(test.strategy, test.cell)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v; want %q", name, err, test.want)
		}
	}
}
