package harness

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"github.com/fanin-bench/fanin-bench/harness/machine"
)

// isolate puts the child in a process group of its own, and has the kernel kill it
// when we die, however we die.
func isolate(child *exec.Cmd) {
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ownGroup(child)
}

// runTied runs the child. The kernel ties it to the thread that started it, not
// to the process, so that thread must stay. started is called when it runs.
func runTied(child *exec.Cmd, started func()) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own := mark(child)
	if err := child.Start(); err != nil {
		return err
	}
	groups.add(child.Process.Pid)
	defer killMarked(own)
	defer groups.end(child.Process.Pid)
	started()
	return child.Wait()
}

// killedBy returns the name of the signal that ended the child, or "".
func killedBy(exit *exec.ExitError) string {
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return status.Signal().String()
	}
	return ""
}

// peakBytes returns the highest resident set of a process that has ended, 0 if
// that is not known. The kernel carries over what its parent had when it started
// it, so what is no more than we ever had may be ours.
func peakBytes(ended *os.ProcessState) int64 {
	used, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	peak := int64(used.Maxrss) * 1024 //nolint:unconvert // 32 bits wide on some systems
	if own, known := machine.HighWater(); known && peak <= own {
		return 0
	}
	return peak
}

// residentBytes returns the resident set of a process; false if it has ended.
func residentBytes(pid int) (int64, bool) {
	resident, _, known := memoryOf(pid)
	return resident, known
}

// memoryOf returns the resident set of a process and what of it is shared, in bytes; false if
// it has ended.
func memoryOf(pid int) (resident, shared int64, known bool) {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := bytes.Fields(statm)
	if err != nil || len(fields) < 3 {
		return 0, 0, false
	}
	resident, err = strconv.ParseInt(string(fields[1]), 10, 64)
	shared, otherErr := strconv.ParseInt(string(fields[2]), 10, 64)
	page := int64(os.Getpagesize())
	return resident * page, shared * page, err == nil && otherErr == nil && resident > 0 // a zombie has none
}

// familyBytes is residentBytes of a process and all that it started: of those only what
// they share with nobody, because the program and shared memory are the same pages.
func familyBytes(pid int) (int64, bool) {
	sum, known := residentBytes(pid)
	for _, child := range childrenOf(pid) {
		if resident, shared, known := memoryOf(child); known {
			sum += resident - shared
		}
	}
	return sum, known
}

// childrenOf lists what a process started, and what those did.
func childrenOf(pid int) (all []int) {
	paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/[0-9]*/children", pid)) //nolint:errcheck // the pattern is one
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // the thread has ended
		}
		for _, field := range bytes.Fields(text) {
			if child, err := strconv.Atoi(string(field)); err == nil {
				all = append(append(all, child), childrenOf(child)...)
			}
		}
	}
	return all
}

// limitData has the kernel refuse this process more than so many bytes of data.
// Where it may not, the other guards remain.
func limitData(bytes int64) {
	limit := uint64(bytes)
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: limit, Max: limit})
}
