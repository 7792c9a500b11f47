package results

import (
	"slices"
	"strings"

	"github.com/fanin-bench/fanin-bench/results/histogram"
	"github.com/fanin-bench/fanin-bench/results/units"
)

// The quantities that code asks for by name. Each is declared here once.
var (
	Throughput = &Quantity{
		Name: "throughput_msgs_per_s", Title: "throughput", Unit: units.Rates, HigherIsBetter: true,
		About: Cell.IsLoad, Of: measured(func(m *Measurement) (float64, bool) { return m.Throughput(), true }), Quoted: AsSpread,
		Turns: (*Measurement).throughputInTurns,
		Bench: "msgs/s", Compared: Cell.IsClosed, Gates: true, Followed: true, // of an open loop it is what was offered
	}
	NsPerMsg = &Quantity{
		Name: "ns_per_msg", Title: "time per message", Unit: units.Times,
		About: Cell.IsLoad, Of: perMsg(func(m *Measurement) (int64, bool) { return m.ElapsedNs, true }), Quoted: AsSpread,
		Turns: (*Measurement).nsPerMsgInTurns,
		Bench: "ns/op",
	}
	// TimesFloor is the time per message of closed loops over that of the harness floor
	// under the same conditions, in the same program: see CellSummary.NearFloor.
	TimesFloor = &Quantity{Name: "times_floor", Title: "times the harness floor", Unit: units.Ratios, Quoted: AsSpread}
	Offered    = rate("offered_msgs_per_s", "offered rate", func(m *Measurement) float64 { return m.OfferedRate })
	Achieved   = rate("achieved_msgs_per_s", "achieved rate", func(m *Measurement) float64 { return m.AchievedRate })
	// Saturation is the rate up to which the backlog stays bounded.
	Saturation = &Quantity{
		Name: "saturation_msgs_per_s", Title: "saturation", Unit: units.Rates, HigherIsBetter: true,
		About: Cell.isSearch, Of: measured(func(m *Measurement) (float64, bool) { return unlessZero(m.Saturation) }), Quoted: AsSpread,
		Bench: "saturation-msgs/s", Compared: Cell.isSearch, Followed: true,
	}
	// Recovery is from the end of an overload until the backlog is as before it.
	Recovery = &Quantity{
		Name: "recovery_ns", Title: "recovery", Unit: units.Times,
		About: Cell.IsLoad, Of: measured(func(m *Measurement) (float64, bool) { return unlessZero(float64(m.RecoveryNs)) }), Quoted: AsSpread,
	}
	// NeighbourShare is how much the neighbours got done, as a share of what they get
	// done alone.
	NeighbourShare = &Quantity{
		Name: "neighbour_share", Title: "work of the neighbours", Unit: units.Ratios, HigherIsBetter: true,
		About: Cell.IsLoad, Of: measured((*Measurement).NeighbourShare), Quoted: AsSpread,
		Compared: Cell.IsLoad,
	}

	// The response time is counted from when a message was due, the send delay until
	// its send call, the transit time from there.
	Response  = times("response_ns", "response time", Cell.IsLoad, func(m *Measurement) *histogram.Histogram { return m.Response })
	Transit   = times("transit_ns", "transit time", Cell.IsLoad, func(m *Measurement) *histogram.Histogram { return m.Transit })
	SendDelay = times("send_delay_ns", "send delay", Cell.IsLoad, func(m *Measurement) *histogram.Histogram { return m.SendDelay })

	ResponseP50 = Response.quantile(P50, Quantity{Compared: Cell.IsOpen, Gates: true})
	ResponseP99 = Response.quantile(P99, Quantity{Compared: Cell.IsOpen, Gates: true, Followed: true})
	TransitP50  = Transit.quantile(P50, Quantity{})
	TransitP99  = Transit.quantile(P99, Quantity{})

	Attempted = total("attempted", func(m *Measurement) int64 { return m.Attempted })
	Delivered = total("delivered", func(m *Measurement) int64 { return m.Delivered })
	Dropped   = total("dropped", func(m *Measurement) int64 { return m.Dropped })
	Rejected  = total("rejected", func(m *Measurement) int64 { return m.Rejected })

	// What strategies count that leave the process, beside attempted = delivered + dropped +
	// rejected: Duplicated are none of the delivered, Late some of them, Confirmed some of the
	// attempted. How many are confirmed follows from how long a trial lasts, so that two runs are
	// not compared by it.
	Duplicated = counts("duplicated", func(m *Measurement) *int64 { return m.Duplicated }, Cell.IsLoad)
	Late       = counts("late", func(m *Measurement) *int64 { return m.Late }, Cell.IsLoad)
	Confirmed  = counts("confirmed", func(m *Measurement) *int64 { return m.Confirmed }, nil)

	// The backlog waits in the fan-in; in flight is what waits or is being worked on,
	// where the strategy bounds both together. The mean is one over time.
	BacklogMean  = levelMean("backlog", "backlog", backlogOf)
	BacklogMax   = levelMax("backlog", "backlog", backlogOf)
	InFlightMean = levelMean("in_flight", "items in flight", inFlightOf)
	InFlightMax  = levelMax("in_flight", "items in flight", inFlightOf)

	// MemoryPeak is the highest resident memory that the processes' parent saw over their
	// lives, failed trials among them; PeakMemory what the processes say themselves.
	MemoryPeak = &Quantity{
		Name: "memory_peak_bytes", In: "memory", Title: "peak memory of the whole life", Unit: units.Sizes, Quoted: AsHighest,
		Of: func(t *Trial) (float64, bool) {
			if t.Memory == nil {
				return 0, false
			}
			return float64(t.Memory.PeakBytes), true
		},
	}
	MemoryLife = &Quantity{
		Name: "memory_life_ns", In: "memory", Title: "life of a process", Unit: units.Times, Quoted: AsMedian,
		Of: func(t *Trial) (float64, bool) { return float64(t.WallNs), t.Memory != nil },
	}
	PeakMemory = &Quantity{
		Name: "peak_bytes", Title: "peak memory", Unit: units.Sizes,
		About: Cell.IsLoad, Of: measured(func(m *Measurement) (float64, bool) { return unlessZero(float64(m.PeakBytes)) }), Quoted: AsHighest,
		Compared: Cell.IsLoad,
	}
	CPUPerMsg = &Quantity{
		Name: "cpu_ns_per_msg", Title: "CPU per message", Unit: units.Times,
		About: Cell.IsLoad, Of: perMsg(func(m *Measurement) (int64, bool) { return m.CPUNs, m.CPUNs > 0 }), Quoted: AsMedian,
		Compared: Cell.IsLoad,
	}
	SendCall = &Quantity{
		Name: "send_call_ns", Title: "send call", Unit: units.Times, About: Cell.IsLoad, Quoted: AsMedian,
		Of: measured(func(m *Measurement) (float64, bool) {
			if m.SendCall == nil {
				return 0, false
			}
			return m.SendCall.Mean, m.SendCall.Count > 0
		}),
	}
	// BlockedShare is the share of the time from first send to last receive that a
	// producer spent in send calls, on average.
	BlockedShare = &Quantity{Name: "blocked_share", Title: "blocked share", Unit: units.Ratios, About: Cell.IsLoad, Of: blocked, Quoted: AsMedian}
	ParksPerMsg  = &Quantity{
		Name: "parks_per_msg", Title: "parks per message", Unit: units.Ratios,
		About: Cell.IsLoad, Of: perMsg(func(m *Measurement) (int64, bool) { return counted(m.Parks) }), Quoted: AsMedian,
	}
	WritesPerMsg = &Quantity{
		Name: "sink_writes_per_msg", Title: "write calls per message", Unit: units.Ratios, About: Cell.IsLoad, Quoted: AsMedian,
		Of: perMsg(func(m *Measurement) (int64, bool) {
			if m.Sink == nil {
				return 0, false
			}
			return m.Sink.Writes, true
		}),
	}
	BytesWritten = &Quantity{
		Name: "sink_bytes_per_s", Title: "bytes written per second", Unit: units.Flows, HigherIsBetter: true, About: Cell.IsLoad, Quoted: AsMedian,
		Of: measured(func(m *Measurement) (float64, bool) {
			if m.Sink == nil {
				return 0, false
			}
			return float64(m.Sink.Bytes) / (float64(m.ElapsedNs) / 1e9), true
		}),
	}
	// FairnessIndex is Jain's index, P99Ratio the slowest producer over the fastest: see
	// Fairness.
	FairnessIndex = &Quantity{
		Name: "fairness", Title: "fairness", Unit: units.Ratios, HigherIsBetter: true, About: Cell.IsLoad, Quoted: AsMedian,
		Of: measured(func(m *Measurement) (float64, bool) {
			if m.Fairness == nil {
				return 0, false
			}
			return m.Fairness.Jain, true
		}),
	}
	P99Ratio = &Quantity{
		Name: "p99_ratio", Title: "response P99, slowest producer over fastest", Unit: units.Ratios, About: Cell.IsLoad, Quoted: AsMedian,
		Of: measured(func(m *Measurement) (float64, bool) {
			if m.Fairness == nil {
				return 0, false
			}
			return unlessZero(m.Fairness.P99Ratio)
		}),
	}
	BatchMean = &Quantity{
		Name: "batch_mean", Title: "messages per receive", Unit: units.Counts, HigherIsBetter: true, About: Cell.IsLoad, Quoted: AsMedian,
		Of: measured(func(m *Measurement) (float64, bool) {
			return float64(m.Delivered) / float64(max(1, m.Receives)), m.Receives > 0
		}),
	}
	AllocsPerMsg = &Quantity{
		Name: "allocs_per_msg", Title: "allocations per message", Unit: units.Ratios,
		About: Cell.IsLoad, Of: perMsg(func(m *Measurement) (int64, bool) { return counted(m.Mallocs) }), Quoted: AsMedian,
		Compared: Cell.IsLoad,
	}
	HeapHigh = &Quantity{
		Name: "heap_high_bytes", Title: "highest heap in use", Unit: units.Sizes,
		About: Cell.IsLoad, Of: measured(func(m *Measurement) (float64, bool) { return unlessZero(float64(m.HeapBytes)) }), Quoted: AsHighest,
	}

	// A fan-in at rest: see Probe.
	Wake = inside("probe", times("wake_ns", "wake latency", Cell.isProbe, func(m *Measurement) *histogram.Histogram {
		if m.Probe == nil {
			return nil
		}
		return m.Probe.Wake
	}))
	WakeP50  = Wake.quantile(P50, Quantity{Compared: Cell.isProbe})
	WakeP99  = Wake.quantile(P99, Quantity{})
	IdleCPU  = probed("idle_cpu_share", "idle CPU", "idle-cpu-share", units.CPUShares, func(p *Probe) float64 { return p.IdleCPUShare })
	Retained = probed("retained_bytes", "memory kept after a burst", "retained-B", units.Sizes, func(p *Probe) float64 { return float64(p.RetainedBytes) })
	Burst    = probed("burst_bytes", "memory held by a burst", "", units.Sizes, func(p *Probe) float64 { return float64(p.BurstBytes) })
)

