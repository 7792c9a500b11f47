package conformance_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// TestEveryPromiseIsTried holds the table of checks, and the set of broken
// strategies, against the list of promises.
func TestEveryPromiseIsTried(t *testing.T) {
	s := reference()
	s.Lacks = map[strategies.Promise]string{}
	for _, p := range strategies.Promises() {
		s.Lacks[p] = "not tried here"
	}
	tried := map[strategies.Promise]bool{}
	names := map[string]bool{}
	conformance.Check(t.Context(), s, conformance.Options{Progress: func(e conformance.Event) {
		switch e.State {
		case conformance.Started:
			tried[e.Promise] = true
			if names[e.Check] {
				t.Errorf("two checks are named %q", e.Check)
			}
			names[e.Check] = true
		case conformance.Skipped:
			// Under the race detector it is one lack that keeps all from being tried.
			if !strings.HasSuffix(e.Detail, ": not tried here") {
				t.Errorf("check %s skipped with %q", e.Check, e.Detail)
			}
		default:
			t.Errorf("check %s of a promise that is lacking %v", e.Check, e.State)
		}
	}})
	for _, p := range strategies.Promises() {
		if !tried[p] {
			t.Errorf("no check tries promise %q", p)
		}
		if !slices.ContainsFunc(slices.Concat(broken, brokenAlone), func(s specimen) bool { return s.promise == p }) {
			t.Errorf("no broken strategy breaks promise %q", p)
		}
	}
}

// TestLackedPromiseIsNotReported has other checks meet what a strategy admits.
func TestLackedPromiseIsNotReported(t *testing.T) {
	s := withFault(faults{reorders: oneIn(100)})
	s.Order = strategies.OrderPerProducer
	s.Lacks = map[strategies.Promise]string{strategies.PromiseOrder: "swaps items"}
	findings := conformance.Check(t.Context(), s, conformance.Options{
		Short: true, Promises: []strategies.Promise{strategies.PromiseExactlyOnce},
	})
	if len(findings) > 0 {
		t.Errorf("found %v", findings)
	}
}

// TestFindingIsFiledUnderWhatBroke has checks of one promise meet a breach of another.
func TestFindingIsFiledUnderWhatBroke(t *testing.T) {
	for _, test := range []struct {
		name          string
		fault         faults
		check, breaks strategies.Promise
	}{
		{"a loss beside a backlog", faults{loses: oneIn(500)}, strategies.PromiseBacklog, strategies.PromiseExactlyOnce},
		{"a loss that a receive waits for", faults{loses: oneIn(7)}, strategies.PromiseTry, strategies.PromiseExactlyOnce},
		{"a loss beside empty batches", faults{loses: oneIn(3)}, strategies.PromiseWake, strategies.PromiseExactlyOnce},
		{"an item twice beside a try", faults{doubles: oneIn(7)}, strategies.PromiseTry, strategies.PromiseExactlyOnce},
		{"a swap in batches", faults{reorders: oneIn(100)}, strategies.PromiseBatch, strategies.PromiseOrder},
		{"a lost wake-up beside an order", faults{noConsumerWake: oneIn(1000)}, strategies.PromiseOrder, strategies.PromiseWake},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			findings := conformance.Check(t.Context(), withFault(test.fault), conformance.Options{
				Short: true, Watchdog: time.Second, Promises: []strategies.Promise{test.check},
			})
			if len(findings) == 0 || findings[0].Promise != test.breaks {
				t.Errorf("found %v instead of a breach of %s first", findings, test.breaks)
			}
		})
	}
}

// TestFirstHangIsTheLast makes no check of a strategy after one that hung.
func TestFirstHangIsTheLast(t *testing.T) {
	t.Parallel()
	var after []conformance.Event
	hung := false
	findings := conformance.Check(t.Context(), withFault(faults{keepsOwnSender: true}), conformance.Options{
		Short: true, Watchdog: time.Second, Promises: []strategies.Promise{strategies.PromiseClose},
		Progress: func(e conformance.Event) {
			if hung && e.State != conformance.Started {
				after = append(after, e)
			}
			hung = hung || strings.HasPrefix(e.Detail, "hung:")
		},
	})
	if len(findings) != 1 || !hung || len(after) == 0 {
		t.Errorf("found %v, and then %v", findings, after)
	}
	for _, e := range after {
		if e.State != conformance.Skipped || !strings.HasPrefix(e.Detail, "an earlier check hung") {
			t.Errorf("check %s %v after a hang: %s", e.Check, e.State, e.Detail)
		}
	}
}

func TestCheckEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	started := 0
	conformance.Check(ctx, reference(), conformance.Options{Progress: func(e conformance.Event) {
		if e.State == conformance.Started {
			started++
			cancel()
		}
	}})
	if started != 1 {
		t.Errorf("%d checks started after the context was done in the first", started)
	}
}

// TestPanicIsAFinding has a strategy panic in a goroutine of a check.
func TestPanicIsAFinding(t *testing.T) {
	s := reference()
	s.Word = func(o strategies.Options) strategies.FanIn[strategies.Word] {
		return panicking{reference().Word(o)}
	}
	findings := conformance.Check(t.Context(), s, conformance.Options{
		Watchdog: time.Second, Promises: []strategies.Promise{strategies.PromiseOrder}, Short: true,
	})
	if len(findings) == 0 || !strings.Contains(findings[0].Detail, "panic: on purpose, at ") ||
		!strings.Contains(findings[0].Detail, "panicking") {
		t.Errorf("found %v instead of a panic and where", findings)
	}
}

type panicking struct {
	strategies.FanIn[strategies.Word]
}

func (panicking) Consumer() strategies.Consumer[strategies.Word] { panic("on purpose") }

func TestTortureReference(t *testing.T) {
	rounds := 0
	stats, findings := conformance.Torture(t.Context(), reference(), conformance.TortureOptions{
		For: time.Second, Progress: func(conformance.Stats) { rounds++ },
	})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	if stats.Rounds == 0 || stats.Rounds != rounds || stats.Delivered == 0 || stats.Elapsed < time.Second ||
		stats.Delivered+stats.Dropped+stats.Rejected > stats.Attempted {
		t.Errorf("%d rounds told of, stats %+v", rounds, stats)
	}
}

func TestTortureCatches(t *testing.T) {
	for _, b := range []specimen{
		{"loses one in 100000", faults{loses: oneIn(100_000)}, "", "", ""},
		{"forgets to wake the consumer", faults{noConsumerWake: oneIn(1000)}, "", "", ""},
	} {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			stats, findings := conformance.Torture(t.Context(), withFault(b.fault), conformance.TortureOptions{
				For: time.Minute, Watchdog: time.Second,
			})
			if len(findings) != 1 || findings[0].Check != "torture" || !strings.Contains(findings[0].Detail, "of seed 0") {
				t.Errorf("found %v in %+v", findings, stats)
			}
		})
	}
}

// TestTortureOneFanIn shows that what breaks only after millions of items of one fan-in
// is found, if there are as many items to check.
func TestTortureOneFanIn(t *testing.T) {
	t.Parallel()
	_, findings := conformance.Torture(t.Context(), withFault(faults{losesAfter: 1 << 21}), conformance.TortureOptions{Items: 1 << 23})
	if len(findings) != 1 || findings[0].Promise != strategies.PromiseExactlyOnce || !strings.Contains(findings[0].Detail, "never received") {
		t.Errorf("found %v instead of a loss", findings)
	}
}

// With a number of items torture goes on until so many deliveries were checked,
// and no longer than a round after.
func TestTortureItems(t *testing.T) {
	const items = 1_500_000
	last := uint64(0)
	stats, findings := conformance.Torture(t.Context(), reference(), conformance.TortureOptions{
		Items: items, Progress: func(s conformance.Stats) {
			if last >= items {
				t.Errorf("a round after %d items", last)
			}
			last = s.Delivered
		},
	})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	if stats.Delivered < items || stats.Delivered != last {
		t.Errorf("stats %+v, the last told of %d; want %d delivered", stats, last, items)
	}
	stats, _ = conformance.Torture(t.Context(), reference(), conformance.TortureOptions{Items: math.MaxInt64, For: time.Millisecond})
	if stats.Rounds != 1 {
		t.Errorf("%d rounds in a millisecond", stats.Rounds)
	}
}
