package harness

import (
	"context"
	"testing"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// What another program says that it measured is held against what it says of its
// strategy: 127 items are as many as one of 100 may have, with 3 producers and 24 to
// a receive, and one too many for one of 99.
func TestJudgeProgram(t *testing.T) {
	program := childProgram(t, "full")
	theirs := strategies.Strategy{Descriptor: strategies.Descriptor{Name: "theirs", Bound: strategies.Total}}
	for capacity, kind := range map[int]results.FailureKind{100: "", 99: results.FailurePromise} {
		cell := harnesstest.Cell(theirs, 3)
		cell.Capacity, cell.RecvBatch = capacity, 24
		r := Runner{
			Known: []strategies.Strategy{theirs}, Programs: map[string]Program{"theirs": program},
			Done: func(trial results.Trial) error {
				if f := trial.Failure; kind == "" && f != nil || kind != "" && (f == nil || f.Kind != kind || trial.Measurement != nil) {
					t.Errorf("capacity %d: failure %+v; want kind %q", capacity, f, kind)
				}
				return nil
			},
		}
		if err := r.Run(context.Background(), []scenario.Slot{{Cell: cell}}); err != nil {
			t.Fatal(err)
		}
	}
}
