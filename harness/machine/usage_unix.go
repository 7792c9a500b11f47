//go:build unix

package machine

import (
	"runtime"
	"syscall"
	"time"
)

// ReadUsage asks getrusage, but for the peak where that counts what our parent had.
func ReadUsage() Usage {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return Usage{}
	}
	unit := int64(1024)
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		unit = 1 // it counts in bytes there
	}
	peak := int64(r.Maxrss) * unit //nolint:unconvert // 32 bits wide on some systems
	if bytes, known := HighWater(); known {
		peak = bytes
	}
	return Usage{
		Cpu:     time.Duration(r.Utime.Nano() + r.Stime.Nano()),
		PeakRSS: peak,
		Evicted: int64(r.Nivcsw), //nolint:unconvert // the same
		Waited:  int64(r.Nvcsw),  //nolint:unconvert // the same
		Known:   true,
	}
}
