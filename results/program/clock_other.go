//go:build !linux

package program

import "time"

// began is where this process counts from. The wall's time is the one that processes
// share here; it is read once, so that only what it is set by between the starts of two
// processes is an error of the times between them.
var began = time.Now()

// Now returns ns since some moment that is the same for all processes of the machine.
func Now() int64 { return began.UnixNano() + int64(time.Since(began)) }
