package process

import (
	"syscall"
	"time"
)

// CPU returns the CPU time that this process has used, in user and
// kernel mode, and whether it could be read.
func CPU() (time.Duration, bool) {
	process, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0, false
	}
	var created, exited, kernel, user syscall.Filetime
	if err := syscall.GetProcessTimes(process, &created, &exited, &kernel, &user); err != nil {
		return 0, false
	}
	return filetime(kernel) + filetime(user), true
}

// filetime reads a span of time, which Windows counts in 100 ns. Filetime's own
// Nanoseconds method reads points in time, since 1601.
func filetime(f syscall.Filetime) time.Duration {
	return time.Duration(uint64(f.HighDateTime)<<32|uint64(f.LowDateTime)) * 100
}
