package machine

import (
	"fmt"
	"math"
	"sync"

	"github.com/shirou/gopsutil/v4/mem"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// MostTrialMemory is what a trial may use where there is room for it: an unbounded queue
// that runs away is then a recorded failure long before the machine is in trouble.
const MostTrialMemory = 4 << 30

// ownMemory is what is left to the program that starts the trials. With the histograms
// of the default sweep it takes 90 MB, and drawing comes after the trials.
const ownMemory = 128 << 20

// leastTrialMemory is what a trial needs to be one at all: of 1000 producers, words
// only, the child has 40 MB.
const leastTrialMemory = 64 << 20

// roomForTrial returns how much memory a trial may use on a machine with so much of it
// and under such a limit of a cgroup, each 0 if there is none or it is not known: so much
// that the kernel's guard comes before the machine's, or the cgroup's, own, which may
// choose another victim than the trial. It is 0 if nothing is known.
func roomForTrial(machine uint64, cgroup int64) int64 {
	room := cgroup
	if have := int64(min(machine, 1<<50)); have > 0 && (room == 0 || have < room) {
		room = have
	}
	if room == 0 {
		return 0
	}
	return max((room-ownMemory-HardLimit(0))*2/3, leastTrialMemory) // the inverse of HardLimit
}

// TrialMemory returns how much a trial may use there unless somebody says otherwise, in
// whole MiB.
func TrialMemory(machine uint64, cgroup int64) int64 {
	if room := roomForTrial(machine, cgroup); room > 0 {
		return min(room, MostTrialMemory) >> 20 << 20
	}
	return MostTrialMemory
}

// MemoryWarning says if trials that may use so much memory, 0 for any amount, endanger
// the program that starts them; empty if not.
func MemoryWarning(e results.Environment, limit int64) string {
	var cgroup int64
	if e.Limits != nil {
		cgroup = e.Limits.MemoryBytes
	}
	room := roomForTrial(e.MemoryBytes, cgroup)
	if room == 0 || limit > 0 && limit <= room {
		return ""
	}
	allowed := "any amount of memory"
	if limit > 0 {
		allowed = units.Bytes(float64(limit)) + " of memory"
	}
	return fmt.Sprintf("a trial may use %s, and there is room for %s: the system may end the whole run (see --memory-limit)",
		allowed, units.Bytes(float64(room)))
}

// DefaultMemoryLimit returns how much memory a trial may use unless a scenario or a flag
// says otherwise: 4 GiB, or what the machine and the cgroup have room for.
func DefaultMemoryLimit() int64 { return defaultMemoryLimit() }

var defaultMemoryLimit = sync.OnceValue(func() int64 {
	var machine uint64
	if memory, err := mem.VirtualMemory(); err == nil {
		machine = memory.Total
	}
	var cgroup int64
	if own, ok := OwnCgroups(); ok {
		cgroup = own.memory()
	}
	return TrialMemory(machine, cgroup)
})

// HardLimit is how much data the kernel lets the child map: 44 MB before it has
// allocated anything, and then more than it uses, for the runtime never unmaps.
func HardLimit(limit int64) int64 { return limit + limit/2 + 128<<20 }

// FreeMemory returns how much memory there is for processes to be started: what the
// system has available, or the limit of the cgroup less what is in use there. It is the
// highest number if that is not known.
func FreeMemory() int64 {
	free := int64(math.MaxInt64)
	if memory, err := mem.VirtualMemory(); err == nil {
		free = int64(min(memory.Available, math.MaxInt64))
	}
	if own, ok := OwnCgroups(); ok {
		free = min(free, own.free())
	}
	return max(0, free-ownMemory)
}
