package doctor

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loov/hrtime"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/monitor"
	"github.com/fanin-bench/fanin-bench/results/histogram"
)

// ClockCheck is what is known of the clock besides its name and the cost of a
// reading, which are in the Environment.
type ClockCheck struct {
	Why    string  `json:"why"`     // this clock was chosen
	StepNs float64 `json:"step_ns"` // the smallest step seen between two readings
	// ErrorPPM is how much faster than the monotonic clock the calibrated counter
	// ran, in parts per million; absent for the monotonic clock itself.
	ErrorPPM *float64 `json:"error_ppm,omitempty"`

	Threads    int   `json:"threads"`     // that read the clock in turn,
	Readings   int64 `json:"readings"`    // this often,
	BackwardNs int64 `json:"backward_ns"` // and how far one reading lay before an earlier one of another; 0 if none did
}

const (
	// agreeSpan is how long the counter is held against the monotonic clock. The
	// two are read within some 100 ns of each other: 1 ppm of this.
	agreeSpan = 100 * time.Millisecond
	// orderSpan is how long threads read the clock in turn: some 100 000 readings
	// each.
	orderSpan = 20 * time.Millisecond
	// stepReadings is how many readings the smallest step is taken from.
	stepReadings = 20_000
)

func checkClock() ClockCheck {
	clock := machine.NewClock()
	clock.Calibrate()
	check := ClockCheck{
		Why:    whyClock(clock.Name(), hrtime.TSCSupported(), machine.ClockSource()),
		StepNs: smallestStep(clock.Now) * clock.NsPerTick, Threads: runtime.GOMAXPROCS(0),
	}
	if clock.Tsc {
		ppm := disagreement(clock, agreeSpan)
		check.ErrorPPM = &ppm
	}
	readings, backward := disorder(clock.Now, clock.Ticks(int64(orderSpan)), check.Threads)
	check.Readings, check.BackwardNs = readings, int64(math.Ceil(float64(backward)*clock.NsPerTick))
	return check
}

// whyClock words why the clock of that name was chosen.
func whyClock(name string, invariant bool, source string) string {
	switch {
	case name == "tsc" && source != "":
		return "the time-stamp counter runs at one rate and the kernel keeps time by it"
	case name == "tsc":
		return "the time-stamp counter runs at one rate"
	case !invariant:
		return "this processor has no time-stamp counter of constant rate that can be read"
	case source != "":
		return fmt.Sprintf("the kernel keeps time by %q and not by the time-stamp counter", source)
	default:
		return "it is unknown whether the time-stamp counters of the cores agree"
	}
}

// smallestStep returns the smallest difference above 0 between two readings in a
// row, in ticks; 0 if the clock stands still.
func smallestStep(now func() int64) float64 {
	least := int64(math.MaxInt64)
	for i, last := 0, now(); i < stepReadings; i++ {
		next := now()
		if step := next - last; step > 0 {
			least = min(least, step)
		}
		last = next
	}
	if least == math.MaxInt64 {
		return 0
	}
	return float64(least)
}

// disagreement returns how much faster than the monotonic clock the calibrated
// one runs over a span, in parts per million.
func disagreement(clock *machine.Clock, span time.Duration) float64 {
	ticks0, time0 := clock.Pair()
	time.Sleep(span)
	ticks1, time1 := clock.Pair()
	return (float64(ticks1-ticks0)*clock.NsPerTick/float64(time1-time0) - 1) * 1e6
}

// disorder has threads read the clock in turn for a span of ticks and returns how
// many readings they took, and how far one lay before a reading that another
// thread had published already, in ticks at most; 0 if time never ran backwards.
func disorder(now func() int64, span int64, threads int) (readings, backward int64) {
	var last, total atomic.Int64
	back := make([]int64, threads) // the worst of each
	end := now() + span
	var group sync.WaitGroup
	for i := range threads {
		group.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			n, worst := int64(0), int64(0)
			for at := int64(math.MinInt64); at < end; n++ {
				seen := last.Load()
				if at = now(); at < seen {
					worst = max(worst, seen-at)
				} else {
					last.CompareAndSwap(seen, at)
				}
			}
			total.Add(n)
			back[i] = worst
		})
	}
	group.Wait()
	return total.Load(), slices.Max(back)
}

// SleepCheck is how much longer than asked time.Sleep took.
type SleepCheck struct {
	AskedNs   int64               `json:"asked_ns"`
	Overshoot histogram.Quantiles `json:"overshoot_ns"`
}

// sleepsChecked are the sleeps that are tried: far below what an idle kernel
// wakes for, and what the monitor of a trial sleeps.
func sleepsChecked() []time.Duration {
	return []time.Duration{50 * time.Microsecond, monitor.HiccupSleep}
}

// sleepRounds is how many sleeps there are, if they are over in time: so many
// that ten lie beyond the p99.
const sleepRounds = 1000

// checkSleep sleeps again and again, until most is over.
func checkSleep(ctx context.Context, asked, most time.Duration) (SleepCheck, error) {
	overshoot := histogram.New()
	begin := time.Now()
	for n := 0; n == 0 || n < sleepRounds && time.Since(begin) < most; n++ {
		start := time.Now()
		time.Sleep(asked)
		overshoot.Record(int64(time.Since(start) - asked))
	}
	return SleepCheck{AskedNs: int64(asked), Overshoot: *histogram.NewQuantiles(overshoot)}, ctx.Err()
}
