//go:build !(386 || arm || mips || mipsle)

package peers

import (
	"code.hybscloud.com/lfq"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var lfqStrategy = strategies.Strategy{
	Descriptor: lfqDescriptor,
	Word:       NewLFQ[strategies.Word],
	Message:    NewLFQ[strategies.Message],
}

// NewLFQ adapts lfq.MPSC. Added: waiting, and a receive that goes on while there
// are items.
func NewLFQ[T any](o strategies.Options) strategies.FanIn[T] {
	q := lfqMPSC[T]{lfq.NewMPSC[T](capacity(o, lfqDescriptor, 2))}
	return newFanIn[T](q, q)
}

type lfqMPSC[T any] struct{ *lfq.MPSC[T] }

func (q lfqMPSC[T]) put(item T) bool { return q.Enqueue(&item) == nil }

func (q lfqMPSC[T]) take(buf []T) int {
	for i := range buf {
		item, err := q.Dequeue()
		if err != nil {
			return i
		}
		buf[i] = item
	}
	return len(buf)
}
