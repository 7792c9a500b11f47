package main

import (
	"slices"
	"time"
)

// The kinds of runs.
const (
	kindSweep = "sweep"
	kindGate  = "gate"
)

// plan is what is to be measured.
type plan struct {
	dir             string
	program, slowed string
	machine         string
	gates, sweeps   int // how many: gates of each share
	apart           time.Duration
	shares          []float64 // by which a strategy is slower
	strategies      []string  // that are slower, one after the other

	sweepFlags, gateFlags string
}

// job is one run.
type job struct {
	kind     string
	share    float64
	strategy string // that is slower; empty where none is
}

// counts reports whether an entry is of this plan.
func (p *plan) counts(e entry) bool {
	flags := p.sweepFlags
	if e.Kind == kindGate {
		flags = p.gateFlags
	}
	return e.Machine == p.machine && e.Flags == flags
}

// counted returns the entries of this plan.
func (p *plan) counted(entries []entry) []entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return !p.counts(e) })
}

// sweepsOf returns the sweeps among entries, gatesOf the gate runs of a share.
func sweepsOf(entries []entry) []entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return e.Kind != kindSweep })
}

func gatesOf(entries []entry, share float64) []entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return e.Kind != kindGate || e.Share != share })
}

// next returns what to run after the entries of this plan, false if that is all. A sweep
// comes first, and another as soon as the last is long enough ago; between them each share has its
// turn, so that a plan that is stopped has as many gate runs of one as of another.
func (p *plan) next(entries []entry, now time.Time) (job, bool) {
	sweeps := sweepsOf(entries)
	due := len(sweeps) < p.sweeps
	if due && (len(sweeps) == 0 || now.Sub(sweeps[len(sweeps)-1].Started) >= p.apart) {
		return job{kind: kindSweep}, true
	}
	share, made := 0.0, p.gates
	for _, s := range p.shares {
		if n := len(gatesOf(entries, s)); n < made {
			share, made = s, n
		}
	}
	if made < p.gates {
		j := job{kind: kindGate, share: share}
		if share > 0 {
			j.strategy = p.strategies[made%len(p.strategies)]
		}
		return j, true
	}
	return job{kind: kindSweep}, due
}

// left returns how many runs are still to be made.
func (p *plan) left(entries []entry) int {
	left := max(0, p.sweeps-len(sweepsOf(entries)))
	for _, s := range p.shares {
		left += max(0, p.gates-len(gatesOf(entries, s)))
	}
	return left
}
