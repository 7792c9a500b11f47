package conformance_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/internal/process"
)

// specimen is a strategy with one fault and the promise that the kit must report
// for it.
type specimen struct {
	name    string
	fault   faults
	promise strategies.Promise
	detail  string // must be part of the finding
	check   string // the one to be made; empty for all of the promise
}

// broken are those that may be looked at side by side.
var broken = []specimen{
	{"loses one in 100000", faults{loses: oneIn(100_000)}, strategies.PromiseExactlyOnce, "never received", ""},
	{"doubles one in 100000", faults{doubles: oneIn(100_000)}, strategies.PromiseExactlyOnce, "received twice", ""},
	{"delivers what it rejects", faults{sendsRejected: true}, strategies.PromiseExactlyOnce, "its send returned an error", ""},
	{"corrupts one in 10000", faults{corrupts: oneIn(10_000)}, strategies.PromiseIntact, "differs from the message sent", ""},
	{"corrupts one block in 500", faults{corruptsBlocks: oneIn(500)}, strategies.PromiseIntact, "block ", ""},
	{"reorders one in 10000", faults{reorders: oneIn(10_000)}, strategies.PromiseOrder, "was received after", ""},
	{"ends with an item left", faults{endsWithItems: true}, strategies.PromiseDrain, "EOF", ""},
	{"ends before it began", faults{endsEmpty: true}, strategies.PromiseDrain, "before any producer", ""},
	{"hangs on close", faults{closesQuietly: true}, strategies.PromiseDrain, "hung:", ""},
	{"counts a second close", faults{closesTwice: true}, strategies.PromiseDrain, "EOF", ""},
	{"leaves senders blocked", faults{leavesBlocked: true}, strategies.PromiseConsumerClose, "hung:", ""},
	{"accepts after consumer close", faults{sendsAfterClose: true}, strategies.PromiseConsumerClose, "consumer closed", ""},
	{"exceeds its bound by one", faults{over: 1}, strategies.PromiseBound, "held", ""},
	{"miscounts one drop in 1000", faults{miscounts: oneIn(1000)}, strategies.PromiseOverflow, "dropped", ""},
	{"blames the wrong producer", faults{blamesSender: true}, strategies.PromiseOverflow, "counted against", ""},
	{"drops another than the oldest", faults{dropsSecond: true}, strategies.PromiseOverflow, "instead of item", ""},
	{"forgets to wake the consumer", faults{noConsumerWake: oneIn(1000)}, strategies.PromiseWake, "hung:", ""},
	{"forgets to wake a producer", faults{noProducerWake: oneIn(1000)}, strategies.PromiseWake, "hung:", ""},
	{"wakes one of many", faults{wakesOne: true}, strategies.PromiseWake, "hung:", ""},
	{"cancelled sender keeps the wake-up", faults{swallows: true}, strategies.PromiseWake, "hung:", ""},
	{"try waits", faults{tryWaits: true}, strategies.PromiseTry, "hung:", ""},
	{"ends batches early", faults{batchLimit: 16}, strategies.PromiseBatch, "returned 16, <nil>", ""},
	{"empty batch wakes", faults{emptyWakes: true}, strategies.PromiseBatch, "woke the consumer", ""},
	{"ignores contexts", faults{deaf: true}, strategies.PromiseContext, "context", ""},
	{"loses an item on cancel", faults{losesCanceled: true}, strategies.PromiseContext, "", ""},
	{"backlog one too many", faults{ahead: 1}, strategies.PromiseBacklog, "instead of 0", ""},
	{"doubles the backlog of what moves", faults{doublesMoving: true}, strategies.PromiseBacklog, "instead of at most", ""},
	{"reads the backlog at two moments", faults{looksLong: true}, strategies.PromiseBacklog, "items wait", "backlog-of-one-moment"},
	{"close leaves the own send waiting", faults{keepsOwnSender: true}, strategies.PromiseClose, "hung:", ""},
	{"sends after its own close", faults{sendsWoken: true}, strategies.PromiseClose, "", ""},
	{"panics on close", faults{panicsOnClose: true}, strategies.PromiseClose, "send on a closed producer", ""},
	{"two closes at once count twice", faults{closesTwiceAtOnce: true}, strategies.PromiseClose, "closed twice at once", ""},
	{"close leaves the own receive waiting", faults{leavesReceiver: true}, strategies.PromiseClose, "hung:", ""},
	{"the end hides a close", faults{closesUnseen: true}, strategies.PromiseClose, "0, EOF", "close-before-end"},
	{"close ends what has no producers", faults{endsOnClose: true}, strategies.PromiseClose, "0, EOF instead of 0, fan-in closed", ""},
	{"takes any options", faults{takesAnything: true}, strategies.PromiseMisuse, "Capacity:-1", ""},
	{"takes a nil context", faults{takesNil: true}, strategies.PromiseMisuse, "did not panic", ""},
	{"sends and receives nothing at the end", faults{emptyAlways: true}, strategies.PromiseMisuse, "at the end", ""},
	{"counts what the consumer left", faults{countsLeft: true}, strategies.PromiseMisuse, "after the consumer's Close", ""},
}

