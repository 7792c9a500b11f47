package machine

import (
	"bytes"
	"os"
	"strconv"
)

// HighWater returns the highest resident set of this process. Unlike getrusage's it
// begins anew when the program does.
func HighWater() (int64, bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	_, rest, found := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if !found || len(fields) < 2 || string(fields[1]) != "kB" {
		return 0, false
	}
	kilobytes, err := strconv.ParseInt(string(fields[0]), 10, 64)
	return kilobytes << 10, err == nil && kilobytes > 0
}
