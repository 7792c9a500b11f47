package conformance_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// faults are switches in the reference; the zero value is none. A rare fault
// counts over all fan-ins of its strategy, so that it is as rare as it says
// however the kit divides its items.
type faults struct {
	loses, doubles, reorders, corrupts *rare
	corruptsBlocks                     *rare
	noConsumerWake, noProducerWake     *rare
	miscounts                          *rare

	wakesOne        bool // producer for all the room made
	swallows        bool // a cancelled sender keeps the wake-up it had
	closesQuietly   bool // the last Close does not wake the consumer
	closesTwice     bool // a second Close counts again
	endsWithItems   bool // EOF with one item left
	endsEmpty       bool // EOF when empty and no producer was opened yet
	leavesBlocked   bool // consumer Close does not wake senders
	sendsAfterClose bool // sends after the consumer's Close succeed
	leaks           bool // a goroutine
	over            int  // items over the capacity
	dropsSecond     bool // the second oldest item instead of the oldest
	blamesSender    bool // counts a drop against who caused it
	sendsRejected   bool // queues what it rejects
	spins           bool // instead of parking
	tryWaits        bool
	batchLimit      int  // a batch stops there and says nothing
	emptyWakes      bool // an empty batch wakes the consumer
	deaf            bool // to contexts
	losesCanceled   bool // a cancelled receive throws an item away
	ahead           int  // backlog is over by this much
	allocates       bool // per item of a batch
	retains         bool // received items stay referred to
	hoards          bool // the queue's memory
}

// rare is one in so many.
type rare struct {
	every uint64
	count atomic.Uint64
}

func oneIn(every uint64) *rare { return &rare{every: every} }

func (r *rare) hits() bool { return r != nil && r.count.Add(1)%r.every == 0 }

func (f *faults) copies() int {
	switch {
	case f.loses.hits():
		return 0
	case f.doubles.hits():
		return 2
	}
	return 1
}

func (f *faults) swaps() bool         { return f.reorders.hits() }
func (f *faults) wakesConsumer() bool { return !f.noConsumerWake.hits() }
func (f *faults) limit(capacity int) int {
	return capacity + f.over
}
func (f *faults) backlog(n int) int { return n + f.ahead }

// err and done are the context's, if it is looked at.
func (f *faults) err(ctx context.Context) error {
	if f.deaf {
		return nil
	}
	return ctx.Err()
}

func (f *faults) done(ctx context.Context) <-chan struct{} {
	if f.deaf {
		return nil
	}
	return ctx.Done()
}

func (f *faults) wakesProducers(n int) int {
	if f.noProducerWake.hits() {
		return 0
	}
	if f.wakesOne {
		return min(n, 1)
	}
	return n
}

func (f *faults) countsDrops() uint64 {
	if f.miscounts.hits() {
		return 0
	}
	return 1
}

// corrupt changes the newest item: a bit of a word, a byte of a payload.
func (f *faults) corrupt(entries any) {
	if f.corrupts == nil && f.corruptsBlocks == nil {
		return
	}
	switch e := entries.(type) {
	case *[]entry[strategies.Word]:
		if f.corrupts.hits() {
			(*e)[len(*e)-1].item ^= 1 << 50
		}
	case *[]entry[strategies.Block1K]:
		if f.corruptsBlocks.hits() {
			(*e)[len(*e)-1].item.Payload[1<<10-1] ^= 1
		}
	case *[]entry[strategies.Message]:
		if m := &(*e)[len(*e)-1].item; len(m.Payload) > 0 && f.corrupts.hits() {
			m.Payload[0] ^= 1
		}
	}
}

// specimen is a strategy with one fault and the promise that the kit must report
// for it.
type specimen struct {
	name    string
	fault   faults
	promise strategies.Promise
	detail  string // must be part of the finding
}

