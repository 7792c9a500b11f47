package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// childVariable, when set, makes the test binary a child that speaks the trial
// protocol, or breaks it in the way that the variable names.
const childVariable = "FANIN_BENCH_TEST_CHILD"

func TestMain(m *testing.M) {
	if way := os.Getenv(childVariable); way != "" {
		os.Exit(child(way))
	}
	os.Exit(m.Run())
}

func child(way string) int {
	switch way {
	case "serve":
		if err := ServeTrial(os.Stdin, os.Stdout, harnesstest.Servable()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	case "sit":
		return sitDown()
	case "describe":
		if err := json.NewEncoder(os.Stdout).Encode(description{results.SchemaVersion, []results.Strategy{theirs()}, 0}); err != nil {
			return 1
		}
	case "silent":
	case "babble":
		fmt.Println("hello")
	case "flood":
		line := strings.Repeat("x", 1<<20)
		for range 20 {
			fmt.Println(line)
		}
	case "future":
		fmt.Println(`{"schema":99,"failure":{"kind":"error","detail":"?"}}`)
	case "both":
		fmt.Println(`{"schema":1,"failure":{"kind":"error","detail":"?"},"measurement":{}}`)
	case "impossible":
		fmt.Println(`{"schema":1,"measurement":{"elapsed_ns":5,"attempted":3,"delivered":2}}`)
	case "modest":
		fmt.Println(`{"schema":1,"measurement":{"elapsed_ns":5,"attempted":3,"delivered":3,"receives":1,"more":"to come"}}`)
	case "full":
		fmt.Println(`{"schema":1,"measurement":{"elapsed_ns":5,"attempted":3,"delivered":3,"backlog":{"max":127,"step_ns":1,"series":[127]}}}`)
	case "exit":
		fmt.Fprintln(os.Stderr, "cannot go on")
		return 3
	case "suicide":
		self, _ := os.FindProcess(os.Getpid())
		_ = self.Kill()
		time.Sleep(time.Minute)
	case "gorge":
		limitData(machine.HardLimit(gorgeLimit))
		gorge(0)
	case "grow":
		gorge(2 * time.Millisecond)
	case "compute":
		for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		}
	case "hang":
		time.Sleep(time.Minute)
	}
	return 0
}

func childCommand(t *testing.T, way string) []string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(childVariable, way)
	return []string{path}
}

// childProgram is childCommand as the trials of another program's strategies are executed.
func childProgram(t *testing.T, way string) Program {
	t.Helper()
	program, err := openProgram(childCommand(t, way)[0])
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func specOf(strategy string) trial.Spec {
	s, _ := pick.Find(append(strategies.All(), harnesstest.Misbehaving()...), strategy)
	cell := harnesstest.Cell(s, 1)
	return trial.Spec{Schema: results.SchemaVersion, Cell: cell, TimeoutNs: int64(20 * time.Second)}
}

// A child that does its work is measured; one that fails is told apart from
// the others, with what it said.
func TestChild(t *testing.T) {
	tests := []struct {
		name, way, strategy string
		timeout             time.Duration
		memory              int64
		kind                results.FailureKind
		detail              string
	}{
		{name: "works", way: "serve", strategy: "chan"},
		{name: "panics", way: "serve", strategy: "panics", kind: results.FailurePanic, detail: "panic: out of lanes"},
		{
			name: "hangs", way: "serve", strategy: "hangs", timeout: 300 * time.Millisecond,
			kind: results.FailureTimeout, detail: "not finished after 300ms",
		},
		{name: "loses", way: "serve", strategy: "loses", kind: results.FailureDelivery, detail: "1 of"},
		{name: "hoards", way: "serve", strategy: "hoards", memory: 64 << 20, kind: results.FailureMemory}, // whoever sees it first
		{name: "unknown strategy", way: "serve", strategy: "chan", kind: results.FailureError, detail: "exit status 1"},
		{name: "silent", way: "silent", strategy: "chan", kind: results.FailureProtocol, detail: "not a trial reply"},
		{name: "babbles", way: "babble", strategy: "chan", kind: results.FailureProtocol, detail: "not a trial reply"},
		{name: "floods", way: "flood", strategy: "chan", kind: results.FailureProtocol, detail: "wrote more than"},
		{name: "is newer", way: "future", strategy: "chan", kind: results.FailureProtocol, detail: "schema 99"},
		{name: "says both", way: "both", strategy: "chan", kind: results.FailureProtocol, detail: "exactly one"},
		{name: "miscounts", way: "impossible", strategy: "chan", kind: results.FailureProtocol, detail: "does not hold"},
		{name: "gives up", way: "exit", strategy: "chan", kind: results.FailureError, detail: "exit status 3"},
		{name: "is killed", way: "suicide", strategy: "chan", kind: results.FailureKilled, detail: "killed"},
		{
			name: "never answers", way: "hang", strategy: "chan", timeout: 100 * time.Millisecond,
			kind: results.FailureTimeout, detail: "no answer",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			spec := specOf(test.strategy)
			spec.MemoryLimit = test.memory
			if test.timeout > 0 {
				spec.TimeoutNs = int64(test.timeout)
			}
			if test.name == "unknown strategy" {
				spec.Cell.Strategy = "no-such"
			}
			reply := runChild(context.Background(), childCommand(t, test.way), spec)
			if test.kind == "" {
				if reply.Measurement == nil || reply.Measurement.Delivered != spec.Cell.Messages {
					t.Errorf("reply %+v; want a measurement of %d messages", reply, spec.Cell.Messages)
				}
				return
			}
			if reply.Failure == nil || reply.Failure.Kind != test.kind || !strings.Contains(reply.Failure.Detail, test.detail) {
				t.Errorf("failure %+v; want kind %s and detail with %q", reply.Failure, test.kind, test.detail)
			}
			if strings.Contains(reply.Failure.Detail, "\n") {
				t.Errorf("detail %q is more than a line", reply.Failure.Detail)
			}
		})
	}
}

