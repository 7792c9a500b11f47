//go:build !unix && !windows

package process

import "time"

// CPU returns false: there is no portable way to ask.
func CPU() (time.Duration, bool) { return 0, false }
