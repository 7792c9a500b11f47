package trial

import (
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial/schedule"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/warmup"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Every strategy gets through a trial with every kind of item and batch, and
// what is reported adds up.
func TestRun(t *testing.T) {
	for _, s := range strategies.All() {
		for _, c := range []struct {
			name   string
			change func(*results.Cell)
		}{
			{"words", func(*results.Cell) {}},
			{"single", func(c *results.Cell) { c.Producers, c.RecvBatch = 1, 1 }},
			{"batches", func(c *results.Cell) { c.SendBatch = 7 }},
			{"collected batches", func(c *results.Cell) { c.BatchDeadlineNs = int64(time.Millisecond) }},
			{"payload", func(c *results.Cell) { c.Payload = 100 }},
			{"payload batches", func(c *results.Cell) { c.Payload, c.SendBatch = 16, 7 }},
			{"fresh payload", func(c *results.Cell) { c.Payload, c.Allocation = 100, results.AllocationFresh }},
			{"payload by value", func(c *results.Cell) { c.Payload, c.Item = 64, results.ItemValue }},
			{"payload batches by value", func(c *results.Cell) { c.Payload, c.Item, c.SendBatch = 64, results.ItemValue, 7 }},
			{"more producers than messages", func(c *results.Cell) { c.Producers, c.Messages = 300, 10 }},
			{"duration", func(c *results.Cell) { c.Messages, c.DurationNs = 0, int64(5*time.Millisecond) }},
		} {
			t.Run(s.Name+"/"+c.name, func(t *testing.T) {
				cell := harnesstest.Cell(s, 4)
				cell.Messages = 4000
				c.change(&cell)
				var m *results.Measurement
				if c.name == "words" || c.name == "duration" { // these warm up, which takes the same rounds
					reply := Run(s, Spec{Cell: cell})
					if reply.Failure != nil {
						t.Fatal(reply.Failure)
					}
					if m = reply.Measurement; m.Validate() != nil {
						t.Error(m.Validate())
					}
				} else {
					m = unwarmed(t, s, cell)
				}
				if m.Delivered != m.Attempted || m.Delivered < max(cell.Messages, 1) {
					t.Errorf("delivered %d of %d attempted, %d asked for", m.Delivered, m.Attempted, cell.Messages)
				}
				if !s.Floor && (m.Transit == nil || m.Transit.TotalCount() == 0) {
					t.Error("no transit time was recorded")
				}
			})
		}
	}
}

// Batches grow with the load. A fan-in that is busy, always or in bursts, fills
// all of them, however long the deadline is; a trickle leaves them small: the
// deadline is over before the next item.
func TestBatchDeadline(t *testing.T) {
	const most = 20
	base := results.Cell{
		Producers: 2, Payload: results.MinPayload, SendBatch: 1, RecvBatch: most, GOMAXPROCS: 2,
		BatchDeadlineNs: int64(time.Minute), DurationNs: int64(3 * schedule.BurstPeriod),
	}
	busy, bursts, trickle := base, base, base
	busy.Arrival, busy.DurationNs, busy.Messages = results.ArrivalClosed, 0, 20_000
	bursts.Arrival, bursts.Rate = results.ArrivalBurst, 10*most/schedule.BurstPeriod.Seconds()
	trickle.Arrival, trickle.Rate, trickle.BatchDeadlineNs = results.ArrivalConstant, 200, 1
	receives := func(t *testing.T, s strategies.Strategy, cell results.Cell) (receives, messages int64) {
		t.Helper()
		cell.Strategy = s.Name
		reply := Run(s, Spec{Cell: cell, Seed: 1})
		if reply.Failure != nil {
			t.Fatal(reply.Failure)
		}
		return reply.Measurement.Receives, reply.Measurement.Delivered
	}
	for _, s := range strategies.All() {
		if got, messages := receives(t, s, busy); got != (messages+most-1)/most {
			t.Errorf("%s, busy: %d receives of %d messages; want full batches of %d", s.Name, got, messages, most)
		}
	}
	s, err := pick.Find(strategies.All(), "lanes")
	if err != nil {
		t.Fatal(err)
	}
	if got, messages := receives(t, s, bursts); got != (messages+most-1)/most {
		t.Errorf("bursts: %d receives of %d messages; want full batches of %d", got, messages, most)
	}
	// A machine that is held up for a while makes a backlog of a trickle.
	if got, messages := receives(t, s, trickle); got < messages/2 {
		t.Errorf("trickle: %d receives of %d messages; want about one each", got, messages)
	}
}

// However short a trial is and however disturbed its warm-up, its messages suffice
// to tell more than what starting the producers costs.
func TestLeastMessages(t *testing.T) {
	for producers, want := range map[int]int64{1: 100, 16: 1600, 1000: 100_000, 10_000: 1_000_000, 100_000: 1 << 20, 1 << 21: 1 << 21} {
		if got := warmup.LeastMessages(producers); got != want {
			t.Errorf("warmup.LeastMessages(%d) = %d; want %d", producers, got, want)
		}
	}
	s, err := pick.Find(strategies.All(), "mutex-swap")
	if err != nil {
		t.Fatal(err)
	}
	cell := harnesstest.Cell(s, 1000)
	cell.Messages, cell.DurationNs = 0, 1
	reply := Run(s, Spec{Cell: cell})
	if reply.Failure != nil {
		t.Fatal(reply.Failure)
	}
	if got := reply.Measurement.Attempted; got != 1000*warmup.PerProducer {
		t.Errorf("a trial of 1 ns had %d messages; want %d of each producer", got, warmup.PerProducer)
	}
}

// deaf is a fan-in that can neither try to receive nor count.
type deaf struct {
	strategies.FanIn[strategies.Word]
}

type deafConsumer struct {
	strategies.Consumer[strategies.Word]
}

func (f deaf) Consumer() strategies.Consumer[strategies.Word] {
	return deafConsumer{f.FanIn.Consumer()}
}

func (deaf) Backlog() int { panic("the backlog was asked for") }

func (deafConsumer) TryRecv([]strategies.Word) (int, error) { panic("a receive was tried") }

// What a strategy lacks is not used, and what cannot be known is absent.
func TestLacksAreNotUsed(t *testing.T) {
	s := strategies.Strategy{
		Descriptor: strategies.Descriptor{Name: "deaf", Lacks: map[strategies.Promise]string{
			strategies.PromiseTry: "deaf", strategies.PromiseBacklog: "deaf",
		}},
		Word: func(o strategies.Options) strategies.FanIn[strategies.Word] {
			return deaf{strategies.NewMutexSwap[strategies.Word](o)}
		},
	}
	cell := harnesstest.Cell(s, 2)
	cell.Messages, cell.ConsumerCostNs = 5000, 1000 // long enough for a look at the backlog
	reply := Run(s, Spec{Cell: cell})
	if reply.Failure != nil {
		t.Fatal(reply.Failure)
	}
	if m := reply.Measurement; m.Backlog != nil || m.Delivered != 5000 {
		t.Errorf("backlog %+v, %d delivered; want none and 5000", m.Backlog, m.Delivered)
	}
}
