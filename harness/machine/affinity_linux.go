package machine

import "golang.org/x/sys/unix"

// maxCPUs is how many processors a unix.CPUSet can tell.
const maxCPUs = 1024

// affinity lists the processors that this process may run on; empty if it cannot be read.
func affinity() string {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return ""
	}
	return listCPUs(set.IsSet, maxCPUs)
}
