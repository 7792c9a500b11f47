package program

import (
	"time"

	"golang.org/x/sys/unix"
)

// began is where this process counts from, and ahead how far the clock of the system
// that all processes share was then: reading that one is a system call, time.Since none.
var (
	began = time.Now()
	ahead = sharedClock() - int64(time.Since(began))
)

func sharedClock() int64 {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) // it fails for a clock that is none
	return now.Nano()
}

// Now returns ns since some moment that is the same for all processes of the machine.
func Now() int64 { return ahead + int64(time.Since(began)) }
