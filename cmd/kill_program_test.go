package cmd

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/cmd/internal/held"
	"github.com/fanin-bench/fanin-bench/results"
	theirs "github.com/fanin-bench/fanin-bench/results/program"
)

// pipe is a fan-in through a pipe of the system, between processes.
type pipe struct {
	read, write *os.File
	message     []byte
}

func (p *pipe) Recv(visit func([]byte)) (int, error) {
	if _, err := p.read.Read(p.message); err != nil {
		return 0, err
	}
	visit(p.message)
	return 1, nil
}
func (p *pipe) Close() error { return p.read.Close() }
func (p *pipe) Invite() (theirs.Invitation, error) { //nolint:unparam // the interface has it
	return theirs.Invitation{Files: []*os.File{p.write}}, nil
}
func (p *pipe) Sender(int) (theirs.Sender, error) { return p, nil } //nolint:unparam // the interface has it
func (p *pipe) Send(message []byte) error         { _, err := p.write.Write(message); return err }

// betweenName is what a copy of this test's binary is called that is such a program.
const betweenName = "between"

// between is the main of a program whose strategy leaves the process.
func between(args []string) int {
	return theirs.Main(args, theirs.Strategy{
		Strategy: results.Strategy{
			Name: "pipe", Doc: "a pipe", Order: "per producer", Bound: "bounded in total", Wait: "parks", Policies: []string{"block"},
			Delivery: results.DeliveryAtMostOnce,
		},
		Open: func(s theirs.Setup) (theirs.Queue, error) {
			r, w, err := os.Pipe()
			return &pipe{r, w, make([]byte, s.Payload)}, err
		},
		Join: func(_ theirs.Setup, i theirs.Invitation) (theirs.Producers, error) {
			return &pipe{write: i.Files[0]}, nil
		},
	})
}

// running returns the processes of a program, those of producers apart.
func running(t *testing.T, path string) (trials, producers []int) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range all {
		if exe, err := os.Readlink(link); err != nil || exe != path {
			continue
		}
		dir := filepath.Dir(link)
		pid, err := strconv.Atoi(filepath.Base(dir))
		line, gone := os.ReadFile(filepath.Join(dir, "cmdline"))
		switch {
		case err != nil || gone != nil:
		case strings.Contains(string(line), "producers"):
			producers = append(producers, pid)
		default:
			trials = append(trials, pid)
		}
	}
	return trials, producers
}

// Whoever of the processes of a trial is killed, the program that measures among them, none of
// them lives on.
func TestKilledBetweenProcesses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere a process ends when it notices")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, victim := range []string{"the parent of the trial", "the trial", "a producer"} {
		t.Run(victim, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), betweenName)
			if err := held.Copy(path, self); err != nil {
				t.Fatal(err)
			}
			c := program(t, "run", "--program", path, "--strategies", "pipe", "--processes", "3", "--producers", "3", "--payload", "64",
				"--duration", "1m", "--timeout", "5m", "--reps", "1", "--out", filepath.Join(t.TempDir(), "run"))
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- c.Wait() }()
			defer func() { _ = c.Process.Kill() }()
			var trials, producers []int
			await(t, "the trial does not begin", func() bool {
				trials, producers = running(t, path)
				return len(trials) == 1 && len(producers) == 3
			})
			at := map[string]int{"the parent of the trial": c.Process.Pid, "the trial": trials[0], "a producer": producers[1]}[victim]
			if process, err := os.FindProcess(at); err != nil || process.Kill() != nil {
				t.Fatalf("killing %d: %v", at, err)
			}
			await(t, "processes live on", func() bool {
				trials, producers := running(t, path)
				return len(trials)+len(producers) == 0
			})
			select {
			case err := <-ended:
				var exit *exec.ExitError
				if !errors.As(err, &exit) {
					t.Errorf("it ended with %v; want an error", err)
				}
			case <-time.After(30 * time.Second):
				t.Error("the parent of the trial does not end")
			}
		})
	}
}

// await waits until something holds.
func await(t *testing.T, otherwise string, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > 30*time.Second {
			t.Fatal(otherwise)
		}
	}
}
