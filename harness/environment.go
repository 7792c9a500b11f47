package harness

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/load"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/fanin-bench/fanin-bench/results"
)

// ReadEnvironment describes the machine and the runtime, as far as they can be
// read.
func ReadEnvironment(ctx context.Context) results.Environment {
	clock := NewClock()
	e := results.Environment{
		Cores:        runtime.NumCPU(),
		GOMAXPROCS:   runtime.GOMAXPROCS(0),
		Go:           runtime.Version(),
		GOEXPERIMENT: os.Getenv("GOEXPERIMENT"),
		GOGC:         gogc(),
		OS:           runtime.GOOS,
		Arch:         runtime.GOARCH,
		Governor:     firstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
		CgroupCPUs:   cgroupCPUs(firstLine("/sys/fs/cgroup/cpu.max")),
		Commit:       commit(),
		Clock:        clock.Name(),
		ClockNs:      clock.Cost(),
	}
	if info, err := cpu.InfoWithContext(ctx); err == nil && len(info) > 0 {
		e.CPU = info[0].ModelName
	}
	if info, err := host.InfoWithContext(ctx); err == nil {
		e.Kernel = info.KernelVersion
		if info.VirtualizationRole == "guest" {
			e.Virtual = info.VirtualizationSystem
		}
	}
	if avg, err := load.AvgWithContext(ctx); err == nil {
		e.Load1 = avg.Load1
	}
	if memory, err := mem.VirtualMemoryWithContext(ctx); err == nil {
		e.MemoryBytes = memory.Total
	}
	return e
}

// EnvironmentWarnings says what about the environment makes results doubtful: what
// doctor warns of that is known before anything is measured.
func EnvironmentWarnings(e results.Environment) []string {
	var f findings
	f.environment(e)
	var warnings []string
	for _, finding := range f {
		if finding.Severity != SeverityNote {
			warnings = append(warnings, finding.What)
		}
	}
	return warnings
}

func gogc() string {
	if value := os.Getenv("GOGC"); value != "" {
		return value
	}
	return "100"
}

func firstLine(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(data), "\n")
	return strings.TrimSpace(line)
}

// cgroupCPUs reads cgroup v2's cpu.max, "quota period" in microseconds; 0 means no
// quota.
func cgroupCPUs(text string) float64 {
	quota, period, _ := strings.Cut(text, " ")
	q, errQuota := strconv.ParseFloat(quota, 64)
	p, errPeriod := strconv.ParseFloat(period, 64)
	if errQuota != nil || errPeriod != nil || p <= 0 {
		return 0
	}
	return q / p
}

// commit returns the revision that this program was built from, where the build
// recorded one.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return Revision(info)
}

// Revision returns the commit that a program was built from, with "+changes" if
// there were any since; empty if the build did not record one.
func Revision(info *debug.BuildInfo) string {
	revision, modified := "", ""
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			revision = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				modified = "+changes"
			}
		}
	}
	return revision + modified
}
