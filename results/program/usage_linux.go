package program

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// cpuOf returns the processor time that a process has used in ns; 0 if it has ended. The
// kernel has a clock for each process, whose number follows from the process's id.
func cpuOf(pid int) int64 {
	const processClock = 2 // CPUCLOCK_SCHED, of the whole process
	var used unix.Timespec
	if unix.ClockGettime(int32(^pid<<3|processClock), &used) != nil {
		return 0
	}
	return used.Nano()
}

// peakOf returns the highest resident set of a process, of which shared memory counts in
// each that uses it; 0 if it has ended.
func peakOf(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	line, _, _ := bytes.Cut(after, []byte(" kB"))
	kib, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}
