package trial

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/pick"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/harness/trial/schedule"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// roundMessages is how many messages a round of these benchmarks has.
const roundMessages = 1 << 20

// BenchmarkHonest holds the harness's figure for chan against a loop over a Go
// channel as anyone would write it, round by round in turn. ratio is the
// harness's time over the loop's.
//
//	go test -run '^$' -bench Honest -benchtime 40x ./harness/trial
func BenchmarkHonest(b *testing.B) {
	for _, producers := range []int{1, 16, 1000} {
		b.Run(fmt.Sprintf("producers=%d", producers), func(b *testing.B) {
			quotas := schedule.Share(roundMessages, producers)
			var loop, suite time.Duration
			for range b.N {
				loop += handWritten(quotas)
				suite += roundOf(b, "chan", quotas, 1)
			}
			messages := float64(b.N) * roundMessages
			b.ReportMetric(float64(loop)/messages, "loop-ns/msg")
			b.ReportMetric(float64(suite)/messages, "harness-ns/msg")
			b.ReportMetric(float64(suite)/float64(loop), "ratio")
		})
	}
}

// handWritten is the textbook fan-in: producers send to one channel, the last
// to finish closes it, the consumer ranges over it.
func handWritten(quotas []uint64) time.Duration {
	items := make(chan uint64, strategies.DefaultCapacity)
	gate := make(chan struct{})
	var senders sync.WaitGroup
	for _, quota := range quotas {
		senders.Go(func() {
			<-gate
			for i := range quota {
				items <- i
			}
		})
	}
	go func() {
		senders.Wait()
		close(items)
	}()
	start := time.Now()
	close(gate)
	sum := uint64(0)
	for item := range items {
		sum += item
	}
	if sum == 0 {
		panic("nothing was received")
	}
	return time.Since(start)
}

// roundOf runs one round of a strategy as trials do.
func roundOf(b *testing.B, name string, quotas []uint64, sendBatch int) time.Duration {
	b.Helper()
	strategy, err := pick.Find(strategies.All(), name)
	if err != nil {
		b.Fatal(err)
	}
	cell := results.Cell{
		Producers: len(quotas), Arrival: results.ArrivalClosed, Payload: results.MinPayload, SendBatch: sendBatch, RecvBatch: testRecvBatch,
	}
	t := &trial{cell: cell, strategy: strategy, clock: benchClock()}
	out, err := t.closedRound(roundMessages)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(out.lasted)
}

// benchClock is one calibrated clock for all.
var benchClock = sync.OnceValue(func() *machine.Clock {
	c := machine.NewClock()
	c.Calibrate()
	return c
})

// BenchmarkFloor is the cost of the harness itself, per message.
func BenchmarkFloor(b *testing.B) {
	for _, producers := range []int{1, 16, 1000} {
		for _, batch := range []int{1, 32} {
			b.Run(fmt.Sprintf("producers=%d/batch=%d", producers, batch), func(b *testing.B) {
				var spent time.Duration
				for range b.N {
					spent += roundOf(b, "null", schedule.Share(roundMessages, producers), batch)
				}
				b.ReportMetric(float64(spent)/float64(b.N)/roundMessages, "ns/msg")
			})
		}
	}
}

// BenchmarkSampling is the cost of timing one message: three clock readings and a
// histogram entry. A SampleStep-th of it falls on each message.
func BenchmarkSampling(b *testing.B) {
	clock, transit := benchClock(), new(record.Counts)
	for b.Loop() {
		sent := clock.Now()
		call := clock.Now() - sent
		transit.Record(clock.Ns(clock.Now() - sent + call))
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/record.SampleStep, "ns/msg")
}
