package conformance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// stopping is a fan-in whose consumer stops in another way.
type stopping struct {
	strategies.FanIn[strategies.Word]
	stop func(strategies.Consumer[strategies.Word])
}

type stoppingConsumer struct {
	strategies.Consumer[strategies.Word]
	stop func(strategies.Consumer[strategies.Word])
}

func (f stopping) Consumer() strategies.Consumer[strategies.Word] {
	return stoppingConsumer{f.FanIn.Consumer(), f.stop}
}

func (c stoppingConsumer) Stop() { c.stop(c.Consumer) }

// TestBrokenStops shows that the kit finds a Stop that throws away what was accepted, one
// that ends nothing, and one that receives something.
func TestBrokenStops(t *testing.T) {
	all := strategies.All()
	base := all[slices.IndexFunc(all, func(s strategies.Strategy) bool { return s.Name == "mpsc-ring" })]
	for _, b := range []struct {
		name          string
		stop          func(strategies.Consumer[strategies.Word])
		detail, check string
	}{
		{"throws away what was accepted", func(c strategies.Consumer[strategies.Word]) { c.Close() }, "then fan-in closed", "stop-blocked"},
		{"loses an item", func(c strategies.Consumer[strategies.Word]) {
			c.(strategies.Stopper).Stop()
			_, _ = c.TryRecv(make([]strategies.Word, 1))
		}, "of 2 items, then EOF", "stop-blocked"},
		{"leaves its sends waiting", func(strategies.Consumer[strategies.Word]) {}, "hung:", "stop-blocked"},
		{"leaves its consumer waiting", func(strategies.Consumer[strategies.Word]) {}, "hung:", "stop-unopened"},
		{"refuses nothing that moves", func(strategies.Consumer[strategies.Word]) {}, "hung:", "stop-beside-sends"},
	} {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			s := base
			s.Word = func(o strategies.Options) strategies.FanIn[strategies.Word] { return stopping{base.Word(o), b.stop} }
			findings := conformance.CheckOne(t.Context(), s, conformance.Options{Short: true, Watchdog: time.Second}, b.check)
			if !slices.ContainsFunc(findings, func(f conformance.Finding) bool {
				return f.Promise == strategies.PromiseDrain && strings.Contains(f.Detail, b.detail)
			}) {
				t.Errorf("found %v instead of a broken promise with %q", findings, b.detail)
			}
		})
	}
}
