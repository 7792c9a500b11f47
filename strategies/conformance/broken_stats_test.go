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

// TimeWaits is the fan-in's.
func (f counting) TimeWaits() { f.wordFanIn.(strategies.WaitTimer).TimeWaits() }

// simply is a fault that keeps nothing in mind.
func simply(fault func(*strategies.Stats)) func() func(strategies.Stats) strategies.Stats {
	return func() func(strategies.Stats) strategies.Stats {
		return func(s strategies.Stats) strategies.Stats { fault(&s); return s }
	}
}

// goesOn is a fault that times waits that are over, when it forgets that they are.
func goesOn(forgets func(waiting, most int) bool) func() func(strategies.Stats) strategies.Stats {
	return func() func(strategies.Stats) strategies.Stats {
		last, over, most := time.Now(), time.Duration(0), 0
		return func(s strategies.Stats) strategies.Stats {
			now := time.Now()
			if forgets(s.Waiting, most) {
				over += time.Duration(most-s.Waiting) * now.Sub(last)
			}
			most, last = max(most, s.Waiting), now
			s.Blocked += over
			return s
		}
	}
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
		{"forgets what is rejected", simply(func(s *strategies.Stats) { s.Rejected = 0 }), "Rejected:0", "stats-at-rest"},
		{"counts one of a batch that is rejected", simply(func(s *strategies.Stats) {
			if s.Rejected > 50 {
				s.Rejected--
			}
		}), "Stats returned", "stats-at-rest"},
		{"forgets what is rejected beside others", simply(func(s *strategies.Stats) { s.Rejected /= 2 }), "Stats returned", "stats-moving"},
		{"counts a wait as rejected", simply(func(s *strategies.Stats) {
			if s.Blocked > 0 {
				s.Rejected++
			}
		}), "Rejected:1", "stats-blocked"},
		{"times unasked", simply(func(s *strategies.Stats) { s.BlockedKnown = true }), "before TimeWaits", "stats-blocked"},
		{"does not time", simply(func(s *strategies.Stats) { s.BlockedKnown, s.Blocked = false, 0 }), "after TimeWaits", "stats-blocked"},
		{"times no wait before its end", simply(func(s *strategies.Stats) {
			if s.Waiting > 0 {
				s.Blocked = 0
			}
		}), "while 4 wait", "stats-blocked"},
		{"times one of two waits", simply(func(s *strategies.Stats) { s.Blocked /= 2 }), "while 4 wait", "stats-blocked"},
		{"times in another unit", simply(func(s *strategies.Stats) { s.Blocked *= 1000 }), "have waited grew by", "stats-blocked"},
		{"goes on with one that gave up", goesOn(func(waiting, most int) bool { return waiting > 0 && waiting < most }), "have waited grew by", "stats-blocked"},
		{"goes on when none waits", goesOn(func(waiting, _ int) bool { return waiting == 0 }), "no send waits any more", "stats-blocked"},
		{"goes back in time", func() func(strategies.Stats) strategies.Stats {
			var asked atomic.Uint64
			return func(s strategies.Stats) strategies.Stats {
				if asked.Add(1)%4 == 0 {
					s.Blocked /= 2
				}
				return s
			}
		}, "went back", "stats-moving"},
	} {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			s := base
			s.Word = func(o strategies.Options) wordFanIn { return counting{base.Word(o), b.fault()} }
			findings := conformance.CheckOne(t.Context(), s, conformance.Options{Short: true, Watchdog: time.Second}, b.check)
			if !slices.ContainsFunc(findings, func(f conformance.Finding) bool { return strings.Contains(f.Detail, b.detail) }) {
				t.Errorf("found %v instead of a broken promise with %q", findings, b.detail)
			}
		})
	}
}
