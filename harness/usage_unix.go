//go:build unix

package harness

import (
	"runtime"
	"syscall"
	"time"
)

// readUsage asks getrusage, but for the peak where that counts what our parent had.
func readUsage() usage {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return usage{}
	}
	unit := int64(1024)
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		unit = 1 // it counts in bytes there
	}
	peak := int64(r.Maxrss) * unit //nolint:unconvert // 32 bits wide on some systems
	if bytes, known := highWater(); known {
		peak = bytes
	}
	return usage{
		cpu:     time.Duration(r.Utime.Nano() + r.Stime.Nano()),
		peakRSS: peak,
		evicted: int64(r.Nivcsw), //nolint:unconvert // the same
		waited:  int64(r.Nvcsw),  //nolint:unconvert // the same
		known:   true,
	}
}
