package trial

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/harness/trial/schedule"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// These tests hold what the harness measures against what arithmetic says it must
// measure. They need the processors: where the machine does other things as well, they
// look again, or at what the machine does to somebody else.

// trialOn returns the measurement of a trial of a strategy, which may use each processor
// once: more threads than those disturb each other.
func trialOn(t *testing.T, name string, cell results.Cell, seed uint64) *results.Measurement {
	t.Helper()
	s, err := pick.Find(strategies.All(), name)
	if err != nil {
		t.Fatal(err)
	}
	cell.Strategy, cell.Payload, cell.SendBatch, cell.GOMAXPROCS = name, results.MinPayload, 1, min(4, runtime.NumCPU())
	reply := Run(s, Spec{Cell: cell, Seed: seed})
	if reply.Failure != nil {
		t.Fatalf("%+v", reply.Failure)
	}
	return reply.Measurement
}

func ms(ns int64) float64 { return float64(ns) / 1e6 }

func within(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance*want }

// hiccup is how late a goroutine wakes at most in a trial that nothing disturbed: a tenth
// of the stall of TestStall. Where it wakes later than half a stall, the machine stalls
// the trial as much as the consumer does.
const (
	stallFor = 50 * time.Millisecond
	hiccup   = stallFor / 10
	overrun  = stallFor / 2
	patience = 30 * time.Second
)

// A consumer that stalls for 50 ms every 500 ms holds up a tenth of what arrives
// at a constant rate, by 0 to 50 ms evenly: the response p95 is 25 ms and the p99
// 45 ms. A closed loop stops sending while it lasts and hides it. Little's law
// links the same trial's mean backlog, goodput and mean transit.
//
// A trial that is otherwise is an error, unless the machine disturbed it, as its own
// hiccup meter tells; then there are others, until each claim has held once. A machine
// that overruns every one of them leaves what it cannot change: it makes no response
// shorter, and does not show a closed loop the stalls.
func TestStall(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 5 s")
	}
	held := make(map[string]bool)
	calmest := time.Hour
	for begun := time.Now(); ; {
		claims, latest := stalled(t)
		calmest = min(calmest, latest)
		over := time.Since(begun) > patience
		var wrong []string
		for _, c := range claims {
			held[c.name] = held[c.name] || c.holds
			if (!c.holds && latest <= hiccup || !held[c.name]) && (!c.ofQuiet || !over || calmest <= overrun) {
				wrong = append(wrong, c.said)
			}
		}
		switch {
		case len(wrong) == 0:
			return
		case latest <= hiccup || over:
			t.Errorf("%s; a goroutine woke %v late", strings.Join(wrong, "; "), latest)
			return
		}
	}
}

// claim is one thing that arithmetic says of a trial.
type claim struct {
	name, said string
	holds      bool
	ofQuiet    bool // it does not hold where the machine overruns the trial
}

// stalled makes the trials of TestStall and returns what arithmetic says of them, and
// how late a goroutine woke at the latest.
func stalled(t *testing.T) (claims []claim, latest time.Duration) {
	t.Helper()
	cell := results.Cell{
		Producers: 4, RecvBatch: 256, DurationNs: int64(2 * time.Second),
		StallNs: int64(stallFor), StallEveryNs: int64(500 * time.Millisecond),
	}
	expect := func(name string, ofQuiet, holds bool, format string, args ...any) {
		said := name + ": " + fmt.Sprintf(format, args...)
		t.Log(said)
		claims = append(claims, claim{name, said, holds, ofQuiet})
	}
	open := cell
	open.Arrival, open.Rate = results.ArrivalConstant, 20_000
	m := trialOn(t, "mutex-swap", open, 1)
	latest = time.Duration(m.Host.HiccupMaxNs)
	// A consumer that wakes late stalls for longer: by as much are both percentiles, and
	// they stay 20 ms apart.
	p95, p99 := ms(m.Response.ValueAtQuantile(95)), ms(m.Response.ValueAtQuantile(99))
	longer := min(max(0, p95-25), ms(int64(latest)))
	if latest <= hiccup {
		longer = 0
	}
	expect("at least", false, p95 >= 0.85*25 && p99 >= 0.85*45, "response p95 %.1f ms (arithmetic: 25), p99 %.1f ms (45)", p95, p99)
	expect("open loop", true, within(p95-longer, 25, 0.15) && within(p99-longer, 45, 0.15),
		"response p95 and p99 20 ms apart, each longer by %.1f ms than in arithmetic", longer)

	little := underWay(m)
	expect("Little", true, within(m.Backlog.Mean, little, 0.10), "mean backlog %.1f (of goodput and mean transit: %.1f)", m.Backlog.Mean, little)
	for name, load := range loadsOfLittle() {
		m := trialOn(t, load.strategy, load.cell, 1)
		waits, inHand, little := m.Backlog.Mean, load.inHand(m), underWay(m)
		holds := within(waits+inHand, little, load.within)
		expect(name, true, holds, "mean backlog %.1f and %.1f in hand (of goodput and mean transit: %.1f)", waits, inHand, little)
		if !holds { // the meter cannot tell: beside a consumer that computes it wakes late anyway
			latest = max(latest, hiccup+1)
		}
	}

	closed := cell
	closed.Arrival, closed.Capacity = results.ArrivalClosed, 16
	hidden := ms(trialOn(t, "chan", closed, 1).Transit.ValueAtQuantile(99))
	expect("closed loop", false, hidden <= p99/10, "transit p99 %.3f ms (a tenth of the open loop's at most, for it hides the stalls)", hidden)
	return claims, latest
}

