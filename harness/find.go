package harness

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Find returns the strategy with the given name; the error names the closest one
// and lists all.
func Find(known []strategies.Strategy, name string) (strategies.Strategy, error) {
	names := make([]string, len(known))
	for i, s := range known {
		if s.Name == name {
			return s, nil
		}
		names[i] = s.Name
	}
	return strategies.Strategy{}, unknownName("strategy", name, names)
}

// unknownName words the error for a name that is not among names.
func unknownName(what, name string, names []string) error {
	hint := ""
	if near := closest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q? ", near)
	}
	return fmt.Errorf("unknown %s %q (%sone of %s)", what, name, hint, strings.Join(names, ", "))
}

// closest returns the name that most likely was meant, or "" if none is near: at
// most a third of it would have to change.
func closest(name string, names []string) string {
	best, least := "", len(name)/3+1
	for _, candidate := range names {
		if d := levenshtein.ComputeDistance(name, candidate); d <= least && (best == "" || d < least) {
			best, least = candidate, d
		}
	}
	return best
}
