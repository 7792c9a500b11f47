package saboteurs

import (
	"sync/atomic"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Doubles tells twice its backlog while a send is under way, and the right one at
// rest.
func Doubles() strategies.Strategy {
	return over("doubles", "mpsc-ring whose backlog reads double while items move", doubles[strategies.Word], doubles[strategies.Message])
}

func doubles[T any](o strategies.Options) strategies.FanIn[T] {
	return &doubling[T]{FanIn: strategies.NewMPSCRing[T](o)}
}

type doubling[T any] struct {
	strategies.FanIn[T]
	sending atomic.Int64
}

func (f *doubling[T]) Producer() strategies.Producer[T] {
	return announcing[T]{f.FanIn.Producer(), &f.sending}
}

func (f *doubling[T]) Backlog() int {
	if f.sending.Load() > 0 {
		return 2 * f.FanIn.Backlog()
	}
	return f.FanIn.Backlog()
}

// announcing says when it is sending.
type announcing[T any] struct {
	strategies.Producer[T]
	sending *atomic.Int64
}

func (p announcing[T]) Send(item T) error {
	p.sending.Add(1)
	defer p.sending.Add(-1)
	return p.Producer.Send(item)
}

func (p announcing[T]) SendBatch(items []T) (int, error) {
	p.sending.Add(1)
	defer p.sending.Add(-1)
	return p.Producer.SendBatch(items)
}
