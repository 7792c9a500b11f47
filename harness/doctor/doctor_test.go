package doctor

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shirou/gopsutil/v4/cpu"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// childVariable, when set, makes the test binary a child that executes a trial.
const childVariable = "FANIN_BENCH_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	if err := harness.ServeTrial(os.Stdin, os.Stdout, append(strategies.All(), harnesstest.Misbehaving()...)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// quickDoctor is a doctor whose examination takes a second.
func quickDoctor(t *testing.T) *Doctor {
	t.Setenv(childVariable, "serve")
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each child of a race build takes a second to exit
	return &Doctor{
		Command: []string{os.Args[0]}, Known: append(strategies.All(), harnesstest.Misbehaving()...),
		Strategy: "chan", Producers: 2, Reps: 6, Tries: 1, Duration: time.Millisecond, Seed: 7,
	}
}

// A diagnosis holds everything that can be found out anywhere.
func TestDiagnose(t *testing.T) {
	d := quickDoctor(t)
	var steps []string
	d.Step = func(what string) { steps = append(steps, what) }
	found, err := d.Diagnose(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := found.Noise
	if len(n.Tries) != 1 || n.Reps != 6 || n.Cell.Strategy != "chan" || n.Cell.Producers != 2 || n.SmallestEffect <= 0 {
		t.Errorf("noise %+v", n)
	}
	if try := n.Tries[0]; try.A.Median <= 0 || try.B.Median <= 0 || try.Ratio.Lo == nil || try.P <= 0 || try.P > 1 {
		t.Errorf("comparison %+v", try)
	}
	if found.Floor == nil || found.Floor.Median <= 0 {
		t.Errorf("floor %+v", found.Floor)
	}
	if c := found.Clock; c.Why == "" || c.StepNs <= 0 || c.Threads < 1 || c.Readings < int64(c.Threads) {
		t.Errorf("clock %+v", c)
	}
	if len(found.Sleeps) != len(sleepsChecked()) || found.Sleeps[0].Overshoot.Samples == 0 {
		t.Errorf("sleeps %+v", found.Sleeps)
	}
	if found.Idle == nil || found.Idle.HiccupMaxNs <= 0 || found.Busy == nil || found.Busy.HiccupMaxNs <= 0 {
		t.Errorf("hiccups %+v at rest, %+v at work", found.Idle, found.Busy)
	}
	if found.Environment.Cores < 1 || len(steps) < 6 {
		t.Errorf("environment %+v, steps %q", found.Environment, steps)
	}
}

// A machine on which trials fail cannot measure, an interruption is no diagnosis,
// and a wrong field is named.
func TestDiagnoseErrors(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := quickDoctor(t).Diagnose(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	d := quickDoctor(t)
	d.Strategy = "panics"
	if _, err := d.Diagnose(t.Context()); err == nil || !strings.Contains(err.Error(), "measuring panics: the trial failed: panic: ") {
		t.Errorf("panicking trials: %v", err)
	}
	for field, change := range map[string]func(*Doctor){
		"strategy":  func(d *Doctor) { d.Strategy = "chn" },
		"reps":      func(d *Doctor) { d.Reps = 5 },
		"tries":     func(d *Doctor) { d.Tries = 0 },
		"duration":  func(d *Doctor) { d.Duration = -time.Second },
		"producers": func(d *Doctor) { d.Producers = 0 },
	} {
		d := quickDoctor(t)
		change(d)
		var wrong *results.FieldError
		if _, err := d.Diagnose(t.Context()); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: error %v does not name the field", field, err)
		}
	}
}

// Equal samples are told apart in under 2 % of comparisons, so that of 20 none or
// one is expected to find a difference; samples that differ by several times
// their spread always are.
func TestCompareAA(t *testing.T) {
	const equal, different, reps = 300, 20, 10
	random := rand.New(rand.NewPCG(1, 1))
	count := func(comparisons int, effect float64) (found int) {
		for range comparisons {
			a, b := make([]float64, reps), make([]float64, reps)
			for i := range reps {
				drift := 50 * (1 + 0.02*float64(i)) // a machine that slows down meanwhile
				a[i] = drift * math.Exp(0.03*random.NormFloat64())
				b[i] = drift * math.Exp(0.03*random.NormFloat64()) * (1 + effect)
			}
			if compareAA(stat.NewSample(a...), stat.NewSample(b...)).Differs {
				found++
			}
		}
		return found
	}
	if n := count(equal, 0); n > equal/50 {
		t.Errorf("%d of %d comparisons of equal samples found a difference", n, equal)
	}
	if n := count(different, 0.3); n != different {
		t.Errorf("%d of %d comparisons found a difference of 30 %%", n, different)
	}
}

// A clock that steps back is caught, and one that does not is not accused.
func TestDisorder(t *testing.T) {
	var ticks atomic.Int64
	for name, test := range map[string]struct {
		now  func() int64
		back int64
	}{
		"in order": {func() int64 { return ticks.Add(1) }, 0},
		"steps back": {func() int64 {
			at := ticks.Add(1)
			if at%100 == 0 {
				return at - 50
			}
			return at
		}, 49},
	} {
		ticks.Store(1)
		readings, back := disorder(test.now, 10_000, 1)
		if readings < 9_000 || back != test.back {
			t.Errorf("%s: %d backwards in %d readings; want %d", name, back, readings, test.back)
		}
	}
	if readings, back := disorder(func() int64 { return ticks.Add(1) }, 10_000, 4); back != 0 || readings < 9_000 {
		t.Errorf("four threads: %d backwards in %d readings", back, readings)
	}
}

func TestSmallestStep(t *testing.T) {
	at := int64(0)
	if step := smallestStep(func() int64 { at += 3 + at%2; return at / 7 * 7 }); step != 7 {
		t.Errorf("step %v; want 7", step)
	}
	if step := smallestStep(func() int64 { return 5 }); step != 0 {
		t.Errorf("a clock that stands still has step %v; want 0", step)
	}
}

func TestWhyClock(t *testing.T) {
	for _, test := range []struct {
		name      string
		invariant bool
		source    string
		want      string
	}{
		{"tsc", true, "tsc", "the kernel keeps time by it"},
		{"tsc", true, "", "runs at one rate"},
		{"monotonic", true, "hpet", `by "hpet"`},
		{"monotonic", true, "", "unknown"},
		{"monotonic", false, "tsc", "no time-stamp counter"},
	} {
		if got := whyClock(test.name, test.invariant, test.source); !strings.Contains(got, test.want) {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

func TestParseThrottling(t *testing.T) {
	for text, want := range map[string]*Throttling{
		"usage_usec 5\nnr_periods 9\nnr_throttled 2\nthrottled_usec 70\n": {2, 70_000},
		"nr_periods 9\nnr_throttled 3\nthrottled_time 70\n":               {3, 70},
		"nr_throttled 0": {0, 0},
		"usage_usec 5\n": nil,
		"":               nil,
		"nr_throttled many\nnr_throttled -3\nnr_throttled 1 2\n\xff\x00 1\n": nil,
		"nr_throttled 99999999999999999999999\n":                             nil,
	} {
		got := parseThrottling(text)
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%q: %+v; want %+v", text, got, want)
		}
	}
}

// What others used is what was used, without what this program did.
func TestReadings(t *testing.T) {
	start := time.Now()
	before := reading{at: start, cpu: &cpu.TimesStat{User: 10, Idle: 90, Steal: 1}, throttled: &Throttling{3, 30}}
	after := reading{
		at: start.Add(2 * time.Second), own: machine.Usage{Cpu: time.Second},
		cpu: &cpu.TimesStat{User: 12, System: 2, Idle: 95, Steal: 2}, throttled: &Throttling{5, 70},
	}
	if cores := after.otherCores(before); cores == nil || *cores != 1.5 {
		t.Errorf("other programs used %v cores; want 1.5", cores)
	}
	if cores := (reading{at: after.at}).otherCores(before); cores != nil {
		t.Errorf("unreadable times gave %v cores", *cores)
	}
	if share := stealShare(before.cpu, after.cpu); share == nil || *share != 0.1 {
		t.Errorf("steal share %v; want 0.1", share)
	}
	if share := stealShare(before.cpu, before.cpu); share != nil {
		t.Errorf("no time gave a steal share of %v", *share)
	}
	var s System
	s.note(before, after)
	if s.Throttled == nil || *s.Throttled != (Throttling{2, 40}) || s.SwapBytes != nil || s.AvailableBytes != nil {
		t.Errorf("%+v", s)
	}
	s = System{}
	s.note(reading{}, reading{})
	if s != (System{}) {
		t.Errorf("nothing readable gave %+v", s)
	}
}

// healthy is the diagnosis of a machine with nothing wrong.
func healthy() *Diagnosis {
	ppm, none, most := 2.0, 0.0, uint64(8<<30)
	p99 := int64(60_000)
	return &Diagnosis{
		Environment: results.Environment{
			Cores: 4, GOMAXPROCS: 4, Governor: "performance", Load1: 0.1, ClockNs: 12, CgroupCPUs: 4, MemoryBytes: 16 << 30,
			Settings: &results.Settings{}, Build: &results.Build{Level: "GOAMD64=v3", Flags: "-buildmode=pie", CGO: true},
			Limits: &results.Limits{MemoryBytes: 8 << 30, CPUs: "0-3", MachineCPUs: 4},
		},
		Noise:  Noise{Cell: results.Cell{Strategy: "chan"}, Reps: 10, Tries: make([]AATrial, 20), Differences: 1, SmallestEffect: 0.02},
		Floor:  &stat.Interval{Median: 4},
		Clock:  ClockCheck{StepNs: 8, ErrorPPM: &ppm, Threads: 4},
		Sleeps: []SleepCheck{{AskedNs: 1e6, Overshoot: histogram.Quantiles{P99: &p99, Max: 2e6}}},
		Idle:   &results.Host{HiccupP99Ns: 1e6, HiccupMaxNs: 2e6},
		Busy:   &results.Host{HiccupP99Ns: 2e7, HiccupMaxNs: 4e7},
		System: System{OtherCores: &none, StealShare: &none, Throttled: &Throttling{}, AvailableBytes: &most, SwappedBytes: new(uint64)},
	}
}

// Each thing that may be wrong is found, alone, and says what to do.
func TestJudge(t *testing.T) {
	if found := healthy().examine(); len(found) > 0 {
		t.Errorf("a healthy machine: %+v", found)
	}
	if found := (&Diagnosis{Environment: results.Environment{GOMAXPROCS: 2}, Clock: ClockCheck{StepNs: 1}}).examine(); len(found) > 0 {
		t.Errorf("what is absent was judged: %+v", found)
	}
	ref := func(v float64) *float64 { return &v }
	for code, spoil := range map[string]func(*Diagnosis){
		"aa-difference":  func(d *Diagnosis) { d.Noise.Differences = 2 },
		"resolution":     func(d *Diagnosis) { d.Noise.SmallestEffect = 0.2 },
		"floor":          func(d *Diagnosis) { d.Floor.Median = 30 },
		"clock-backward": func(d *Diagnosis) { d.Clock.BackwardNs = 1 },
		"clock-stopped":  func(d *Diagnosis) { d.Clock.StepNs = 0 },
		"clock-rate":     func(d *Diagnosis) { d.Clock.ErrorPPM = ref(-2000) },
		"clock-cost":     func(d *Diagnosis) { d.Environment.ClockNs = 800 },
		"sleep":          func(d *Diagnosis) { *d.Sleeps[0].Overshoot.P99 = 3e6 },
		"hiccup":         func(d *Diagnosis) { d.Idle.HiccupMaxNs = 12e6 },
		"busy-hiccup":    func(d *Diagnosis) { d.Busy.HiccupP99Ns = 50e6 },
		"load":           func(d *Diagnosis) { d.Environment.Load1 = 3 },
		"governor":       func(d *Diagnosis) { d.Environment.Governor = "powersave" },
		"quota":          func(d *Diagnosis) { d.Environment.CgroupCPUs = 1.5 },
		"gomaxprocs":     func(d *Diagnosis) { d.Environment.GOMAXPROCS = 1 },
		"virtual":        func(d *Diagnosis) { d.Environment.Virtual = "kvm" },
		"instrumented":   func(d *Diagnosis) { d.Environment.Build.Instrumented = "cover+race" },
		"unoptimized":    func(d *Diagnosis) { d.Environment.Build.Flags = "-buildmode=pie -gcflags=all=-N -l" },
		"pgo":            func(d *Diagnosis) { d.Environment.Build.PGO = "default.pgo" },
		"gogc":           func(d *Diagnosis) { d.Environment.GOGC = "off" },
		"gomemlimit":     func(d *Diagnosis) { d.Environment.Settings.MemoryLimit = 1 << 29 },
		"godebug":        func(d *Diagnosis) { d.Environment.Settings.Debug = "gctrace=1" },
		"cgroup-memory":  func(d *Diagnosis) { d.Environment.Limits.MemoryBytes = 512 << 20 },
		"affinity":       func(d *Diagnosis) { d.Environment.Limits.CPUs = "0,2" },
		"others":         func(d *Diagnosis) { d.System.OtherCores = ref(1.3) },
		"steal":          func(d *Diagnosis) { d.System.StealShare = ref(0.03) },
		"throttled":      func(d *Diagnosis) { d.System.Throttled.Periods = 1 },
		"memory":         func(d *Diagnosis) { *d.System.AvailableBytes = 1 << 20 },
		"swapping":       func(d *Diagnosis) { *d.System.SwappedBytes = 4096 },
	} {
		d := healthy()
		spoil(d)
		found := d.examine()
		if len(found) != 1 || found[0].Code != code || found[0].What == "" || found[0].Advice == "" ||
			!slices.Contains(Severities(), found[0].Severity) || strings.Contains(found[0].What, "%!") {
			t.Errorf("%s: found %+v", code, found)
		}
	}
	d := healthy()
	d.Environment.Virtual, d.Clock.BackwardNs, d.System.OtherCores = "kvm", 5, ref(1)
	found := d.examine()
	if len(found) != 3 || found[0].Severity != SeverityFault || found[1].Severity != SeverityWarning || found[2].Severity != SeverityNote {
		t.Errorf("not the worst first: %+v", found)
	}
}

func TestUnoptimized(t *testing.T) {
	for flags, want := range map[string]bool{
		"": false, "-gcflags=-N -l": true, "-gcflags=all=-N": true, "-gcflags=-m -l": true, "-gcflags=-l=4": false,
		"-buildmode=pie -linkshared=true": false, "-gcflags=example.org/x=-N": true,
	} {
		if unoptimized(flags) != want {
			t.Errorf("%q: %t", flags, !want)
		}
	}
}

// A run warns of what doctor warns of, as far as it is known beforehand, and
// bothers nobody with notes.
func TestEnvironmentWarnings(t *testing.T) {
	if warnings := EnvironmentWarnings(healthy().Environment); len(warnings) > 0 {
		t.Errorf("a healthy machine: %q", warnings)
	}
	warnings := EnvironmentWarnings(results.Environment{
		Cores: 2, GOMAXPROCS: 1, Governor: "powersave", CgroupCPUs: 0.5, Load1: 3, Virtual: "kvm",
	})
	if len(warnings) != 4 {
		t.Errorf("warnings %q; want of the load, the governor, the quota and GOMAXPROCS", warnings)
	}
}
