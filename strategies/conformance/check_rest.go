package conformance

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/sends"
)

const (
	idleWindow  = 250 * time.Millisecond // 100 in a short run
	idleWindows = 3
	// idlePercent is of one CPU, and covers a tick of the clock of those systems that
	// count CPU time in 15 ms. An idle Go process uses under 0.1.
	idlePercent = 6
	// idleRuns is how often a second each waiting goroutine may begin to run. The
	// runtime samples one run of eight or so, which makes this a few.
	idleRuns = 0.5
	// idleFanIns add up what each burns: a thousandth of a CPU is 20 percent of one.
	idleFanIns = 200
)

// idleCPU parks consumers and, if it can be full, producers, by the plain and by
// the context calls, and measures what the process does meanwhile: the CPU time
// that it uses, how often a goroutine of it begins to run, and whether those that
// should be parked are. The second tells of one that looks now and then however
// little that costs, the third of one that spins, yields or sleeps however little of
// the machine it gets.
//
// A few wait at first, because hundreds that spin would stop everything else.
func idleCPU(e *env) error {
	for _, fanIns := range []int{1, idleFanIns} {
		if err := e.idle(fanIns); err != nil {
			return err
		}
	}
	return nil
}

// idle lets so many fan-ins of each kind wait. It takes the best of several windows:
// the rest of the process may be at work, what does not park is at it always.
func (e *env) idle(fanIns int) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	waiting := e.crew()
	var releases []func()
	goroutines := 0
	for range fanIns {
		release, parked := e.parkAll(ctx, waiting)
		releases = append(releases, release)
		goroutines += parked
	}
	e.doing("measuring the work of %d waiting goroutines", goroutines)
	runtime.GC()                      // what earlier checks left is not collected in a window
	time.Sleep(50 * time.Millisecond) // some spin before they park
	window := idleWindow
	if e.short {
		window = window * 2 / 5
	}
	least := activity{cpu: 1 << 62, runs: 1 << 62, awake: goroutines, in: window}
	for range idleWindows {
		if least = least.or(measureIdle(window)); least.isIdle(goroutines) {
			break
		}
		e.alive()
	}
	for _, release := range releases {
		release()
	}
	if err := waiting.wait(); err != nil {
		return err
	}
	if !least.isIdle(goroutines) {
		return e.broke(strategies.PromisePark,
			"with all of %d goroutines waiting %v of CPU time were used in %v, about %d times a goroutine ran, and %d did not park",
			goroutines, least.cpu, window, least.runs*8, least.awake)
	}
	return nil
}

// activity is what the process did in a window.
type activity struct {
	cpu  time.Duration
	runs uint64 // of goroutines, as far as the runtime samples them
	// awake is how many of those that wait were seen running, ready to, or asleep for
	// a time, whenever they were looked at: the fewest.
	awake int
	in    time.Duration // the window
}

// parkedHere is part of the names of the goroutines that should be parked.
const parkedHere = ".(*env).parkAll.func"

func measureIdle(window time.Duration) activity {
	cpu, _ := process.CPU()
	runs := process.GoroutineRuns()
	time.Sleep(window)
	after, _ := process.CPU()
	a := activity{cpu: after - cpu, runs: process.GoroutineRuns() - runs, awake: process.Unparked(parkedHere), in: window}
	const looks = 4
	for look := 0; look < looks && a.awake > 0; look++ { // which takes time by itself, and so comes last
		time.Sleep(5 * time.Millisecond)
		a.awake = min(a.awake, process.Unparked(parkedHere))
	}
	return a
}

func (a activity) or(b activity) activity {
	return activity{cpu: min(a.cpu, b.cpu), runs: min(a.runs, b.runs), awake: min(a.awake, b.awake), in: a.in}
}

func (a activity) isIdle(goroutines int) bool {
	const few = 20 // runs of the rest of the process
	allowed := few + uint64(idleRuns*float64(goroutines)*a.in.Seconds())
	return a.cpu*100 < idlePercent*a.in && a.runs <= allowed && a.awake == 0
}

