package harness

import (
	"bytes"
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Neighbours multiply cells, what they do only cells that have some, and a fan-in at
// rest has none.
func TestPlanNeighbours(t *testing.T) {
	s, err := ParseScenario("f", []byte("queue: {strategies: chan, probe: true}\nload: {producers: 1}\nrun: {busy: \"0,1..4\", busy-kind: [spin, alloc]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(s, strategies.All(), 1)
	if err != nil {
		t.Fatal(err)
	}
	type company struct {
		kind, busyKind string
		busy           int
	}
	var got []company
	for _, c := range plan.Cells {
		got = append(got, company{c.Kind, c.BusyKind, c.Busy})
	}
	const alloc = results.BusyAlloc
	want := []company{{results.KindProbe, "", 0}, {"", "", 0}, {"", "", 1}, {"", alloc, 1}, {"", "", 2}, {"", alloc, 2}, {"", "", 4}, {"", alloc, 4}}
	if !slices.Equal(got, want) {
		t.Errorf("cells %v; want %v", got, want)
	}
}

// A quick run has fewer neighbours and one kind of them, unless the user says which.
func TestQuickNeighbours(t *testing.T) {
	for _, name := range []string{"busy", "busy-latency"} {
		s, err := LoadScenario(name)
		if err != nil {
			t.Fatal(err)
		}
		quick, err := s.Quick(strategies.All(), func(string) bool { return false })
		if err != nil {
			t.Fatal(err)
		}
		plan, err := NewPlan(quick, strategies.All(), 1)
		if err != nil {
			t.Fatal(err)
		}
		var counts []int
		for _, c := range plan.Cells {
			counts = append(counts, c.Busy)
			if c.BusyKind != "" {
				t.Errorf("%s: cell %s; want one kind", name, c)
			}
		}
		slices.Sort(counts)
		if counts = slices.Compact(counts); !slices.Equal(counts, []int{0, 2, 8}) || plan.Expected() > 13*time.Second {
			t.Errorf("%s: neighbours %v in %v; want 0, 2 and 8 within 13s", name, counts, plan.Expected())
		}
		given := func(key string) bool { return key == "busy" || key == "busy-kind" }
		if quick, err = s.Quick(strategies.All(), given); err != nil || !slices.Equal(quick.Busy, s.Busy) || !slices.Equal(quick.BusyKind, s.BusyKind) {
			t.Errorf("%s: neighbours %v, %v, error %v; want those that were given", name, quick.Busy, quick.BusyKind, err)
		}
	}
}

// Variants are thinned out where they are the steps of a load, and only there.
func TestQuickSteps(t *testing.T) {
	for text, want := range map[string]int{
		`{load: {producers: 1, rate: 1k}}, {load: {producers: 2, rate: 2k}}, {load: {producers: 4, rate: 4k}}`:            2,
		`{load: {producers: 1, rate: 1k}}, {load: {producers: 2, rate: 2k}}, {load: {producers: 4, rate: 4k, zipf: [1]}}`: 3,
		`{load: {producers: 1}}, {load: {producers: 2}}`:                                                                  2,
	} {
		s, err := ParseScenario("f", []byte("load: {arrival: constant}\nvariants: ["+text+"]\n"))
		if err != nil {
			t.Fatal(err)
		}
		for s.thinSteps(2) {
		}
		if got := len(s.Variants); got != want {
			t.Errorf("%s: %d variants; want %d", text, got, want)
		}
	}
}

// A child checks its cell as its parent does.
func TestCheckNeighbours(t *testing.T) {
	for want, change := range map[string]func(*results.Cell){
		"busy: -1 is not in 0..4096":             func(c *results.Cell) { c.Busy = -1 },
		"busy: 5000 is not in 0..4096":           func(c *results.Cell) { c.Busy = 5000 },
		`busy-kind: unknown kind "aloc"`:         func(c *results.Cell) { c.Busy, c.BusyKind = 1, "aloc" },
		`busy-kind: "alloc" needs busy above 0`:  func(c *results.Cell) { c.BusyKind = results.BusyAlloc },
		"busy: the probe needs a fan-in at rest": func(c *results.Cell) { c.Busy, c.Kind = 1, results.KindProbe },
	} {
		spec := specOf("chan")
		change(&spec.Cell)
		text, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = ReadSpec(bytes.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want %q", err, want)
		}
	}
}

// A program that ignores neighbours measures something else under their name.
func TestNeighboursIgnored(t *testing.T) {
	spec := specOf("chan")
	spec.Cell.Busy = 2
	reply := runChild(t.Context(), childCommand(t, "modest"), spec)
	if f := reply.Failure; f == nil || f.Kind != results.FailureProtocol || !strings.Contains(f.Detail, "busy 2") {
		t.Errorf("reply %+v; want it refused", reply)
	}
}

// Beside neighbours every load is delivered and checked as ever, what they got done
// is counted, and what cannot be told from it is absent. Nobody is left behind.
func TestNeighbours(t *testing.T) {
	before := runtime.NumGoroutine()
	for name, change := range map[string]func(*results.Cell){
		"timed":          func(c *results.Cell) { c.Messages, c.DurationNs = 0, int64(30*time.Millisecond) },
		"timed batches":  func(c *results.Cell) { c.Messages, c.DurationNs, c.SendBatch = 0, int64(30*time.Millisecond), 100 },
		"timed payloads": func(c *results.Cell) { c.Messages, c.DurationNs, c.Payload = 0, int64(30*time.Millisecond), 64 },
		"timed pauses": func(c *results.Cell) {
			c.Messages, c.DurationNs, c.PauseNs, c.PauseEvery = 0, int64(30*time.Millisecond), 1000, 10
		},
		"counted":   func(c *results.Cell) { c.Messages = 1000 },
		"skewed":    func(c *results.Cell) { c.Messages, c.DurationNs, c.HotShare = 0, int64(time.Millisecond), 0.9 },
		"allocator": func(c *results.Cell) { c.Messages, c.BusyKind = 1000, results.BusyAlloc },
		"open": func(c *results.Cell) {
			c.Arrival, c.Rate, c.Messages, c.DurationNs = ArrivalConstant, 2e4, 0, int64(40*time.Millisecond)
		},
	} {
		for _, strategy := range []string{"null", "chan", "mutex-swap"} {
			t.Run(name+"/"+strategy, func(t *testing.T) {
				s, err := Find(strategies.All(), strategy)
				if err != nil {
					t.Fatal(err)
				}
				cell := cellOf(s, 2)
				cell.Busy = 2
				change(&cell)
				reply := RunTrial(s, Spec{Cell: cell, Seed: 1})
				if reply.Failure != nil {
					t.Fatal(reply.Failure)
				}
				m := reply.Measurement
				if err := m.Validate(); err != nil {
					t.Error(err)
				}
				if err := m.Suits(cell); err != nil {
					t.Error(err)
				}
				if m.Attempted == 0 || m.Delivered != m.Attempted {
					t.Errorf("delivered %d of %d", m.Delivered, m.Attempted)
				}
				if m.Neighbours.Alone.Units == 0 || m.Neighbours.Alone.ElapsedNs < int64(aloneTime) {
					t.Errorf("alone the neighbours got done %+v", m.Neighbours.Alone)
				}
				if m.CPUNs != 0 || (m.Mallocs == nil) != (cell.BusyKind == results.BusyAlloc) {
					t.Errorf("CPU time %d, allocations %v", m.CPUNs, m.Mallocs)
				}
				if hasCurfew(cell) && m.Neighbours.Beside.Units == 0 {
					t.Errorf("beside it the neighbours got nothing done in %v", time.Duration(m.Neighbours.Beside.ElapsedNs))
				}
			})
		}
	}
	if !settles(func() bool { return runtime.NumGoroutine() <= before }) {
		t.Errorf("%d goroutines; %d before", runtime.NumGoroutine(), before)
	}
}

// settles waits until something holds, and reports whether it ever did.
func settles(holds func() bool) bool {
	for range 200 {
		if holds() {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// Beside neighbours a closed loop ends when its time is up, however slow the strategy
// has become, and not after a count of messages.
func TestCurfew(t *testing.T) {
	slow := strategies.Strategy{
		Descriptor: strategies.Descriptor{Name: "slow"},
		Word: func(o strategies.Options) strategies.FanIn[strategies.Word] {
			sends := 0
			return altered{strategies.NewMutexSwap[strategies.Word](o), func(p strategies.Producer[strategies.Word], w strategies.Word) error {
				if sends++; sends > 1000 {
					time.Sleep(time.Millisecond)
				}
				return p.Send(w)
			}}
		},
	}
	cell := cellOf(slow, 1)
	cell.Messages, cell.DurationNs, cell.Busy = 0, int64(30*time.Millisecond), 1
	m := RunTrial(slow, Spec{Cell: cell}).Measurement
	if m == nil || m.Attempted < 64 || m.Attempted > 2000 || m.Delivered != m.Attempted {
		t.Errorf("measurement %+v; want some hundreds of messages, and not the millions of 30 ms", m)
	}
	if got := len(m.WarmUp); got != steadyRounds {
		t.Errorf("%d rounds to warm up; want %d", got, steadyRounds)
	}
}

// Pieces are whole batches, make up the whole, and end when the time is up.
func TestCurfewInPieces(t *testing.T) {
	for _, test := range []struct {
		batch  int
		quota  uint64
		passes uint64 // after so many messages
		want   []uint64
	}{
		{1, 150, 1000, []uint64{64, 128, 150}},
		{1, 150, 64, []uint64{64}},
		{10, 150, 1000, []uint64{70, 140, 150}},
		{100, 150, 1000, []uint64{100, 150}},
		{1, 150, 0, nil},
	} {
		c := newCurfew(time.Hour)
		c.over.Store(test.passes == 0)
		var ends []uint64
		last := uint64(0)
		err := c.inPieces(test.quota, test.batch, func(from, to uint64) error {
			if from != last {
				t.Errorf("%+v: a piece from %d follows one to %d", test, from, last)
			}
			last, ends = to, append(ends, to)
			c.over.Store(to >= test.passes)
			return nil
		})
		if err != nil || !slices.Equal(ends, test.want) {
			t.Errorf("%+v: pieces up to %v, error %v", test, ends, err)
		}
	}
}

// One kind of neighbour allocates nothing and the other what it says.
func TestNeighboursAllocate(t *testing.T) {
	const units = 200
	for kind, want := range map[string]float64{results.BusySpin: 0, results.BusyAlloc: units * unitSteps / garbageEvery} {
		got := testing.AllocsPerRun(3, func() {
			n := &neighbour{}
			work := n.compute
			if kind == results.BusyAlloc {
				work = n.allocate
			}
			work(func() bool { return n.units.Load() == units })
		})
		if got < want || got > want+10 { // what it takes to run the test
			t.Errorf("%s: %v allocations in %d units of work; want %v", kind, got, units, want)
		}
	}
}

// Neighbours rest when they are told to: then they get nothing done.
func TestNeighboursRest(t *testing.T) {
	n := startNeighbours(results.Cell{Busy: 3, GOMAXPROCS: 2})
	defer n.end()
	for range 5 {
		rested := n.progress()
		time.Sleep(2 * time.Millisecond)
		if got := n.since(rested).Units; got != 0 {
			t.Errorf("%d units of work at rest", got)
		}
		n.release()
		if !settles(func() bool { return n.since(rested).Units > 0 }) {
			t.Error("nothing was done after the rest")
		}
		n.hold(rested)
	}
}

func TestWakeDelay(t *testing.T) {
	for _, test := range []struct {
		busy, procs int
		want        time.Duration
	}{{0, 2, 0}, {1, 2, 2 * slice}, {2, 2, 2 * slice}, {8, 2, 5 * slice}, {3, 1, 4 * slice}} {
		if got := WakeDelay(results.Cell{Busy: test.busy, GOMAXPROCS: test.procs}); got != test.want {
			t.Errorf("WakeDelay(%d neighbours on %d) = %v; want %v", test.busy, test.procs, got, test.want)
		}
	}
}
