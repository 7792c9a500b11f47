package harness

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// A child that leaves its process group, as setsid does, is not killed with that. What it
// leaves running still has the environment that we gave it, in which a mark says whose it is.
const markName = "FANIN_BENCH_CHILD"

var marks atomic.Int64

// ownMark begins the marks of all children of this process.
func ownMark() string { return fmt.Sprintf("%s=%d.", markName, os.Getpid()) }

// mark gives a child a mark of its own.
func mark(child *exec.Cmd) string {
	m := fmt.Sprintf("%s%d.", ownMark(), marks.Add(1))
	child.Env = append(child.Environ(), m)
	return m
}

// mostSweeps bounds how often processes are looked for that start others while they are
// killed.
const mostSweeps = 10

// killMarked kills the processes whose mark begins so.
func killMarked(mark string) {
	for range mostSweeps {
		killed := false
		for _, pid := range marked(mark) {
			killed = syscall.Kill(pid, syscall.SIGKILL) == nil || killed
		}
		if !killed {
			return
		}
	}
}

// marked lists the processes whose mark begins so. One that has ended has no environment.
func marked(mark string) (pids []int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*") //nolint:errcheck // the pattern is one
	for _, dir := range dirs {
		if !strings.Contains("\x00"+environment(dir), "\x00"+mark) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// mostExec bounds how long a process is waited for that turns into another program. It
// takes microseconds, but for a machine that has no processor for it.
const mostExec = time.Second

// environment returns the environment that a process was given, of which dir tells; none
// if it has ended, or is another user's. While it turns into another program there is none
// to be read, or the beginning only: what was read is believed if it had the same program
// before and after.
func environment(dir string) string {
	for deadline := time.Now().Add(mostExec); ; time.Sleep(100 * time.Microsecond) {
		before := environmentEnd(dir)
		text, err := os.ReadFile(filepath.Join(dir, "environ"))
		after := environmentEnd(dir)
		if err != nil || after == before && after != "0" || time.Now().After(deadline) {
			return string(text)
		}
	}
}

// environmentEnd returns the address at which the environment of a process ends. It
// differs from program to program, and is 0 while a process turns into one. Those that
// have ended, and the system's own, have no program: then it is empty.
func environmentEnd(dir string) string {
	if _, err := os.Readlink(filepath.Join(dir, "exe")); err != nil {
		return ""
	}
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return ""
	}
	const envEnd = 51 - 3 // of the fields that proc_pid_stat(5) counts, from the state on
	values := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(values) <= envEnd {
		return ""
	}
	return values[envEnd]
}
