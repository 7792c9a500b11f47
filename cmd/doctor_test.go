package cmd

import (
	"bytes"
	"testing"

	"github.com/fanin-bench/fanin-bench/harness/doctor"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

func TestDoctorGolden(t *testing.T) {
	for name, diagnosis := range map[string]*doctor.Diagnosis{"doctor.txt": sick(), "doctor-healthy.txt": bare()} {
		var out bytes.Buffer
		if err := printDiagnosis(&out, diagnosis); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.String())
	}
}

// sick is a diagnosis in which everything was found out.
func sick() *doctor.Diagnosis {
	lo, hi := 0.97, 1.02
	ppm, others, steal := -3.2, 1.3, 0.03
	p50, p99 := int64(60_000), int64(1_100_000)
	available, swap, used, swapped := uint64(3<<30), uint64(2<<30), uint64(1<<20), uint64(0)
	return &doctor.Diagnosis{
		Seed: 5,
		Environment: results.Environment{
			CPU: "Some CPU", Cores: 4, GOMAXPROCS: 2, Governor: "powersave", Virtual: "kvm", CgroupCPUs: 1.5,
			Load1: 1.25, Clock: "tsc", ClockNs: 12.3, MemoryBytes: 8 << 30,
		},
		Noise: doctor.Noise{
			Cell: results.Cell{Strategy: "chan", Producers: 4, DurationNs: 1e8}, Reps: 10, SmallestEffect: 0.0283,
			Tries: []doctor.AATrial{{
				A: stat.Interval{Median: 61.2}, B: stat.Interval{Median: 60.8},
				Ratio: stat.Interval{Median: 0.993, Lo: &lo, Hi: &hi}, P: 0.63,
			}},
		},
		Floor:  &stat.Interval{Median: 4.56},
		Clock:  doctor.ClockCheck{Why: "because", StepNs: 7.9, ErrorPPM: &ppm, Threads: 2, Readings: 123_456},
		Sleeps: []doctor.SleepCheck{{AskedNs: 50_000, Overshoot: histogram.Quantiles{P50: &p50, P99: &p99, Max: 2_000_000, Samples: 1000}}},
		Idle:   &results.Host{HiccupP99Ns: 70_000, HiccupMaxNs: 900_000, SchedP99Ns: 20_000},
		Busy:   &results.Host{HiccupP99Ns: 19_000_000, HiccupMaxNs: 30_000_000, SchedP99Ns: 10_000_000},
		System: doctor.System{
			OtherCores: &others, StealShare: &steal, Throttled: &doctor.Throttling{Periods: 3},
			AvailableBytes: &available, SwapBytes: &swap, SwapUsedBytes: &used, SwappedBytes: &swapped,
		},
		Findings: []doctor.Finding{
			{Code: "others", Severity: doctor.SeverityWarning, What: "others work", Advice: "stop them"},
			{Code: "virtual", Severity: doctor.SeverityNote, What: "it is virtual", Advice: "beware"},
		},
	}
}

// bare is a diagnosis in which nothing but the necessary could be found out, after
// more than one try.
func bare() *doctor.Diagnosis {
	return &doctor.Diagnosis{
		Seed:        5,
		Environment: results.Environment{Cores: 1, GOMAXPROCS: 1, Clock: "monotonic", ClockNs: 40},
		Noise: doctor.Noise{
			Cell: results.Cell{Strategy: "lanes", Producers: 1, DurationNs: 1e8}, Reps: 6, SmallestEffect: 0.1,
			Tries: make([]doctor.AATrial, 20), Differences: 1,
		},
		Clock:  doctor.ClockCheck{Why: "because", StepNs: 1, Threads: 1, Readings: 10, BackwardNs: 2},
		Sleeps: []doctor.SleepCheck{{AskedNs: 1e6, Overshoot: histogram.Quantiles{Max: 5000, Samples: 3}}},
	}
}
