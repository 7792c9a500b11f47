package saboteurs

import (
	"sync"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Hoards keeps half a kilobyte for every producer beyond the first two thousand of a
// fan-in, also when that has closed and been drained.
func Hoards() strategies.Strategy {
	return over("hoards", "mpsc-ring that keeps memory of every producer beyond the first 2000", hoards[strategies.Word], hoards[strategies.Message])
}

func hoards[T any](o strategies.Options) strategies.FanIn[T] {
	return &hoarding[T]{FanIn: strategies.NewMPSCRing[T](o)}
}

type hoarding[T any] struct {
	strategies.FanIn[T]
	mu     sync.Mutex
	opened int
	kept   []*[512]byte
}

func (f *hoarding[T]) Producer() strategies.Producer[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened++; f.opened > 2000 {
		f.kept = append(f.kept, new([512]byte))
	}
	return f.FanIn.Producer()
}
