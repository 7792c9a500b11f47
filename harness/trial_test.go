package harness

import (
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

func cellOf(s strategies.Strategy, producers int) results.Cell {
	return results.Cell{
		Strategy: s.Name, Producers: producers, Arrival: ArrivalClosed, Payload: MinPayload,
		SendBatch: 1, RecvBatch: 256, GOMAXPROCS: 2, Messages: 20_000,
	}
}

// Every strategy gets through a trial with every kind of item and batch, and
// what is reported adds up.
func TestRunTrial(t *testing.T) {
	for _, s := range strategies.All() {
		for _, c := range []struct {
			name   string
			change func(*results.Cell)
		}{
			{"words", func(*results.Cell) {}},
			{"single", func(c *results.Cell) { c.Producers, c.RecvBatch = 1, 1 }},
			{"batches", func(c *results.Cell) { c.SendBatch = 7 }},
			{"payload", func(c *results.Cell) { c.Payload = 100 }},
			{"payload batches", func(c *results.Cell) { c.Payload, c.SendBatch = 16, 7 }},
			{"more producers than messages", func(c *results.Cell) { c.Producers, c.Messages = 300, 10 }},
			{"duration", func(c *results.Cell) { c.Messages, c.DurationNs = 0, int64(5*time.Millisecond) }},
		} {
			t.Run(s.Name+"/"+c.name, func(t *testing.T) {
				cell := cellOf(s, 4)
				c.change(&cell)
				reply := RunTrial(s, Spec{Cell: cell})
				if reply.Failure != nil {
					t.Fatal(reply.Failure)
				}
				m := reply.Measurement
				if err := m.Validate(); err != nil {
					t.Error(err)
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
