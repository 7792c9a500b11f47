package trial

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial/neighbours"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/results/warmup"
	"github.com/fanin-bench/fanin-bench/strategies"
)

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
			c.Arrival, c.Rate, c.Messages, c.DurationNs = results.ArrivalConstant, 2e4, 0, int64(40*time.Millisecond)
		},
	} {
		for _, strategy := range []string{"null", "chan", "mutex-swap"} {
			t.Run(name+"/"+strategy, func(t *testing.T) {
				s, err := pick.Find(strategies.All(), strategy)
				if err != nil {
					t.Fatal(err)
				}
				cell := harnesstest.Cell(s, 2)
				cell.Busy = 2
				change(&cell)
				var m *results.Measurement
				if !cell.IsOpen() && cell.Messages == 0 || strategy == "chan" {
					reply := Run(s, Spec{Cell: cell, Seed: 1})
					if reply.Failure != nil {
						t.Fatal(reply.Failure)
					}
					m = reply.Measurement
				} else {
					m = unwarmed(t, s, cell)
				}
				if err := m.Validate(); err != nil {
					t.Error(err)
				}
				if err := m.Suits(cell); err != nil {
					t.Error(err)
				}
				if m.Attempted == 0 || m.Delivered != m.Attempted {
					t.Errorf("delivered %d of %d", m.Delivered, m.Attempted)
				}
				if m.Neighbours.Alone.Units == 0 || m.Neighbours.Alone.ElapsedNs < int64(neighbours.AloneTime) {
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
	if !harnesstest.Settles(func() bool { return runtime.NumGoroutine() <= before }) {
		t.Errorf("%d goroutines; %d before", runtime.NumGoroutine(), before)
	}
}

// Beside neighbours a closed loop ends when its time is up, however slow the strategy
// has become, and not after a count of messages.
func TestCurfew(t *testing.T) {
	slow := strategies.Strategy{
		Descriptor: strategies.Descriptor{Name: "slow"},
		Word: func(o strategies.Options) strategies.FanIn[strategies.Word] {
			sends := 0
			return harnesstest.Altered{FanIn: strategies.NewMutexSwap[strategies.Word](o), Send: func(p strategies.Producer[strategies.Word], w strategies.Word) error {
				if sends++; sends > 1000 {
					time.Sleep(time.Millisecond)
				}
				return p.Send(w)
			}}
		},
	}
	cell := harnesstest.Cell(slow, 1)
	cell.Messages, cell.DurationNs, cell.Busy = 0, int64(30*time.Millisecond), 1
	m := Run(slow, Spec{Cell: cell}).Measurement
	if m == nil || m.Attempted < 64 || m.Attempted > 2000 || m.Delivered != m.Attempted {
		t.Errorf("measurement %+v; want some hundreds of messages, and not the millions of 30 ms", m)
	}
	if got := len(m.WarmUp); got != warmup.Rounds {
		t.Errorf("%d rounds to warm up; want %d", got, warmup.Rounds)
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
		err := c.inPieces(0, test.quota, test.batch, func(from, to uint64) error {
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
