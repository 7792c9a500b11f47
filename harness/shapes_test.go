package harness

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Quotas follow the weights, and nobody is left out.
func TestQuotas(t *testing.T) {
	for _, test := range []struct {
		cell     results.Cell
		messages int64
		want     []uint64
	}{
		{results.Cell{Producers: 4}, 10, []uint64{3, 3, 2, 2}},
		{results.Cell{Producers: 5, HotShare: 0.8}, 1000, []uint64{800, 50, 50, 50, 50}},
		{results.Cell{Producers: 3, HotShare: 0.9}, 10, []uint64{9, 1, 1}},
		{results.Cell{Producers: 4, Zipf: 1}, 250, []uint64{120, 60, 40, 30}},
		{results.Cell{Producers: 2, Zipf: 10}, 50, []uint64{50, 1}},
		{results.Cell{Producers: 1, HotShare: 0.5}, 7, []uint64{7}},
	} {
		if got := quotasOf(test.cell, test.messages); !slices.Equal(got, test.want) {
			t.Errorf("%d messages of %+v: %v; want %v", test.messages, test.cell, got, test.want)
		}
	}
	sum := uint64(0)
	for _, q := range quotasOf(results.Cell{Producers: 1000, Zipf: 1.1}, 1_000_000) {
		sum += q
	}
	if sum != 1_000_000 {
		t.Errorf("%d messages shared out; want 1000000", sum)
	}
}

// An open loop shares its rate out likewise, whatever the arrival, and is as fast
// as a whole as without.
func TestSkewedSchedules(t *testing.T) {
	for _, arrival := range Arrivals()[1:] {
		cell := results.Cell{Producers: 5, Arrival: arrival, HotShare: 0.6, Payload: MinPayload, SendBatch: 1, RecvBatch: 1}
		quotas := newPaced(NewClock(), cell, 100_000, time.Second, 1, false).quotas()
		for id, quota := range quotas {
			want := 10_000.0
			if id == 0 {
				want = 60_000
			}
			if math.Abs(float64(quota)-want) > 5*math.Sqrt(want) {
				t.Errorf("%s: producer %d is due to send %d; want about %v", arrival, id, quota, want)
			}
		}
	}
	// A share so small that nothing is ever due must not end in the past.
	cell := results.Cell{Producers: 10_000, Arrival: ArrivalPoisson, Zipf: maxZipf, Payload: MinPayload, SendBatch: 1, RecvBatch: 1}
	if quotas := newPaced(NewClock(), cell, 100, time.Second, 1, false).quotas(); quotas[9999] != 0 {
		t.Errorf("the last of 10000 producers is due to send %d", quotas[9999])
	}
}

// Bursts come as often as asked for, all of a burst at once.
func TestBurstPeriod(t *testing.T) {
	cell := results.Cell{
		Producers: 4, Arrival: ArrivalBurst, BurstPeriodNs: int64(500 * time.Millisecond), Payload: MinPayload, SendBatch: 1, RecvBatch: 1,
	}
	d := newPaced(NewClock(), cell, 400, 1500*time.Millisecond, 1, false)
	at := map[int64]int{}
	for id, quota := range d.quotas() {
		schedule := d.schedule(id)
		for range quota {
			at[schedule.next()]++
		}
	}
	for _, due := range []int64{0, 5e8, 10e8} {
		if at[due] != 200 {
			t.Errorf("%d messages are due at %v; want 200", at[due], time.Duration(due))
		}
	}
	if len(at) != 3 {
		t.Errorf("messages are due at %d times; want 3", len(at))
	}
}

// A pause comes after every so many messages of a producer, and after no others.
func TestPause(t *testing.T) {
	const pause = 3 * time.Millisecond
	m := trialOf(t, "chan", func(c *results.Cell) {
		c.Messages, c.PauseNs, c.PauseEvery, c.SendBatch, c.Capacity = 1000, int64(pause), 100, 7, 1000
	})
	// 500 of each of two producers: four pauses.
	if m.Delivered != 1000 || m.ElapsedNs < int64(4*pause) {
		t.Errorf("%d delivered in %v; want 1000 in at least %v", m.Delivered, time.Duration(m.ElapsedNs), 4*pause)
	}
	if m.SendCall.Mean >= float64(pause) || m.SendCall.Count != 2*5*15 {
		t.Errorf("%d sends took %v on average; want 150 of at most 7 messages, without the pauses",
			m.SendCall.Count, time.Duration(m.SendCall.Mean))
	}
}