// baseline is a strategy that speed-ups may be over, with the quantity that they are
// then.
type baseline struct {
	name    string
	speedup *Quantity
}

var baselines = func() (all []baseline) {
	for _, name := range Baselines {
		all = append(all, baseline{name, speedupOver(name)})
	}
	return all
}()

// speedupOver declares the ratio of throughputs of closed loops, paired by block, and
// within it by turn, with the interval of stat.Pairs over blocks: see Summarize.
func speedupOver(baseline string) *Quantity {
	return &Quantity{
		Name: "speedup_over_" + strings.ReplaceAll(baseline, "-", "_"), Title: "speed-up over " + baseline,
		Unit: units.Ratios, HigherIsBetter: true, Quoted: AsSpread,
	}
}

// Speedups lists the speed-ups over each baseline.
func Speedups() []*Quantity {
	var all []*Quantity
	for _, b := range baselines {
		all = append(all, b.speedup)
	}
	return all
}

// quantities is the table, in the order of summary.json.
var quantities = slices.Concat([]*Quantity{Throughput, NsPerMsg}, Speedups(), []*Quantity{
	TimesFloor, Offered, Achieved, Saturation, Recovery, NeighbourShare,
	Response, Transit, SendDelay, ResponseP50, ResponseP99, TransitP50, TransitP99,
	Attempted, Delivered, Dropped, Rejected, Duplicated, Late, Confirmed,
	BacklogMean, BacklogMax, InFlightMean, InFlightMax, MemoryPeak, MemoryLife, PeakMemory,
	CPUPerMsg, SendCall, BlockedShare, ParksPerMsg, WritesPerMsg, BytesWritten, FairnessIndex, P99Ratio, BatchMean, AllocsPerMsg, HeapHigh,
	Wake, WakeP50, WakeP99, IdleCPU, Retained, Burst,
	disturbance("hiccup_p99_ns", AsMedian, func(h *Host) int64 { return h.HiccupP99Ns }),
	disturbance("hiccup_max_ns", AsHighest, func(h *Host) int64 { return h.HiccupMaxNs }),
	disturbance("sched_p99_ns", AsMedian, func(h *Host) int64 { return h.SchedP99Ns }),
	disturbance("gc_pause_ns", AsMedian, func(h *Host) int64 { return h.GCPauseNs }),
	disturbance("mutex_wait_ns", AsMedian, func(h *Host) int64 { return h.MutexWaitNs }),
})

