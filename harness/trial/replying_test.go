package trial

import (
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// With a window of 1 a send takes the round trip, in which the consumer's work on the
// message is.
func TestReplies(t *testing.T) {
	const cost = 2 * time.Millisecond
	cell := results.Cell{
		Strategy: "chan", Producers: 2, Arrival: results.ArrivalClosed, Payload: results.MinPayload, SendBatch: 1, RecvBatch: 8,
		Window: 1, Messages: 20, ConsumerCostNs: int64(cost), CostKind: results.CostSleep, GOMAXPROCS: 2,
	}
	s, err := pick.Find(strategies.All(), "chan")
	if err != nil {
		t.Fatal(err)
	}
	reply := Run(s, Spec{Schema: results.SchemaVersion, Cell: cell, Seed: 1, TimeoutNs: int64(time.Minute)})
	if reply.Failure != nil {
		t.Fatalf("%+v", reply.Failure)
	}
	m := reply.Measurement
	if call := time.Duration(m.SendCall.Mean); m.Delivered != 20 || m.SendCall.Count != 20 || call < cost {
		t.Errorf("%d of 20 delivered, %d sends of %v; want each to wait for the reply, %v of work later", m.Delivered, m.SendCall.Count, call, cost)
	}
}

// A wrong delivery ends the trial, although its producer has no reply.
func TestRepliesEnd(t *testing.T) {
	again := corrupt(func(w strategies.Word) strategies.Word { return strategies.NewWord(w.Producer(), w.Seq()%5) })
	cell := results.Cell{
		Strategy: again.Name, Producers: 2, Arrival: results.ArrivalClosed, Payload: results.MinPayload, SendBatch: 1, RecvBatch: 8,
		Window: 1, Messages: 100, GOMAXPROCS: 2,
	}
	reply := Run(again, Spec{Schema: results.SchemaVersion, Cell: cell, Seed: 1, TimeoutNs: int64(time.Minute)})
	if reply.Failure == nil || reply.Failure.Kind != results.FailureDelivery || !strings.Contains(reply.Failure.Detail, "again") {
		t.Errorf("%+v; want the delivery found that comes again", reply.Failure)
	}
}
