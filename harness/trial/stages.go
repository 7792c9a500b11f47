package trial

import (
	"cmp"
	"context"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// pipeline is a row of fan-ins as one: the producers send into the first, a stage
// takes each item out of one and sends it into the next, and the consumer, which
// is the last stage, receives from the last. Closing runs through it in both
// directions, as the stages pass on what they are told.
type pipeline[T any] struct {
	strategies.FanIn[T] // the first
	stages              []*stage[T]
	capacity            int // of all others
}

// stage is what takes items out of one fan-in of a pipeline.
type stage[T any] struct {
	strategies.Consumer[T] // metered: what the stage calls to receive
	in                     strategies.FanIn[T]
	clock                  *machine.Clock
	cost                   cost
	received               int64
	first, last            int64 // ticks: when the first item came, and when the latest was dealt with
	blocked                int64 // ticks in sends to the next stage
}

// newPipeline returns a constructor of pipelines over one of fan-ins. costs is what
// each stage takes per item; the last one's is for the consumer to take.
func newPipeline[T any](t *trial, construct strategies.Constructor[T], costs []time.Duration) strategies.Constructor[T] {
	return func(first strategies.Options) strategies.FanIn[T] {
		// A stage waits for the next one, whatever the producers do.
		rest := strategies.Options{Capacity: t.cell.Capacity}
		p := &pipeline[T]{FanIn: construct(first), capacity: cmp.Or(rest.Capacity, strategies.DefaultCapacity)}
		in := p.FanIn
		for i, length := range costs {
			s := &stage[T]{Consumer: in.Consumer(), in: in, clock: t.clock, cost: newCost(t.clock, int64(length), t.cell.CostKind)}
			p.stages = append(p.stages, s)
			if i+1 < len(costs) {
				in = construct(rest)
				go s.run(in.Producer(), t.cell.RecvBatch)
			}
		}
		return p
	}
}

// run deals with items until the end or until the next stage has left.
func (s *stage[T]) run(next strategies.Producer[T], batch int) {
	defer s.Close()
	defer next.Close()
	buf := make([]T, batch)
	for {
		n, err := s.Recv(buf)
		if err != nil {
			return
		}
		for _, item := range buf[:n] {
			s.cost.pay(s.clock)
			begun := s.clock.Now()
			err := next.Send(item)
			s.blocked += s.clock.Now() - begun
			if err != nil {
				return
			}
		}
		clear(buf[:n]) // what was passed on is not to be kept alive
	}
}

// Recv receives and takes note. Who receives again has dealt with what it had.
func (s *stage[T]) Recv(buf []T) (int, error) {
	return s.note(func() (int, error) { return s.Consumer.Recv(buf) })
}

// RecvContext is Recv under a context.
func (s *stage[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	return s.note(func() (int, error) { return s.Consumer.RecvContext(ctx, buf) })
}

func (s *stage[T]) note(receive func() (int, error)) (int, error) {
	if s.received > 0 {
		s.last = s.clock.Now()
	}
	n, err := receive()
	if s.received == 0 && n > 0 {
		s.first = s.clock.Now()
	}
	s.received += int64(n)
	return n, err
}

// Consumer returns the last stage's.
func (p *pipeline[T]) Consumer() strategies.Consumer[T] { return p.stages[len(p.stages)-1] }

// Backlog adds up what waits before each stage.
func (p *pipeline[T]) Backlog() int {
	sum := 0
	for _, s := range p.stages {
		sum += s.in.Backlog()
	}
	return sum
}

// gauges returns the backlogs before each stage.
func (p *pipeline[T]) gauges() (list []func() int) {
	for _, s := range p.stages {
		list = append(list, s.in.Backlog)
	}
	return list
}

// report says what each stage did, once the last is at its end: all before it are
// then too. levels are what the gauges showed.
func (p *pipeline[T]) report(levels []*results.Backlog) (list []results.Stage) {
	for i, s := range p.stages {
		r := results.Stage{CostNs: int64(s.cost.length), Messages: s.received, ElapsedNs: s.clock.Ns(s.last - s.first)}
		if i+1 < len(p.stages) {
			r.BlockedNs = new(s.clock.Ns(s.blocked))
		}
		if i < len(levels) {
			r.Backlog = levels[i]
		}
		list = append(list, r)
	}
	return list
}
