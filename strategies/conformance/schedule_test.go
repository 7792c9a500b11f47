package conformance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
	"github.com/fanin-bench/fanin-bench/strategies/conformance/schedule"
)

// scheduled are faults that break the same promise in every run, each with a schedule
// that shows it.
var scheduled = []struct {
	name    string
	fault   faults
	promise strategies.Promise
	text    string
}{
	{"loses every third", faults{loses: oneIn(3)}, strategies.PromiseExactlyOnce, "p0 Open; p0 SendBatch 3; c Recv 4"},
	{"doubles every third", faults{doubles: oneIn(3)}, strategies.PromiseExactlyOnce, "p0 Open; p0 SendBatch 3; c Recv 4"},
	{"delivers what it rejects", faults{sendsRejected: true}, strategies.PromiseBound, "capacity 1; p0 Open; p0 Send; p0 TrySend"},
	{"corrupts", faults{corrupts: oneIn(1)}, strategies.PromiseIntact, "p0 Open; p0 Send"},
	{"reorders", faults{reorders: oneIn(1)}, strategies.PromiseOrder, "p0 Open; p0 SendBatch 2"},
	{"ends with an item left", faults{endsWithItems: true}, strategies.PromiseDrain, "p0 Open; p0 Send"},
	{"ends before it began", faults{endsEmpty: true}, strategies.PromiseDrain, "c TryRecv 1"},
	{"hangs on close", faults{closesQuietly: true}, strategies.PromiseDrain, "p0 Open; c Recv 1"},
	{"counts a second close", faults{closesTwice: true}, strategies.PromiseDrain, "p0 Open; p1 Open; p0 Close; p0 Close; c TryRecv 1"},
	{"leaves senders blocked", faults{leavesBlocked: true}, strategies.PromiseConsumerClose, "capacity 1; p0 Open; p0 SendBatch 2; c Close"},
	{"accepts after consumer close", faults{sendsAfterClose: true}, strategies.PromiseConsumerClose, "p0 Open; c Close; p0 Send"},
	{"exceeds its bound by one", faults{over: 1}, strategies.PromiseBound, "capacity 1; p0 Open; p0 SendBatch 2"},
	{"miscounts drops", faults{miscounts: oneIn(1)}, strategies.PromiseOverflow, "capacity 1; policy drop-newest; p0 Open; p0 SendBatch 2"},
	{"blames the wrong producer", faults{blamesSender: true}, strategies.PromiseOverflow, "capacity 1; policy drop-oldest; p0 Open; p1 Open; p0 Send; p1 Send"},
	{"drops another than the oldest", faults{dropsSecond: true}, strategies.PromiseOverflow, "capacity 2; policy drop-oldest; p0 Open; p0 SendBatch 3"},
	{"forgets to wake the consumer", faults{noConsumerWake: oneIn(1)}, strategies.PromiseWake, "p0 Open; c Recv 1; p0 Send"},
	{"forgets to wake a producer", faults{noProducerWake: oneIn(1)}, strategies.PromiseWake, "capacity 1; p0 Open; p0 SendBatch 2; c Recv 1"},
	{"wakes one of many", faults{wakesOne: true}, strategies.PromiseWake, "capacity 2; p0 Open; p1 Open; p2 Open; p0 SendBatch 2; p1 Send; p2 Send; c Recv 2"},
	{"try waits", faults{tryWaits: true}, strategies.PromiseTry, "c TryRecv 1"},
	{"ends batches early", faults{batchLimit: 2}, strategies.PromiseBatch, "p0 Open; p0 SendBatch 3"},
	{"empty batch wakes", faults{emptyWakes: true}, strategies.PromiseBatch, "p0 Open; c Recv 1; p0 SendBatch 0"},
	{"ignores contexts", faults{deaf: true}, strategies.PromiseContext, "p0 Open; p0 Cancel; p0 SendContext"},
	{"loses an item on cancel", faults{losesCanceled: true}, strategies.PromiseExactlyOnce, "p0 Open; p0 Send; c Cancel; c RecvContext 1"},
	{"backlog one too many", faults{ahead: 1}, strategies.PromiseBacklog, "p0 Open"},
	{"close leaves the own send waiting", faults{keepsOwnSender: true}, strategies.PromiseClose, "capacity 1; p0 Open; p0 SendBatch 2; p0 Close"},
	{"panics on close", faults{panicsOnClose: true}, strategies.PromiseClose, "capacity 1; p0 Open; p0 SendBatch 2; p0 Close"},
	{"close leaves the own receive waiting", faults{leavesReceiver: true}, strategies.PromiseClose, "p0 Open; c Recv 1; c Close"},
	{"says nothing at the end", faults{emptyAlways: true}, strategies.PromiseDrain, "p0 Open; p0 Close; c Recv 0"},
	{"counts what the consumer left", faults{countsLeft: true}, strategies.PromiseBacklog, "p0 Open; p0 Send; c Close"},
}

