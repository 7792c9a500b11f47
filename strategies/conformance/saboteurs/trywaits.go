package saboteurs

import (
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// TryWaits gives a TrySend that finds no room another 20 ms.
func TryWaits() strategies.Strategy {
	return over("try-waits", "mpsc-ring whose TrySend waits 20 ms for room", tryWaits[strategies.Word], tryWaits[strategies.Message])
}

func tryWaits[T any](o strategies.Options) strategies.FanIn[T] {
	return waitingFanIn[T]{strategies.NewMPSCRing[T](o)}
}

type waitingFanIn[T any] struct{ strategies.FanIn[T] }

func (f waitingFanIn[T]) Producer() strategies.Producer[T] {
	return waitingProducer[T]{f.FanIn.Producer()}
}

type waitingProducer[T any] struct{ strategies.Producer[T] }

func (p waitingProducer[T]) TrySend(item T) error {
	err := p.Producer.TrySend(item)
	if err == strategies.ErrFull {
		time.Sleep(20 * time.Millisecond)
		err = p.Producer.TrySend(item)
	}
	return err
}
