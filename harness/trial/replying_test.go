package trial

import (
	"errors"
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

// A loop with replies has no more messages under way than the windows of its producers,
// and a mesh of every strategy that can be one delivers all, in turns and in one round.
func TestMesh(t *testing.T) {
	for _, s := range strategies.All() {
		cell := results.Cell{
			Strategy: s.Name, Producers: 3, Arrival: results.ArrivalClosed, Payload: results.MinPayload, SendBatch: 1, RecvBatch: 8,
			Window: 2, Mesh: 7, Messages: 300, GOMAXPROCS: 2,
		}
		if s.Floor || checkMesh(cell, s.Descriptor) != nil {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			reply := Run(s, Spec{Schema: results.SchemaVersion, Cell: cell, Seed: 1, TimeoutNs: int64(time.Minute)})
			if reply.Failure != nil {
				t.Fatalf("%+v", reply.Failure)
			}
			m := reply.Measurement
			if m.Delivered != 300 || m.Backlog != nil && m.Backlog.Max > 6 {
				t.Errorf("%d of 300 delivered, a backlog of %+v", m.Delivered, m.Backlog)
			}
		})
	}
}

// A mesh of fan-ins that may be full of what is on its way, or hold nothing, is refused.
func TestMeshRefused(t *testing.T) {
	for _, test := range []struct {
		strategy string
		capacity int
		field    string // empty: it is not refused
	}{
		{"chan", 12, ""},
		{"chan", 11, "capacity"},
		{"lanes-ring", 11, "capacity"},
		{"mutex-swap", 11, ""},
		{"chan-unbuffered", 0, "mesh"},
	} {
		cell := results.Cell{Producers: 4, Window: 3, Mesh: 5, Capacity: test.capacity}
		s, err := pick.Find(strategies.All(), test.strategy)
		if err == nil {
			_, err = Options(cell, s.Descriptor)
		}
		field := ""
		if wrong := (*results.FieldError)(nil); errors.As(err, &wrong) {
			field = wrong.Field
		}
		if field != test.field {
			t.Errorf("%s of %d: %v; want an error of %q", test.strategy, test.capacity, err, test.field)
		}
	}
}
