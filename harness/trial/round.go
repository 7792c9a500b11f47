package trial

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
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
	// begin is called when every producer waits at the gate, with the numbers of the
	// messages that each sends next: from one up to another.
	begin(from, to []uint64)
	// sender returns what sends the messages of producer id.
	sender(p strategies.Producer[T], id int) sender
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

// sender is one producer's side of a driver.
type sender interface {
	// send sends the messages from one up to another; an error ended it early.
	send(from, to uint64) (record.Tally, error)
}

// round is one life of a fan-in under load: open the producers, let them send
// their quotas, drain to the end, check. A standing round (standing.go) has them send
// slice by slice.
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
	pace      time.Duration // what the consumer takes per message at least
	stall     stall
	curfew    *curfew           // nil if there is none
	beside    *neighbours.Group // nil if there are none
	check     *record.Ledger
	rec       *record.Recorder
	work      *work  // the consumer's; nil if there is none
	recvBy    string // how the consumer receives, as in results.Cell

	producers[T]
	standing[T]
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

// run executes the round; it returns an error if a delivery was wrong, or what was
// written to the sink.
func (r *round[T]) run() (outcome, error) {
	out, err := r.toEnd()
	sink, sinkErr := r.work.finish()
	out.sink = sink
	return out, cmp.Or(err, sinkErr)
}

// toEnd executes the round until its fan-in has ended.
func (r *round[T]) toEnd() (outcome, error) {
	r.open(r.fanIn, r.driver, len(r.quotas))
	runtime.GC() // each round starts with a clean heap
	before, usedBefore := machine.ReadCounters(), machine.ReadUsage()
	r.beside.Release()
	besideBefore := r.beside.Progress()
	monitor := monitor.Start(r.gauges())

	r.expect(r.quotas)
	r.driver.begin(make([]uint64, len(r.quotas)), r.quotas)
	r.curfew.begin()
	r.gate.open(r.quotas, true)
	last, receives, err := r.drain()
	r.ended.Wait()
	r.curfew.end()

	beside := r.beside.Hold(besideBefore)
	out := outcome{Tally: r.tally(), receives: receives, parks: r.parks(), rec: r.rec, watched: monitor.End(), beside: beside}
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

// expect tells the books what deliveries to expect: of each producer those up to a number,
// which they read again for each of them.
func (r *round[T]) expect(until []uint64) {
	if f, ok := as[shared](r.fanIn); ok {
		f.expect(r.check, until)
	}
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

// parks returns how often the consumer has parked, or nil if it does not count.
func (r *round[T]) parks() *int64 {
	if c, ok := as[strategies.ParkCounter](r.fanIn.Consumer()); ok {
		parks := c.Parks()
		return &parks
	}
	return nil
}

// take receives into buf and returns how many items of those left are to be consumed,
// after some that it had checked already: single ones are, but for the last, whose time is
// taken.
func (r *round[T]) take(consumer strategies.Consumer[T], buf []T, left uint64) (checked int64, n int, err error) {
	if len(buf) == 1 && left > skimItems && r.stall.every == 0 && r.curfew == nil {
		if skimmer, ok := r.driver.(skimmer[T]); ok {
			return skimmer.skim(consumer, buf, r.check, skimItems)
		}
	}
	n, err = consumer.Recv(buf)
	return 0, n, err
}

// drain receives until io.EOF and returns when the last item came, in ticks,
// and how many receives returned items.
func (r *round[T]) drain() (last, receives int64, err error) {
	total := uint64(0)
	for _, quota := range r.quotas {
		total += quota
	}
	defer r.fanIn.Consumer().Close()
	consumer := r.receiver()
	// At hand, for a receive of one item takes less than to look them up for each.
	buf, check, driver, stalls := make([]T, r.recvBatch), r.check, r.driver, r.stall.every > 0
	r.stall.begin()
	for {
		checked, n, err := r.take(consumer, buf, total-check.Received)
		receives += checked
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

// receiver returns what the consumer receives from.
func (r *round[T]) receiver() strategies.Consumer[T] {
	switch c := r.fanIn.Consumer(); {
	case r.deadline > 0:
		return strategies.NewBatcher(c, r.deadline)
	case r.recvBy == results.RecvByReader:
		return &readConsumer[T]{Consumer: c, from: strategies.NewReader(c)}
	case r.recvBy == results.RecvByReady:
		return &readyConsumer[T]{Consumer: c, tells: c.(strategies.Readier), never: make(chan struct{})}
	default:
		return c
	}
}

// settle checks what was received against what the producers counted.
func (r *round[T]) settle(out *outcome) error {
	out.delivered = r.check.Received
	if err := r.failed(); err != nil {
		return err
	}
	for _, t := range r.tallies {
		out.Dropped += t.Dropped
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
