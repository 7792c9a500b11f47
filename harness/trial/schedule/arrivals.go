package schedule

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
)

// BurstPeriod is the time between two bursts unless a cell has its own: long
// enough for any strategy to drain one and park before the next.
const BurstPeriod = 100 * time.Millisecond

// Arrivals is the schedule of one producer. It is a pure function of its
// parameters: nobody waits here.
type Arrivals struct {
	kind     string
	period   time.Duration // of bursts
	overload overload
	rate     float64 // messages per second of this producer
	shift    float64 // 0..1, place among the producers
	sent     float64 // how many have been scheduled
	last     float64 // when the last one was due, in seconds
	rng      *rand.Rand
}

// New returns the schedule of producer id of so many, which together
// send rate messages per second.
func New(kind string, rate float64, id, producers int, seed uint64) *Arrivals {
	return &Arrivals{
		kind: kind, period: BurstPeriod, rate: rate / float64(producers), shift: (float64(id) + 0.5) / float64(producers),
		rng: rand.New(rand.NewPCG(seed, uint64(id))),
	}
}

// OfCell returns the schedule of producer id of a cell, which offers rate messages per
// second until the horizon, in ns. weights are the producers' shares of them; nil: all
// the same.
func OfCell(cell results.Cell, rate float64, weights []float64, id int, horizon int64, seed uint64) *Arrivals {
	a := New(cell.Arrival, rate, id, cell.Producers, seed)
	a.overload = overload{horizon, cell.Overload}
	if weights != nil {
		a.rate = rate * weights[id]
	}
	if cell.BurstPeriodNs > 0 {
		a.period = time.Duration(cell.BurstPeriodNs)
	}
	return a
}

// Next returns when the next message is due, in ns since the start. Times never
// decrease. They are computed from the count, not summed up, where they can be,
// so that no error builds up.
func (a *Arrivals) Next() int64 {
	switch a.kind {
	case results.ArrivalPoisson:
		a.last += a.rng.ExpFloat64() / a.rate
	case results.ArrivalBurst:
		perBurst := a.rate * a.period.Seconds()
		// By the end of burst j, floor((j+1) perBurst + shift) messages are due:
		// this one belongs to the first at which that exceeds those before it.
		burst := math.Ceil((a.sent+1-a.shift)/perBurst) - 1
		a.last = max(0, burst) * a.period.Seconds()
	default:
		a.last = (a.sent + a.shift) / a.rate
	}
	a.sent++
	return a.overload.real(int64(min(a.last, never) * 1e9))
}

// never is a time, in seconds, that no schedule reaches and that an int64 holds in
// ns: a producer with hardly any share of the load may have nothing to send.
const never = 1e6

// overload makes more messages due in the middle fifth of a schedule: factor times as many
// messages are due there as elsewhere. The zero value is none.
type overload struct {
	horizon int64 // ns, the length of the schedule
	factor  float64
}

// An overload lasts from OverloadFrom to OverloadTo of the horizon.
const (
	OverloadFrom = 0.4
	OverloadTo   = 0.6
)

// real maps the time at which a message would be due at an even rate to the time
// at which it is due: what comes before the overload stays, the overload squeezes the
// next messages together, and the rest moves up.
func (s overload) real(even int64) int64 {
	if s.factor <= 1 {
		return even
	}
	from, length := OverloadFrom*float64(s.horizon), (OverloadTo-OverloadFrom)*float64(s.horizon)
	switch past := float64(even) - from; {
	case past <= 0:
		return even
	case past < length*s.factor:
		return int64(from + past/s.factor)
	default:
		return even - int64(length*(s.factor-1))
	}
}

// CountUntil returns how many messages are due before the horizon, in ns, and
// leaves the schedule used up.
func (a *Arrivals) CountUntil(horizon int64) uint64 {
	n := uint64(0)
	for a.Next() < horizon {
		n++
	}
	return n
}

// How a producer waits until a message is due: it sleeps while that is far and
// yields its processor again and again when it is near, because a sleep may last
// a millisecond longer than it was asked to (measured: up to 1.1 ms on an idle
// Linux machine).
const (
	SleepMargin = 1500 * time.Microsecond
	sleepLeast  = 200 * time.Microsecond // shorter sleeps gain nothing
)

// SleepFor returns how long to sleep when so much time is left until a message is
// due; 0 means to yield.
func SleepFor(left time.Duration) time.Duration {
	if sleep := left - SleepMargin; sleep >= sleepLeast {
		return sleep
	}
	return 0
}
