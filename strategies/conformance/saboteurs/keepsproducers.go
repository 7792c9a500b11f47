package saboteurs

import (
	"sync"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// KeepsProducers keeps half a kilobyte for every producer beyond the first two thousand of a
// fan-in, also when that has closed and been drained.
func KeepsProducers() strategies.Strategy {
	return over("keeps-producers",
		"mpsc-ring that keeps memory of every producer beyond the first 2000",
		keepsProducers[strategies.Word], keepsProducers[strategies.Message])
}

func keepsProducers[T any](o strategies.Options) strategies.FanIn[T] {
	return &keepingProducers[T]{FanIn: strategies.NewMPSCRing[T](o)}
}

type keepingProducers[T any] struct {
	strategies.FanIn[T]
	mu     sync.Mutex
	opened int
	kept   []*[512]byte
}

func (f *keepingProducers[T]) Producer() strategies.Producer[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened++; f.opened > 2000 {
		f.kept = append(f.kept, new([512]byte))
	}
	return f.FanIn.Producer()
}
