package schedule

import (
	"math"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
)

// Whatever the arrival, times never decrease, the same seed gives the same
// times, and the producers together keep the total rate.
func TestArrivals(t *testing.T) {
	const seconds = 20
	for _, kind := range []string{results.ArrivalConstant, results.ArrivalPoisson, results.ArrivalBurst} {
		for _, test := range []struct {
			rate      float64
			producers int
		}{{1000, 1}, {5000, 16}, {777, 100}, {50, 100}} {
			total := 0.0
			for id := range test.producers {
				a := New(kind, test.rate, id, test.producers, 1)
				again := New(kind, test.rate, id, test.producers, 1)
				last := int64(0)
				for {
					due := a.Next()
					if due != again.Next() {
						t.Fatalf("%s: the same seed gave another time", kind)
					}
					if due < last {
						t.Fatalf("%s: %d after %d", kind, due, last)
					}
					if last = due; due >= seconds*1e9 {
						break
					}
					total++
				}
			}
			want := seconds * test.rate
			tolerance := float64(test.producers) // each may be off by one
			if kind == results.ArrivalPoisson {
				tolerance = 5 * math.Sqrt(want)
			}
			if kind == results.ArrivalBurst {
				tolerance += test.rate * BurstPeriod.Seconds()
			}
			if math.Abs(total-want) > tolerance {
				t.Errorf("%s at %v/s from %d producers: %v messages in %d s; want %v ± %v",
					kind, test.rate, test.producers, total, seconds, want, tolerance)
			}
		}
	}
}

// Gaps of a Poisson arrival have mean and standard deviation 1/rate; those of a
// constant one do not vary; bursts fall on multiples of their period only.
func TestArrivalGaps(t *testing.T) {
	const n, rate = 200_000, 1e6
	gaps := func(kind string) (mean, deviation float64) {
		a := New(kind, rate, 0, 1, 3)
		last, sum, squares := a.Next(), 0.0, 0.0
		for range n {
			due := a.Next()
			gap := float64(due - last)
			sum, squares, last = sum+gap, squares+gap*gap, due
		}
		mean = sum / n
		return mean, math.Sqrt(squares/n - mean*mean)
	}
	if mean, deviation := gaps(results.ArrivalPoisson); math.Abs(mean-1000) > 15 || math.Abs(deviation-1000) > 15 {
		t.Errorf("poisson gaps: mean %.1f, deviation %.1f; want 1000 ns each", mean, deviation)
	}
	if mean, deviation := gaps(results.ArrivalConstant); math.Abs(mean-1000) > 0.1 || deviation > 1 {
		t.Errorf("constant gaps: mean %.1f, deviation %.1f; want 1000 and 0", mean, deviation)
	}
	a := New(results.ArrivalBurst, 1234, 0, 1, 3)
	for range 1000 {
		if due := a.Next(); due%int64(BurstPeriod) != 0 {
			t.Fatalf("a burst at %d ns", due)
		}
	}
}

// Constant producers are offset: together they send evenly, not in step.
func TestConstantProducersAlternate(t *testing.T) {
	seen := map[int64]bool{}
	for id := range 10 {
		seen[New(results.ArrivalConstant, 1000, id, 10, 1).Next()] = true
	}
	if len(seen) != 10 {
		t.Errorf("10 producers begin at %d different times", len(seen))
	}
}

func TestFarFrom(t *testing.T) {
	for left, want := range map[time.Duration]time.Duration{
		-time.Second: 0, 0: 0, time.Millisecond: 0, 1600 * time.Microsecond: 0,
		2 * time.Millisecond: 500 * time.Microsecond, time.Second: time.Second - SleepMargin,
	} {
		if got := SleepFor(left); got != want {
			t.Errorf("farFrom(%v) = %v; want %v", left, got, want)
		}
	}
}
