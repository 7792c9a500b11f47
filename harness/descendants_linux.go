package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
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
	paths, _ := filepath.Glob("/proc/[0-9]*/environ") //nolint:errcheck // the pattern is one
	for _, path := range paths {
		environment, err := os.ReadFile(path)
		if err != nil || !strings.Contains("\x00"+string(environment), "\x00"+mark) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
