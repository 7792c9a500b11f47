package machine

import (
	"math"
	"runtime"
	"time"

	"github.com/loov/hrtime"
)

// Clock reads time in ticks as cheaply as this machine allows: the processor's
// time-stamp counter where it can be trusted, else Go's monotonic clock.
type Clock struct {
	Tsc       bool
	NsPerTick float64
	baseTicks int64
	base      time.Time
}

// NewClock returns a clock. Ticks can be read at once and converted after
// Calibrate.
func NewClock() *Clock {
	c := &Clock{Tsc: trustTSC(), NsPerTick: 1, base: time.Now()}
	c.baseTicks = c.Now()
	return c
}

// trustTSC reports whether the counter runs at one rate (the processor says so)
// and in step on all cores (on Linux, the kernel keeps time by it, which it gives
// up as soon as it sees cores disagree).
func trustTSC() bool {
	if !hrtime.TSCSupported() {
		return false
	}
	if runtime.GOOS != "linux" {
		return true
	}
	return ClockSource() == "tsc"
}

// Name returns tsc or monotonic.
func (c *Clock) Name() string {
	if c.Tsc {
		return "tsc"
	}
	return "monotonic"
}

// Now returns the time in ticks from some point in the past. RDTSCP waits for the
// loads before it; a plain RDTSC was seen to run microseconds ahead of a load of
// what another core had just written, such as the message to be timed.
func (c *Clock) Now() int64 {
	if c.Tsc {
		return int64(hrtime.RDTSCP())
	}
	return int64(time.Since(c.base))
}

// The least time that the counter's rate is measured over. The two clocks are read within a
// microsecond of each other, so that the rate is right to 1 in 10^4, or to 1 in 10^3 where
// it will be measured again.
const (
	calibrationSpan = 20 * time.Millisecond
	firstSpan       = 2 * time.Millisecond
)

// Calibrate measures the length of a tick against the monotonic clock since
// NewClock, waiting until that is 20 ms ago.
func (c *Clock) Calibrate() { c.calibrate(calibrationSpan) }

// CalibrateFirst is Calibrate that waits for 2 ms only. Another is to follow.
func (c *Clock) CalibrateFirst() { c.calibrate(firstSpan) }

func (c *Clock) calibrate(span time.Duration) {
	if !c.Tsc {
		return
	}
	time.Sleep(span - time.Since(c.base))
	ticks, elapsed := c.Now()-c.baseTicks, time.Since(c.base)
	c.NsPerTick = float64(elapsed) / float64(ticks)
}

// Ns converts a difference of ticks to ns.
func (c *Clock) Ns(ticks int64) int64 { return int64(float64(ticks) * c.NsPerTick) }

// Ticks converts ns to ticks.
func (c *Clock) Ticks(ns int64) int64 { return int64(float64(ns) / c.NsPerTick) }

// Spin keeps the processor busy for so long.
func (c *Clock) Spin(ticks int64) {
	for end := c.Now() + ticks; c.Now() < end; {
	}
}

// Cost returns the mean cost of one reading in ns.
func (c *Clock) Cost() float64 {
	const readings = 10_000
	start := time.Now()
	for range readings {
		c.Now()
	}
	return float64(time.Since(start)) / readings
}

// ClockSource returns what Linux keeps time by, empty elsewhere.
func ClockSource() string {
	return firstLine("/sys/devices/system/clocksource/clocksource0/current_clocksource")
}

// Pair reads both clocks as nearly at once as can be: of some attempts it takes
// the one whose reading of the counter was bracketed most closely.
func (c *Clock) Pair() (ticks int64, at time.Duration) {
	const attempts = 16
	closest := time.Duration(math.MaxInt64)
	for range attempts {
		before := time.Since(c.base)
		now := c.Now()
		after := time.Since(c.base)
		if after-before < closest {
			closest, ticks, at = after-before, now, before+(after-before)/2
		}
	}
	return ticks, at
}
