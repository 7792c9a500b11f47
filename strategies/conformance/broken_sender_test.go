package conformance_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

type wordSender = strategies.Sender[strategies.Word]

// brokenSenders are Senders with one fault each, over a strategy that has none.
var brokenSenders = []struct {
	name    string
	over    string
	fault   func(strategies.FanIn[strategies.Word]) wordSender
	promise strategies.Promise
	detail  string
	check   string
}{
	{"loses one in 1000", "mpsc-ring", loses, strategies.PromiseExactlyOnce, "never received", "sender-many-items"},
	{"swaps two in 1000", "mpsc-ring", swaps, strategies.PromiseOrder, "was received after", "sender-order"},
	{"is not open before it sends", "mpsc-ring", opensLate, strategies.PromiseDrain, "EOF", "sender-open"},
	{"has a lane's room for each goroutine", "lanes-ring", roomForEach, strategies.PromiseBound, "one item more", "sender-close-blocked"},
	{"counts one drop too many", "mpsc-ring", miscounts, strategies.PromiseOverflow, "dropped", "sender-accounts"},
	{"tries by waiting", "mpsc-ring", waitsToTry, strategies.PromiseTry, "hung:", "sender-try"},
	{"is deaf to contexts", "mpsc-ring", deafToContexts, strategies.PromiseContext, "hung:", "sender-context-send"},
	{"leaves its sends waiting", "mpsc-ring", leavesWaiting, strategies.PromiseClose, "hung:", "sender-close-blocked"},
	{"takes what another sends on for full", "mpsc-ring", waitsBesideSends, strategies.PromiseWake, "hung:", "sender-fills"},
	{"delivers what its Close refuses", "mpsc-ring", refusesLate, strategies.PromiseClose, "that accepted", "sender-close-beside-sends"},
}

// faultySender is a Sender with one of its calls replaced.
type faultySender struct {
	wordSender
	send        func(strategies.Word) error
	sendContext func(context.Context, strategies.Word) error
	trySend     func(strategies.Word) error
	dropped     func() uint64
	closing     func()
}

func faulty(f strategies.FanIn[strategies.Word]) *faultySender {
	s := strategies.NewSender(f)
	return &faultySender{s, s.Send, s.SendContext, s.TrySend, s.Dropped, s.Close}
}

func (s *faultySender) Send(w strategies.Word) error { return s.send(w) }

func (s *faultySender) SendContext(ctx context.Context, w strategies.Word) error {
	return s.sendContext(ctx, w)
}

func (s *faultySender) TrySend(w strategies.Word) error { return s.trySend(w) }

func (s *faultySender) Dropped() uint64 { return s.dropped() }

func (s *faultySender) Close() { s.closing() }

func loses(f strategies.FanIn[strategies.Word]) wordSender {
	s, which := faulty(f), oneIn(1000)
	s.send = func(w strategies.Word) error {
		if which.hits() {
			return nil
		}
		return s.wordSender.Send(w)
	}
	return s
}

func swaps(f strategies.FanIn[strategies.Word]) wordSender {
	s, which := faulty(f), oneIn(1000)
	var mu sync.Mutex
	var kept []strategies.Word
	s.send = func(w strategies.Word) error {
		mu.Lock()
		defer mu.Unlock()
		if len(kept) == 0 && which.hits() {
			kept = append(kept, w)
			return nil
		}
		if err := s.wordSender.Send(w); err != nil || len(kept) == 0 {
			return err
		}
		w, kept = kept[0], nil
		return s.wordSender.Send(w)
	}
	s.closing = func() {
		for _, w := range kept {
			_ = s.wordSender.Send(w)
		}
		s.wordSender.Close()
	}
	return s
}

func opensLate(f strategies.FanIn[strategies.Word]) wordSender {
	s := &faultySender{}
	open := sync.OnceFunc(func() { s.wordSender = strategies.NewSender(f) })
	s.send = func(w strategies.Word) error { open(); return s.wordSender.Send(w) }
	s.closing = func() { open(); s.wordSender.Close() }
	return s
}

// roomForEach has a producer for each goroutine, as a fan-in without a Sender has.
func roomForEach(f strategies.FanIn[strategies.Word]) wordSender {
	return strategies.NewSender[strategies.Word](struct {
		strategies.FanIn[strategies.Word]
	}{f})
}

func miscounts(f strategies.FanIn[strategies.Word]) wordSender {
	s := faulty(f)
	s.dropped = func() uint64 { return s.wordSender.Dropped() + 1 }
	return s
}

