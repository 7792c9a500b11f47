package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program/programtest"
)

// TestMain has the test's binary be the program, too, or play a role of a test.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == playVerb:
		os.Exit(play(os.Args[2:]))
	case len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-"):
		os.Exit(run(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// Every strategy delivers what was sent, to a consumer that takes one at a time or many. What
// may drop says of each message what became of it.
func TestEveryStrategyDelivers(t *testing.T) {
	for _, s := range all() {
		for _, c := range []struct{ payload, batch int }{{8, 1}, {1000, 64}} {
			t.Run(fmt.Sprintf("%s/payload=%d", s.Name, c.payload), func(t *testing.T) {
				if s.Unbuildable != "" {
					t.Skip(s.Unbuildable)
				}
				cell := results.Cell{
					Strategy: s.Name, Producers: 5, Processes: 2, Arrival: results.ArrivalClosed, Payload: c.payload, SendBatch: 1, RecvBatch: c.batch,
					Messages: 1000, GOMAXPROCS: 2,
				}
				m := programtest.Measure(t, cell)
				if m.Delivered+m.Dropped != cell.Messages || m.Delivered == 0 || m.Receives < m.Delivered/int64(c.batch) {
					t.Errorf("%d and %d dropped of %d messages by %d receives of at most %d", m.Delivered, m.Dropped, cell.Messages, m.Receives, c.batch)
				}
				if m.Duplicated != nil && *m.Duplicated+*m.Late > 0 {
					t.Errorf("%d messages came again and %d late, and nobody was killed", *m.Duplicated, *m.Late)
				}
				broker := !strings.HasPrefix(s.Name, "grpc-")
				if roles := fmt.Sprint(m.Processes); broker != strings.Contains(roles, results.RoleBroker) || len(m.Processes) < 2 {
					t.Errorf("the roles are %s; with a broker: %t", roles, broker)
				}
			})
		}
	}
}

// NATS drops what the consumer has no room for, and the trial says how many.
func TestCoreCountsWhatItDrops(t *testing.T) {
	m := programtest.Measure(t, results.Cell{
		Strategy: "nats-core", Producers: 4, Processes: 2, Arrival: results.ArrivalClosed, Payload: 64, SendBatch: 1, RecvBatch: 1,
		Messages: 200_000, GOMAXPROCS: 2, Capacity: 1, Policy: "drop-newest",
	})
	if m.Dropped == 0 || m.Delivered == 0 || m.Delivered+m.Dropped != 200_000 {
		t.Errorf("%d delivered and %d dropped of 200000", m.Delivered, m.Dropped)
	}
	t.Logf("%d delivered, %d dropped", m.Delivered, m.Dropped)
}
