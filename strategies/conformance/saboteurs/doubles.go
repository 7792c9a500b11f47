package saboteurs

import "github.com/fanin-bench/fanin-bench/strategies"

// Doubles tells twice its backlog while items move, and the right one at rest.
func Doubles() strategies.Strategy {
	return over("doubles", "mpsc-ring whose backlog reads double while items move", doubles[strategies.Word], doubles[strategies.Message])
}

func doubles[T any](o strategies.Options) strategies.FanIn[T] {
	return doubling[T]{strategies.NewMPSCRing[T](o)}
}

type doubling[T any] struct{ strategies.FanIn[T] }

// Backlog looks often enough to see an item move.
func (f doubling[T]) Backlog() int {
	n := f.FanIn.Backlog()
	for range 1000 {
		if f.FanIn.Backlog() != n {
			return 2 * n
		}
	}
	return n
}
