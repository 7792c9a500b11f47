package harness

import (
	"cmp"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/scenario"
	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// published is what the built-in scenarios were made to show, each in a short
// form. The margins are wide: the machine may be busy with something else, for one
// another of those scenarios whose consumers mostly sleep.
var published = []struct {
	scenario string
	short    string // overriding it, in YAML
	check    func(*testing.T, trials)
}{
	{"serial-actor", `{load: {producers: 16}, run: {messages: 2000}}`, func(t *testing.T, all trials) {
		for _, trial := range all {
			if m := trial.Measurement; m.Sink.Writes != m.Delivered || m.Sink.Bytes != m.Delivered {
				t.Errorf("%s: %d writes of %d bytes for %d messages; want one for each", trial.Cell, m.Sink.Writes, m.Sink.Bytes, m.Delivered)
			}
		}
	}},
	{"mutex-swap-actor", `{load: {producers: 16}, run: {messages: 50000}}`, func(t *testing.T, all trials) {
		perMessage := func(write string) float64 {
			m := all.one(t, func(c results.Cell) bool { return c.Strategy == "mutex-swap" && c.SinkWrite == write })
			return float64(m.Sink.Writes) / float64(m.Delivered)
		}
		if batch, message := perMessage(results.WriteBatch), perMessage(results.WriteMessage); batch >= 0.1 || message != 1 {
			t.Errorf("%.3f writes a message in batches, %.3f singly; want below 0.1, and 1", batch, message)
		}
	}},
	{"unbounded-blowup", `{consumer: {consumer-cost: 5ms}}`, func(t *testing.T, all trials) {
		for _, trial := range all {
			bounded := trial.Cell.Capacity > 0
			failed := trial.Failure != nil && trial.Failure.Kind == results.FailureMemory
			if failed == bounded {
				t.Errorf("%s: failure %+v; want one of memory if and only if there is no bound", trial.Cell, trial.Failure)
			}
			if m := trial.Measurement; bounded && m != nil && (most(m) > 10 || m.PeakBytes > 100<<20) {
				t.Errorf("%s: backlog %d, peak %d bytes; want it flat", trial.Cell, most(m), m.PeakBytes)
			}
		}
	}},
	{
		"bounded-block", `{load: {rate: 200}, queue: {strategies: chan}, consumer: {consumer-cost: 15ms}, run: {duration: 100ms}}`,
		func(t *testing.T, all trials) {
			m := all.one(t, func(c results.Cell) bool { return c.Strategy == "chan" })
			sending := float64(m.Attempted) / m.AchievedRate
			each := time.Duration(sending / float64(m.Attempted-11) * 1e9) // 10 fit, and one is received
			if each < 10*time.Millisecond || each > 60*time.Millisecond || most(m) > 10 {
				t.Errorf("a blocked send took %v with a backlog of %d; want the consumer's 15ms with at most 10", each, most(m))
			}
			if m.HeapBytes > 32<<20 {
				t.Errorf("the heap grew to %d bytes; want it flat", m.HeapBytes)
			}
		},
	},
	{"metrics-drop", `{consumer: {batch-cost: 50ms}}`, func(t *testing.T, all trials) {
		m := all.one(t, anyCell)
		if m.Attempted != 5000 || m.Delivered+m.Dropped != m.Attempted || m.Dropped < 2000 || m.Delivered < 1000 {
			t.Errorf("of %d messages %d were delivered and %d dropped; want what does not fit dropped and counted", m.Attempted, m.Delivered, m.Dropped)
		}
	}},
	{
		"adaptive-batch", `{load: {rate: 800, burst-period: 250ms}, queue: {strategies: chan}, consumer: {batch-deadline: 50ms}, run: {duration: 400ms}}`,
		func(t *testing.T, all trials) {
			batch := func(arrival string) float64 {
				m := all.one(t, func(c results.Cell) bool { return c.Strategy == "chan" && c.Arrival == arrival })
				return float64(m.Delivered) / float64(m.Receives)
			}
			steady, busy := batch(results.ArrivalPoisson), batch(results.ArrivalBurst)
			if busy < 60 || busy < 1.3*steady {
				t.Errorf("batches of %.0f in bursts and of %.0f without; want them near 100, and smaller", busy, steady)
			}
		},
	},
	{"pipeline", `{queue: {strategies: chan}, consumer: {stages: "2ms,10ms,4ms"}, run: {messages: 50}}`, func(t *testing.T, all trials) {
		stages := all.one(t, anyCell).Stages
		if len(stages) != 4 {
			t.Fatalf("%d stages; want the producers and three", len(stages))
		}
		if ingest, slowest := stages[0].Throughput(), stages[2].Throughput(); ingest > 1.6*slowest || slowest > 105 {
			t.Errorf("ingest at %.0f a second, the slowest stage at %.0f; want the first throttled to the 100 of the second", ingest, slowest)
		}
		if waiting := stages[2].Backlog; waiting == nil || waiting.Max > 5 {
			t.Errorf("before the slowest stage waited %+v; want at most 5", waiting)
		}
	}},
	{
		// 6400 spans a second at most, of 4000 and 40000: of 6000 the last tenth that handlers
		// send waits for 0.3 s.
		"span-queue", `{load: {rate: [4000, 40000]}, queue: {strategies: chan}, consumer: {batch-cost: 80ms}, run: {duration: 150ms}}`,
		func(t *testing.T, all trials) {
			of := func(rate float64, policy string) *results.Measurement {
				return all.one(t, func(c results.Cell) bool { return c.Strategy == "chan" && c.Rate == rate && c.Policy == policy })
			}
			for _, trial := range all {
				if m := trial.Measurement; trial.Cell.Rate == 4000 && m.Delivered < m.Attempted || most(m) > 2048 {
					t.Errorf("%s: %d of %d exported, a backlog of %d; want all below saturation, and never more than 2048 waiting",
						trial.Cell, m.Delivered, m.Attempted, most(m))
				}
			}
			block, drop := of(40000, "block"), of(40000, "drop-newest")
			if block.Delivered < block.Attempted || 4*drop.Dropped < drop.Attempted || drop.Delivered < 2048 {
				t.Errorf("%d of %d exported while handlers wait; %d exported and %d dropped of %d while they do not", block.Delivered,
					block.Attempted, drop.Delivered, drop.Dropped, drop.Attempted)
			}
			if batch := drop.Delivered / drop.Receives; batch < 300 {
				t.Errorf("batches of %d; want them full", batch)
			}
			late := func(m *results.Measurement) time.Duration { return time.Duration(m.SendDelay.ValueAtQuantile(90)) }
			if late(block) < 100*time.Millisecond || late(block) < 2*late(drop) {
				t.Errorf("handlers waited %v, and %v where spans are dropped; want them held up by the exporter", late(block), late(drop))
			}
		},
	},
	{
		"min-batch", `{load: {arrival: poisson}, queue: {strategies: [chan, ipqueue]}, run: {duration: 300ms}}`,
		func(t *testing.T, all trials) {
			for _, strategy := range []string{"chan", "ipqueue"} {
				trips := func(recvBatch int, deadline time.Duration) float64 {
					m := all.one(t, func(c results.Cell) bool {
						return c.Strategy == strategy && c.RecvBatch == recvBatch && c.BatchDeadlineNs == int64(deadline)
					})
					return float64(m.Receives) / float64(m.Delivered)
				}
				single, first, full := trips(1, 0), trips(512, 0), trips(512, 100*time.Millisecond)
				if single != 1 || first < 2*full || full > 0.25 {
					t.Errorf("%s: %.2f round trips an event for single events, %.2f with the first alone, %.2f in full batches; want 1, nearly 1, and 1 for each 16",
						strategy, single, first, full)
				}
			}
		},
	},
	{
		"ping-pong", `{load: {producers: [1, 16]}, queue: {strategies: [chan-bare, lanes-ring]}, run: {duration: 30ms}}`,
		func(t *testing.T, all trials) {
			for _, trial := range all {
				m, producers := trial.Measurement, trial.Cell.Producers
				if most(m) > int64(producers) || producers == 1 && m.Receives != m.Delivered {
					t.Errorf("%s: %d receives of %d requests, a backlog of %d; want a request of each producer at most", trial.Cell, m.Receives, m.Delivered, most(m))
				}
			}
			noLead(t, all, 1)
		},
	},
	{
		"actor-mesh", `{load: {producers: [1, 4]}, queue: {strategies: [chan-bare, ipqueue, lanes-ring]}, run: {duration: 30ms}}`,
		func(t *testing.T, all trials) {
			for _, trial := range all {
				if m := trial.Measurement; most(m) > int64(trial.Cell.Producers) || m.Delivered > 2*m.Receives {
					t.Errorf("%s: %d receives of %d messages, a backlog of %d; want the actors starved", trial.Cell, m.Receives, m.Delivered, most(m))
				}
			}
			noLead(t, all, 1)
			noLead(t, all, 4)
		},
	},
	{"semaphore", `{consumer: {batch-cost: 20ms}}`, func(t *testing.T, all trials) {
		for _, trial := range all {
			m := trial.Measurement
			if most(m) > 5 || m.Receives < 4 || m.ElapsedNs < int64(80*time.Millisecond) {
				t.Errorf("%s: %d at once, done in %v; want 20 in fives of 20ms", trial.Cell, most(m), time.Duration(m.ElapsedNs))
			}
		}
	}},
	{"buffer-size", `{load: {arrival: closed}, run: {duration: 50ms}}`, func(t *testing.T, all trials) {
		for _, trial := range all {
			if m := trial.Measurement; trial.Cell.Capacity > 0 && most(m) > int64(trial.Cell.Capacity) {
				t.Errorf("%s: a backlog of %d", trial.Cell, most(m))
			}
		}
		of := func(capacity int) float64 {
			return all.one(t, func(c results.Cell) bool { return c.Strategy == "chan" && c.Capacity == capacity }).Throughput()
		}
		if small, large := of(1), of(512); large < small {
			t.Errorf("%.0f messages a second through a capacity of 1, %.0f of 512; want a larger one to gain", small, large)
		}
	}},
	{"fill-level", `{load: {arrival: constant}, queue: {strategies: chan}, run: {duration: 400ms}}`, func(t *testing.T, all trials) {
		backlog := all.one(t, func(c results.Cell) bool { return c.Strategy == "chan" }).Backlog
		if backlog == nil || backlog.Series.Len() < 4 {
			t.Fatal("nobody looked at the backlog")
		}
		series := backlog.Series.Values()
		quarter := slices.Sorted(slices.Values(series[:len(series)/4]))
		before, peak := quarter[len(quarter)/2], slices.Max(series)
		if peak > 1000 || peak < 100 || peak < 2*before {
			t.Errorf("at most %d waited, %d before the overload; want it to be seen, and 1000 to hold", peak, before)
		}
	}},
	{"spillway", `{run: {duration: 50ms}}`, func(t *testing.T, all trials) {
		of := func(strategy string, capacity, batch int) float64 {
			return all.one(t, func(c results.Cell) bool {
				return c.Strategy == strategy && c.Capacity == capacity && c.RecvBatch == batch
			}).Throughput()
		}
		if channel, lanes := of("chan", 128, 128), of("lanes-linked", 0, 128); lanes < channel {
			t.Errorf("%.0f messages a second through lanes, %.0f through a channel of 128; want more", lanes, channel)
		}
	}},
	{"oversubscribed", oversubscribed, func(t *testing.T, all trials) {
		slow := crowdedOut(t, all)
		for range 2 { // the machine may have been elsewhere
			if len(slow) == 0 {
				return
			}
			again := crowdedOut(t, shortRun(t, shortForm(t, "oversubscribed", oversubscribed)))
			slow = slices.DeleteFunc(slow, func(name string) bool { return !slices.Contains(again, name) })
		}
		if len(slow) > 0 {
			t.Errorf("a thousand producers get less than a tenth of what one does from %v", slow)
		}
	}},
	{
		"busy", `{load: {producers: 4}, queue: {strategies: [chan, mutex-swap]}, run: {busy: [0, 2], duration: 60ms}}`,
		func(t *testing.T, all trials) {
			for _, trial := range all {
				m := trial.Measurement
				share, isBusy := m.NeighbourShare()
				if isBusy != (trial.Cell.Busy > 0) || isBusy && share == 0 || m.Delivered == 0 {
					t.Errorf("%s: %d delivered, work of the neighbours %v, %t", trial.Cell, m.Delivered, share, isBusy)
				}
			}
		},
	},
	{
		"busy-latency", `{load: {producers: 2, rate: 20000}, queue: {strategies: [chan, mpsc-ring]}, run: {busy: [0, 2], duration: 100ms}}`,
		func(t *testing.T, all trials) {
			for _, trial := range all {
				m := trial.Measurement
				_, isBusy := m.NeighbourShare()
				if isBusy != (trial.Cell.Busy > 0) || m.Delivered != 2000 || m.Transit.TotalCount() != m.Delivered {
					t.Errorf("%s: %d of 2000 delivered, %d timed, neighbours %t", trial.Cell, m.Delivered, m.Transit.TotalCount(), isBusy)
				}
			}
		},
	},
	{"lanes-sweep", `{queue: {strategies: [chan, lanes]}, run: {messages: 2000}}`, func(t *testing.T, all trials) {
		var lanes []int
		for _, trial := range all {
			if trial.Cell.Strategy == "lanes" {
				lanes = append(lanes, trial.Cell.Lanes)
			}
		}
		if want := []int{1, 2, 4, 8, 16, 32}; !slices.Equal(lanes, want) {
			t.Errorf("lanes %v; want %v", lanes, want)
		}
	}},
	{"skew", `{queue: {strategies: lanes}, load: {rate: 20000}, run: {duration: 100ms}}`, func(t *testing.T, all trials) {
		type shares struct{ hot, zipf float64 }
		delivered := make(map[shares]int64)
		for _, trial := range all {
			if trial.Cell.Strategy == "lanes" {
				delivered[shares{trial.Cell.HotShare, trial.Cell.Zipf}] = trial.Measurement.Delivered
			}
		}
		for _, want := range []shares{{0, 0}, {0.5, 0}, {0.9, 0}, {0, 1}} {
			if n := delivered[want]; n < 1000 { // of 2000
				t.Errorf("%+v: %d messages; want about as many however they are shared out", want, n)
			}
		}
	}},
	{"payload", `{load: {producers: 16}, queue: {strategies: [chan, lanes]}, run: {duration: 15ms}}`, func(t *testing.T, all trials) {
		for _, strategy := range []string{"chan", "lanes"} {
			if slices.ContainsFunc(all, func(trial results.Trial) bool {
				return trial.Cell.Strategy == strategy && trial.Cell.Payload == 65536 && trial.Cell.Item == results.ItemValue
			}) == (strategy == "chan") {
				t.Errorf("%s: items of 64 KiB; want them where no channel is", strategy)
			}
			of := func(payload int, item string) float64 {
				return all.one(t, func(c results.Cell) bool {
					return c.Strategy == strategy && c.Payload == payload && c.Item == item
				}).Throughput()
			}
			if small, large := of(8, ""), of(65536, ""); small < 4*large {
				t.Errorf("%s: %.0f messages of 8 bytes a second and %.0f of 64 KiB", strategy, small, large)
			}
			if small, large := of(64, results.ItemValue), of(16384, results.ItemValue); small < 8*large {
				t.Errorf("%s: %.0f messages of 64 bytes a second by value and %.0f of 16 KiB; want copying to cost", strategy, small, large)
			}
		}
	}},
	{
		"log-ingest", `{load: {rate: 5000}, queue: {strategies: lanes}, consumer: {batch-deadline: 10ms}, run: {duration: 200ms}}`,
		func(t *testing.T, all trials) {
			m := all.one(t, func(c results.Cell) bool { return c.Strategy == "lanes" })
			if m.Sink.Syncs < 1 || m.Sink.Syncs > m.Delivered/4 || m.Sink.Bytes < 200*m.Delivered {
				t.Errorf("%d syncs and %d bytes for %d lines", m.Sink.Syncs, m.Sink.Bytes, m.Delivered)
			}
		},
	},
	{
		"http-handlers", `{queue: {strategies: [chan, chan-unbounded], capacity: 64, policy: block}, consumer: {stall: 60ms/200ms}, run: {duration: 500ms}}`,
		func(t *testing.T, all trials) {
			of := func(strategy string) *results.Measurement {
				return all.one(t, func(c results.Cell) bool { return c.Strategy == strategy })
			}
			bounded, unbounded := of("chan"), of("chan-unbounded") // 300 messages are due in a stall
			if delay := time.Duration(bounded.SendDelay.ValueAtQuantile(97)); delay < 10*time.Millisecond {
				t.Errorf("handlers waited %v before a full channel; want it to be as long as the stall makes it", delay)
			}
			// Who has no bound takes them all at once, and they wait inside.
			if waited := time.Duration(unbounded.Transit.ValueAtQuantile(90)); most(bounded) > 64 || waited < 10*time.Millisecond {
				t.Errorf("a backlog of %d with a bound of 64; %v inside without one, want that to be as long as the stall makes it", most(bounded), waited)
			}
		},
	},
}

// noLead sees to it that lanes, which move five times what a channel does from one producer
// and ten times from sixteen, have no such lead.
func noLead(t *testing.T, all trials, producers int) {
	t.Helper()
	of := func(strategy string) float64 {
		return all.one(t, func(c results.Cell) bool { return c.Strategy == strategy && c.Producers == producers }).Throughput()
	}
	if channel, lanes := of("chan-bare"), of("lanes-ring"); lanes > 3*channel {
		t.Errorf("%d producers: %.0f messages a second through lanes, %.0f through a channel", producers, lanes, channel)
	}
}

// looked are the cells that the check of a scenario looks at, where that is not all.
var looked = map[string]func(results.Cell) bool{
	"spillway": func(c results.Cell) bool {
		return c.RecvBatch == 128 && (c.Strategy == "chan" && c.Capacity == 128 || c.Strategy == "lanes-linked")
	},
	"payload": func(c results.Cell) bool {
		return c.Payload == 65536 || c.Payload == 8 && c.Item == "" || c.Item == results.ItemValue && (c.Payload == 64 || c.Payload == 16384)
	},
	"lanes-sweep": func(c results.Cell) bool { return c.Strategy == "lanes" },
}

// oversubscribed is the short form of the scenario of that name.
const oversubscribed = `{load: {producers: [1, 1000]}, run: {duration: 20ms}}`

// crowdedOut names the strategies that give a thousand producers less than a tenth of what
// they give one. Undisturbed those of the scenario give half, and chan-select, whose
// consumer looks at each producer whenever it receives, a fifth.
func crowdedOut(t *testing.T, all trials) (names []string) {
	t.Helper()
	for _, trial := range all {
		name := trial.Cell.Strategy
		if trial.Cell.Producers != 1 {
			continue
		}
		thousand := all.one(t, func(c results.Cell) bool { return c.Strategy == name && c.Producers == 1000 })
		if thousand.Throughput() < trial.Measurement.Throughput()/10 {
			names = append(names, name)
		}
	}
	return names
}

// trials are those of one short run.
type trials []results.Trial

// one returns the measurement of the one cell that is meant.
func (all trials) one(t *testing.T, meant func(results.Cell) bool) *results.Measurement {
	t.Helper()
	i := slices.IndexFunc(all, func(trial results.Trial) bool { return meant(trial.Cell) })
	if i < 0 || all[i].Measurement == nil {
		t.Fatalf("no measurement of the cell that is meant: %+v", all)
	}
	return all[i].Measurement
}

// most is how many items were seen waiting; 0 if nobody came to look.
func most(m *results.Measurement) int64 {
	if m.Backlog == nil {
		return 0
	}
	return m.Backlog.Max
}

func anyCell(results.Cell) bool { return true }

func TestPublishedBehaviour(t *testing.T) {
	if testing.Short() {
		t.Skip("twenty seconds of trials")
	}
	t.Setenv(childVariable, "serve")
	for _, test := range published {
		t.Run(test.scenario, func(t *testing.T) {
			s := shortForm(t, test.scenario, test.short)
			if s.Values["cost-kind"] != nil || s.Values["stall"] != nil {
				t.Parallel()
			}
			all := shortRun(t, s)
			for _, trial := range all {
				if trial.Failure != nil && trial.Failure.Kind != results.FailureMemory {
					t.Fatalf("%s: %+v", trial.Cell, trial.Failure)
				}
			}
			test.check(t, all)
		})
	}
}

// shortForm returns a scenario with a variant's values over it.
func shortForm(t *testing.T, name, override string) scenario.Scenario {
	t.Helper()
	s, err := scenario.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	short, err := scenario.Parse("short form", []byte("variants: ["+override+"]"))
	if err != nil {
		t.Fatal(err)
	}
	given := short.Variants[0]
	s.Override(given.Values, func(key string) bool { return slices.Contains(given.Keys, key) })
	s.Reps = 1
	return s
}

// shortRun runs every cell of a scenario that is looked at once. The harness floor, which
// comes with every open loop, shows nothing here. Strategies are inspected with the options
// of a few scenarios, and with their own in TestInspectionBesideOthers.
func shortRun(t *testing.T, s scenario.Scenario) trials {
	t.Helper()
	plan, err := scenario.NewPlan(s, strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	look := looked[s.Name]
	plan.Cells = slices.DeleteFunc(plan.Cells, func(c results.Cell) bool { return c.Strategy == "null" || look != nil && !look(c) })
	var all trials
	sound := map[subject]bool{}
	for _, cell := range plan.Cells {
		sound[subjectOf(cell)] = !slices.Contains([]string{"bounded-block", "metrics-drop", "semaphore"}, s.Name)
	}
	runner := Runner{
		Command: []string{os.Args[0]}, Timeout: cmp.Or(time.Duration(s.Timeout), trial.DefaultTimeout), MemoryLimit: int64(s.MemoryLimit),
		Done:  func(trial results.Trial) error { all = append(all, trial); return nil },
		sound: sound,
	}
	if err := runner.Run(t.Context(), plan.Slots()); err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(all, func(a, b results.Trial) int {
		return slices.Index(plan.Cells, a.Cell) - slices.Index(plan.Cells, b.Cell)
	})
	return all
}
