//go:build !(386 || arm || mips || mipsle)

package peers

import (
	"math/bits"

	ring "github.com/randomizedcoder/go-lock-free-ring"

	"github.com/fanin-bench/fanin-bench/strategies"
)

var shardedRingStrategy = strategies.Strategy{
	Descriptor: shardedRingDescriptor,
	Word:       NewShardedRing[strategies.Word],
	Message:    NewShardedRing[strategies.Message],
}

// shards is how many lanes a sharded ring has that is not told: as many as in
// its own examples.
const shards = 4

// NewShardedRing adapts go-lock-free-ring. Added: waiting. The lanes, which it
// calls shards, are rounded up to a power of two, and each holds the capacity, but
// at least two items: with one slot it would overwrite it.
func NewShardedRing[T any](o strategies.Options) strategies.FanIn[T] {
	lanes := shards
	if o.Lanes > 0 {
		lanes = 1 << bits.Len(uint(o.Lanes-1))
	}
	r, err := ring.NewShardedRing(uint64(capacity(o, shardedRingDescriptor, 2)*lanes), uint64(lanes))
	must(err)
	q := &shardedRing[T]{ring: r}
	f := newFanIn[T](nil, q)
	f.length = func() int { return int(r.Len()) }
	f.opened = func(p *producer[T]) strategies.Producer[T] {
		p.putter = shardedRingLane[T]{r, q.opened}
		q.opened++
		return p
	}
	return f
}

type shardedRing[T any] struct {
	ring   *ring.ShardedRing
	opened uint64 // producers
	boxed  []any  // what ReadBatchInto returned last; used by the consumer alone
}

func (q *shardedRing[T]) take(buf []T) int {
	q.boxed = q.ring.ReadBatchInto(q.boxed, len(buf))
	for i, item := range q.boxed {
		buf[i] = item.(T)
	}
	clear(q.boxed)
	return len(q.boxed)
}

// shardedRingLane is a producer's number, which picks its lane.
type shardedRingLane[T any] struct {
	ring *ring.ShardedRing
	id   uint64
}

func (l shardedRingLane[T]) put(item T) bool { return l.ring.Write(l.id, item) }
