package trial

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// byValueCell is a short cell of so many bytes of payload by value.
func byValueCell(s strategies.Strategy, payload int) results.Cell {
	cell := harnesstest.Cell(s, 4)
	cell.Item, cell.Payload, cell.Messages, cell.RecvBatch = results.ItemValue, payload, 400, 16
	return cell
}

// Every strategy delivers blocks of every size as they were sent, which a round
// checks byte by byte; but what is made of channels has none of 64 KiB.
func TestBlocks(t *testing.T) {
	clock := benchClock()
	for _, s := range strategies.All() {
		var lacks []int
		for _, way := range blocksOf(s, results.Cell{}) {
			if way.construct == nil && !s.Floor {
				lacks = append(lacks, way.bytes)
				continue
			}
			cell := byValueCell(s, way.bytes)
			trial := &trial{cell: cell, strategy: s, clock: clock}
			if out, err := trial.closedRound(400); err != nil || out.delivered != 400 {
				t.Errorf("%s, %d bytes: %d delivered, error %v; want 400", s.Name, way.bytes, out.delivered, err)
			}
		}
		var want []int
		if strings.HasPrefix(s.Name, "chan") && s.Name != "chan-batch" { // that sends slices
			want = []int{64 << 10}
		}
		if !slices.Equal(lacks, want) {
			t.Errorf("%s has no blocks of %v bytes; want %v", s.Name, lacks, want)
		}
	}
}

// Blocks can be loaded, collected, passed on and written as messages can.
func TestBlocksEveryWay(t *testing.T) {
	for name, change := range map[string]func(*results.Cell){
		"open loop": func(c *results.Cell) {
			c.Arrival, c.Rate, c.Messages, c.DurationNs = results.ArrivalPoisson, 2e4, 0, int64(20*time.Millisecond)
		},
		"pauses":    func(c *results.Cell) { c.SendBatch, c.PauseNs, c.PauseEvery = 4, 1000, 10 },
		"collected": func(c *results.Cell) { c.BatchDeadlineNs = int64(time.Millisecond) },
		"dropped":   func(c *results.Cell) { c.Capacity, c.Policy, c.SendBatch = 4, "drop-oldest", 4 },
		"pipeline": func(c *results.Cell) {
			c.Stages = results.NewStages(time.Microsecond, time.Microsecond, time.Microsecond)
		},
		"sink":             func(c *results.Cell) { c.Sink, c.SinkWrite = results.SinkUnix, results.WriteBatch },
		"collected to end": func(c *results.Cell) { c.BatchDeadlineNs, c.Messages = int64(time.Minute), 399 },
	} {
		for _, strategy := range []string{"chan", "mpsc-ring"} {
			t.Run(name+"/"+strategy, func(t *testing.T) {
				s, err := pick.Find(strategies.All(), strategy)
				if err != nil {
					t.Fatal(err)
				}
				cell := byValueCell(s, 1<<10)
				change(&cell)
				reply := Run(s, Spec{Cell: cell, Seed: 1})
				if reply.Failure != nil {
					t.Fatal(reply.Failure)
				}
				if m := reply.Measurement; m.Delivered == 0 || m.Delivered+m.Dropped != m.Attempted {
					t.Errorf("%d delivered and %d dropped of %d", m.Delivered, m.Dropped, m.Attempted)
				}
			})
		}
	}
}

// What a fan-in tells beside its messages it tells of blocks too.
func TestBlocksTell(t *testing.T) {
	s, err := pick.Find(strategies.All(), "semaphore")
	if err != nil {
		t.Fatal(err)
	}
	cell := byValueCell(s, 64)
	cell.Capacity, cell.ConsumerCostNs = 10, int64(time.Millisecond) // 0.4 s: long enough to be looked at on a loaded machine
	if m := Run(s, Spec{Cell: cell}).Measurement; m == nil || m.InFlight == nil || m.InFlight.Max > 10 {
		t.Errorf("measurement %+v; want what was in flight, at most 10", m)
	}
	if s, err = pick.Find(strategies.All(), "lanes"); err != nil {
		t.Fatal(err)
	}
	if m := Run(s, Spec{Cell: byValueCell(s, 64)}).Measurement; m == nil || m.Parks == nil {
		t.Errorf("measurement %+v; want how often the consumer parked", m)
	}
}

// A byte of a block that is not as it was sent fails the trial.
func TestCorruptedBlocks(t *testing.T) {
	for _, at := range []int{0, 8, 63} {
		s := strategies.Strategy{Descriptor: strategies.Descriptor{Name: "corrupt"}}
		s.Blocks.Block64 = func(o strategies.Options) strategies.FanIn[strategies.Block64] {
			return corrupting[strategies.Block64]{strategies.NewMutexSwap[strategies.Block64](o), func(b *strategies.Block64) {
				if b.ID.Seq() == 50 {
					b.Payload[at] ^= 1
				}
			}}
		}
		f := Run(s, Spec{Cell: byValueCell(s, 64)}).Failure
		if f == nil || f.Kind != results.FailureDelivery || !strings.Contains(f.Detail, "payload of item 50 corrupted") {
			t.Errorf("byte %d changed: failure %+v; want one of the payload", at, f)
		}
	}
}

// A fresh payload is an allocation for each message, slabs are one for many, and
// what is sent by value is not allocated at all.
func TestAllocation(t *testing.T) {
	s, err := pick.Find(strategies.All(), "chan")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		item, allocation string
		least, most      float64 // mallocs a message
	}{
		"slab":  {"", "", 0, 0.3},
		"fresh": {"", results.AllocationFresh, 0.99, 1.3},
		"value": {results.ItemValue, "", 0, 0.3},
	} {
		cell := harnesstest.Cell(s, 4)
		cell.Payload, cell.Item, cell.Allocation = 64, test.item, test.allocation
		reply := Run(s, Spec{Cell: cell})
		if reply.Failure != nil {
			t.Fatal(reply.Failure)
		}
		if each := float64(*reply.Measurement.Mallocs) / float64(cell.Messages); each < test.least || each > test.most {
			t.Errorf("%s: %.3f mallocs a message; want %v to %v", name, each, test.least, test.most)
		}
	}
}

// A trial of a cell that the strategy does not carry is an error.
func TestBlocksLacking(t *testing.T) {
	lacking, _ := pick.Find(strategies.All(), "chan")
	if f := Run(lacking, Spec{Cell: byValueCell(lacking, 64<<10)}).Failure; f == nil || f.Kind != results.FailureError {
		t.Errorf("failure %+v of a trial of what the strategy does not offer; want an error", f)
	}
}
