package trial

import (
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Every way passes each relay once and ends at the last fan-in.
func TestMeshWays(t *testing.T) {
	for _, size := range []int{1, 2, 3, 4, 12, 61} {
		m := newMesh(strategies.NewChan[strategies.Word], size, 1)(strategies.Options{}).(*mesh[strategies.Word])
		for producer := range 2 * size {
			seen := make([]bool, size)
			for at := m.entry(producer); at < size; at = m.next(at, producer) {
				if seen[at] {
					t.Fatalf("size %d, producer %d: it comes to %d again", size, producer, at)
				}
				seen[at] = true
			}
			if slices.Contains(seen, false) {
				t.Errorf("size %d, producer %d: it passes %v", size, producer, seen)
			}
		}
		m.Producer().Close()
		if _, err := m.Consumer().Recv(make([]strategies.Word, 1)); err != io.EOF {
			t.Errorf("size %d: after the end the consumer receives %v", size, err)
		}
	}
}

// The relays end with the consumer, also while a message is on its way.
func TestMeshLeft(t *testing.T) {
	m := newMesh(strategies.NewLanesRing[strategies.Word], 5, 1)(strategies.Options{}).(*mesh[strategies.Word])
	p := m.Producer()
	if err := p.Send(strategies.NewWord(0, 0)); err != nil {
		t.Fatal(err)
	}
	m.Consumer().Close()
	for begun := time.Now(); ; {
		err := p.Send(strategies.NewWord(0, 1))
		if err == strategies.ErrClosed {
			break
		}
		if err != nil || time.Since(begun) > 10*time.Second {
			t.Fatalf("a send returns %v after the consumer has left", err)
		}
	}
	p.Close()
}

// A loop with replies has no more messages under way than the windows of its producers,
// and a mesh of every strategy that can be one delivers all, in turns and in one round.
func TestMesh(t *testing.T) {
	for _, s := range strategies.All() {
		cell := results.Cell{
			Strategy: s.Name, Producers: 3, Arrival: results.ArrivalClosed, Payload: results.MinPayload, SendBatch: 1, RecvBatch: 8,
			Window: 2, Mesh: 7, Messages: 300, GOMAXPROCS: 2,
		}
		if s.Floor || checkMesh(cell, s.Descriptor) != nil {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			reply := Run(s, Spec{Schema: results.SchemaVersion, Cell: cell, Seed: 1, TimeoutNs: int64(time.Minute)})
			if reply.Failure != nil {
				t.Fatalf("%+v", reply.Failure)
			}
			m := reply.Measurement
			if m.Delivered != 300 || m.Backlog != nil && m.Backlog.Max > 6 {
				t.Errorf("%d of 300 delivered, a backlog of %+v", m.Delivered, m.Backlog)
			}
		})
	}
}

// A mesh of fan-ins that may be full of what is on its way, or hold nothing, is refused.
func TestMeshRefused(t *testing.T) {
	for _, test := range []struct {
		strategy string
		capacity int
		field    string // empty: it is not refused
	}{
		{"chan", 12, ""},
		{"chan", 11, "capacity"},
		{"lanes-ring", 11, "capacity"},
		{"mutex-swap", 11, ""},
		{"chan-unbuffered", 0, "mesh"},
	} {
		cell := results.Cell{Producers: 4, Window: 3, Mesh: 5, Capacity: test.capacity}
		s, err := pick.Find(strategies.All(), test.strategy)
		if err == nil {
			_, err = Options(cell, s.Descriptor)
		}
		field := ""
		if wrong := (*results.FieldError)(nil); errors.As(err, &wrong) {
			field = wrong.Field
		}
		if field != test.field {
			t.Errorf("%s of %d: %v; want an error of %q", test.strategy, test.capacity, err, test.field)
		}
	}
}
