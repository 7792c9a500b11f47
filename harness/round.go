package harness

import (
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// driver sends and receives one item type.
type driver[T any] interface {
	// produce sends quota items of producer id and returns what it counted,
	// when its first send began in ticks, and an error that ended it.
	produce(p strategies.Producer[T], id int, quota uint64) (tally, int64, error)
	// consume checks and times what was received.
	consume(buf []T, check *checker, transit *results.Histogram)
}

// outcome is what a round measured.
type outcome struct {
	elapsedNs int64
	attempted uint64
	delivered uint64
	dropped   uint64
	rejected  uint64
	receives  int64
	mallocs   int64
	gcs       int64
	transit   *results.Histogram
}

// round is one life of a fan-in under load: open the producers, let them send
// their quotas, drain to the end, check.
type round[T any] struct {
	fanIn  strategies.FanIn[T]
	driver driver[T]
	clock  *Clock
	quotas []uint64

	producers []strategies.Producer[T]
	reports   []report
	check     *checker
	transit   *results.Histogram
}

// report is what one producer's goroutine leaves behind. Each writes its own
// once, at its end, so they need no padding.
type report struct {
	tally
	first int64
	err   error
}

// run executes the round; it returns an error if a delivery was wrong.
func (r *round[T]) run(recvBatch int) (outcome, error) {
	gate, finished := r.start()
	var before, after runtime.MemStats
	runtime.GC() // each round starts with a clean heap
	runtime.ReadMemStats(&before)

	close(gate)
	last, receives, err := r.drain(make([]T, recvBatch))
	finished.Wait()

	runtime.ReadMemStats(&after)
	if err != nil {
		return outcome{}, err
	}
	out, err := r.settle()
	if err != nil {
		return outcome{}, err
	}
	first := r.reports[0].first
	for _, report := range r.reports {
		first = min(first, report.first)
	}
	out.elapsedNs = max(1, r.clock.Ns(last-first))
	out.receives = receives
	out.mallocs = int64(after.Mallocs - before.Mallocs)
	out.gcs = int64(after.NumGC - before.NumGC)
	return out, nil
}

// start opens the producers, each in a goroutine that waits at the gate, and
// returns when all are there.
func (r *round[T]) start() (gate chan struct{}, finished *sync.WaitGroup) {
	gate, finished = make(chan struct{}), new(sync.WaitGroup)
	r.producers = make([]strategies.Producer[T], len(r.quotas))
	r.reports = make([]report, len(r.quotas))
	for id := range r.quotas {
		r.producers[id] = r.fanIn.Producer()
	}
	var ready sync.WaitGroup
	ready.Add(len(r.quotas))
	for id, quota := range r.quotas {
		finished.Go(func() {
			p := r.producers[id]
			defer p.Close()
			ready.Done()
			<-gate
			rep := &r.reports[id]
			rep.tally, rep.first, rep.err = r.driver.produce(p, id, quota)
		})
	}
	ready.Wait()
	return gate, finished
}

// drain receives until io.EOF and returns when the last item came, in ticks,
// and how many receives there were.
func (r *round[T]) drain(buf []T) (last, receives int64, err error) {
	total := uint64(0)
	for _, quota := range r.quotas {
		total += quota
	}
	consumer := r.fanIn.Consumer()
	defer consumer.Close()
	for {
		n, err := consumer.Recv(buf)
		if err != nil {
			if last == 0 { // some were dropped: the end is when that is known
				last = r.clock.Now()
			}
			if err != io.EOF {
				return last, receives, fmt.Errorf("receiving after %d items: %w", r.check.received, err)
			}
			return last, receives, nil
		}
		receives++
		r.driver.consume(buf[:n], r.check, r.transit)
		if r.check.received == total {
			last = r.clock.Now()
		}
		if r.check.stray != nil {
			return last, receives, r.check.stray
		}
	}
}

// settle adds up the producers' reports and checks them against what was
// received.
func (r *round[T]) settle() (outcome, error) {
	out := outcome{delivered: r.check.received, transit: r.transit}
	tallies := make([]tally, len(r.reports))
	for id := range r.reports {
		report := &r.reports[id]
		if report.err != nil {
			return out, fmt.Errorf("producer %d: send failed: %w", id, report.err)
		}
		report.dropped = r.producers[id].Dropped()
		tallies[id] = report.tally
		out.attempted += report.attempted
		out.dropped += report.dropped
		out.rejected += report.rejected
	}
	return out, r.check.conserve(tallies)
}

// share splits messages among the producers as evenly as whole numbers allow;
// each gets at least one.
func share(messages int64, producers int) []uint64 {
	quotas := make([]uint64, producers)
	each, over := messages/int64(producers), messages%int64(producers)
	for id := range quotas {
		quotas[id] = uint64(max(1, each))
		if int64(id) < over && each > 0 {
			quotas[id]++
		}
	}
	return quotas
}
