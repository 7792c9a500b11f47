package inspect

import (
	"cmp"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/machine"
	"github.com/fanin-bench/fanin-bench/harness/trial/record"
	"github.com/fanin-bench/fanin-bench/strategies"
)

const (
	idleSettle  = 10 * time.Millisecond // some spin before they park
	idleWindow  = 40 * time.Millisecond
	idleWindows = 5
	// Nobody does anything in the process meanwhile. One at rest uses up to 0.5 ms of
	// a processor in a window, its threads wake 4 to 11 times, on the runtime's own
	// account, and no goroutine is run but that which ends the window, however busy the
	// machine. Looking every millisecond wakes threads 49 to 170 times; a goroutine
	// that yields until there is something is run a hundred thousand times.
	idleCPU   = 2 * time.Millisecond
	idleWakes = 24
	idleRuns  = 32 // of those that are counted, about one in eight
	// stirBytes holds the stacks of a process in which nothing goes on.
	stirBytes = 1 << 20
)

// activity is what a process has done.
type activity struct {
	machine.Usage
	runs uint64 // times that a goroutine was run; about every eighth is counted
}

func readActivity() activity {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	s := activity{Usage: machine.ReadUsage()}
	for _, n := range sample[0].Value.Float64Histogram().Counts {
		s.runs += n
	}
	return s
}

func (s activity) since(before activity) activity {
	return activity{s.Usage.Since(before.Usage), s.runs - before.runs}
}

// idle reports whether so little was done in a window that nobody looked for items.
func (s activity) idle() bool { return s.Cpu < idleCPU && s.Waited < idleWakes && s.runs < idleRuns }

// resting is a consumer that waits for an item and a producer that waits for room,
// each of a fan-in of its own.
type resting struct {
	empty, full strategies.FanIn[strategies.Word]
	opened      strategies.Producer[strategies.Word] // of the empty one, which it keeps open
	waiting     sync.WaitGroup
	over        atomic.Bool // for a strategy whose sends do not notice that the consumer has left
}

func (i *Inspection) rest() *resting {
	r := &resting{empty: i.specimen(strategies.Block), full: i.specimen(strategies.Block)}
	r.opened = r.empty.Producer()
	r.waiting.Go(r.receive)
	if i.Strategy.Bound != strategies.Unbounded {
		r.waiting.Go(r.send)
	}
	return r
}

func (r *resting) receive() { _, _ = r.empty.Consumer().Recv(make([]strategies.Word, 1)) }

func (r *resting) send() {
	p := r.full.Producer()
	defer p.Close()
	for p.Send(0) == nil && !r.over.Load() {
	}
}

// end releases both.
func (r *resting) end() {
	r.over.Store(true)
	r.opened.Close()
	r.full.Consumer().Close()
	r.waiting.Wait()
}

// awake returns the state of the consumer's or the producer's goroutine if that is
// none of somebody who waits to be woken, else "". It is the same however little the
// machine lets it run.
func (r *resting) awake() string {
	buf := make([]byte, stirBytes)
	for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		state, _, _ := strings.Cut(stack[strings.IndexByte(stack, '[')+1:], "]")
		state, _, _ = strings.Cut(state, ",")
		if strings.Contains(stack, ".(*resting).") && slices.Contains([]string{"running", "runnable", "sleep"}, state) &&
			!strings.Contains(stack, ".(*resting).awake") {
			return state
		}
	}
	return ""
}

// idles has a consumer wait for items and a producer for room, and asks what the
// process does meanwhile. A window may be disturbed by what the runtime has to do
// besides, or come before they got to wait; what does not park disturbs all of them.
func (i *Inspection) idles() error {
	if i.Hush == nil || !machine.ReadUsage().Known {
		return nil // others use this process, too, or the system does not tell
	}
	defer i.Hush()()
	r := i.rest()
	defer r.end()
	time.Sleep(idleSettle)
	var seen activity
	var state string
	for range idleWindows {
		before := readActivity()
		time.Sleep(idleWindow)
		seen = readActivity().since(before)
		if state = r.awake(); seen.idle() && state == "" {
			return nil
		}
	}
	return record.Broke(strategies.PromisePark, "while everybody waited for %v the process used %v of CPU time, its threads woke %d times, "+
		"and who waited was %s", idleWindow, seen.Cpu, seen.Waited, cmp.Or(state, "parked in between"))
}
