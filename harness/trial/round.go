package trial

import (
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/monitor"
	"github.com/fanin-bench/fanin-bench/harness/trial/neighbours"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// driver sends and receives one item type.
type driver[T any] interface {
	// begin is called when every producer waits at the gate.
	begin()
	// produce sends quota items of producer id; an error ended it early.
	produce(p strategies.Producer[T], id int, quota uint64) (record.Tally, error)
	// consume checks and times what was received.
	consume(buf []T, check *record.Ledger, rec *record.Recorder)
}

// skimmer is a driver that can also receive single items by itself, with nothing between
// a receive and the check of its item: a call there would take as long as either.
type skimmer[T any] interface {
	// skim receives items one at a time into buf, at most so many, and checks each. It
	// returns how many of them were right and ordinary. Another ends it: n is 1, and
	// consume has to see it.
	skim(c strategies.Consumer[T], buf []T, check *record.Ledger, most int) (checked int64, n int, err error)
}

// skimItems is after how many skimmed items a round sees whether it is over: the look
// took a tenth of the time of a receive.
const skimItems = 64

// round is one life of a fan-in under load: open the producers, let them send
// their quotas, drain to the end, check.
type round[T any] struct {
	fanIn     strategies.FanIn[T]
	strategy  strategies.Descriptor
	driver    driver[T]
	clock     *machine.Clock
	quotas    []uint64
	recvBatch int
	sendBatch int           // the most items that a send has in hand
	capacity  int           // as the strategy takes it
	deadline  time.Duration // of a batch; 0 takes what is there
	stall     stall
	curfew    *curfew           // nil if there is none
	beside    *neighbours.Group // nil if there are none
	check     *record.Ledger
	rec       *record.Recorder

	producers []strategies.Producer[T]
	tallies   []record.Tally
	errs      []error
}

// outcome is what a round measured.
type outcome struct {
	record.Tally                        // of all producers together
	lasted       int64                  // ns from the first send to the last receive
	sending      int64                  // ns from the first send to the beginning of the last
	delivered    uint64                 //
	receives     int64                  // that returned items
	parks        *int64                 // of the consumer, if it counts them
	sink         *results.Sink          // what was written to it, if there is one
	stages       []results.Stage        // of a pipeline
	inFlight     *results.Backlog       // where that is limited
	rec          *record.Recorder       //
	watched      monitor.Watched        // backlog and hiccups
	used         machine.Usage          // by the process, in the round
	runtime      machine.CountersChange // in the runtime, in the round
	beside       results.Work           // by the neighbours, in the round
}

// run executes the round; it returns an error if a delivery was wrong.
func (r *round[T]) run() (outcome, error) {
	gate, finished := r.start()
	runtime.GC() // each round starts with a clean heap
	before, usedBefore := machine.ReadCounters(), machine.ReadUsage()
	r.beside.Release()
	besideBefore := r.beside.Progress()
	monitor := monitor.Start(r.gauges())

	r.driver.begin()
	r.curfew.begin()
	close(gate)
	last, receives, err := r.drain()
	finished.Wait()
	r.curfew.end()

	beside := r.beside.Hold(besideBefore)
	out := outcome{receives: receives, parks: r.parks(), rec: r.rec, watched: monitor.End(), beside: beside}
	out.used, out.runtime = machine.ReadUsage().Since(usedBefore), machine.ReadCounters().Since(before)
	if err != nil {
		return out, err
	}
	if err := r.settle(&out); err != nil {
		return out, err
	}
	if err := r.checkGauges(out.watched.Samples); err != nil {
		return out, err
	}
	out.lasted = max(1, r.clock.Ns(last-out.First))
	out.sending = r.clock.Ns(out.Last - out.First)
	r.read(&out)
	return out, nil
}

// limited is a fan-in that limits what is in flight: its free capacity can be read.
type limited interface{ Free() int }

// inFlight returns how many items are in flight of those that may be.
func inFlight(f limited, capacity int) func() int {
	return func() int { return capacity - f.Free() }
}

// gauges returns what is to be read over time: the backlog, then that of each
// stage, or what is in flight.
func (r *round[T]) gauges() []func() int {
	if !r.strategy.Keeps(strategies.PromiseBacklog) {
		return nil
	}
	gauges := []func() int{r.fanIn.Backlog}
	if p, ok := r.fanIn.(*pipeline[T]); ok {
		gauges = append(gauges, p.gauges()...)
	}
	if f, ok := as[limited](r.fanIn); ok {
		gauges = append(gauges, inFlight(f, r.capacity))
	}
	return gauges
}

// read fills in what the gauges behind the first showed.
func (r *round[T]) read(out *outcome) {
	levels := out.watched.Levels[min(1, len(out.watched.Levels)):]
	if p, ok := r.fanIn.(*pipeline[T]); ok {
		out.stages = p.report(levels)
	} else if len(levels) > 0 {
		out.inFlight = levels[0]
	}
}

// start opens the producers, each in a goroutine that waits at the gate, and
// returns when all are there.
func (r *round[T]) start() (gate chan struct{}, finished *sync.WaitGroup) {
	gate, finished = make(chan struct{}), new(sync.WaitGroup)
	r.producers = make([]strategies.Producer[T], len(r.quotas))
	r.tallies, r.errs = make([]record.Tally, len(r.quotas)), make([]error, len(r.quotas))
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
			r.tallies[id], r.errs[id] = r.driver.produce(p, id, quota)
		})
	}
	ready.Wait()
	return gate, finished
}

