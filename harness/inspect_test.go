package harness

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/saboteurs"
)

// inspected returns what a child says of a strategy that it was to inspect.
func inspected(t *testing.T, command []string, s strategies.Strategy, messages int) trial.Reply {
	t.Helper()
	cell := harnesstest.Cell(s, 4)
	cell.Messages = int64(messages)
	spec := trial.Spec{Schema: results.SchemaVersion, Cell: cell, TimeoutNs: int64(time.Minute), Inspect: true}
	return runChild(context.Background(), command, spec)
}

// Each saboteur fails the trial in which it is inspected, by the name of the promise
// that it breaks. What loses an item after millions does so in a trial of as many.
func TestSaboteursFail(t *testing.T) { saboteursFail(t, childCommand(t, "serve"))() }

// saboteursFail inspects all saboteurs at once, as they mostly wait, and returns what
// judges them.
func saboteursFail(t *testing.T, command []string) (judge func()) {
	t.Helper()
	all := saboteurs.All()
	replies := make([]trial.Reply, len(all))
	var inspecting sync.WaitGroup
	for i, s := range all {
		inspecting.Go(func() { replies[i] = inspected(t, command, s.Strategy, max(2000, 2*s.LosesAfter)) })
	}
	return func() {
		inspecting.Wait()
		for i, s := range all {
			t.Run(s.Name, func(t *testing.T) {
				if s.Name == saboteurs.Leaks().Name && detecting {
					t.Skip("under the detector so few items get through that a leak is no more than noise")
				}
				kind := results.FailurePromise
				if slices.Contains(record.Deliveries, s.Promise) {
					kind = results.FailureDelivery
				}
				if f := replies[i].Failure; f == nil || f.Kind != kind || !strings.Contains(f.Detail, string(s.Promise)+": ") {
					t.Errorf("reply %+v, failure %+v; want kind %s and promise %q", replies[i], f, kind, s.Promise)
				}
			})
		}
	}
}

// What keeps its promises passes, and what does not fails, also beside two processes that
// compute and beside other inspections.
func TestInspectionBesideOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 6 s")
	}
	command := childCommand(t, "serve")
	computeBeside(t, 2)
	judge := saboteursFail(t, command)
	t.Run("honest", func(t *testing.T) {
		for _, s := range strategies.All() {
			if detecting && !slices.Contains([]string{"chan", "mutex-swap", "mpsc-ring", "lanes"}, s.Name) {
				continue // one of each family: they take ten times as long
			}
			t.Run(s.Name, func(t *testing.T) {
				t.Parallel()
				if f := inspected(t, command, s, 2000).Failure; f != nil {
					t.Errorf("%+v", f)
				}
			})
		}
	})
	judge()
}

// computeBeside has so many processes compute until the test ends.
func computeBeside(t *testing.T, processes int) {
	t.Helper()
	command := childCommand(t, "compute")
	for range processes {
		busy := exec.Command(command[0]) //nolint:gosec // this very program
		isolate(busy)
		if err := busy.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = busy.Process.Kill()
			_ = busy.Wait()
		})
	}
	t.Setenv(childVariable, "serve")
}

// A run inspects each strategy, with each set of options, until it has passed once.
func TestRunnerInspectsOnce(t *testing.T) {
	honest, err := pick.Find(strategies.All(), "mutex-swap")
	if err != nil {
		t.Fatal(err)
	}
	broken := saboteurs.TryWaits()
	var failures []string
	r := Runner{
		Known: []strategies.Strategy{honest, broken}, Isolation: IsolationNone,
		Done: func(trial results.Trial) error {
			if trial.Failure != nil {
				failures = append(failures, trial.Failure.Detail)
			}
			return nil
		},
	}
	capacious := harnesstest.Cell(broken, 2)
	capacious.Capacity = 7
	var slots []scenario.Slot
	for range 2 {
		for _, cell := range []results.Cell{harnesstest.Cell(honest, 1), harnesstest.Cell(honest, 2), harnesstest.Cell(broken, 2), capacious} {
			slots = append(slots, scenario.Slot{Cell: cell})
		}
	}
	if err := r.Run(context.Background(), slots); err != nil {
		t.Fatal(err)
	}
	if len(failures) != 4 || !strings.Contains(failures[0], "try: ") {
		t.Errorf("failures %q; want one in each trial of what waits", failures)
	}
	if sound := map[subject]bool{subjectOf(harnesstest.Cell(honest, 1)): true}; len(r.sound) != 1 || !r.sound[subjectOf(harnesstest.Cell(honest, 1))] {
		t.Errorf("found sound: %v; want %v", r.sound, sound)
	}
}
