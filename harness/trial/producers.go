package trial

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// producers are those of a fan-in, each in a goroutine of its own that waits at a gate.
type producers[T any] struct {
	all     []strategies.Producer[T]
	gate    *gate // the one that they wait at, or have passed last
	ended   sync.WaitGroup
	tallies []record.Tally // by producer: of all that it has sent
	latest  []record.Tally // ... and of what it sent since the gate opened
	errs    []error        // by producer: what ended it early
}

// gate is what producers wait at until it opens, and behind it the next one.
type gate struct {
	opened  chan struct{} // closed when it is open
	once    sync.Once     // that it is opened
	quotas  []uint64      // by producer: how much it sends then; nil: nothing. Written before it opens
	last    bool          // who has sent closes its producer. Written before it opens
	sending atomic.Int64  // producers that have not sent their quota: each takes itself off
	sent    chan struct{} // closed when there is none
	next    *gate         // written before it opens, by plan
}

func newGate(producers int) *gate {
	g := &gate{opened: make(chan struct{}), sent: make(chan struct{})}
	g.sending.Store(int64(producers))
	return g
}

// plan makes the next gate, so that opening this one takes no more than that. It is for
// who opens the gate.
func (g *gate) plan() {
	if g.next == nil {
		g.next = newGate(int(g.sending.Load()))
	}
}

// open has the producers send their quotas; behind the last gate they close. One that is
// open stays so.
func (g *gate) open(quotas []uint64, last bool) {
	g.once.Do(func() {
		g.plan()
		g.quotas, g.last = quotas, last
		close(g.opened)
	})
}

// done takes a producer off those that send.
func (g *gate) done() {
	if g.sending.Add(-1) == 0 {
		close(g.sent)
	}
}

// open opens so many producers, and returns when all wait at the gate.
func (s *producers[T]) open(fanIn strategies.FanIn[T], d driver[T], count int) {
	s.gate = newGate(count)
	s.all = make([]strategies.Producer[T], count)
	s.tallies, s.latest, s.errs = make([]record.Tally, count), make([]record.Tally, count), make([]error, count)
	for id := range s.all {
		s.all[id] = fanIn.Producer()
	}
	var ready sync.WaitGroup
	ready.Add(count)
	for id, p := range s.all {
		s.ended.Go(func() {
			defer p.Close()
			sender := d.sender(p, id)
			at := s.gate
			ready.Done()
			s.live(id, sender, at)
		})
	}
	ready.Wait()
}

// live sends what there is to send behind each gate, until the last. One that fails has
// all others leave at the next gate: the consumer waits for what it did not send.
func (s *producers[T]) live(id int, sender sender, at *gate) {
	for from := uint64(0); ; at = at.next {
		<-at.opened
		s.latest[id] = record.Tally{}
		if at.quotas != nil {
			to := from + at.quotas[id]
			s.latest[id], s.errs[id] = sender.send(from, to)
			s.tallies[id].Add(s.latest[id])
			from = to
		}
		if p, ok := as[flusher](s.all[id]); ok && s.errs[id] == nil {
			s.errs[id] = p.Flush()
		}
		if p, ok := as[publisher](s.all[id]); ok {
			p.Publish()
		}
		last := at.last || s.errs[id] != nil
		at.done()
		if s.errs[id] != nil {
			at.next.open(nil, true)
		}
		if last {
			return
		}
	}
}

// publisher is a producer whose sends may show late: the harness floor.
type publisher interface{ Publish() }

// tally returns what the producers counted together since the gate opened. It may be
// called when they have sent.
func (s *producers[T]) tally() (sum record.Tally) {
	for id := range s.latest {
		sum.Add(s.latest[id])
	}
	return sum
}

// failed takes in what was dropped and returns the first error of a send. It may be
// called when all producers have ended.
func (s *producers[T]) failed() error {
	for id, p := range s.all {
		if s.errs[id] != nil {
			return fmt.Errorf("producer %d: send failed: %w", id, s.errs[id])
		}
		s.tallies[id].Dropped = p.Dropped()
	}
	return nil
}
