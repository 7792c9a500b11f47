package main

import (
	"context"
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
	dir, journal  string
	program       string // of the sweeps
	version       string // of the programs of gate runs
	machine       string
	gates, sweeps int // how many: gate runs of each kind
	apart         time.Duration
	most          int       // runs of one call; 0 for all that are left
	shares        []float64 // by which strategies of the same gate run are slower
	strategies    []string  // that are slower, one after the other

	sweepFlags, gateFlags string

	// build makes the file name a program whose strategies are slower by a setting of
	// cmd/slowed. Programs differ in nothing else.
	build func(ctx context.Context, version, setting, name string) error
}

// job is one run.
type job struct {
	kind   string
	slower []slowed // in a gate run; nil where nothing is
}

// slowed is a strategy that takes longer by a share of its time.
type slowed struct {
	Strategy string   `json:"strategy"`
	Share    float64  `json:"share"`
	Measured *float64 `json:"measured,omitempty"` // the share that it was measured to take longer
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

// sweepsOf returns the sweeps among entries, gatesOf the gate runs in which strategies
// are slower, or none is.
func sweepsOf(entries []entry) []entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return e.Kind != kindSweep })
}

func gatesOf(entries []entry, slower bool) []entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return e.Kind != kindGate || len(e.Slower) > 0 != slower })
}

// next returns what to run after the entries of this plan, false if that is all. A sweep
// comes first, and another as soon as the last is long enough ago; between them gate runs of
// both kinds have their turns, so that a plan that is stopped has as many of one as of the other.
func (p *plan) next(entries []entry, now time.Time) (job, bool) {
	sweeps := sweepsOf(entries)
	due := len(sweeps) < p.sweeps
	if due && (len(sweeps) == 0 || now.Sub(sweeps[len(sweeps)-1].Started) >= p.apart) {
		return job{kind: kindSweep}, true
	}
	slower, same := len(gatesOf(entries, true)), len(gatesOf(entries, false))
	switch {
	case len(p.shares) > 0 && slower <= same && slower < p.gates:
		j := job{kind: kindGate}
		for i, share := range p.shares {
			j.slower = append(j.slower, slowed{Strategy: p.strategies[(slower*len(p.shares)+i)%len(p.strategies)], Share: share})
		}
		return j, true
	case same < p.gates:
		return job{kind: kindGate}, true
	default:
		return job{kind: kindSweep}, due
	}
}

// left returns how many runs are still to be made.
func (p *plan) left(entries []entry) int {
	left := max(0, p.sweeps-len(sweepsOf(entries)))
	if len(p.shares) > 0 {
		left += max(0, p.gates-len(gatesOf(entries, true)))
	}
	return left + max(0, p.gates-len(gatesOf(entries, false)))
}
