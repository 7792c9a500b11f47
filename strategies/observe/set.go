package observe

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/fanin-bench/fanin-bench/strategies"
	"github.com/fanin-bench/fanin-bench/strategies/observe/internal/quantity"
)

// Set is fan-ins by name. The zero Set is empty and ready for use; it must not be copied.
// All of its methods may be called by anyone at any time.
type Set struct {
	mu      sync.Mutex // not held while a fan-in is asked, which may take a while
	keepers map[string]strategies.StatsKeeper
}

// Add publishes a fan-in under a name from now on. It refuses a fan-in that keeps no Stats,
// an empty name, one that is not UTF-8, and one that another fan-in has: Remove that first.
//
// The Set holds the fan-in until it is removed, even after its end.
func (s *Set) Add(name string, fanIn any) error {
	keeper, ok := fanIn.(strategies.StatsKeeper)
	switch {
	case name == "":
		return errors.New("observe: adding a fan-in: its name is empty")
	case !utf8.ValidString(name):
		return fmt.Errorf("observe: adding fan-in %q: its name is not UTF-8", name)
	case fanIn == nil:
		return fmt.Errorf("observe: adding fan-in %q: it is nil", name)
	case !ok:
		return fmt.Errorf("observe: adding fan-in %q: a %T keeps no Stats (it is no strategies.StatsKeeper)", name, fanIn)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.keepers[name]; taken {
		return fmt.Errorf("observe: adding fan-in %q: another has this name", name)
	}
	if s.keepers == nil {
		s.keepers = make(map[string]strategies.StatsKeeper)
	}
	s.keepers[name] = keeper
	return nil
}

// Remove publishes the fan-in of a name no longer, and reports whether there was one. A look
// that is under way may still show it.
func (s *Set) Remove(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, there := s.keepers[name]
	delete(s.keepers, name)
	return there
}

// All returns the fan-ins' names in order, each with what the fan-in counts when it is its turn.
func (s *Set) All() iter.Seq2[string, strategies.Stats] {
	return func(yield func(string, strategies.Stats) bool) {
		s.mu.Lock()
		keepers := maps.Clone(s.keepers)
		s.mu.Unlock()
		for _, name := range slices.Sorted(maps.Keys(keepers)) {
			if !yield(name, keepers[name].Stats()) {
				return
			}
		}
	}
}

// String implements [expvar.Var]: an object of JSON with an object for each fan-in, in which
// quantities are named as Prometheus has them, without prefix and suffix: accepted_items.
func (s *Set) String() string {
	all := make(map[string]map[string]float64)
	for name, stats := range s.All() {
		values := make(map[string]float64)
		for _, q := range quantity.All() {
			if value, known := q.Of(stats); known {
				values[q.Name+"_"+q.Unit] = value
			}
		}
		all[name] = values
	}
	text, err := json.Marshal(all)
	if err != nil { // which numbers and strings do not cause
		panic(err)
	}
	return string(text)
}
