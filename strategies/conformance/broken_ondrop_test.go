package conformance_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/conformance"
)

// telling is a fan-in that tells in another way what it drops.
type telling struct {
	wordFanIn
	tell func(call func(strategies.Word)) func(strategies.Word)
}

func (f telling) OnDrop(call func(strategies.Word)) {
	f.wordFanIn.(strategies.DropObserver[strategies.Word]).OnDrop(f.tell(call))
}

// lockedTelling holds a lock while it tells, which Backlog takes.
type lockedTelling struct {
	wordFanIn
	mu *sync.Mutex
}

func (f lockedTelling) OnDrop(call func(strategies.Word)) {
	strategies.OnDrop(f.wordFanIn, func(w strategies.Word) {
		f.mu.Lock()
		defer f.mu.Unlock()
		call(w)
	})
}

func (f lockedTelling) Backlog() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wordFanIn.Backlog()
}

// TestBrokenTellings shows that the kit finds who does not tell what it drops, once.
func TestBrokenTellings(t *testing.T) {
	all := strategies.All()
	base := all[slices.IndexFunc(all, func(s strategies.Strategy) bool { return s.Name == "mpsc-ring" })]
	for _, b := range []struct {
		name   string
		fault  func(wordFanIn) wordFanIn
		detail string
	}{
		{"keeps one in 50 to itself", func(f wordFanIn) wordFanIn {
			which := oneIn(50)
			return telling{f, func(call func(strategies.Word)) func(strategies.Word) {
				return func(w strategies.Word) {
					if !which.hits() {
						call(w)
					}
				}
			}}
		}, "told to be dropped of"},
		{"tells twice", func(f wordFanIn) wordFanIn {
			which := oneIn(50)
			return telling{f, func(call func(strategies.Word)) func(strategies.Word) {
				return func(w strategies.Word) {
					if call(w); which.hits() {
						call(w)
					}
				}
			}}
		}, "received twice"},
		{"tells of another item", func(f wordFanIn) wordFanIn {
			return telling{f, func(call func(strategies.Word)) func(strategies.Word) {
				return func(w strategies.Word) { call(strategies.NewWord(w.Producer(), 0)) }
			}}
		}, "received twice"},
		{"holds a lock", func(f wordFanIn) wordFanIn { return lockedTelling{f, new(sync.Mutex)} }, "hung:"},
	} {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			s := base
			s.Word = func(o strategies.Options) wordFanIn { return b.fault(base.Word(o)) }
			findings := conformance.CheckOne(t.Context(), s, conformance.Options{Short: true, Watchdog: time.Second}, "tells-what-it-drops")
			if !slices.ContainsFunc(findings, func(f conformance.Finding) bool { return strings.Contains(f.Detail, b.detail) }) {
				t.Errorf("found %v instead of a broken promise with %q", findings, b.detail)
			}
		})
	}
}
