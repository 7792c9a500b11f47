package peers

import (
	"testing"

	"github.com/puzpuzpuz/xsync/v4"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// BenchmarkSkeleton sets an adapter against the queue that it adapts, one item
// at a time in one goroutine, where whatever the skeleton adds shows most.
func BenchmarkSkeleton(b *testing.B) {
	adapted := func(build strategies.Constructor[strategies.Word]) func(*testing.B) {
		return func(b *testing.B) {
			fan := build(strategies.Options{})
			p, c := fan.Producer(), fan.Consumer()
			buf := make([]strategies.Word, 1)
			for b.Loop() {
				if err := p.Send(1); err != nil {
					b.Fatal(err)
				}
				if _, err := c.Recv(buf); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.Run("peer=xsync-umpsc/way=adapter", adapted(NewXsyncUMPSC[strategies.Word]))
	b.Run("peer=xsync-umpsc/way=bare", func(b *testing.B) {
		q := xsync.NewUMPSCQueue[strategies.Word]()
		for b.Loop() {
			q.Enqueue(1)
			q.Dequeue()
		}
	})
	b.Run("peer=xsync-mpmc/way=adapter", adapted(NewXsyncMPMC[strategies.Word]))
	b.Run("peer=xsync-mpmc/way=bare", func(b *testing.B) {
		q := xsync.NewMPMCQueue[strategies.Word](strategies.DefaultCapacity)
		for b.Loop() {
			q.TryEnqueue(1)
			q.TryDequeue()
		}
	})
}