// What a child does not say it measured is absent, and what only a newer one says
// is ignored.
func TestModestChild(t *testing.T) {
	reply := runChild(context.Background(), childCommand(t, "modest"), specOf("chan"))
	m := reply.Measurement
	if m == nil || m.Delivered != 3 || m.Mallocs != nil || m.GCs != nil || m.PeakBytes != 0 {
		t.Fatalf("reply %+v; want its three messages, and nothing that it did not say", reply)
	}
}

// An interrupt ends the trial in flight at once and reports no outcome for it.
func TestRunnerInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var ended []results.Trial
	r := Runner{
		Command: childCommand(t, "hang"),
		Begin:   func(scenario.Slot) { time.AfterFunc(50*time.Millisecond, cancel) },
		Done:    func(trial results.Trial) error { ended = append(ended, trial); return nil },
	}
	start := time.Now()
	err := r.Run(ctx, []scenario.Slot{{Cell: specOf("chan").Cell}})
	if !errors.Is(err, context.Canceled) || len(ended) != 0 {
		t.Errorf("error %v and %d outcomes; want canceled and none", err, len(ended))
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v to end", took)
	}
}

// When the parent is killed, the kernel ends its child.
func TestNoOrphan(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the parent-death signal is Linux's; elsewhere a child ends by its own timeout")
	}
	if os.Getenv("FANIN_BENCH_TEST_PARENT") != "" {
		command := childCommand(t, "hang")
		runChild(context.Background(), command, trial.Spec{TimeoutNs: int64(time.Minute)})
		return
	}
	parent := exec.Command(os.Args[0], "-test.run=^TestNoOrphan$", "-test.count=1")
	parent.Env = append(os.Environ(), "FANIN_BENCH_TEST_PARENT=1")
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	child := awaitChild(t, parent.Process.Pid)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	for deadline := time.Now().Add(10 * time.Second); alive(child); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("child %s outlived its parent", child)
		}
	}
}

// awaitChild returns the process number of the first child of a process.
func awaitChild(t *testing.T, parent int) string {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", parent))
		for _, thread := range threads {
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", parent, thread.Name()))
			if pids := strings.Fields(string(text)); len(pids) > 0 {
				return pids[0]
			}
		}
	}
	t.Fatal("the parent started no child")
	return ""
}

func alive(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

// A child's peak is its own: a parent that is large does not make it so.
func TestPeakIsOwn(t *testing.T) {
	onLinux(t)
	ballast := slices.Repeat([]byte{1}, 256*mib)
	spec := specOf("chan")
	reply := runChild(context.Background(), childCommand(t, "serve"), spec)
	runtime.KeepAlive(ballast)
	if reply.Failure != nil {
		t.Fatal(reply.Failure)
	}
	if peak := reply.Measurement.PeakBytes; peak == 0 || peak > 128*mib {
		t.Errorf("a child that moves words peaked at %d MiB", peak/mib)
	}
	if reply.Memory == nil || reply.Memory.PeakBytes > 128*mib {
		t.Errorf("memory %+v", reply.Memory)
	}
}
