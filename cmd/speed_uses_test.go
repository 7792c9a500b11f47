package cmd

import (
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// What a Sender, a Reader and a Writer reach is told from the cells of the scenario, each
// compared with its own kind; what the run lacks has no row.
func TestSpeedUses(t *testing.T) {
	chosen, err := scenario.Load("speed")
	if err != nil {
		t.Fatal(err)
	}
	known := strategies.All()
	plan, err := scenario.NewPlan(chosen, known, 1)
	if err != nil {
		t.Fatal(err)
	}
	run := &results.Run{Manifest: results.Manifest{
		Schema: results.SchemaVersion, Scenario: "speed", Seed: 1, Version: "test", Started: time.Unix(0, 0), Reps: 6,
		Isolation: harness.IsolationProcess, Cells: plan.Cells, Strategies: harness.DescribeIn(plan.Cells, known),
	}}
	for block := range run.Manifest.Reps {
		for position, c := range plan.Cells {
			delivered := madeUse(c)
			m := &results.Measurement{ElapsedNs: 1e6, Attempted: delivered, Delivered: delivered, Receives: 1, Clock: "tsc"}
			if useOf(c).drops != "" && c.Strategy == "lanes-ring" {
				m.Dropped = 2 * delivered
				m.Attempted += m.Dropped
			}
			run.Trials = append(run.Trials, results.Trial{
				Schema: results.SchemaVersion, Cell: c, Block: block, Position: position, Started: time.Unix(0, 0), WallNs: 2e6, Measurement: m,
			})
		}
	}
	code, stdout, stderr := invoke(t, "speed", stored(t, run))
	if code != exitSuccess || stderr != "" {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	wantRows(t, stdout, map[string]string{
		"best bounded lanes, single Send, blocking": "lanes-ring 10.00x 10.00..10.00 6 12x 20x short 0.5x",
		"Sender over lanes":                         "lanes-ring 4.00x 4.00..4.00 6 3x 5x reached",
		"Sender, a goroutine per item":              "mutex-swap 2.00x 2.00..2.00 6 1.2x 1.5x aim",
		"a handle opened per item":                  "lanes-ring 0.10x 0.10..0.10 6 - - -",
		"Reader.Next over range ch":                 "lanes-ring 8.00x 8.00..8.00 6 4x 5x aim",
		"Reader.Next over its own batches":          "lanes-ring 0.80x 0.80..0.80 6 0.6x 0.8x aim",
		"TryRecv and Ready over its own Recv":       "chan 1.00x 1.00..1.00 6 0.9x 1x aim", // and of lanes-ring, below
		"Writer.Put over its own SendBatch(32)":     "lanes-ring 0.50x 0.50..0.50 6 0.9x 1x short",
		"Writer.Put over its own Send":              "lanes-ring 2.00x 2.00..2.00 6 3x 4x short",
		"Recv of one over chan-bare's":              "chan 1.00x 1.00..1.00 6 1x 2x reached", // and of mutex-swap, below
	})
	for _, row := range []string{
		"Recv of one over chan-bare's 16 mutex-swap 2.00x 2.00..2.00 6 1x 2x aim",
		"TryRecv and Ready over its own Recv 16 lanes-ring 0.90x 0.90..0.90 6 0.9x 1x reached",
		"sends into a full fan-in, the newest dropped 16 lanes-ring 30.00x 30.00..30.00 6 - - -",
		"... the oldest dropped, over a channel's newest 16 lanes-ring 30.00x 30.00..30.00 6 - - -",
	} {
		if !strings.Contains(strings.Join(strings.Fields(stdout), " "), row) {
			t.Errorf("no row %q:\n%s", row, stdout)
		}
	}
	if strings.Contains(stdout, "Reader.Next over spillway") {
		t.Errorf("a row of a strategy that the run lacks:\n%s", stdout)
	}
}

// madeUse makes up how many thousand messages a use of a strategy moves: of channels 10.
func madeUse(c results.Cell) int64 {
	const thousand = 1000
	u := useOf(c)
	switch {
	case c.Strategy == "chan-bare" || c.Strategy == "chan":
		return 10 * thousand
	case c.Strategy == "mutex-swap":
		return 20 * thousand
	case c.Strategy != "lanes-ring":
		return 5 * thousand
	case u.sharing == results.SharingOpen:
		return thousand
	case u.sharing == results.SharingShared && u.lifetime == 0:
		return 40 * thousand
	case !c.KeepsHandles():
		return 5 * thousand
	case u.recvBy == results.RecvByReader:
		return 80 * thousand
	case u.recvBy == results.RecvByReady:
		return 90 * thousand
	case u.sendBy == results.SendByWriter:
		return 200 * thousand
	case u.sendBatch == 32:
		return 400 * thousand
	default:
		return 100 * thousand
	}
}