// Quantities lists everything that is measured, in the order of summary.json.
func Quantities() []*Quantity { return slices.Clone(quantities) }

// Compared lists what two runs are compared by, in the order of tables: what gates comes
// first. That is throughput for closed loops, and the response time's P50 and p99 for
// open ones, where the throughput is what was offered.
func Compared() []*Quantity {
	return gatesFirst(func(q *Quantity) bool { return q.Compared != nil })
}

// Followed lists what cells are followed by through many runs, what gates first.
func Followed() []*Quantity {
	return gatesFirst(func(q *Quantity) bool { return q.Followed && q.Compared != nil })
}

func gatesFirst(is func(*Quantity) bool) []*Quantity {
	chosen := slices.DeleteFunc(Quantities(), func(q *Quantity) bool { return !is(q) })
	place := map[bool]int{true: 0, false: 1}
	slices.SortStableFunc(chosen, func(a, b *Quantity) int { return place[a.Gates] - place[b.Gates] })
	return chosen
}

// measured is of trials that have a measurement.
func measured(of func(*Measurement) (float64, bool)) func(*Trial) (float64, bool) {
	return func(t *Trial) (float64, bool) {
		if t.Measurement == nil {
			return 0, false
		}
		return of(t.Measurement)
	}
}

// perMsg divides by the messages delivered, if there are any.
func perMsg(of func(*Measurement) (int64, bool)) func(*Trial) (float64, bool) {
	return measured(func(m *Measurement) (float64, bool) {
		v, ok := of(m)
		if !ok || m.Delivered == 0 {
			return 0, false
		}
		return float64(v) / float64(m.Delivered), true
	})
}

