package conformance_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// counting is a fan-in that counts in another way.
type counting struct {
	wordFanIn
	fault func(strategies.Stats) strategies.Stats
}

func (f counting) Stats() strategies.Stats {
	return f.fault(f.wordFanIn.(strategies.StatsKeeper).Stats())
}

// TestBrokenStats shows that the kit finds wrong counts by the check that tries them.
func TestBrokenStats(t *testing.T) {
	all := strategies.All()
	base := all[slices.IndexFunc(all, func(s strategies.Strategy) bool { return s.Name == "mpsc-ring" })]
	for _, b := range []struct {
		name          string
		fault         func() func(strategies.Stats) strategies.Stats
		detail, check string
	}{
		{"forgets what is dropped", func() func(strategies.Stats) strategies.Stats {
			return func(s strategies.Stats) strategies.Stats { s.Dropped = 0; return s }
		}, "Dropped:0", "stats-at-rest"},
		{"counts one delivery too many", func() func(strategies.Stats) strategies.Stats {
			return func(s strategies.Stats) strategies.Stats { s.Delivered++; return s }
		}, "Stats returned", "stats-at-rest"},
		{"forgets the largest backlog", func() func(strategies.Stats) strategies.Stats {
			return func(s strategies.Stats) strategies.Stats { s.HighWater = s.Backlog; return s }
		}, "although it was", "stats-at-rest"},
		{"counts what is delivered before it is accepted", func() func(strategies.Stats) strategies.Stats {
			return func(s strategies.Stats) strategies.Stats { s.Accepted = s.Delivered - min(1, s.Delivered); return s }
		}, "more delivered than accepted", "stats-moving"},
		{"goes back", func() func(strategies.Stats) strategies.Stats {
			var asked atomic.Uint64
			return func(s strategies.Stats) strategies.Stats {
				if asked.Add(1)%4 == 0 {
					s.Delivered -= min(100, s.Delivered)
				}
				return s
			}
		}, "went back", "stats-moving"},
	} {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			s := base
			s.Word = func(o strategies.Options) wordFanIn { return counting{base.Word(o), b.fault()} }
			findings := conformance.CheckOne(t.Context(), s, conformance.Options{Short: true, Watchdog: 5 * time.Second}, b.check)
			if !slices.ContainsFunc(findings, func(f conformance.Finding) bool { return strings.Contains(f.Detail, b.detail) }) {
				t.Errorf("found %v instead of a broken promise with %q", findings, b.detail)
			}
		})
	}
}
