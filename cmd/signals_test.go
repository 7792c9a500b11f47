//go:build unix

package cmd

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/resultstest"
)

// endsWithin is how long a process may take to end, seen from outside on a machine that
// is busy: its own limit is one second.
const endsWithin = 5 * time.Second

// signalled starts the program, sends it a signal once it is ready, and checks how it
// ends. It returns what the program wrote to standard error.
func signalled(t *testing.T, sig syscall.Signal, stdin io.Reader, ready func(said func() string) bool, args ...string) string {
	t.Helper()
	c := program(t, args...)
	var stderr, stdout lockedBuffer
	c.Stdin, c.Stdout, c.Stderr = stdin, &stdout, &stderr
	said := func() string { return stdout.String() + stderr.String() }
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for deadline := time.Now().Add(30 * time.Second); !ready(said); time.Sleep(time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatalf("%v ended by itself: %v\n%s", args, err, stderr.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v was not ready in 30 s\n%s", args, stderr.String())
		}
	}
	if err := c.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended: //nolint:errcheck // how it ended is asked below
	case <-time.After(endsWithin):
		_ = c.Process.Kill()
		t.Fatalf("%v: not ended %v after %v\n%s", args, endsWithin, sig, stderr.String())
	}
	code, want := c.ProcessState.ExitCode(), 128+int(sig)
	if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		code = 128 + int(status.Signal()) // before it heeds signals
	}
	if code != want {
		t.Errorf("%v: exit %d after %v, want %d\n%s", args, code, sig, want, stderr.String())
	}
	return stderr.String()
}

// lockedBuffer is a buffer that one writes while another reads.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// blockedOn makes a run directory whose trials are a pipe that never ends, so that what
// reads it waits.
func blockedOn(t *testing.T) (dir string, opened func() bool) {
	t.Helper()
	dir = stored(t, smallSynthetic())
	name := filepath.Join(dir, results.TrialsFile)
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	var end *os.File
	t.Cleanup(func() { _ = end.Close() })
	return dir, func() bool {
		if end == nil {
			// Fails until somebody reads.
			end, _ = os.OpenFile(name, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		}
		return end != nil
	}
}

// Every verb that reads runs ends at once, whatever it is doing.
func TestSignalsEndReaders(t *testing.T) {
	for verb, args := range map[string][]string{
		"plot": nil, "report": {"--out", "page.html"}, "export": {"--format", "csv", "--out", "x.csv"}, "speed": nil,
		"compare": {stored(t, smallSynthetic())}, "history": {stored(t, smallSynthetic())},
		"merge": {stored(t, smallSynthetic()), "--out", "merged"}, "recommend": {"--from"},
	} {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(verb+"/"+sig.String(), func(t *testing.T) {
				dir, opened := blockedOn(t)
				line := append([]string{verb}, args...)
				if stderr := signalled(t, sig, nil, func(func() string) bool { return opened() }, append(line, dir)...); strings.Count(stderr, "\n") != 1 {
					t.Errorf("not one line: %q", stderr)
				}
			})
		}
	}
}