// broken are those that may be looked at side by side.
var broken = []specimen{
	{"loses one in 100000", faults{loses: oneIn(100_000)}, strategies.PromiseExactlyOnce, "never received"},
	{"doubles one in 100000", faults{doubles: oneIn(100_000)}, strategies.PromiseExactlyOnce, "received twice"},
	{"delivers what it rejects", faults{sendsRejected: true}, strategies.PromiseExactlyOnce, "its send returned an error"},
	{"corrupts one in 10000", faults{corrupts: oneIn(10_000)}, strategies.PromiseIntact, "not as it was sent"},
	{"corrupts one block in 500", faults{corruptsBlocks: oneIn(500)}, strategies.PromiseIntact, "block "},
	{"reorders one in 10000", faults{reorders: oneIn(10_000)}, strategies.PromiseOrder, "was received after"},
	{"ends with an item left", faults{endsWithItems: true}, strategies.PromiseDrain, "EOF"},
	{"ends before it began", faults{endsEmpty: true}, strategies.PromiseDrain, "before any producer"},
	{"hangs on close", faults{closesQuietly: true}, strategies.PromiseDrain, "hung:"},
	{"counts a second close", faults{closesTwice: true}, strategies.PromiseDrain, "EOF"},
	{"leaves senders blocked", faults{leavesBlocked: true}, strategies.PromiseConsumerClose, "hung:"},
	{"accepts after consumer close", faults{sendsAfterClose: true}, strategies.PromiseConsumerClose, "consumer closed"},
	{"exceeds its bound by one", faults{over: 1}, strategies.PromiseBound, "held"},
	{"miscounts one drop in 1000", faults{miscounts: oneIn(1000)}, strategies.PromiseOverflow, "dropped"},
	{"blames the wrong producer", faults{blamesSender: true}, strategies.PromiseOverflow, "counted against"},
	{"drops another than the oldest", faults{dropsSecond: true}, strategies.PromiseOverflow, "instead of item"},
	{"forgets to wake the consumer", faults{noConsumerWake: oneIn(1000)}, strategies.PromiseWake, "hung:"},
	{"forgets to wake a producer", faults{noProducerWake: oneIn(1000)}, strategies.PromiseWake, "hung:"},
	{"wakes one of many", faults{wakesOne: true}, strategies.PromiseWake, "hung:"},
	{"cancelled sender keeps the wake-up", faults{swallows: true}, strategies.PromiseWake, "hung:"},
	{"try waits", faults{tryWaits: true}, strategies.PromiseTry, "hung:"},
	{"ends batches early", faults{batchLimit: 16}, strategies.PromiseBatch, "returned 16, <nil>"},
	{"empty batch wakes", faults{emptyWakes: true}, strategies.PromiseBatch, "woke the consumer"},
	{"ignores contexts", faults{deaf: true}, strategies.PromiseContext, "context"},
	{"loses an item on cancel", faults{losesCanceled: true}, strategies.PromiseContext, ""},
	{"backlog one too many", faults{ahead: 1}, strategies.PromiseBacklog, "instead of 0"},
}

// brokenAlone are those whose check measures the whole process.
var brokenAlone = []specimen{
	{"leaks a goroutine", faults{leaks: true}, strategies.PromiseNoLeak, "goroutine"},
	{"spins", faults{spins: true}, strategies.PromisePark, "CPU time"},
	{"allocates", faults{allocates: true}, strategies.PromiseNoAlloc, "allocations per item"},
	{"keeps what was received", faults{retains: true}, strategies.PromiseShrink, "more than before a burst"},
	{"never shrinks", faults{hoards: true}, strategies.PromiseShrink, "more than before a burst"},
}

// TestReference shows that the kit finds nothing where nothing is.
func TestReference(t *testing.T) { conformance.Test(t, reference()) }

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

// TestBrokenAlone and TestBroken show that each broken strategy is caught by
// the checks of the promise that it breaks, by name.
func TestBrokenAlone(t *testing.T) {
	for _, b := range brokenAlone { // none hangs, and what they measure takes its time
		t.Run(b.name, func(t *testing.T) { b.mustBeCaught(t, conformance.DefaultWatchdog) })
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
// busy with others: one that burns the processor cannot where it hardly gets it.
const starved = 9

func (b specimen) mustBeCaught(t *testing.T, watchdog time.Duration) {
	t.Helper()
	var findings []conformance.Finding
	for range 1 + starved {
		var skipped string
		if findings, skipped = b.check(t, watchdog); skipped != "" {
			t.Skip(skipped)
		}
		if slices.ContainsFunc(findings, func(f conformance.Finding) bool {
			return f.Promise == b.promise && strings.Contains(f.Detail, b.detail)
		}) {
			return
		}
		if b.promise != strategies.PromisePark {
			break
		}
	}
	t.Errorf("found %v instead of a broken promise %q with %q", findings, b.promise, b.detail)
}

// check makes the checks of the promise that is broken, and says why if there was
// none.
func (b specimen) check(t *testing.T, watchdog time.Duration) (findings []conformance.Finding, skipped string) {
	t.Helper()
	skipped = "no check of this promise"
	findings = conformance.Check(t.Context(), withFault(b.fault), conformance.Options{
		Short:    true,
		Watchdog: watchdog,
		Promises: []strategies.Promise{b.promise},
		Progress: func(e conformance.Event) {
			switch e.State {
			case conformance.Skipped:
				skipped = e.Detail
			case conformance.Passed, conformance.Broken:
				skipped = ""
			}
		},
	})
	return findings, skipped
}
