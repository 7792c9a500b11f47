//go:build !unix && !windows

package conformance

import "time"

// processCPU returns false: there is no portable way to ask.
func processCPU() (time.Duration, bool) { return 0, false }
