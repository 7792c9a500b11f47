package machine

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Of all quotas and limits around a process the least holds, in either version of
// control groups and where both are in use.
func TestCgroups(t *testing.T) {
	for name, test := range map[string]struct {
		self   string
		files  map[string]string
		cpus   float64
		memory int64
	}{
		"none":      {"0::/\n", nil, 0, 0},
		"unlimited": {"0::/a\n", map[string]string{"a/cpu.max": "max 100000\n", "a/memory.max": "max\n"}, 0, 0},
		"version 2": {"0::/a\n", map[string]string{"a/cpu.max": "150000 100000\n", "a/memory.max": "536870912\n"}, 1.5, 512 << 20},
		"nested": {"0::/a/b/c\n", map[string]string{
			"a/cpu.max": "50000 100000", "a/b/cpu.max": "max 100000", "a/b/c/cpu.max": "200000 100000",
			"a/memory.max": "max", "a/b/memory.max": "1000000", "a/b/c/memory.max": "2000000",
		}, 0.5, 1000000},
		"held up":        {"0::/a\n", map[string]string{"a/memory.max": "2000000", "a/memory.high": "1000000"}, 0, 1000000},
		"beside others":  {"0::/a\n", map[string]string{"b/cpu.max": "1000 100000", "b/memory.max": "5"}, 0, 0},
		"in a container": {"0::/docker/0123\n", map[string]string{"cpu.max": "100000 100000", "memory.max": "1000000"}, 1, 1000000},
		"version 1": {"4:memory:/x\n3:cpu,cpuacct:/x/y\n", map[string]string{
			"cpu,cpuacct/x/cpu.cfs_quota_us": "25000", "cpu,cpuacct/x/cpu.cfs_period_us": "100000",
			"cpu,cpuacct/x/y/cpu.cfs_quota_us": "-1", "cpu,cpuacct/x/y/cpu.cfs_period_us": "100000",
			"memory/x/memory.limit_in_bytes": "1000000", "memory/memory.limit_in_bytes": "9223372036854771712",
		}, 0.25, 1000000},
		"version 1, unlimited": {"4:memory:/\n", map[string]string{"memory/memory.limit_in_bytes": "9223372036854771712"}, 0, 0},
		"both": {"4:memory:/x\n1:name=systemd:/x\n0::/x\n", map[string]string{
			"memory/x/memory.limit_in_bytes": "1000000", "unified/x/cpu.max": "300000 100000", "systemd/x/cpu.max": "1 100000",
		}, 3, 1000000},
		"garbage": {"0::/a\n::::\n0:relative\n\x00", map[string]string{"a/cpu.max": "much 100000", "a/memory.max": "-3"}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := mounted(t, test.self, test.files)
			if cpus, memory := c.cpus(), c.memory(); cpus != test.cpus || memory != test.memory {
				t.Errorf("%v CPUs and %d bytes; want %v and %d", cpus, memory, test.cpus, test.memory)
			}
		})
	}
}

// What is free is the least that any limit around the process leaves.
func TestCgroupFree(t *testing.T) {
	for name, test := range map[string]struct {
		self  string
		files map[string]string
		free  int64
	}{
		"no limit":  {"0::/a\n", map[string]string{"a/memory.max": "max", "a/memory.current": "5"}, math.MaxInt64},
		"nested":    {"0::/a/b\n", map[string]string{"a/memory.max": "100", "a/memory.current": "70", "a/b/memory.max": "50", "a/b/memory.current": "1"}, 30},
		"exceeded":  {"0::/a\n", map[string]string{"a/memory.high": "100", "a/memory.current": "120"}, 0},
		"version 1": {"4:memory:/x\n", map[string]string{"memory/x/memory.limit_in_bytes": "100", "memory/x/memory.usage_in_bytes": "30"}, 70},
	} {
		t.Run(name, func(t *testing.T) {
			c := mounted(t, test.self, test.files)
			if free := c.free(); free != test.free {
				t.Errorf("%d bytes; want %d", free, test.free)
			}
		})
	}
}

func TestListCPUs(t *testing.T) {
	for want, set := range map[string][]int{
		"": nil, "0": {0}, "0-3,8": {0, 1, 2, 3, 8}, "1,3,5-6": {1, 3, 5, 6}, "63-65,1023": {63, 64, 65, 1023},
	} {
		in := map[int]bool{}
		for _, cpu := range set {
			in[cpu] = true
		}
		if got := listCPUs(func(cpu int) bool { return in[cpu] }, 1024); got != want {
			t.Errorf("%v: %q, want %q", set, got, want)
		}
		if n := CountCPUs(want); n != len(set) {
			t.Errorf("%q has %d; want %d", want, n, len(set))
		}
	}
}

func TestCgroupCPUs(t *testing.T) {
	for text, want := range map[string]float64{"": 0, "max 100000": 0, "150000 100000": 1.5, "1 0": 0, "x y": 0} {
		if got := cgroupCPUs(text); got != want {
			t.Errorf("cgroupCPUs(%q) = %v; want %v", text, got, want)
		}
	}
}

func TestCgroupDirs(t *testing.T) {
	const root = "/nowhere/cgroup"
	for text, want := range map[string][]string{
		"0::/\n":      {root},
		"0::/a/b\n":   {root + "/a/b", root + "/a", root},
		"0::/a/../b/": {root + "/b", root},
		"4:cpu,cpuacct:/x\n3:memory:/y\n1:name=systemd:/z\n": {root + "/cpu,cpuacct/x", root + "/cpu,cpuacct"},
		"2:cpuacct:/\n1:cpu:/\n0::/\n":                       {root + "/cpu", root},
		"":                                                   nil,
		"garbage\n0:\n::::\n0::relative\n\x00\xff": nil,
		"0::/a:b": {root + "/a:b", root},
	} {
		if got := (cgroups{root, text}).Dirs("cpu"); !slices.Equal(got, want) {
			t.Errorf("%q: %q; want %q", text, got, want)
		}
	}
}

// mounted writes the files of control groups for a process that is in those of self.
func mounted(t *testing.T, self string, files map[string]string) cgroups {
	t.Helper()
	c := cgroups{t.TempDir(), self}
	for file, text := range files {
		file = filepath.Join(c.mount, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}