// brokenAlone are those whose check measures the whole process. Each takes its time, for
// it looks again before it accuses: only the one is made that is to find the fault.
var brokenAlone = []specimen{
	{"leaks a goroutine", faults{leaks: true}, strategies.PromiseNoLeak, "are left, in ", "goroutines"},
	{"spins", faults{spins: true}, strategies.PromisePark, "CPU time", "idle-cpu"},
	{"allocates", faults{allocates: true}, strategies.PromiseNoAlloc, "allocations per item", "allocations"},
	{"keeps what was received", faults{retains: true}, strategies.PromiseShrink, "more than before a burst", "burst-of-words"},
	{"never shrinks", faults{hoards: true}, strategies.PromiseShrink, "more than before a burst", "burst-of-words"},
	{"shrinks only when the consumer waits", faults{freesWaiting: true}, strategies.PromiseShrink, "while nobody receives", "burst-then-busy"},
	{"keeps a buffer for each open producer", faults{keepsBatches: true}, strategies.PromiseShrink, "that stay open", "thousands-shrink"},
	{"keeps the buffers of closed producers", faults{keepsBatches: true, keepsBeyond: 1}, strategies.PromiseShrink, "that have closed", "thousands-shrink"},
	{"keeps closed producers", faults{keepsBeyond: 1}, strategies.PromiseShrink, "which are closed", "closed-are-collected"},
	{"keeps producers beyond five thousand", faults{keepsBeyond: 5000}, strategies.PromiseShrink, "producer that came and went", "closed-are-collected"},
	{"keeps what was never received", faults{keepsLeft: true}, strategies.PromiseShrink, "never received", "undelivered-are-collected"},
	{"leaks 64 bytes in a thousand items", faults{leaksBytes: true}, strategies.PromiseShrink, "for each item", "long-lived"},
	{"looks at all producers there ever were", faults{looksBack: true}, strategies.PromiseShrink, "in a new one", "past-costs"},
	{"polls every millisecond", faults{polls: time.Millisecond}, strategies.PromisePark, "ran", "idle-cpu"},
	{"spins by yielding", faults{yields: true}, strategies.PromisePark, "CPU time", "idle-cpu"},
	{"try takes 20 ms", faults{naps: true}, strategies.PromiseTry, "half of", "try-takes-no-time"},
	{"consumer yields before it looks", faults{yieldsToLook: true}, strategies.PromisePrompt, "half of the items", "busy-neighbours"},
	{"producer yields before it sends", faults{yieldsToSend: true}, strategies.PromisePrompt, tooSlow(), "busy-full-speed"},
}

// tooSlow is part of what is found of who yields before each send. Under the race
// detector the scheduler is another, and on a loaded machine too near to it in speed: it
// may be found by how long its items take.
func tooSlow() string {
	if conformance.RaceEnabled {
		return "beside computing goroutines"
	}
	return "items a second"
}

// TestReference shows that the kit finds nothing where nothing is.
func TestReference(t *testing.T) { conformance.Test(t, reference()) }

