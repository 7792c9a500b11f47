package harness

import (
	"time"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
)

// specFor is what the trial of a slot is told, but for the rate of a load.
func specFor(slot scenario.Slot, timeout time.Duration, memoryLimit int64, inspect bool) trial.Spec {
	return trial.Spec{
		Schema: results.SchemaVersion, Cell: slot.Cell, Seed: slot.Seed,
		TimeoutNs: int64(timeout), MemoryLimit: memoryLimit, Inspect: inspect,
	}
}

// Specs returns what the trials of a plan will be told, in their order, if none fails.
// The rates of loads are missing: a search has to find what they are shares of.
func Specs(slots []scenario.Slot, timeout time.Duration, memoryLimit int64) []trial.Spec {
	inspected := make(map[subject]bool)
	specs := make([]trial.Spec, len(slots))
	for i, slot := range slots {
		subject := subjectOf(slot.Cell)
		specs[i] = specFor(slot, timeout, memoryLimit, !inspected[subject])
		inspected[subject] = true
	}
	return specs
}