// parks returns how often the consumer has parked, or nil if it does not count.
func (r *round[T]) parks() *int64 {
	if c, ok := as[strategies.ParkCounter](r.fanIn.Consumer()); ok {
		parks := c.Parks()
		return &parks
	}
	return nil
}

// drain receives until io.EOF and returns when the last item came, in ticks,
// and how many receives returned items.
func (r *round[T]) drain() (last, receives int64, err error) {
	total := uint64(0)
	for _, quota := range r.quotas {
		total += quota
	}
	consumer := r.fanIn.Consumer()
	defer consumer.Close()
	if r.deadline > 0 {
		consumer = strategies.NewBatcher(consumer, r.deadline)
	}
	// At hand, for a receive of one item takes less than to look them up for each.
	buf, check, driver, stalls := make([]T, r.recvBatch), r.check, r.driver, r.stall.every > 0
	skimmer, skims := driver.(skimmer[T])
	skims = skims && len(buf) == 1 && !stalls && r.curfew == nil
	r.stall.begin()
	for {
		var checked int64
		var n int
		var err error
		if skims && check.Received+skimItems < total { // not up to the end, whose time is taken
			checked, n, err = skimmer.skim(consumer, buf, check, skimItems)
			receives += checked
		} else {
			n, err = consumer.Recv(buf)
		}
		if err != nil {
			if last == 0 { // some were dropped: the end is when that is known
				last = r.clock.Now()
			}
			if err != io.EOF {
				return last, receives, fmt.Errorf("receiving after %d items: %w", r.check.Received, err)
			}
			return last, receives, nil
		}
		if n > 0 {
			receives++
			driver.consume(buf[:n], check, r.rec)
		}
		if check.Received == total || r.curfew.passed() {
			last = r.clock.Now()
		}
		if check.Stray != nil {
			return last, receives, check.Stray
		}
		if stalls {
			r.stall.pause()
		}
	}
}

// settle adds up what the producers counted and checks it against what was
// received.
func (r *round[T]) settle(out *outcome) error {
	out.delivered = r.check.Received
	for id := range r.tallies {
		t := &r.tallies[id]
		if r.errs[id] != nil {
			return fmt.Errorf("producer %d: send failed: %w", id, r.errs[id])
		}
		t.Dropped = r.producers[id].Dropped()
		out.Add(*t)
	}
	return r.check.Conserve(r.tallies)
}

// stall makes the consumer sleep for so long, every so often: at set times from
// its beginning, whatever it is doing then. The zero value never does.
type stall struct {
	length, every time.Duration
	next          time.Time
}

func stallOf(cell results.Cell) stall {
	return stall{length: time.Duration(cell.StallNs), every: time.Duration(cell.StallEveryNs)}
}

// begin sets the first stall in the middle of its period.
func (s *stall) begin() { s.next = time.Now().Add(s.every / 2) }

// pause sleeps if a stall is due. It is for those that have any.
func (s *stall) pause() {
	if time.Now().Before(s.next) {
		return
	}
	time.Sleep(time.Until(s.next.Add(s.length)))
	s.next = s.next.Add(s.every)
}