// parkAll lets consumers and producers wait, one of each kind, and returns what
// releases them and how many they are.
func (e *env) parkAll(ctx context.Context, waiting *crew) (release func(), goroutines int) {
	receive := []func(wordConsumer) error{func(c wordConsumer) error {
		_, err := c.Recv(make([]strategies.Word, 1))
		return err
	}}
	transmit := []func(wordProducer) error{func(p wordProducer) error { return p.Send(0) }}
	if e.strategy.Keeps(strategies.PromiseContext) {
		receive = append(receive, func(c wordConsumer) error {
			_, err := c.RecvContext(ctx, make([]strategies.Word, 1))
			return err
		})
		transmit = append(transmit, func(p wordProducer) error { return p.SendContext(ctx, 0) })
	}
	if neverFull(e.strategy.Descriptor) != "" {
		transmit = nil
	}
	var producers []wordProducer
	var consumers []wordConsumer
	over := new(atomic.Bool) // for a strategy whose sends do not notice that the consumer has left
	for _, recv := range receive {
		fan := e.words(4)
		producers = append(producers, fan.Producer())
		waiting.run(func() error {
			_ = recv(fan.Consumer()) // ends by io.EOF
			return nil
		})
	}
	for _, send := range transmit {
		fan := e.words(4)
		consumers = append(consumers, fan.Consumer())
		p := fan.Producer()
		waiting.run(func() error {
			for send(p) == nil && !over.Load() {
			}
			p.Close()
			return nil
		})
	}
	return func() {
		over.Store(true)
		for _, p := range producers {
			p.Close()
		}
		for _, c := range consumers {
			c.Close()
		}
	}, len(receive) + len(transmit)
}

// goroutines uses fan-ins up, by the drain and by the consumer's Close in
// every order, and looks for goroutines that are left.
//
// A goroutine inherits the profiler's labels of the one that started it, so those of
// the fan-ins are told from all others of the process, and the profile counts them by
// where they stand, however many there are. Each check has a label of its own: what a strategy
// leaks stays for the life of the process, and is not the next one's.
func goroutines(e *env) error {
	label := strconv.FormatUint(leakChecks.Add(1), 10)
	users := e.crew()
	users.run(func() (err error) {
		pprof.Do(context.Background(), pprof.Labels(leakLabel, label), func(context.Context) { err = e.endEachWay() })
		return err
	})
	if err := users.wait(); err != nil {
		return err
	}
	e.doing("looking for goroutines")
	var left int
	var where string
	var err error
	if settles(func() bool { left, where, err = process.Labelled(leakLabel, label); return left == 0 || err != nil }) {
		return err
	}
	return e.broke(strategies.PromiseNoLeak, "%d goroutines of drained fan-ins are left, in %s", left, where)
}

const leakLabel = "conformance-fan-in"

// leakChecks counts the checks for goroutines that this process has made.
var leakChecks atomic.Uint64

// endEachWay uses fan-ins up in every way.
func (e *env) endEachWay() error {
	held := e.room(2, 1)
	for range 5 {
		for _, usage := range []func(words, []wordProducer, int) error{e.endByDrain, e.closeConsumerFirst, e.closeConsumerLast} {
			fan := e.words(4)
			ps := []wordProducer{fan.Producer(), fan.Producer()}
			for i, p := range ps {
				if err := e.accept(p, sequence(i, 0, held)...); err != nil {
					return err
				}
			}
			if err := usage(fan, ps, held); err != nil {
				return err
			}
			e.alive()
		}
	}
	return e.floodWords(flood{
		options: strategies.Options{Capacity: 2}, ways: sends.Waiting, cancels: true,
		senders: 20, lives: 3, items: 20, maxBatch: 4, maxRecv: 4,
	})
}

// endByDrain closes the producers and drains the items held of each.
func (e *env) endByDrain(fan words, ps []wordProducer, held int) error {
	for _, p := range ps {
		p.Close()
	}
	if err := e.expectTogether(fan.Consumer(), 3, sequence(0, 0, held), sequence(1, 0, held)); err != nil {
		return err
	}
	return e.expectEnd(strategies.PromiseDrain, fan.Consumer())
}

// closeConsumerFirst closes the consumer with items waiting, then the producers.
func (e *env) closeConsumerFirst(fan words, ps []wordProducer, _ int) error {
	fan.Consumer().Close()
	for _, p := range ps {
		p.Close()
	}
	return nil
}

// closeConsumerLast closes the producers, then the consumer with items waiting.
func (e *env) closeConsumerLast(fan words, ps []wordProducer, _ int) error {
	for _, p := range ps {
		p.Close()
	}
	fan.Consumer().Close()
	return nil
}
