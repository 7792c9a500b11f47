package doctor

import (
	"context"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"
	"github.com/shirou/gopsutil/v4/mem"

	"github.com/fanin-bench/fanin-bench/harness/machine"
)

// System is what else the machine was doing. What the system does not tell is
// absent.
type System struct {
	// OtherCores is how many processors other programs kept busy while this one
	// slept.
	OtherCores *float64 `json:"other_programs_cores,omitempty"`
	// StealShare is the share of the CPU time that the host of a virtual machine
	// gave to others while measuring, 0..1.
	StealShare *float64 `json:"steal_share,omitempty"`
	// Throttled is how often, and for how long, the cgroup's quota stopped this
	// program while measuring.
	Throttled *Throttling `json:"throttled,omitempty"`

	AvailableBytes *uint64 `json:"available_bytes,omitempty"` // memory that can be had without swapping
	SwapBytes      *uint64 `json:"swap_bytes,omitempty"`      // in total
	SwapUsedBytes  *uint64 `json:"swap_used_bytes,omitempty"`
	SwappedBytes   *uint64 `json:"swapped_bytes,omitempty"` // in and out while measuring
}

// Throttling counts what a CPU quota did.
type Throttling struct {
	Periods int64 `json:"periods"` // in which the quota was used up
	TimeNs  int64 `json:"time_ns"` // added up over processors
}

// reading is the system's counters at one moment; nil where it does not tell.
type reading struct {
	at        time.Time
	cpu       *cpu.TimesStat // of all processors together, in seconds
	own       machine.Usage
	throttled *Throttling
	swap      *mem.SwapMemoryStat
	available *uint64
}

func takeReading(ctx context.Context) reading {
	r := reading{at: time.Now(), own: machine.ReadUsage(), throttled: readThrottling()}
	if times, err := cpu.TimesWithContext(ctx, false); err == nil && len(times) == 1 {
		r.cpu = &times[0]
	}
	if swap, err := mem.SwapMemoryWithContext(ctx); err == nil {
		r.swap = swap
	}
	if memory, err := mem.VirtualMemoryWithContext(ctx); err == nil {
		r.available = &memory.Available
	}
	return r
}

// otherCores returns how many processors other programs used on average since an
// earlier reading.
func (r reading) otherCores(before reading) *float64 {
	elapsed := r.at.Sub(before.at).Seconds()
	if r.cpu == nil || before.cpu == nil || elapsed <= 0 {
		return nil
	}
	used := busySeconds(r.cpu) - busySeconds(before.cpu) - r.own.Since(before.own).Cpu.Seconds()
	cores := max(0, used/elapsed) // the system counts in ticks of 10 ms, so the difference may be below 0
	return &cores
}

// busySeconds returns the time that processors worked for this machine.
func busySeconds(t *cpu.TimesStat) float64 { return t.User + t.Nice + t.System + t.Irq + t.Softirq }

// note fills in what happened between two readings, and what there is at the
// second.
func (s *System) note(before, after reading) {
	if before.cpu != nil && after.cpu != nil && runtime.GOOS == "linux" { // no other tells of steal
		s.StealShare = stealShare(before.cpu, after.cpu)
	}
	if before.throttled != nil && after.throttled != nil {
		s.Throttled = &Throttling{
			Periods: after.throttled.Periods - before.throttled.Periods,
			TimeNs:  after.throttled.TimeNs - before.throttled.TimeNs,
		}
	}
	s.AvailableBytes = after.available
	if swap := after.swap; swap != nil {
		s.SwapBytes, s.SwapUsedBytes = &swap.Total, &swap.Used
		if before.swap != nil && runtime.GOOS == "linux" { // elsewhere they are not counted in bytes, or not at all
			swapped := swap.Sin + swap.Sout - before.swap.Sin - before.swap.Sout
			s.SwappedBytes = &swapped
		}
	}
}

// stealShare returns the stolen share of the time between two readings, or nil if
// no time passed.
func stealShare(before, after *cpu.TimesStat) *float64 {
	total := func(t *cpu.TimesStat) float64 { return busySeconds(t) + t.Idle + t.Iowait + t.Steal }
	passed := total(after) - total(before)
	if passed <= 0 {
		return nil
	}
	share := max(0, after.Steal-before.Steal) / passed
	return &share
}

// readThrottling adds up what this process's cgroup and those around it count, or
// returns nil if none does.
func readThrottling() *Throttling {
	own, ok := machine.OwnCgroups()
	if !ok {
		return nil
	}
	var sum *Throttling
	for _, dir := range own.Dirs("cpu") {
		text, err := os.ReadFile(path.Join(dir, "cpu.stat"))
		if err != nil {
			continue // not every level exists here, nor has every one a quota
		}
		if t := parseThrottling(string(text)); t != nil {
			if sum == nil {
				sum = &Throttling{}
			}
			sum.Periods += t.Periods
			sum.TimeNs += t.TimeNs
		}
	}
	return sum
}

// parseThrottling reads a cpu.stat of either cgroup version, or returns nil if it
// does not count throttling.
func parseThrottling(text string) *Throttling {
	t := Throttling{Periods: -1}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			continue
		}
		value, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil || value < 0 {
			continue
		}
		switch fields[0] {
		case "nr_throttled":
			t.Periods = value
		case "throttled_usec": // version 2
			t.TimeNs = value * 1000
		case "throttled_time": // version 1, in ns
			t.TimeNs = value
		}
	}
	if t.Periods < 0 {
		return nil
	}
	return &t
}
