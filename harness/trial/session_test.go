package trial

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/harnesstest"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// soloist has a trial take so many turns right after each other, after one that leads in.
type soloist struct {
	turns int
	ready Ready
	led   bool
	done  []Slice // by the turns
}

func (s *soloist) Ready(r Ready) error { s.ready = r; return nil }
func (s *soloist) Next() (bool, error) { return len(s.done) < s.turns, nil }

// Did takes note of a slice that is measured.
func (s *soloist) Did(d Slice) error {
	if s.led {
		s.done = append(s.done, d)
	}
	s.led = true
	return nil
}

// slicedCell is a cell in slices of a test's length.
func slicedCell(s strategies.Strategy, producers int) results.Cell {
	c := harnesstest.Cell(s, producers)
	c.Messages, c.DurationNs = 0, int64(2*time.Millisecond)
	return c
}

var slicing = &Slicing{Version: SlicesVersion, LengthNs: int64(time.Millisecond)}

// Every strategy gets through slices with every kind of item and batch, and what is
// reported adds up.
func TestSlices(t *testing.T) {
	const turns = 5
	for _, s := range strategies.All() {
		for _, c := range []struct {
			name   string
			change func(*results.Cell)
		}{
			{"words", func(*results.Cell) {}},
			{"single", func(c *results.Cell) { c.Producers, c.RecvBatch = 1, 1 }},
			{"uneven batches by value", func(c *results.Cell) {
				c.Payload, c.Item, c.SendBatch, c.HotShare = 64, results.ItemValue, 7, 0.7
			}},
			{"work and collected batches", func(c *results.Cell) {
				c.ConsumerCostNs, c.ProducerCostNs, c.BatchDeadlineNs = 500, 500, int64(time.Millisecond)
			}},
		} {
			t.Run(s.Name+"/"+c.name, func(t *testing.T) {
				cell := slicedCell(s, 4)
				c.change(&cell)
				partner := &soloist{turns: turns}
				reply := run(s, Spec{Cell: cell, Slices: slicing}, false, nil, partner)
				if reply.Failure != nil {
					t.Fatal(reply.Failure)
				}
				m := reply.Measurement
				if err := m.Validate(); err != nil {
					t.Error(err)
				}
				var sum Slice
				for _, d := range partner.done {
					sum.Messages += d.Messages
					sum.ElapsedNs += d.ElapsedNs
				}
				if len(partner.done) != turns || sum.Messages != m.Attempted || sum.ElapsedNs != m.ElapsedNs {
					t.Errorf("%d slices of %+v together; the trial measured %d messages in %d ns", len(partner.done), sum, m.Attempted, m.ElapsedNs)
				}
				if m.Delivered != m.Attempted || m.Delivered < turns*partner.ready.Messages {
					t.Errorf("delivered %d of %d attempted; a slice has %d", m.Delivered, m.Attempted, partner.ready.Messages)
				}
				if !s.Floor && (m.Transit == nil || m.Transit.TotalCount() == 0) {
					t.Error("no transit time was recorded")
				}
			})
		}
	}
}

// What is wrong with a delivery in a slice fails the trial as it does in a round, and
// leaves no goroutine behind.
func TestSlicesCheck(t *testing.T) {
	for name, want := range map[string]string{
		"loses":     "exactly-once: producer ",
		"doubles":   "exactly-once: producer 2: item 69 received again",
		"overstays": "backlog: it read 1 when all items had been received",
		"refuses":   "producer 1: send failed: no more",
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			s := named(t, name)
			reply := run(s, Spec{Cell: slicedCell(s, 4), Slices: slicing}, false, nil, &soloist{turns: 3})
			if f := reply.Failure; f == nil || !strings.Contains(f.Detail, want) {
				t.Errorf("reply %+v, failure %+v; want %q", reply, f, want)
			}
			if !harnesstest.Settles(func() bool { return runtime.NumGoroutine() <= before }) {
				t.Errorf("%d goroutines; there were %d", runtime.NumGoroutine(), before)
			}
		})
	}
}

// named returns a strategy that misbehaves in slices.
func named(t *testing.T, name string) strategies.Strategy {
	t.Helper()
	if name == "loses" {
		s, err := pick.Find(harnesstest.Misbehaving(), name)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := strategies.Strategy{Descriptor: strategies.Descriptor{Name: name}}
	s.Word = func(o strategies.Options) strategies.FanIn[strategies.Word] {
		f := strategies.NewMutexSwap[strategies.Word](o)
		switch name {
		case "doubles":
			return corrupting[strategies.Word]{f, func(w *strategies.Word) {
				if w.Producer() == 2 && w.Seq() == 70 {
					*w--
				}
			}}
		case "refuses":
			return harnesstest.Altered{FanIn: f, Send: func(p strategies.Producer[strategies.Word], w strategies.Word) error {
				if w.Producer() == 1 && w.Seq() == 50 {
					return errors.New("no more")
				}
				return p.Send(w)
			}}
		}
		return overstaying{f}
	}
	return s
}

// overstaying is a fan-in that believes in one more item than there is.
type overstaying struct {
	strategies.FanIn[strategies.Word]
}

func (o overstaying) Backlog() int { return o.FanIn.Backlog() + 1 }

// A trial can take turns only as its spec says, and where its cell allows it.
func TestSlicesRefused(t *testing.T) {
	s, err := pick.Find(strategies.All(), "chan")
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Spec){
		"version 1":              func(s *Spec) { s.Slices = &Slicing{Version: 1, LengthNs: 1} },
		"no length":              func(s *Spec) { s.Slices = &Slicing{Version: SlicesVersion} },
		"given number":           func(s *Spec) { s.Cell.Messages = 5 },
		"not a closed loop":      func(s *Spec) { s.Cell.Arrival, s.Cell.Rate = results.ArrivalPoisson, 1000 },
		"cannot know how many":   func(s *Spec) { s.Cell.Policy = "drop-newest" },
		"neighbours compute":     func(s *Spec) { s.Cell.Busy = 1 },
		"stalls are longer":      func(s *Spec) { s.Cell.StallNs, s.Cell.StallEveryNs = 1e6, 1e7 },
		"somebody in it sleeps":  func(s *Spec) { s.Cell.PauseNs, s.Cell.PauseEvery = 1e6, 100 },
		"dealt with later":       func(s *Spec) { s.Cell.Sink = results.SinkTCP },
		"before its first slice": func(*Spec) {},
	} {
		spec := Spec{Cell: slicedCell(s, 2), Slices: slicing}
		change(&spec)
		if reply := run(s, spec, false, nil, &soloist{}); reply.Failure == nil || !strings.Contains(reply.Failure.Detail, want) {
			t.Errorf("failure %+v; want %q", reply.Failure, want)
		}
	}
}