// unlessZero is of what stands for "not measured" at 0.
func unlessZero(v float64) (float64, bool) { return v, v > 0 }

// counted is of what may not have been counted.
func counted(v *int64) (int64, bool) { return orZero(v), v != nil }

func rate(name, title string, of func(*Measurement) float64) *Quantity {
	return &Quantity{
		Name: name, Title: title, Unit: units.Rates, HigherIsBetter: true, About: Cell.IsLoad, Quoted: AsSpread,
		Of: measured(func(m *Measurement) (float64, bool) { return unlessZero(of(m)) }),
	}
}

func times(name, title string, about func(Cell) bool, of func(*Measurement) *histogram.Histogram) *Quantity {
	return &Quantity{Name: name, Title: title, Unit: units.Times, About: about, Times: of, Quoted: AsTimes}
}

func total(name string, of func(*Measurement) int64) *Quantity {
	return &Quantity{
		Name: name, Title: "messages " + name, Unit: units.Counts, Quoted: AsTotal,
		Of: measured(func(m *Measurement) (float64, bool) { return float64(of(m)), true }),
	}
}

// counts declares a total that some programs report only.
func counts(name string, of func(*Measurement) *int64, compared func(Cell) bool) *Quantity {
	return &Quantity{
		Name: name, Title: "messages " + name, Unit: units.Counts, Quoted: AsTotal, Compared: compared,
		Of: measured(func(m *Measurement) (float64, bool) { return float64(orZero(of(m))), of(m) != nil }),
	}
}

