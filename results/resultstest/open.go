package resultstest

import (
	"math"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/stat"
)

// open makes up an open loop: a queue whose waits grow with rho/(1-rho), a pacer
// that is late now and then, and stalls and overloads as the cell says.
func (k maker) open() *results.Measurement {
	saturation := k.saturation()
	if k.cell.ConsumerCostNs > 0 {
		saturation = min(saturation, 1e9/float64(k.cell.ConsumerCostNs))
	}
	rate := k.cell.Rate
	if k.cell.Load > 0 {
		rate = k.cell.Load * saturation
	}
	rho := rate / saturation
	horizon := float64(k.cell.DurationNs)
	m := k.common(int64(rate*horizon/1e9), horizon)
	m.OfferedRate, m.AchievedRate = rate, rate
	if rho > 0.97 { // producers are held up
		m.AchievedRate = rate * 0.97 / rho
		m.Warnings = []string{"the producers fell behind"}
	}
	load := k.beyond(m, rho)
	m.Response, m.SendDelay, m.SampleStep = histogram.New(), histogram.New(), 1
	floor := k.index == 0
	if !floor {
		m.Transit = histogram.New()
	}
	service := 1500 + 25*math.Sqrt(float64(k.cell.Producers))*1e8/saturation
	for range max(k.samples, 0) {
		late := k.sendDelay()
		transit := k.wait(service, load) * math.Exp(0.5*k.rng.NormFloat64())
		if floor {
			transit = 0
		} else {
			m.Transit.Record(int64(transit))
		}
		m.SendDelay.Record(int64(late))
		m.Response.Record(int64(late + transit))
	}
	m.Backlog = k.backlog(rate, saturation)
	m.Parks, m.CPUNs = new(m.Delivered/30), int64(float64(m.Delivered)*(40+float64(k.index)*9))
	m.PeakBytes = 12<<20 + int64(k.cell.Producers)*int64(3000+700*k.index) + 8*m.Backlog.Max
	m.SendCall = &results.Mean{Mean: 60 + 12*float64(k.index), Count: 1000}
	if k.cell.Producers > 1 {
		unfair := float64(k.index%5) * 0.04 * math.Log10(float64(k.cell.Producers))
		m.Fairness = &results.Fairness{WindowNs: 10e6, Jain: 1 / (1 + unfair + 0.004*k.rng.Float64()), P99Ratio: 1.05 + unfair}
	}
	m.Host = &results.Host{HiccupP99Ns: 180_000, HiccupMaxNs: 2_400_000, SchedP99Ns: 41_000, GCPauseNs: 90_000, MutexWaitNs: 12_000}
	if k.cell.Overload > 1 && k.cell.Overload*rho > 1 {
		m.RecoveryNs = int64(horizon * 0.2 * (k.cell.Overload*rho - 1) / max(0.05, 1-rho))
	}
	return m
}

// beyond makes up what a consumer with a cost that is offered rho times its capacity
// leads to, and returns the load that is left for the queue.
func (k maker) beyond(m *results.Measurement, rho float64) float64 {
	drops := k.cell.Policy != "" && k.cell.Policy != "block"
	switch {
	case rho > 1 && drops:
		m.Delivered = int64(float64(m.Attempted) / rho)
		m.Dropped = m.Attempted - m.Delivered
		if k.cell.Policy == "fail" {
			m.Dropped, m.Rejected = 0, m.Dropped
		}
		m.AchievedRate, m.Warnings = m.OfferedRate, nil
	case rho > 1 && k.cell.ConsumerCostNs > 0:
		m.ElapsedNs = int64(float64(k.cell.DurationNs) * rho)
	}
	if drops {
		return min(rho, 0.99)
	}
	return rho
}

func (k maker) sendDelay() float64 {
	ns := math.Exp(math.Log(900) + 0.7*k.rng.NormFloat64())
	if k.rng.IntN(120) == 0 {
		ns += 900_000 * k.rng.Float64() // a sleep that overshot
	}
	return ns
}

// wait is a message's time in the queue.
func (k maker) wait(service, rho float64) float64 {
	ns := service * (1 + min(rho/max(1-rho, 1e-3), 400))
	if rho > 1 {
		ns += (1 - 1/rho) * float64(k.cell.DurationNs) * k.rng.Float64()
	}
	if every := float64(k.cell.StallEveryNs); every > 0 {
		ns += max(0, float64(k.cell.StallNs)-every*k.rng.Float64())
	}
	return ns
}

// backlog follows a queue of fluid through stalls and an overload.
func (k maker) backlog(rate, saturation float64) *results.Backlog {
	const steps = 200
	b := &results.Backlog{StepNs: k.cell.DurationNs / steps}
	var series []int64
	step := float64(b.StepNs) / 1e9
	items := 0.0
	for i := range steps {
		in, out := rate, saturation
		if at := float64(i) / steps; at >= 0.4 && at < 0.6 && k.cell.Overload > 1 {
			in *= k.cell.Overload
		}
		if every := k.cell.StallEveryNs; every > 0 && (int64(i)*b.StepNs+every/2)%every < k.cell.StallNs {
			out = 0
		}
		items = max(0, items+(in-out)*step)
		if k.cell.Capacity > 0 {
			items = min(items, float64(k.cell.Capacity))
		}
		seen := int64(items + rate*3e-6*k.rng.ExpFloat64())
		series = append(series, seen)
		b.Max = max(b.Max, seen)
		b.Mean += float64(seen) / steps
	}
	b.Series = stat.NewLevels(series...)
	return b
}

// probe makes up a fan-in at rest.
func (k maker) probe() *results.Measurement {
	m := k.common(10_000, float64(k.cell.DurationNs))
	m.Probe = &results.Probe{
		Wake: histogram.New(), IdleCPUShare: 0.002 * float64(k.index), RetainedBytes: 4096 << k.index, BurstBytes: 9 << 20,
	}
	if k.index == 3 {
		m.Probe.IdleCPUShare = 0.98 // one that spins
	}
	for range max(k.samples, 0) {
		m.Probe.Wake.Record(int64(math.Exp(math.Log(4000+900*float64(k.index)) + 0.5*k.rng.NormFloat64())))
	}
	return m
}
