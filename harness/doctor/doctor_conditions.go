package doctor

import (
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// environment judges what was known before anything was measured.
func (f *findings) environment(e results.Environment) {
	if per := e.Load1 / float64(max(1, e.Cores)); per > loadMost {
		f.add("load", SeverityWarning, "wait until the machine is idle",
			"the machine was busy to begin with (load %.1f on %s)", e.Load1, units.Plural(e.Cores, "core"))
	}
	if e.Governor != "" && e.Governor != "performance" {
		f.add("governor", SeverityWarning, "set the governor to \"performance\", with cpupower frequency-set --governor performance",
			"the CPU governor is %q: the clock rate follows the load", e.Governor)
	}
	f.processors(e)
	if e.GOGC != "" && e.GOGC != machine.DefaultGOGC {
		f.add("gogc", SeverityNote, "unset GOGC, unless this is meant", "GOGC is %q: the collector runs at other times than usual", e.GOGC)
	}
	if e.Virtual != "" {
		f.add("virtual", SeverityNote, "confirm small differences on a machine of your own",
			"this is a virtual machine or a container (%s): doctor cannot name disturbances of its host", e.Virtual)
	}
	if e.Build != nil {
		f.build(*e.Build)
	}
	if e.Settings != nil {
		f.settings(*e.Settings)
	}
	if e.Limits != nil {
		f.limits(*e.Limits, e.MemoryBytes)
	}
}

// processors judges how many of them there are to use.
func (f *findings) processors(e results.Environment) {
	if e.CgroupCPUs > 0 && e.CgroupCPUs < float64(e.GOMAXPROCS) {
		f.add("quota", SeverityWarning, "lift the quota, or set GOMAXPROCS to it",
			"the cgroup may use %s CPUs; GOMAXPROCS is %d", units.Significant(e.CgroupCPUs), e.GOMAXPROCS)
	}
	switch {
	case e.GOMAXPROCS < 2:
		f.add("gomaxprocs", SeverityWarning, "use a machine with two cores at least",
			"with GOMAXPROCS %d, producers and the consumer never run at the same time", e.GOMAXPROCS)
	case e.GOMAXPROCS < e.Cores:
		f.add("gomaxprocs", SeverityNote, "unset GOMAXPROCS to use all, unless this is meant",
			"GOMAXPROCS is %d; there are %d cores", e.GOMAXPROCS, e.Cores)
	case e.Cores > 0 && e.GOMAXPROCS > e.Cores:
		f.add("gomaxprocs", SeverityWarning, "unset GOMAXPROCS: more threads than cores interrupt each other anywhere",
			"GOMAXPROCS is %d; there are only %s", e.GOMAXPROCS, units.Plural(e.Cores, "core"))
	}
}

// build judges how this program was built.
func (f *findings) build(b results.Build) {
	const rebuild = "discard all measurements; build the program again without these flags, as make build does"
	if b.Instrumented != "" {
		f.add("instrumented", SeverityFault, rebuild, "this program was built with -%s: the instruments take most of the time",
			strings.ReplaceAll(b.Instrumented, "+", " -"))
	}
	if unoptimized(b.Flags) {
		f.add("unoptimized", SeverityFault, rebuild, "this program was built without optimizations (%s): its costs are not those of an optimized program", b.Flags)
	}
	if b.PGO != "" {
		f.add("pgo", SeverityNote, "compare only with programs built by the same profile, or build with -pgo=off",
			"this program was optimized by the profile %s: the profiled code gains the most", b.PGO)
	}
}

// unoptimized reports whether flags of the compiler turn off what it is good at: -N all
// optimizations, -l inlining.
func unoptimized(flags string) bool {
	return slices.ContainsFunc(strings.Fields(flags), func(word string) bool {
		flag := word[strings.LastIndexByte(word, '=')+1:] // of -gcflags=all=-N; -l=4 is another
		return flag == "-N" || flag == "-l"
	})
}

// settings judges what the environment tells the runtime.
func (f *findings) settings(s results.Settings) {
	if s.MemoryLimit > 0 {
		f.add("gomemlimit", SeverityWarning, "unset GOMEMLIMIT, unless this is meant",
			"GOMEMLIMIT is %s: near the limit the collector takes more time", units.Bytes(float64(s.MemoryLimit)))
	}
	if s.Debug != "" {
		f.add("godebug", SeverityWarning, "unset GODEBUG, unless this is meant", "GODEBUG is %q: it changes the runtime", s.Debug)
	}
}

// limits judges how much of the machine there is to use.
func (f *findings) limits(l results.Limits, memory uint64) {
	if limit := machine.TrialMemory(memory, l.MemoryBytes); l.MemoryBytes > 0 && limit < machine.MostTrialMemory {
		f.add("cgroup-memory", SeverityWarning, "raise the limit, or give the same --memory-limit wherever runs are to be compared",
			"the cgroup may use %s of memory: a trial is abandoned at %s here, elsewhere at %s",
			units.Bytes(float64(l.MemoryBytes)), units.Bytes(float64(limit)), units.Bytes(float64(machine.MostTrialMemory)))
	}
	if n := machine.CountCPUs(l.CPUs); n > 0 && n < l.MachineCPUs {
		f.add("affinity", SeverityNote, "start it without taskset and outside of cpusets to use all, unless this is meant",
			"this program may run on processors %s only, %d of %d", l.CPUs, n, l.MachineCPUs)
	}
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