// TestLeaksAreNotTheNexts shows that goroutines that one strategy has left behind are held
// against no other of the same process.
func TestLeaksAreNotTheNexts(t *testing.T) {
	skipUnmeasured(t)
	opts := conformance.Options{Short: true}
	if findings := conformance.CheckOne(t.Context(), withFault(faults{leaks: true}), opts, "goroutines"); len(findings) != 1 {
		t.Errorf("found %v of one that leaks", findings)
	}
	if findings := conformance.CheckOne(t.Context(), reference(), opts, "goroutines"); len(findings) > 0 {
		t.Errorf("found %v of the one after it", findings)
	}
}

// TestBrokenCredits shows that the kit finds a strategy that says its items hold
// their room until they are processed, and frees it as they are received.
func TestBrokenCredits(t *testing.T) {
	s := reference()
	s.Bound = strategies.InFlight
	findings := conformance.Check(t.Context(), s, conformance.Options{
		Short: true, Promises: []strategies.Promise{strategies.PromiseBound},
	})
	if len(findings) != 1 || findings[0].Check != "held-until-back" || !strings.Contains(findings[0].Detail, "not processed") {
		t.Errorf("found %v instead of one broken promise", findings)
	}
}

// skipUnmeasured skips a test of what the kit finds by measuring the process where it does not.
func skipUnmeasured(t *testing.T) {
	t.Helper()
	if process.RaceEnabled && testing.Short() {
		t.Skip("the kit measures no process in its short form under the race detector")
	}
}

// TestBrokenAlone and TestBroken show that each broken strategy is caught by
// the checks of the promise that it breaks, by name.
func TestBrokenAlone(t *testing.T) {
	skipUnmeasured(t)
	for _, b := range brokenAlone { // none hangs, and what they measure takes its time
		t.Run(b.name, func(t *testing.T) { b.mustBeCaught(t, 4*time.Second) })
	}
}

func TestBroken(t *testing.T) {
	for _, b := range broken {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			b.mustBeCaught(t, time.Second) // a hang is what we wait for
		})
	}
}

// starved is how often a broken strategy may be missed because the machine was
// busy with others: one that burns the processor cannot where it hardly gets it, and a
// channel is no faster than one that yields where neither gets it.
const starved = 9

func (b specimen) mustBeCaught(t *testing.T, watchdog time.Duration) {
	t.Helper()
	var findings []conformance.Finding
	for range 1 + starved {
		var skipped string
		if findings, skipped = b.make(t, watchdog); skipped != "" {
			if conformance.RaceEnabled { // which allocates by itself
				t.Skip(skipped)
			}
			t.Fatalf("no check was made: %s", skipped)
		}
		if slices.ContainsFunc(findings, func(f conformance.Finding) bool {
			return f.Promise == b.promise && strings.Contains(f.Detail, b.detail)
		}) {
			return
		}
		if b.promise != strategies.PromisePark && b.promise != strategies.PromisePrompt {
			break
		}
	}
	t.Errorf("found %v instead of a broken promise %q with %q", findings, b.promise, b.detail)
}

// make makes the check, or those of the promise that is broken up to the first that finds
// what is expected, and says why if none could be made.
func (b specimen) make(t *testing.T, watchdog time.Duration) (findings []conformance.Finding, skipped string) {
	t.Helper()
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	made := false
	opts := conformance.Options{
		Short:    true,
		Watchdog: watchdog,
		Promises: []strategies.Promise{b.promise},
		Progress: func(e conformance.Event) {
			switch e.State {
			case conformance.Skipped:
				skipped = e.Detail
			case conformance.Passed:
				made = true
			case conformance.Broken:
				made = true
				if strings.Contains(e.Detail, b.detail) {
					enough()
				}
			}
		},
	}
	if b.check != "" {
		findings = conformance.CheckOne(ctx, withFault(b.fault), opts, b.check)
	} else {
		findings = conformance.Check(ctx, withFault(b.fault), opts)
	}
	if made {
		skipped = ""
	}
	return findings, skipped
}
