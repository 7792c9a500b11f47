package mesh

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// mesh is many fan-ins as one: see the package's comment.
type mesh[T any] struct {
	strategies.FanIn[T] // the last
	relays              []*relay[T]
	strides             []int // the lengths of step by which a way comes round to every relay
	consumer            consumer[T]
	open                atomic.Int64 // producers
	onTheWay            atomic.Int64 // messages, up to their receipt
	ended               sync.Once
}

// relay takes messages out of one fan-in and sends each into the next on its way.
type relay[T any] struct {
	mesh  *mesh[T]
	place int
	in    strategies.FanIn[T]
	out   []strategies.Producer[T] // by place; behind them that of the last fan-in
}

// New returns a constructor of meshes of so many fan-ins before the last, whose relays
// receive up to batch messages at a time.
func New[T any](construct strategies.Constructor[T], size, batch int) strategies.Constructor[T] {
	return func(o strategies.Options) strategies.FanIn[T] {
		m := &mesh[T]{FanIn: construct(o)}
		m.consumer = consumer[T]{m.FanIn.Consumer(), m}
		for place := range size {
			m.relays = append(m.relays, &relay[T]{mesh: m, place: place, in: construct(o)})
		}
		for stride := 1; stride == 1 || stride < size; stride++ {
			if gcd(stride, size) == 1 {
				m.strides = append(m.strides, stride)
			}
		}
		for _, r := range m.relays {
			for _, to := range m.relays {
				r.out = append(r.out, to.in.Producer())
			}
			r.out = append(r.out, m.FanIn.Producer())
		}
		for _, r := range m.relays {
			go r.run(batch)
		}
		return m
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// entry is where the messages of a producer begin their way.
func (m *mesh[T]) entry(producer int) int { return producer % len(m.relays) }

// next returns where a producer's messages go from a place.
func (m *mesh[T]) next(place, producer int) int {
	stride := m.strides[producer%len(m.strides)]
	to := (place + stride) % len(m.relays)
	if to == m.entry(producer) {
		return len(m.relays) // it has passed all
	}
	return to
}

// run passes messages on until its fan-in ends or the one that is next has left.
func (r *relay[T]) run(batch int) {
	defer r.in.Consumer().Close()
	buf := make([]T, batch)
	for {
		n, err := r.in.Consumer().Recv(buf)
		if err == io.EOF {
			return // end has closed the producers
		}
		if err != nil {
			r.close()
			return
		}
		for i := range buf[:n] {
			to := r.mesh.next(r.place, record.WordOf(&buf[i]).Producer())
			if r.out[to].Send(buf[i]) != nil {
				r.close()
				return
			}
		}
		clear(buf[:n]) // what was passed on is not to be kept alive
	}
}

// close closes the producers that it is.
func (r *relay[T]) close() {
	for _, p := range r.out {
		p.Close()
	}
}

// end ends all fan-ins if nothing comes any more, for every relay waits for a message. It
// is called after a producer has closed and after messages have arrived, so the last of
// these sees that it is.
func (m *mesh[T]) end() {
	if m.open.Load() > 0 || m.onTheWay.Load() > 0 {
		return
	}
	m.ended.Do(func() {
		for _, r := range m.relays {
			r.close()
		}
	})
}

// Producer opens a producer. Its first message tells where its way begins.
func (m *mesh[T]) Producer() strategies.Producer[T] {
	m.open.Add(1)
	return &producer[T]{mesh: m}
}

// Consumer returns the last fan-in's.
func (m *mesh[T]) Consumer() strategies.Consumer[T] { return &m.consumer }

// Backlog returns how many messages are on their way. The sum over the fan-ins would count
// one twice that moves on meanwhile.
func (m *mesh[T]) Backlog() int { return int(m.onTheWay.Load()) }

// producer is a producer of the fan-in that its way begins with. Rounds call nothing
// else of it.
type producer[T any] struct {
	strategies.Producer[T] // nil before the first message
	mesh                   *mesh[T]
}

func (p *producer[T]) Send(item T) error {
	if p.Producer == nil {
		p.Producer = p.mesh.relays[p.mesh.entry(record.WordOf(&item).Producer())].in.Producer()
	}
	p.mesh.onTheWay.Add(1)
	return p.Producer.Send(item)
}

// Dropped returns 0: who sends waits for room.
func (p *producer[T]) Dropped() uint64 { return 0 }

func (p *producer[T]) Close() {
	if p.Producer != nil {
		p.Producer.Close()
	}
	p.mesh.open.Add(-1)
	p.mesh.end()
}

// consumer is the last fan-in's consumer, with which all relays leave.
type consumer[T any] struct {
	strategies.Consumer[T]
	mesh *mesh[T]
}

func (c *consumer[T]) Recv(buf []T) (int, error) { return c.arrived(c.Consumer.Recv(buf)) }

func (c *consumer[T]) RecvContext(ctx context.Context, buf []T) (int, error) {
	return c.arrived(c.Consumer.RecvContext(ctx, buf))
}

func (c *consumer[T]) TryRecv(buf []T) (int, error) { return c.arrived(c.Consumer.TryRecv(buf)) }

// arrived takes note of what a receive has returned.
func (c *consumer[T]) arrived(n int, err error) (int, error) {
	if n > 0 {
		c.mesh.onTheWay.Add(int64(-n))
		c.mesh.end()
	}
	return n, err
}

func (c *consumer[T]) Close() {
	c.Consumer.Close()
	for _, r := range c.mesh.relays {
		r.in.Consumer().Close()
	}
}
