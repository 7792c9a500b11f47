package cmd

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/fanin-bench/fanin-bench/harness"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// quickDoctor is an examination that takes a second.
func quickDoctor(more ...string) []string {
	return append([]string{"doctor", "--reps", "6", "--duration", "1ms", "--producers", "2", "--seed", "5"}, more...)
}

func TestDoctorGolden(t *testing.T) {
	code, stdout, stderr := invoke(t, "doctor", "--help")
	if code != exitSuccess || stderr != "" {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	golden(t, "doctor-help.txt", stdout)
	for name, diagnosis := range map[string]*harness.Diagnosis{"doctor.txt": sick(), "doctor-healthy.txt": bare()} {
		var out bytes.Buffer
		if err := printDiagnosis(&out, diagnosis); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.String())
	}
}

// sick is a diagnosis in which everything was found out.
func sick() *harness.Diagnosis {
	lo, hi := 0.97, 1.02
	ppm, others, steal := -3.2, 1.3, 0.03
	p50, p99 := int64(60_000), int64(1_100_000)
	available, swap, used, swapped := uint64(3<<30), uint64(2<<30), uint64(1<<20), uint64(0)
	return &harness.Diagnosis{
		Seed: 5,
		Environment: results.Environment{
			CPU: "Some CPU", Cores: 4, GOMAXPROCS: 2, Governor: "powersave", Virtual: "kvm", CgroupCPUs: 1.5,
			Load1: 1.25, Clock: "tsc", ClockNs: 12.3, MemoryBytes: 8 << 30,
		},
		Noise: harness.Noise{
			Cell: results.Cell{Strategy: "chan", Producers: 4, DurationNs: 1e8}, Reps: 10, SmallestEffect: 0.0283,
			Tries: []harness.AATrial{{
				A: stat.Interval{Median: 61.2}, B: stat.Interval{Median: 60.8},
				Ratio: stat.Interval{Median: 0.993, Lo: &lo, Hi: &hi}, P: 0.63,
			}},
		},
		Floor:  &stat.Interval{Median: 4.56},
		Clock:  harness.ClockCheck{Why: "because", StepNs: 7.9, ErrorPPM: &ppm, Threads: 2, Readings: 123_456},
		Sleeps: []harness.SleepCheck{{AskedNs: 50_000, Overshoot: histogram.Quantiles{P50: &p50, P99: &p99, Max: 2_000_000, Samples: 1000}}},
		Idle:   &results.Host{HiccupP99Ns: 70_000, HiccupMaxNs: 900_000, SchedP99Ns: 20_000},
		Busy:   &results.Host{HiccupP99Ns: 19_000_000, HiccupMaxNs: 30_000_000, SchedP99Ns: 10_000_000},
		System: harness.System{
			OtherCores: &others, StealShare: &steal, Throttled: &harness.Throttling{Periods: 3},
			AvailableBytes: &available, SwapBytes: &swap, SwapUsedBytes: &used, SwappedBytes: &swapped,
		},
		Findings: []harness.Finding{
			{Code: "others", Severity: harness.SeverityWarning, What: "others work", Advice: "stop them"},
			{Code: "virtual", Severity: harness.SeverityNote, What: "it is virtual", Advice: "beware"},
		},
	}
}

// bare is a diagnosis in which nothing but the necessary could be found out, after
// more than one try.
func bare() *harness.Diagnosis {
	return &harness.Diagnosis{
		Seed:        5,
		Environment: results.Environment{Cores: 1, GOMAXPROCS: 1, Clock: "monotonic", ClockNs: 40},
		Noise: harness.Noise{
			Cell: results.Cell{Strategy: "lanes", Producers: 1, DurationNs: 1e8}, Reps: 6, SmallestEffect: 0.1,
			Tries: make([]harness.AATrial, 20), Differences: 1,
		},
		Clock:  harness.ClockCheck{Why: "because", StepNs: 1, Threads: 1, Readings: 10, BackwardNs: 2},
		Sleeps: []harness.SleepCheck{{AskedNs: 1e6, Overshoot: histogram.Quantiles{Max: 5000, Samples: 3}}},
	}
}

// The verb examines, says what it is doing on stderr, and with --json prints the
// diagnosis and nothing else.
func TestDoctor(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each child of a race build takes a second to exit
	code, stdout, stderr := invoke(t, quickDoctor("--json", "--strategy", "lanes")...)
	var d harness.Diagnosis
	if err := json.Unmarshal([]byte(stdout), &d); code != exitSuccess || err != nil {
		t.Fatalf("exit %d, error %v; stderr %s", code, err, stderr)
	}
	if d.Noise.Cell.Strategy != "lanes" || d.Seed != 5 || len(d.Noise.Tries) != 1 || d.Clock.StepNs <= 0 || d.Findings == nil {
		t.Errorf("diagnosis %+v", d)
	}
	if !strings.Contains(stderr, "looking at the clock\n") || !strings.Contains(stderr, "try 1 of 1") {
		t.Errorf("progress: %q", stderr)
	}
	var out bytes.Buffer
	if err := printDiagnosis(&out, &d); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"machine ", "clock ", "sleeps ", "hiccups ", "floor ", "noise ", "lanes against itself, 2 producers, 6 trials of about 1ms", "seed 5",
		"cannot be told here with 6 repetitions",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the diagnosis lacks %q:\n%s", want, out.String())
		}
	}
}

// Wrong flags are named; where trials fail nothing can be measured.
func TestDoctorErrors(t *testing.T) {
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"doctor", "--reps", "5"}, exitUsage, "--reps: 5 is not in 6..1000"},
		{[]string{"doctor", "--tries", "0"}, exitUsage, "--tries: 0 is not in 1..1000"},
		{[]string{"doctor", "--duration", "0s"}, exitUsage, "--duration: 0s is not above 0"},
		{[]string{"doctor", "--producers", "-1"}, exitUsage, "--producers: -1 is not in 1..1000000"},
		{[]string{"doctor", "--strategy", "chn"}, exitUsage, `--strategy: unknown strategy "chn" (did you mean "chan"?`},
		{[]string{"doctor", "--reps", "ten"}, exitUsage, `--reps: "ten" is not a whole number`},
		{[]string{"doctor", "now"}, exitUsage, `doctor takes flags only, received "now"`},
	} {
		code, stdout, stderr := invoke(t, test.args...)
		checkError(t, test.args, code, test.code, stdout, stderr, test.want)
	}
	code, stdout, stderr := invoke(t, quickDoctor("--strategy", "loses")...)
	const want = "fanin-bench: this machine cannot measure: measuring loses: the trial failed: delivery: "
	if code != exitFailure || stdout != "" || !strings.Contains(stderr, want) {
		t.Errorf("a strategy that fails: exit %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}
