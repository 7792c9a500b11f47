package pick

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/fanin-bench/fanin-bench/strategies"
)

// Find returns the strategy with the given name; the error names the closest one
// and lists all, or says why this one cannot be built.
func Find(known []strategies.Strategy, name string) (strategies.Strategy, error) {
	names := make([]string, len(known))
	for i, s := range known {
		if s.Name == name && s.Unbuildable != "" {
			return s, fmt.Errorf("strategy %q cannot be built: %s", name, s.Unbuildable)
		}
		if s.Name == name {
			return s, nil
		}
		names[i] = s.Name
	}
	return strategies.Strategy{}, Unknown("strategy", name, names)
}

// Group is a name for several strategies at once, wherever strategies are named.
type Group struct {
	Name, About string
	has         func(strategies.Descriptor) bool
}

// DefaultGroup is what is meant where no strategy is named: peers may fail, or
// take the processor from everybody by polling, so they come when asked for.
const DefaultGroup = "ours"

// Groups lists the groups. The harness floor comes with each of them, as what
// everything is compared with.
func Groups() []Group {
	return []Group{
		{"ours", "all but the peers", func(d strategies.Descriptor) bool { return d.Module == "" }},
		{"peers", "queues that others wrote", func(d strategies.Descriptor) bool { return d.Module != "" }},
		{"bounded", "those that hold no more than a capacity", func(d strategies.Descriptor) bool { return d.Bound != strategies.Unbounded && !d.Lossy }},
		{"unbounded", "those that hold everything", func(d strategies.Descriptor) bool { return d.Bound == strategies.Unbounded }},
		{"parking", "those whose waiting goroutines are parked", func(d strategies.Descriptor) bool { return d.Keeps(strategies.PromisePark) }},
		{"batching", "those that send a batch in one step", func(d strategies.Descriptor) bool { return d.Batch }},
		{"all", "everything", func(strategies.Descriptor) bool { return true }},
	}
}

// Select returns the strategies that are named, each by itself or by a group, and the
// floors of their programs, in the order of known; DefaultGroup if none is. A name that ends in a question mark
// may be unknown, or not be built: not every program has every strategy. One that begins with a minus sign
// is left out. What cannot be built is in no group and is an error by name.
func Select(names []string, known []strategies.Strategy) ([]strategies.Strategy, error) {
	leftOut := func(name string) bool { return strings.HasPrefix(name, "-") }
	if !slices.ContainsFunc(names, func(name string) bool { return !leftOut(name) }) {
		names = slices.Concat([]string{DefaultGroup}, names)
	}
	chosen := make([]bool, len(known))
	for _, word := range names {
		name, optional := strings.CutSuffix(strings.TrimPrefix(word, "-"), "?")
		group := slices.IndexFunc(Groups(), func(g Group) bool { return g.Name == name })
		if group < 0 {
			if _, err := Find(known, name); err != nil && !optional {
				return nil, err
			}
		}
		for i, s := range known {
			if s.Unbuildable == "" && (s.Name == name || group >= 0 && !s.Floor && Groups()[group].has(s.Descriptor)) {
				chosen[i] = !leftOut(word)
			}
		}
	}
	withFloors(chosen, known)
	var selected []strategies.Strategy
	for i, s := range known {
		if chosen[i] {
			selected = append(selected, s)
		}
	}
	if len(selected) == 0 {
		return nil, fmt.Errorf("no strategy is in %s", strings.Join(names, ", "))
	}
	return selected, nil
}

// withFloors adds to a choice the floor of each program, this one or another, that has
// strategies in it: their figures are read against that.
func withFloors(chosen []bool, known []strategies.Strategy) {
	some := map[bool]bool{} // of another program
	for i, s := range known {
		some[ofProgram(s)] = some[ofProgram(s)] || chosen[i] && s.Unbuildable == ""
	}
	for i, s := range known {
		chosen[i] = chosen[i] || s.Floor && some[ofProgram(s)]
	}
}

// ofProgram reports whether another program executes the trials of a strategy: this
// one has no constructor of it.
func ofProgram(s strategies.Strategy) bool { return s.Word == nil && s.Unbuildable == "" }

// Unknown words the error for a name that is not among names.
func Unknown(what, name string, names []string) error {
	hint := ""
	if near := Closest(name, names); near != "" {
		hint = fmt.Sprintf("did you mean %q? ", near)
	}
	return fmt.Errorf("unknown %s %q (%sone of %s)", what, name, hint, strings.Join(names, ", "))
}

// Closest returns the name that most likely was meant, or "" if none is near: at
// most a third of it would have to change.
func Closest(name string, names []string) string {
	best, least := "", len(name)/3+1
	for _, candidate := range names {
		if d := levenshtein.ComputeDistance(name, candidate); d <= least && (best == "" || d < least) {
			best, least = candidate, d
		}
	}
	return best
}
