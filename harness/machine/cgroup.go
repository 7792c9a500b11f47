package machine

import (
	"cmp"
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// cgroups is where to read of the limits that this process lives under.
type cgroups struct {
	mount string // where the control groups are
	self  string // the text of the process's /proc/self/cgroup
}

// OwnCgroups returns those of this process; false where the system has none.
func OwnCgroups() (cgroups, bool) {
	self, err := os.ReadFile("/proc/self/cgroup")
	return cgroups{"/sys/fs/cgroup", string(self)}, err == nil
}

// Dirs returns the directories that may tell of what a controller does to the process:
// its own cgroup and every one around it, of either version. A container often sees the
// paths of its host and only its own cgroup mounted, as the root; that is the last one.
func (c cgroups) Dirs(controller string) []string {
	var dirs []string
	for line := range strings.Lines(c.self) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 || !path.IsAbs(parts[2]) {
			continue
		}
		mount := ""
		switch {
		case parts[1] == "": // version 2
			mount = c.mount
			if _, err := os.Stat(path.Join(mount, "unified")); err == nil { // beside version 1
				mount = path.Join(mount, "unified")
			}
		case strings.Contains(","+parts[1]+",", ","+controller+","):
			mount = path.Join(c.mount, parts[1])
		default:
			continue
		}
		for at := path.Clean(parts[2]); ; at = path.Dir(at) {
			dirs = append(dirs, path.Join(mount, at))
			if at == "/" {
				break
			}
		}
	}
	return dirs
}

// least returns the least that any of a controller's directories allows by means of
// read, which returns 0 where a directory has no limit; 0 is none.
func least[N int64 | float64](c cgroups, controller string, read func(dir string) N) (least N) {
	for _, dir := range c.Dirs(controller) {
		if n := read(dir); n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}

// cpus returns the CPU quota, in CPUs: the least around the process, for each of them
// holds.
func (c cgroups) cpus() float64 {
	return least(c, "cpu", func(dir string) float64 {
		if quota := cgroupCPUs(firstLine(path.Join(dir, "cpu.max"))); quota > 0 {
			return quota
		}
		return cgroupCPUs(firstLine(path.Join(dir, "cpu.cfs_quota_us")) + " " + firstLine(path.Join(dir, "cpu.cfs_period_us")))
	})
}

// unlimited is more than any memory limit: version 1 writes "none" as the largest number
// of pages.
const unlimited = 1 << 60

// memory returns the memory limit, in bytes. Beyond memory.high a process is not killed
// but held up, which is no better for a measurement.
func (c cgroups) memory() int64 { return least(c, "memory", memoryIn) }

// memoryIn returns the memory limit that a directory tells of, 0 if there is none.
func memoryIn(dir string) (limit int64) {
	for _, file := range []string{"memory.max", "memory.high", "memory.limit_in_bytes"} {
		n, err := strconv.ParseInt(firstLine(path.Join(dir, file)), 10, 64)
		if err == nil && n > 0 && n < unlimited {
			limit = min(cmp.Or(limit, n), n)
		}
	}
	return limit
}

// free returns how much of the memory limit nobody uses, in bytes: the least around the
// process, or the highest number if there is no limit. What the system keeps of files
// counts as used, though it would be given up.
func (c cgroups) free() int64 {
	free := int64(math.MaxInt64)
	for _, dir := range c.Dirs("memory") {
		limit := memoryIn(dir)
		for _, file := range []string{"memory.current", "memory.usage_in_bytes"} {
			used, err := strconv.ParseInt(firstLine(path.Join(dir, file)), 10, 64)
			if err == nil && limit > 0 {
				free = min(free, max(0, limit-used))
			}
		}
	}
	return free
}

// cgroupCPUs reads cgroup v2's cpu.max, "quota period" in microseconds, and what
// version 1 has in two files; 0 means no quota.
func cgroupCPUs(text string) float64 {
	quota, period, _ := strings.Cut(text, " ")
	q, errQuota := strconv.ParseFloat(quota, 64)
	p, errPeriod := strconv.ParseFloat(period, 64)
	if errQuota != nil || errPeriod != nil || q <= 0 || p <= 0 {
		return 0
	}
	return q / p
}
