package report

import (
	"slices"

	"github.com/fanin-bench/fanin-bench/results"
)

// class is a group of cells that may be ranked against each other: what makes one
// wait, lose or grow is a promise to its user, and no speed makes up for another.
type class struct {
	Name  string
	Bound string // bounded or unbounded, for the filters
}

const (
	bounded   = "bounded"
	unbounded = "unbounded"
)

// boundOf says whether a strategy holds no more than a limit.
func boundOf(s *results.Strategy) string {
	if s.Bound == unbounded {
		return unbounded
	}
	return bounded
}

// classOf returns the class of a cell of a strategy.
func classOf(s *results.Strategy, c results.Cell) class {
	out := class{Bound: boundOf(s)}
	switch {
	case out.Bound == unbounded:
		out.Name = "unbounded"
	case s.Lossy || slices.Contains([]string{"fail", "drop-newest", "drop-oldest"}, c.Policy):
		out.Name = "bounded, loses or refuses"
	default:
		out.Name = "bounded, waits for room"
	}
	// With one item a call there is nothing to tell apart.
	if c.SendBatch > 1 && s.Batch {
		out.Name += ", batch in one step"
	} else if c.SendBatch > 1 {
		out.Name += ", batch one by one"
	}
	return out
}

// originOf says whether a strategy is of this project or a peer.
func originOf(s *results.Strategy) string {
	if s.Module != "" {
		return "peer"
	}
	return "own"
}