// underWay returns how many messages were between their send call and their turn with the
// consumer, on average, by Little's law.
func underWay(m *results.Measurement) float64 {
	goodput := float64(m.Delivered) / (float64(m.ElapsedNs) / 1e9)
	return goodput * m.Transit.Counts().Mean() / 1e9
}

// loadOfLittle is a load under which the backlog is not all that is under way.
type loadOfLittle struct {
	strategy string
	cell     results.Cell
	inHand   func(*results.Measurement) float64 // what is under way besides, on average
	within   float64                            // a share
}

// loadsOfLittle are a full queue, whose producers hold a message each and whose consumer
// half a batch, and bursts that take a while to drain.
func loadsOfLittle() map[string]loadOfLittle {
	const producers = 4
	batch := func(m *results.Measurement) float64 { return float64(m.Delivered) / float64(m.Receives) }
	return map[string]loadOfLittle{
		"Little, full queue": {
			"chan",
			results.Cell{
				Producers: producers, Arrival: results.ArrivalClosed, RecvBatch: 256, Capacity: 1024,
				ConsumerCostNs: 2000, DurationNs: int64(500 * time.Millisecond),
			},
			func(m *results.Measurement) float64 { return producers + batch(m)/2 },
			0.20, // the sampler gets a processor when producers do, who have just been given room
		},
		"Little, bursts": {
			"mutex-swap",
			results.Cell{
				Producers: producers, Arrival: results.ArrivalBurst, Rate: 20_000, BurstPeriodNs: int64(100 * time.Millisecond),
				RecvBatch: 16, ConsumerCostNs: 20_000, DurationNs: int64(time.Second),
			},
			func(m *results.Measurement) float64 { return batch(m) / 2 * 20_000 * 20e-6 }, // while it works
			0.10,
		},
	}
}

// lindley returns the mean wait in ns of a queue with one server that takes
// service ns per item, for arrivals at the given times: Lindley's recursion.
func lindley(a *schedule.Arrivals, n int, service float64) float64 {
	sum, wait, last := 0.0, 0.0, float64(a.Next())
	for range n - 1 {
		now := float64(a.Next())
		wait = max(0, wait+service-(now-last))
		sum, last = sum+wait, now
	}
	return sum / float64(n)
}

// md1 is the mean wait of an M/D/1 queue, by Pollaczek and Khinchine.
func md1(rho, service float64) float64 { return rho * service / (2 * (1 - rho)) }

// Poisson arrivals at a server of constant service time wait as long as theory
// says, on paper: the schedules are Poisson.
func TestPoissonSchedulesMakeMD1(t *testing.T) {
	const service = 1e6
	for _, rho := range []float64{0.3, 0.5, 0.7} {
		got := lindley(schedule.New(results.ArrivalPoisson, rho/service*1e9, 0, 1, 1), 2_000_000, service)
		if want := md1(rho, service); !within(got, want, 0.02) {
			t.Errorf("rho %.1f: mean wait %.4g ns; want %.4g", rho, got, want)
		}
	}
}

