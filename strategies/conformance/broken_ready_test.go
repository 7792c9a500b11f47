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

type wordFanIn = strategies.FanIn[strategies.Word]

// readying is a fan-in whose consumer has another Ready.
type readying struct {
	wordFanIn
	consumer readyingConsumer
}

type readyingConsumer struct {
	strategies.Consumer[strategies.Word]
	ready func() <-chan struct{}
}

func (f readying) Consumer() strategies.Consumer[strategies.Word] { return f.consumer }

func (c readyingConsumer) Ready() <-chan struct{} { return c.ready() }

// brokenReadies are ways to make a Ready out of a sound one, with one fault each.
var brokenReadies = []struct {
	name          string
	fault         func(f wordFanIn, sound func() <-chan struct{}, over <-chan struct{}) func() <-chan struct{}
	detail, check string
}{
	{"misses one in 100", func(_ wordFanIn, sound func() <-chan struct{}, _ <-chan struct{}) func() <-chan struct{} {
		which := oneIn(100)
		return func() <-chan struct{} {
			ready := sound()
			if which.hits() {
				select {
				case <-ready:
				default:
				}
			}
			return ready
		}
	}, "hung:", "ready-many-items"},
	{"tells once", func(_ wordFanIn, sound func() <-chan struct{}, over <-chan struct{}) func() <-chan struct{} {
		once := make(chan struct{}, 1)
		var told atomic.Bool
		return func() <-chan struct{} {
			ready := sound()
			if !told.Swap(true) {
				go func() {
					select {
					case <-ready:
						once <- struct{}{}
					case <-over:
					}
				}()
			}
			return once
		}
	}, "hung:", "ready-sparse"},
	{"does not look at what a receive has left", func(_ wordFanIn, sound func() <-chan struct{}, _ <-chan struct{}) func() <-chan struct{} {
		var kept <-chan struct{}
		return func() <-chan struct{} {
			if kept == nil {
				kept = sound()
			}
			return kept
		}
	}, "hung:", "ready-between"},
	{"tells of items only", func(f wordFanIn, _ func() <-chan struct{}, over <-chan struct{}) func() <-chan struct{} {
		return func() <-chan struct{} {
			ready := make(chan struct{}, 1)
			go func() {
				for f.Backlog() == 0 {
					select {
					case <-over:
						return
					case <-time.After(time.Millisecond):
					}
				}
				ready <- struct{}{}
			}()
			return ready
		}
	}, "hung:", "ready-at-the-end"},
	{"is always ready", func(wordFanIn, func() <-chan struct{}, <-chan struct{}) func() <-chan struct{} {
		ready := make(chan struct{})
		close(ready)
		return func() <-chan struct{} { return ready }
	}, "told of nothing", "ready-at-rest"},
}

// TestBrokenReadies shows that the kit finds a broken Ready by the check that tries it.
func TestBrokenReadies(t *testing.T) {
	all := strategies.All()
	base := all[slices.IndexFunc(all, func(s strategies.Strategy) bool { return s.Name == "mpsc-ring" })]
	for _, b := range brokenReadies {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			over := make(chan struct{})
			defer close(over)
			s := base
			s.Word = func(o strategies.Options) wordFanIn {
				f := base.Word(o)
				c := f.Consumer()
				return readying{f, readyingConsumer{c, b.fault(f, c.(strategies.Readier).Ready, over)}}
			}
			findings := conformance.CheckOne(t.Context(), s, conformance.Options{Short: true, Watchdog: time.Second}, b.check)
			if !slices.ContainsFunc(findings, func(f conformance.Finding) bool { return strings.Contains(f.Detail, b.detail) }) {
				t.Errorf("found %v instead of a broken promise with %q", findings, b.detail)
			}
		})
	}
}