func backlogOf(m *Measurement) *Backlog  { return m.Backlog }
func inFlightOf(m *Measurement) *Backlog { return m.InFlight }

// levelMean declares how full something is on average over time.
func levelMean(name, title string, of func(*Measurement) *Backlog) *Quantity {
	return &Quantity{
		Name: name + "_mean", In: name, Title: "mean " + title, Unit: units.Counts, About: Cell.IsLoad, Quoted: AsMedian,
		Of: measured(func(m *Measurement) (float64, bool) {
			if b := of(m); b != nil {
				return b.Mean, true
			}
			return 0, false
		}),
	}
}

// levelMax declares how full something is at most.
func levelMax(name, title string, of func(*Measurement) *Backlog) *Quantity {
	return &Quantity{
		Name: name + "_max", In: name, Title: "highest " + title, Unit: units.Counts, About: Cell.IsLoad, Quoted: AsHighest,
		Of: measured(func(m *Measurement) (float64, bool) {
			if b := of(m); b != nil {
				return float64(b.Max), true
			}
			return 0, false
		}),
	}
}

func inside(object string, q *Quantity) *Quantity {
	q.In = object
	return q
}

func probed(name, title, bench string, unit units.Unit, of func(*Probe) float64) *Quantity {
	return &Quantity{
		Name: name, In: "probe", Title: title, Unit: unit, About: Cell.isProbe, Quoted: AsMedian, Bench: bench,
		Of: measured(func(m *Measurement) (float64, bool) {
			if m.Probe == nil {
				return 0, false
			}
			return of(m.Probe), true
		}),
	}
}

// disturbance declares what else took time while trials were measured: see Host.
func disturbance(name string, quoted Quoted, of func(*Host) int64) *Quantity {
	return &Quantity{
		Name: name, In: "host", Title: name, Unit: units.Times, Quoted: quoted,
		Of: measured(func(m *Measurement) (float64, bool) {
			if m.Host == nil {
				return 0, false
			}
			return float64(of(m.Host)), true
		}),
	}
}

// blocked returns which share of their time the producers spent in send calls.
func blocked(t *Trial) (float64, bool) {
	m, c := t.Measurement, t.Cell
	if m == nil || m.SendCall == nil || m.SendCall.Count == 0 {
		return 0, false
	}
	calls := float64(m.Attempted) / float64(c.SendBatch)
	return min(1, m.SendCall.Mean*calls/(float64(c.Producers)*float64(m.ElapsedNs))), true
}
