package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// deeds are what children do when they are told to run their third slice, by what their
// strategy is called.
var deeds = map[string]func(){
	"dies":     func() { os.Exit(3) },
	"panics":   func() { panic("out of lanes") },
	"kills":    func() { p, _ := os.FindProcess(os.Getpid()); _ = p.Kill(); time.Sleep(time.Minute) },
	"hangs":    func() { time.Sleep(time.Minute) },
	"babbles":  func() { fmt.Println("hello") },
	"repeats":  func() { fmt.Println(`{"ready":{"slice_ns":1,"messages":1}}`) },
	"cheats":   func() { fmt.Println(`{"slice":{"messages":-5,"elapsed_ns":1}}`) },
	"obeys":    func() { fmt.Println(`{"slice":{"messages":10,"elapsed_ns":1000000}}`) },
	"finishes": func() { fmt.Println(`{"schema":1,"failure":{"kind":"error","detail":"had enough"}}`) },
	"grows":    func() { gorge(2 * time.Millisecond) },
	"floods": func() {
		line := strings.Repeat("x", 1<<20)
		for range 20 {
			fmt.Println(line)
		}
	},
}

// sitDown is a child that takes turns, as its strategy does or, if that is the name of a
// deed, up to that.
func sitDown() int {
	var read bytes.Buffer
	in := json.NewDecoder(io.TeeReader(os.Stdin, &read))
	var spec trial.Spec
	if in.Decode(&spec) != nil {
		return 1
	}
	if spec.Cell.Strategy == "their-queue" { // which knows nothing of slices
		return child("modest")
	}
	deed, does := deeds[spec.Cell.Strategy]
	if !does {
		if err := ServeTrial(io.MultiReader(&read, os.Stdin), os.Stdout, harnesstest.Servable()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	fmt.Println(`{"schema":1,"ready":{"slice_ns":1000000,"messages":10}}`)
	for slice := 1; ; slice++ {
		var c command
		if in.Decode(&c) != nil {
			return 1
		}
		if c.End {
			break
		}
		if slice == 3 {
			deed()
			continue
		}
		fmt.Println(`{"slice":{"messages":10,"elapsed_ns":1000000}}`)
	}
	fmt.Println(`{"schema":1,"measurement":{"elapsed_ns":7000000,"attempted":70,"delivered":70,"receives":1}}`)
	return 0
}

// sittingOf returns slots of one sitting, short ones.
func sittingOf(names ...string) []scenario.Slot {
	var slots []scenario.Slot
	for i, name := range names {
		cell := specOf("chan").Cell
		cell.Strategy, cell.Messages, cell.DurationNs = name, 0, int64(20*time.Millisecond)
		slots = append(slots, scenario.Slot{Cell: cell, Position: i, Seed: 7})
	}
	return slots
}

// runAll has a runner execute slots and returns the trials by strategy.
func runAll(t *testing.T, r Runner, slots []scenario.Slot) map[string]results.Trial {
	t.Helper()
	all := map[string]results.Trial{}
	r.Done = func(trial results.Trial) error {
		if at := len(all); trial.Position != slots[at].Position {
			t.Errorf("trial %d has position %d", at, trial.Position)
		}
		all[trial.Cell.Strategy] = trial
		return nil
	}
	if err := r.Run(t.Context(), slots); err != nil {
		t.Fatal(err)
	}
	if len(all) != len(slots) {
		t.Errorf("%d trials of %d", len(all), len(slots))
	}
	return all
}

// checkTogether checks that trials took turns with each other.
func checkTogether(t *testing.T, all map[string]results.Trial, names ...string) {
	t.Helper()
	sitting, turns := "", 0
	for _, name := range names {
		m := all[name].Measurement
		if m == nil || m.Slices == nil {
			t.Errorf("%s: %+v; want a measurement in slices", name, all[name].Failure)
			continue
		}
		if sitting == "" {
			sitting, turns = m.Slices.Sitting, m.Slices.Messages.Len()
		}
		if s := m.Slices; s.Sitting == "" || s.Sitting != sitting || s.Messages.Len() != turns || turns < trial.LeastTurns {
			t.Errorf("%s sat in %q for %d turns; the first in %q for %d", name, s.Sitting, s.Messages.Len(), sitting, turns)
		}
		if err := m.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Trials of a sitting take turns, in children and in this process. One that loses messages
// is measured in one round among them.
func TestSitting(t *testing.T) {
	for _, isolation := range []string{IsolationProcess, IsolationNone} {
		t.Run(isolation, func(t *testing.T) {
			slots := sittingOf("chan", "null", "lanes")
			slots[0].Cell.Policy = "drop-newest"
			all := runAll(t, Runner{Command: childCommand(t, "serve"), Known: strategies.All(), Isolation: isolation}, slots)
			checkTogether(t, all, "null", "lanes")
			if m := all["chan"].Measurement; m == nil || m.Slices != nil {
				t.Errorf("%+v, failure %+v; want a measurement without slices", m, all["chan"].Failure)
			}
		})
	}
}

// outcome is how a trial is to have failed.
type outcome struct {
	kind   results.FailureKind
	detail string
}

func (o outcome) check(t *testing.T, trial results.Trial) {
	t.Helper()
	f := trial.Failure
	if f == nil || f.Kind != o.kind || !strings.Contains(f.Detail, o.detail) {
		t.Errorf("%s: failure %+v; want kind %s with %q", trial.Cell.Strategy, f, o.kind, o.detail)
	}
}

// Whatever children do in the middle of a sitting is the outcome of their own trials; the
// others go on.
func TestSittingWithSaboteurs(t *testing.T) {
	names, wanted := []string{"chan"}, map[string]outcome{
		"dies":     {results.FailureError, "exit status 3"},
		"panics":   {results.FailurePanic, "panic: out of lanes"},
		"kills":    {results.FailureKilled, "killed"},
		"babbles":  {results.FailureProtocol, "not a trial reply"},
		"repeats":  {results.FailureProtocol, "not asked for"},
		"cheats":   {results.FailureProtocol, "messages of slice 1"},
		"finishes": {results.FailureError, "had enough"},
		"floods":   {results.FailureProtocol, "wrote more than"},
	}
	names = append(slices.AppendSeq(names, maps.Keys(wanted)), "lanes")
	all := runAll(t, Runner{Command: childCommand(t, "sit"), Timeout: 20 * time.Second}, sittingOf(names...))
	for name, want := range wanted {
		want.check(t, all[name])
	}
	checkTogether(t, all, "chan", "lanes")
}

// A child that hangs is killed when its own time is up, however much of it there was.
func TestSittingWithHanging(t *testing.T) {
	r := Runner{Command: childCommand(t, "sit"), Timeout: 200 * time.Millisecond}
	all := runAll(t, r, sittingOf("hangs", "repeats"))
	outcome{results.FailureTimeout, "no answer after 2.2s"}.check(t, all["hangs"])
	outcome{results.FailureProtocol, "not asked for"}.check(t, all["repeats"])
}

// An interrupt ends a sitting at once, whatever its trials do, and reports none of them.
func TestSittingInterrupted(t *testing.T) {
	for _, isolation := range []string{IsolationProcess, IsolationNone} {
		ctx, cancel := context.WithCancel(t.Context())
		names := []string{"chan", "lanes", "hangs"}
		if isolation == IsolationNone {
			names[2] = "mutex-swap"
		}
		slots := sittingOf(names...)
		for i := range slots {
			slots[i].Cell.DurationNs = int64(time.Second)
		}
		r := Runner{
			Command: childCommand(t, "sit"), Known: strategies.All(), Isolation: isolation,
			Begin: func(s scenario.Slot) {
				if s.Position == 2 {
					time.AfterFunc(200*time.Millisecond, cancel)
				}
			},
			Done: func(trial results.Trial) error {
				t.Errorf("%s: %s was reported", isolation, trial.Cell.Strategy)
				return nil
			},
		}
		begun := time.Now()
		if err := r.Run(ctx, slots); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", isolation, err)
		}
		if took := time.Since(begun); took > 15*time.Second {
			t.Errorf("%s: it took %v to end", isolation, took)
		}
	}
}

// A child that takes too much memory in its turn is killed; the others go on.
func TestSittingWithGrowing(t *testing.T) {
	onLinux(t)
	r := Runner{Command: childCommand(t, "sit"), Timeout: 20 * time.Second, MemoryLimit: gorgeLimit}
	if detecting {
		t.Skip("a child under the race detector takes more than the limit to begin with")
	}
	all := runAll(t, r, sittingOf("chan", "grows", "lanes"))
	outcome{results.FailureMemory, "the limit is"}.check(t, all["grows"])
	checkTogether(t, all, "chan", "lanes")
}

// A program that knows nothing of slices, asked or not, is measured in one round in
// the middle of a sitting.
func TestSittingWithOldForm(t *testing.T) {
	for version := range trial.SlicesVersion + 1 {
		program := childProgram(t, "sit")
		program.slices = version
		r := Runner{
			Command: childCommand(t, "sit"), Programs: map[string]Program{"their-queue": program},
			Known: append(strategies.All(), strategies.Strategy{Descriptor: strategies.Descriptor{Name: "their-queue"}}),
		}
		all := runAll(t, r, sittingOf("chan", "their-queue", "lanes"))
		checkTogether(t, all, "chan", "lanes")
		if m := all["their-queue"].Measurement; m == nil || m.Delivered != 3 || m.Slices != nil {
			t.Errorf("declared %d: measurement %+v, failure %+v", version, m, all["their-queue"].Failure)
		}
	}
}

// A program's first slice leads in where it knows of that, and is measured where it does not:
// either way it is told to run as many as it says to have measured.
func TestSittingOfVersions(t *testing.T) {
	for version := 1; version <= trial.SlicesVersion; version++ {
		program := childProgram(t, "sit")
		program.slices = version
		r := Runner{
			Command: childCommand(t, "sit"), Programs: map[string]Program{"obeys": program},
			Known: append(strategies.All(), strategies.Strategy{Descriptor: strategies.Descriptor{Name: "obeys"}}),
		}
		checkTogether(t, runAll(t, r, sittingOf("chan", "obeys", "lanes")), "chan", "obeys", "lanes")
	}
}

// Two runners' trials of the same slots sit together, by whichever they are executed, and
// the records of both say so by the same name.
func TestRunTogether(t *testing.T) {
	slots := sittingOf("chan", "lanes")
	var sides [2]map[string]results.Trial
	var runners []*Runner
	for i := range sides {
		sides[i] = map[string]results.Trial{}
		runners = append(runners, &Runner{Command: childCommand(t, "serve"), Done: func(trial results.Trial) error {
			sides[i][trial.Cell.Strategy] = trial
			return nil
		}})
	}
	if err := RunTogether(t.Context(), slots, runners...); err != nil {
		t.Fatal(err)
	}
	for _, side := range sides {
		checkTogether(t, side, "chan", "lanes")
	}
	a, b := sides[0]["chan"].Measurement, sides[1]["lanes"].Measurement
	if a != nil && b != nil && a.Slices.Sitting != b.Slices.Sitting {
		t.Errorf("sittings %q and %q", a.Slices.Sitting, b.Slices.Sitting)
	}
}

// Who waits for its turn may not use the processor, but for a moment to answer.
func TestRestless(t *testing.T) {
	for _, test := range []struct {
		idle, wait time.Duration
		turns      int
		restless   bool
	}{
		{50 * time.Microsecond, 60 * time.Microsecond, 1, false},
		{30 * time.Millisecond, 3 * time.Second, 40, false},
		{3 * time.Second, 3 * time.Second, 40, true},
		{7 * time.Millisecond, 8 * time.Millisecond, 1, true},
	} {
		p := &place{idle: test.idle, wait: test.wait, messages: make([]int64, test.turns)}
		if p.restless() != test.restless {
			t.Errorf("%v of %v in %d turns: restless %v", test.idle, test.wait, test.turns, !test.restless)
		}
	}
}

// Where there is no memory for all of them side by side, they sit in parts.
func TestPartition(t *testing.T) {
	slots := sittingOf("a", "b", "c", "d", "e")
	each := trial.Footprint(slots[0].Cell, 0)
	for room, want := range map[int64][]int{10 * each: {5}, 2*each + 1: {2, 2, 1}, 1: {1, 1, 1, 1, 1}} {
		var sizes []int
		for _, part := range partition(slots, room, 0) {
			sizes = append(sizes, len(part))
		}
		if fmt.Sprint(sizes) != fmt.Sprint(want) {
			t.Errorf("room for %d bytes: parts of %v; want %v", room, sizes, want)
		}
	}
}
