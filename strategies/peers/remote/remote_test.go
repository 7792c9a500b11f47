package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/program"
	"github.com/fanin-bench/fanin-bench/results/program/programtest"
)

const roleName = "REMOTE_TEST_ROLE"

// TestMain has the test's binary be the program, too, or play a role of a test.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(program.Main(os.Args[1:], all()...))
	}
	if !playRole(os.Getenv(roleName)) {
		os.Exit(m.Run())
	}
}

// Every strategy delivers what was sent, through the smallest and the usual capacity, to
// a consumer that takes one at a time or many.
func TestEveryStrategyDelivers(t *testing.T) {
	for _, s := range all() {
		for _, c := range []struct{ payload, batch, capacity int }{{8, 1, 1}, {1000, 64, 0}} {
			t.Run(fmt.Sprintf("%s/payload=%d", s.Name, c.payload), func(t *testing.T) {
				cell := results.Cell{
					Strategy: s.Name, Producers: 5, Arrival: results.ArrivalClosed, Payload: c.payload, SendBatch: 1, RecvBatch: c.batch,
					Capacity: c.capacity, Messages: 3000, GOMAXPROCS: 2,
				}
				if s.Join != nil {
					cell.Processes = 2
				}
				m := programtest.Measure(t, cell)
				if m.Delivered != cell.Messages || m.Receives < cell.Messages/int64(c.batch) {
					t.Errorf("%d of %d messages by %d receives of at most %d", m.Delivered, cell.Messages, m.Receives, c.batch)
				}
				if m.Duplicated != nil && *m.Duplicated+*m.Late > 0 {
					t.Errorf("%d messages came again and %d late, and nobody was killed", *m.Duplicated, *m.Late)
				}
			})
		}
	}
}
