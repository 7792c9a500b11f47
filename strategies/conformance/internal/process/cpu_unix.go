//go:build unix

package process

import (
	"syscall"
	"time"
)

// CPU returns the CPU time that this process has used, in user and
// kernel mode, and whether it could be read.
func CPU() (time.Duration, bool) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
