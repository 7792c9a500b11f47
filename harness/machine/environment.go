package machine

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
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
		Cores:      runtime.NumCPU(),
		GOMAXPROCS: runtime.GOMAXPROCS(0),
		Go:         runtime.Version(),
		GOGC:       gogc(),
		OS:         runtime.GOOS,
		Arch:       runtime.GOARCH,
		Governor:   firstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
		Clock:      clock.Name(),
		ClockNs:    clock.Cost(),
		Settings:   readSettings(),
		Build:      OwnBuild(),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		e.Commit, e.GOEXPERIMENT = revision(info), setting(info, "GOEXPERIMENT")
	}
	if own, ok := OwnCgroups(); ok {
		e.CgroupCPUs = own.cpus()
		e.Limits = &results.Limits{MemoryBytes: own.memory(), CPUs: affinity()}
		if n, err := cpu.CountsWithContext(ctx, true); err == nil {
			e.Limits.MachineCPUs = n
		}
	}
	if info, err := cpu.InfoWithContext(ctx); err == nil && len(info) > 0 {
		e.CPU = processor(info[0])
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

// processor names a processor. Virtual machines often hide its number, and what two
// generations of "AMD EPYC" reach differs by a third: their family and model tell them apart.
func processor(p cpu.InfoStat) string {
	if p.ModelName == "" || p.Family == "" || strings.ContainsAny(p.ModelName, "0123456789") {
		return p.ModelName
	}
	return fmt.Sprintf("%s, family %s model %s", p.ModelName, p.Family, p.Model)
}

// DefaultGOGC is what the runtime takes if the environment says nothing.
const DefaultGOGC = "100"

func gogc() string {
	if value := os.Getenv("GOGC"); value != "" {
		return value
	}
	return DefaultGOGC
}

// readSettings reads what else the environment tells the runtime.
func readSettings() *results.Settings {
	s := &results.Settings{Debug: os.Getenv("GODEBUG")}
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 { // it only asks
		s.MemoryLimit = limit
	}
	return s
}

func firstLine(file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(data), "\n")
	return strings.TrimSpace(line)
}