func waitsToTry(f strategies.FanIn[strategies.Word]) wordSender {
	s := faulty(f)
	s.trySend = s.send
	return s
}

func deafToContexts(f strategies.FanIn[strategies.Word]) wordSender {
	s := faulty(f)
	s.sendContext = func(ctx context.Context, w strategies.Word) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return s.wordSender.Send(w)
	}
	return s
}

// leavesWaiting closes only when its sends have returned.
func leavesWaiting(f strategies.FanIn[strategies.Word]) wordSender {
	s := faulty(f)
	var under sync.RWMutex
	s.send = func(w strategies.Word) error {
		under.RLock()
		defer under.RUnlock()
		return s.wordSender.Send(w)
	}
	s.closing = func() {
		under.Lock()
		defer under.Unlock()
		s.wordSender.Close()
	}
	return s
}

// waitsBesideSends waits for the consumer, in vain, while another sends, although that
// one leaves room.
func waitsBesideSends(f strategies.FanIn[strategies.Word]) wordSender {
	s := faulty(f)
	var claimed atomic.Bool
	received := make(chan struct{})
	s.send = func(w strategies.Word) error {
		if !claimed.CompareAndSwap(false, true) {
			<-received
		}
		defer claimed.Store(false)
		runtime.Gosched() // lets the others meet the claim
		return s.wordSender.Send(w)
	}
	return s
}

// refusesLate says that a send beside Close came too late although it was accepted.
func refusesLate(f strategies.FanIn[strategies.Word]) wordSender {
	s := faulty(f)
	var mu sync.Mutex
	closed := false
	s.send = func(w strategies.Word) error {
		err := s.wordSender.Send(w)
		runtime.Gosched() // lets a Close come in between
		mu.Lock()
		defer mu.Unlock()
		if closed {
			return strategies.ErrClosed
		}
		return err
	}
	s.closing = func() {
		mu.Lock()
		closed = true
		mu.Unlock()
		s.wordSender.Close()
	}
	return s
}

// hoards keeps what was sent.
func hoards(f strategies.FanIn[strategies.Word]) wordSender {
	s := faulty(f)
	var mu sync.Mutex
	var kept []strategies.Word
	s.send = func(w strategies.Word) error {
		mu.Lock()
		kept = append(kept, w)
		mu.Unlock()
		return s.wordSender.Send(w)
	}
	return s
}

// TestBrokenSenderShrinks shows that the kit finds a Sender that keeps what a burst took.
func TestBrokenSenderShrinks(t *testing.T) { // measures the heap: not in parallel
	skipUnmeasured(t)
	all := strategies.All()
	s := all[slices.IndexFunc(all, func(s strategies.Strategy) bool { return s.Name == "mpsc-linked" })]
	build := s.Word
	s.Word = func(o strategies.Options) strategies.FanIn[strategies.Word] { return openerOf{build(o), hoards} }
	findings := conformance.CheckOne(t.Context(), s, conformance.Options{Short: true, Watchdog: 4 * time.Second}, "sender-shrinks")
	if len(findings) != 1 || findings[0].Promise != strategies.PromiseShrink || !strings.Contains(findings[0].Detail, "more than before") {
		t.Errorf("found %v instead of a broken promise", findings)
	}
}

// openerOf is a fan-in whose Sender is another.
type openerOf struct {
	strategies.FanIn[strategies.Word]
	open func(strategies.FanIn[strategies.Word]) wordSender
}

func (f openerOf) Sender() wordSender { return f.open(f.FanIn) }

// TestBrokenSenders shows that the kit finds a broken Sender by the check that tries it.
func TestBrokenSenders(t *testing.T) {
	all := strategies.All()
	for _, b := range brokenSenders {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			s := all[slices.IndexFunc(all, func(s strategies.Strategy) bool { return s.Name == b.over })]
			build := s.Word
			s.Word = func(o strategies.Options) strategies.FanIn[strategies.Word] { return openerOf{build(o), b.fault} }
			findings := conformance.CheckOne(t.Context(), s, conformance.Options{Short: true, Watchdog: time.Second}, b.check)
			if !slices.ContainsFunc(findings, func(f conformance.Finding) bool {
				return f.Promise == b.promise && strings.Contains(f.Detail, b.detail)
			}) {
				t.Errorf("found %v instead of a broken promise %q with %q", findings, b.promise, b.detail)
			}
		})
	}
}