// What is written when the signal comes is not left behind by half.
func TestSignalsLeaveNothing(t *testing.T) {
	run := stored(t, resultstest.Run(resultstest.Config{Strategies: 12, Producers: []int{1, 4, 16, 64}, Reps: 6, Samples: 200}))
	unfinished := func() []string {
		names, err := filepath.Glob(filepath.Join(run, "*", ".fanin-bench.*"))
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	signalled(t, syscall.SIGTERM, nil, func(func() string) bool { return len(unfinished()) > 0 }, "plot", run)
	if left := unfinished(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// The verbs that measure end in order, and soon.
func TestSignalsEndMeasuring(t *testing.T) {
	says := func(text string) func(func() string) bool {
		return func(said func() string) bool { return strings.Contains(said(), text) }
	}
	const spec = `{"schema":1,"cell":{"strategy":"chan","producers":2,"arrival":"closed","payload_bytes":8,"capacity":1024,
		"policy":"block","send_batch":1,"recv_batch":256,"duration_ns":30000000000,"gomaxprocs":2},"seed":1,"timeout_ns":300000000000}`
	for verb, test := range map[string]struct {
		ready func(func() string) bool
		args  []string
	}{
		"trial":     {nil, nil},
		"run":       {says("2 cells,"), []string{"--strategies", "chan", "--producers", "2", "--duration", "30s", "--timeout", "5m"}},
		"recommend": {says("trials, seed"), []string{"--strategies", "chan,lanes", "--for", "10m", "--producers", "2"}},
		"doctor":    {says("checking"), []string{"--duration", "10s"}},
		"verify":    {says("seed"), []string{"--strategies", "chan,lanes", "--for", "10m"}},
	} {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(verb+"/"+sig.String(), func(t *testing.T) {
				if verb == "trial" { // it says nothing until its end
					test.ready = soon()
				}
				signalled(t, sig, strings.NewReader(spec), test.ready, append([]string{verb}, test.args...)...)
				if verb == "run" {
					signalled(t, sig, nil, test.ready, append([]string{verb, "--isolation", "none"}, test.args...)...)
				}
			})
		}
	}
}

// soon is ready after a while.
func soon() func(func() string) bool {
	begun := time.Now()
	return func(func() string) bool { return time.Since(begun) > 300*time.Millisecond }
}

// A program that hangs is killed with what it started.
func TestSignalsEndPrograms(t *testing.T) {
	t.Chdir(t.TempDir())
	writeScript(t, "hangs", `#!/bin/sh
case $1 in
describe) echo '{"schema":1,"strategies":[{"name":"theirs","doc":"a queue of others","order":"global","bound":"unbounded","wait":"parks"}]}' ;;
trial) (while :; do echo alive; sleep 0.02; done >>"$0.log") & wait ;;
esac
`)
	path, err := filepath.Abs("hangs")
	if err != nil {
		t.Fatal(err)
	}
	alive := func() int64 {
		info, err := os.Stat(path + ".log")
		if err != nil {
			return 0
		}
		return info.Size()
	}
	signalled(t, syscall.SIGINT, nil, func(func() string) bool { return alive() > 0 }, "run", "--program", path, "--strategies", "theirs", "--producers", "2")
	size := alive()
	time.Sleep(300 * time.Millisecond)
	if now := alive(); now != size {
		t.Errorf("what the program started lives on: %d bytes of signs, then %d", size, now)
	}
}

// The first signal leaves a run the time to end in order, and not more; the second
// leaves it none.
func TestSignalsForce(t *testing.T) {
	const tries = 5 // a busy machine may be late
	for try := range tries {
		out := filepath.Join(t.TempDir(), "run")
		c := program(t, "run", "--out", out, "--strategies", "chan", "--producers", "2", "--duration", "20ms", "--reps", "500")
		var stderr strings.Builder
		c.Stderr = &stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(30 * time.Second); trialsIn(out) == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("no trial was stored in 30 s")
			}
		}
		// Nobody reads this pipe, so that the run cannot end in order.
		if err := syscall.Mkfifo(filepath.Join(out, results.SummaryFile), 0o600); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		_ = c.Process.Signal(syscall.SIGTERM)
		if try > 0 {
			time.Sleep(50 * time.Millisecond) // two at the same time are one
			_ = c.Process.Signal(syscall.SIGINT)
		}
		_ = c.Wait() // how it ended is asked below
		took := time.Since(begun)
		if code := c.ProcessState.ExitCode(); code != 128+int(syscall.SIGTERM) || !strings.Contains(stderr.String(), "--resume --out "+out) {
			t.Fatalf("exit %d after %v\n%s", code, took, stderr.String())
		}
		switch {
		case try == 0 && (took < patience || took > endsWithin):
			t.Fatalf("one signal ended it after %v", took)
		case try > 0 && took < patience:
			return
		}
	}
	t.Errorf("a second signal did not end it before %v", patience)
}