// Each fails again whenever it is run, by the promise's name, and finds nothing in the
// reference.
func TestSchedulesReplay(t *testing.T) {
	for _, test := range scheduled {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // hangs are waited for
			s, err := schedule.Parse(test.name, strings.NewReader("strategy reference\n"+strings.ReplaceAll(test.text, "; ", "\n")))
			if err != nil {
				t.Fatal(err)
			}
			if lines := len(s.Ops); lines > 12 {
				t.Errorf("%d operations", lines)
			}
			if runs, f := s.Run(t.Context(), withFault(test.fault), schedule.Limits{Patience: time.Second}); f == nil || runs != 1 || f.Promise != test.promise {
				t.Errorf("found %+v in run %d; want promise %s in the first", f, runs, test.promise)
			}
			if _, f := s.Run(t.Context(), reference(), schedule.Limits{Time: time.Second / 10}); f != nil {
				t.Errorf("found %+v in the reference", f)
			}
		})
	}
}

// Some are found and shrunk to a few lines, which fail again as a text; and the kit
// gives them with its first finding.
func TestSchedulesAreFound(t *testing.T) {
	for promise, fault := range map[strategies.Promise]faults{
		strategies.PromiseExactlyOnce: {doubles: oneIn(3)}, strategies.PromiseDrain: {endsEmpty: true}, strategies.PromiseConsumerClose: {sendsAfterClose: true},
		strategies.PromiseBound: {over: 1}, strategies.PromiseContext: {deaf: true}, strategies.PromiseMisuse: {emptyAlways: true},
	} {
		s := withFault(fault)
		findings := conformance.Check(t.Context(), s, conformance.Options{
			Short: true, Schedule: 20 * time.Second, Promises: []strategies.Promise{promise}, Watchdog: time.Second,
		})
		if len(findings) == 0 || findings[0].Schedule == "" {
			t.Errorf("found %+v without a schedule", findings)
			continue
		}
		text := findings[0].Schedule
		again, err := schedule.Parse("found", strings.NewReader(text))
		if err != nil || again.String() != text || len(again.Ops) > 6 || len(strings.Split(text, "\n")) > 12 {
			t.Errorf("%v, and\n%s", err, text)
			continue
		}
		if _, f := again.Run(t.Context(), s, schedule.Limits{}); f == nil || f.Promise != again.Broken.Promise {
			t.Errorf("found %+v in another run of\n%s", f, text)
		}
	}
}

// What breaks in a race only is shown by goroutines that run beside each other.
func TestConcurrentSchedule(t *testing.T) {
	s, err := schedule.Parse("concurrent", strings.NewReader("strategy reference\nmode concurrent\np0 SendBatch 9\np1 SendBatch 9\nc Recv 3\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, f := s.Run(t.Context(), reference(), schedule.Limits{Time: time.Second / 4}); f != nil {
		t.Errorf("found %+v in the reference", f)
	}
	for _, test := range []struct {
		fault   faults
		promise strategies.Promise
	}{
		{faults{loses: oneIn(500)}, strategies.PromiseExactlyOnce},
		{faults{reorders: oneIn(100)}, strategies.PromiseOrder},
	} {
		if _, f := s.Run(t.Context(), withFault(test.fault), schedule.Limits{Patience: time.Second}); f == nil || f.Promise != test.promise {
			t.Errorf("found %+v; want promise %s", f, test.promise)
		}
	}
}