func TestParsePause(t *testing.T) {
	if got, err := ParsePause("1ms/1000"); err != nil || got != (Pause{time.Millisecond, 1000}) {
		t.Errorf("1ms/1000 is %v, error %v", got, err)
	}
	for _, text := range []string{"", "1ms", "/", "1ms/", "1ms/0", "0s/5", "1/5", "1ms/5ms", "-1ms/5"} {
		if _, err := ParsePause(text); err == nil || !strings.Contains(err.Error(), "DURATION/COUNT") {
			t.Errorf("%q: error %v; want one with the form", text, err)
		}
	}
}

// Shapes concern the loads that can have them; what contradicts is refused.
func TestPlanShapes(t *testing.T) {
	planned := func(change func(*Scenario)) ([]results.Cell, error) {
		plan, err := NewPlan(scenario(func(s *Scenario) {
			s.Messages, s.Duration = 0, Duration(time.Second)
			s.Strategies, s.Producers, s.Arrival, s.Rate = Strings{"chan"}, Ints{4}, Strings{ArrivalClosed, ArrivalBurst}, Rates{1000}
			change(s)
		}), strategies.All(), 1)
		return slices.DeleteFunc(plan.Cells, func(c results.Cell) bool { return c.Strategy == "null" }), err
	}
	cells, err := planned(func(s *Scenario) {
		s.Pause, s.BurstPeriod, s.HotShare, s.Zipf = Pause{5, 6}, 7, Floats{0, 0.5}, Floats{1}
	})
	if err != nil || len(cells) != 6 {
		t.Fatalf("%d cells, error %v; want three shares of two loads", len(cells), err)
	}
	for i, c := range cells {
		closed := c.Arrival == ArrivalClosed
		if (c.PauseNs == 5 && c.PauseEvery == 6) != closed || (c.BurstPeriodNs == 7) == closed {
			t.Errorf("cell %d: %+v; want the pause in closed loops and the period in bursts", i, c)
		}
	}
	for want, change := range map[string]func(*Scenario){
		"hot-share: 1 is not": func(s *Scenario) { s.HotShare = Floats{1} },
		"zipf: -1 is not in":  func(s *Scenario) { s.Zipf = Floats{-1} },
	} {
		if _, err := planned(change); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v; want %q", err, want)
		}
	}
	for want, change := range map[string]func(*results.Cell){
		"zipf: an exponent":               func(c *results.Cell) { c.Zipf, c.HotShare = 1, 0.5 },
		"burst-period: arr":               func(c *results.Cell) { c.BurstPeriodNs = 1 },
		"pause: 1ns after ":               func(c *results.Cell) { c.PauseNs = 1 },
		"pause: only producers of closed": func(c *results.Cell) { c.PauseNs, c.PauseEvery, c.Arrival = 1, 1, ArrivalPoisson },
		"hot-share: NaN is":               func(c *results.Cell) { c.HotShare = math.NaN() },
	} {
		s, _ := Find(strategies.All(), "chan")
		cell := cellOf(s, 2)
		change(&cell)
		if err := checkCell(cell); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v; want %q", err, want)
		}
	}
}

// A fan-in that serves producers as they come is fair to them however the load is
// shared out.
func TestSkewedFairness(t *testing.T) {
	m := trialOf(t, "mutex-cond", func(c *results.Cell) {
		c.Producers, c.Messages, c.Arrival, c.Rate, c.DurationNs, c.HotShare = 4, 0, ArrivalConstant, 20_000, int64(200*time.Millisecond), 0.7
	})
	if m.Fairness == nil {
		t.Skip("the machine left no window to compare in")
	}
	if m.Fairness.Jain < 0.7 {
		t.Errorf("Jain's index %v of shares; want near 1 (equal counts would make it 0.5)", m.Fairness.Jain)
	}
}

// What a scenario expects is of the failures that may be, each once, and of the run
// as a whole.
func TestExpect(t *testing.T) {
	s, err := ParseScenario("f", []byte("name: a\nqueue: {strategies: chan}\nrun: {expect: [killed, memory, killed]}"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(s, strategies.All(), 1)
	if want := []results.FailureKind{results.FailureMemory, results.FailureKilled}; err != nil || !slices.Equal(plan.Expect, want) {
		t.Errorf("expects %q, %v; want %q", plan.Expect, err, want)
	}
	s.Expect = Strings{"panic"}
	if _, err := NewPlan(s, strategies.All(), 1); err == nil || !strings.HasPrefix(err.Error(), "expect: unknown failure") {
		t.Errorf("error %v", err)
	}
	_, err = ParseScenario("f", []byte("name: a\nvariants:\n- run: {expect: memory}"))
	if err == nil || !strings.Contains(err.Error(), `line 3: variants: "expect" is the same for all of a run`) {
		t.Errorf("error %v", err)
	}
}
