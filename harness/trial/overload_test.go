package trial

import (
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Everything by which policies are compared is measured in an open loop under
// each of them, by each strategy: what got through, what was lost, how old it was
// when it came, and how long producers were blocked.
func TestOverload(t *testing.T) {
	for _, s := range strategies.All() {
		for _, policy := range strategies.Policies() {
			if s.Floor || !s.Offers(policy) {
				continue
			}
			t.Run(s.Name+"/"+policy.String(), func(t *testing.T) {
				t.Parallel() // the consumer sleeps
				m := overloaded(t, s, policy)
				if m.OfferedRate == 0 || m.AchievedRate == 0 || m.Delivered == 0 || m.Attempted == 0 {
					t.Errorf("offered %v/s, achieved %v/s, delivered %d of %d", m.OfferedRate, m.AchievedRate, m.Delivered, m.Attempted)
				}
				if m.Response.TotalCount() != m.Delivered || m.SendDelay.TotalCount() != m.Delivered {
					t.Errorf("%d response times, %d send delays of %d delivered", m.Response.TotalCount(), m.SendDelay.TotalCount(), m.Delivered)
				}
				if m.SendCall == nil || m.SendCall.Count != m.Attempted {
					t.Errorf("send calls %+v; want all %d of them", m.SendCall, m.Attempted)
				}
				if m.Backlog == nil && m.Host.HiccupMaxNs < int64(5*time.Millisecond) { // who sleeps longer sees nothing
					t.Error("no backlog")
				}
				unbounded := s.Bound == strategies.Unbounded
				if lost := m.Dropped + m.Rejected; (lost > 0) != (policy != strategies.Block) {
					t.Errorf("under %v %d were dropped and %d rejected", policy, m.Dropped, m.Rejected)
				}
				if (m.Rejected > 0) != (policy == strategies.Fail) {
					t.Errorf("under %v %d were rejected", policy, m.Rejected)
				}
				// Under block the producers share a wait for each message that does not fit.
				blocked := time.Duration(m.SendCall.Mean * float64(m.SendCall.Count))
				if policy == strategies.Block && !unbounded && blocked < time.Duration(m.Delivered)*overloadCost/4 {
					t.Errorf("producers were blocked for %v in all while %d messages took %v each", blocked, m.Delivered, overloadCost)
				}
			})
		}
	}
}

// overloadCost is what the consumer takes for each message.
const overloadCost = time.Millisecond

// overloaded offers a strategy four times what its consumer can take.
func overloaded(t *testing.T, s strategies.Strategy, policy strategies.Policy) *results.Measurement {
	t.Helper()
	cell := harnesstest.Cell(s, 2)
	cell.Messages, cell.DurationNs = 0, int64(40*time.Millisecond)
	cell.Arrival, cell.Rate, cell.RecvBatch = results.ArrivalPoisson, 4/overloadCost.Seconds(), 1
	cell.ConsumerCostNs, cell.CostKind = int64(overloadCost), results.CostSleep
	if s.Bound != strategies.Unbounded {
		cell.Policy = policy.String()
	}
	if s.Bound.HasCapacity() {
		cell.Capacity = 5
	}
	return unwarmed(t, s, cell)
}

// A child says what memory it took in an open loop too.
func TestMemoryOfOpenLoop(t *testing.T) {
	s, _ := pick.Find(strategies.All(), "chan")
	cell := harnesstest.Cell(s, 2)
	cell.Messages, cell.DurationNs, cell.Arrival, cell.Rate = 0, int64(50*time.Millisecond), results.ArrivalPoisson, 1000
	reply := Guard(t.Context(), s, Spec{Cell: cell, Seed: 1}, false, nil)
	if reply.Failure != nil {
		t.Fatalf("%+v", reply.Failure)
	}
	if m := reply.Measurement; m.HeapBytes == 0 || m.PeakBytes == 0 && machine.ReadUsage().Known {
		t.Errorf("peak %d bytes, heap %d bytes; want both", m.PeakBytes, m.HeapBytes)
	}
}

// 20 operations, at most 5 in flight until they are done: never more, and as many
// rounds as that takes.
func TestSemaphoreInFlight(t *testing.T) {
	const each = 20 * time.Millisecond
	m := trialOf(t, "semaphore", func(c *results.Cell) {
		c.Producers, c.Messages, c.Capacity, c.RecvBatch = 20, 20, 5, 5
		c.BatchCostNs, c.CostKind = int64(each), results.CostSleep
	})
	if m.InFlight == nil || m.InFlight.Max > 5 || m.InFlight.Max == 0 {
		t.Fatalf("in flight %+v; want at most 5", m.InFlight)
	}
	if m.InFlight.Mean < 1 || m.InFlight.Mean > 5 {
		t.Errorf("%v in flight on average", m.InFlight.Mean)
	}
	if m.Receives < 4 || m.ElapsedNs < 4*int64(each) {
		t.Errorf("%d receives in %v; want 4 of 5 operations at least, %v each", m.Receives, time.Duration(m.ElapsedNs), each)
	}
	if other := trialOf(t, "chan", func(c *results.Cell) { c.Messages = 1000 }); other.InFlight != nil {
		t.Errorf("a channel says that %+v is in flight", other.InFlight)
	}
}