// ... and in fact: a consumer that spins for a fixed time per message makes the
// response time of Poisson arrivals that of an M/D/1 queue. A short schedule may
// by chance be far from the mean of all schedules, so one is taken whose own
// recursion is near it: what is tested here is the harness.
func TestMD1(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 8 s")
	}
	// So long a service makes small what a wake-up adds to a wait: 50 to 100 µs
	// where a thread must be woken, too.
	const service = 5 * time.Millisecond
	const horizon = 1200 * time.Millisecond
	for _, rho := range []float64{0.3, 0.5, 0.7} {
		rate := rho / service.Seconds()
		want := md1(rho, float64(service))
		seed := uint64(1)
		for n := int(rate * horizon.Seconds()); !within(lindley(schedule.New(results.ArrivalPoisson, rate, 0, 1, seed), n, float64(service)), want, 0.02); {
			seed++
		}
		cell := results.Cell{
			Producers: 1, Arrival: results.ArrivalPoisson, Rate: rate, RecvBatch: 1,
			DurationNs: int64(horizon), ConsumerCostNs: int64(service),
		}
		if waits, most := waitsOf(t, cell, seed, want); !asTheory(waits, want, most) {
			t.Errorf("rho %.1f: mean waits of %.4g ns; want %.4g ns, as M/D/1 has it (%.4g ns of who only waits and spins)", rho, waits, want, most)
		}
	}
}

// waitsOf returns the mean responses of three trials. The third is left out where two are
// near to what is wanted, for then the median is.
//
// Whatever else a machine does makes some services and wake-ups longer, and so all waits.
// After a trial that is not near somebody else serves the same schedule: most is what is
// wanted or, if that is longer, the median wait there. Where that does not explain the
// trials either, there are up to nine.
func waitsOf(t *testing.T, cell results.Cell, seed uint64, want float64) (waits []float64, most float64) {
	t.Helper()
	var others []float64
	most = want
	for len(waits) < 9 {
		got := trialOn(t, "mutex-swap", cell, seed).Response.Counts().Mean()
		waits = append(waits, got)
		t.Logf("%.0f/s: mean wait %.3f ms, theory %.3f ms (%+.1f %%)", cell.Rate, got/1e6, want/1e6, 100*(got/want-1))
		if !within(got, want, 0.15) {
			others = append(others, served(cell, seed))
			most = max(want, median(others))
			t.Logf("%.0f/s: who only waits and spins has a mean wait of %.3f ms", cell.Rate, others[len(others)-1]/1e6)
		}
		if enough := len(waits) >= 3 || len(waits) == 2 && len(others) == 0; enough && asTheory(waits, want, most) {
			break
		}
	}
	return waits, most
}

// asTheory reports whether the median of waits is as theory wants it. No disturbance makes it
// shorter. Where somebody else waits longer, too, the machine makes a wait many times
// what it is, and the next one ten times: the shortest is to be within most then.
func asTheory(waits []float64, want, most float64) bool {
	wait := median(waits)
	disturbed := !within(most, want, 0.15)
	return wait >= 0.85*want && (wait <= 1.15*most || disturbed && slices.Min(waits) <= 1.15*most)
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// served serves the schedule of a cell of one producer by waiting for each arrival and
// spinning, and returns the mean wait in ns.
func served(cell results.Cell, seed uint64) float64 {
	a := schedule.New(cell.Arrival, cell.Rate, 0, 1, seed)
	n, sum, start := 0, time.Duration(0), time.Now()
	for due := a.Next(); due < cell.DurationNs; due = a.Next() {
		for left := time.Duration(due) - time.Since(start); left > 0; left = time.Duration(due) - time.Since(start) {
			time.Sleep(schedule.SleepFor(left))
		}
		begun := time.Now()
		sum += begun.Sub(start) - time.Duration(due)
		n++
		for time.Since(begun) < time.Duration(cell.ConsumerCostNs) { //nolint:revive // it spins
		}
	}
	return float64(sum) / float64(n)
}

// BenchmarkRecording is what recording adds to each message of an open loop, at
// the consumer: three differences into three histograms, one of the producer's
// own, the delivery check, and a share of a clock reading. The producer adds the
// clock reading with which it finds that the message is due.
func BenchmarkRecording(b *testing.B) {
	const batch = 256
	clock := benchClock()
	cell := results.Cell{Producers: 16, Payload: results.MinPayload, Arrival: results.ArrivalPoisson}
	d := newPaced(clock, cell, 1e6, time.Second, 1, false)
	d.begin(nil, nil)
	quotas := make([]uint64, cell.Producers)
	check, rec := record.NewLedger(cell.Producers), record.NewRecorder(quotas, clock, true)
	buf := make([]strategies.Message, batch)
	now := clock.Now()
	for i := range buf {
		id := strategies.NewWord(i%cell.Producers, uint64(i/cell.Producers))
		buf[i] = strategies.Message{ID: id, Intended: now - 5000, Sent: now - 2000}
	}
	b.ReportAllocs()
	for b.Loop() {
		clear(check.Next)
		d.consume(buf, check, rec)
	}
	if check.Stray != nil {
		b.Fatal(check.Stray)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/batch, "ns/msg")
}
