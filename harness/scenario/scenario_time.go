package scenario

import (
	"math"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/results"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Expected is roughly how long the plan takes.
func (p Plan) Expected() time.Duration {
	all := 0.0 // ns; a million trials may be more than a time.Duration holds
	for _, cell := range p.Cells {
		all += float64(trial.Expected(cell, int64(p.MemoryLimit))) * float64(p.Fewer.Of(cell, p.Reps))
	}
	return time.Duration(min(all, float64(math.MaxInt64/2)))
}

// What a quick run aims at: to be over, and drawn, within 25 s, also where something
// else takes half of the machine.
const (
	quickBudget   = 7 * time.Second
	quickLimit    = 13 * time.Second // beyond that a figure is given up that needs two rates
	quickReps     = 3
	quickLeast    = 20 * time.Millisecond  // of a closed loop
	quickOffer    = 100 * time.Millisecond // of an open one, whose warm-up is longer anyway, and beside neighbours, who take turns of 10 ms
	quickMost     = 250 * time.Millisecond
	quickMessages = 20
)

// Quick makes a scenario shorter: fewer producer counts, payloads, rates and
// repetitions, and measured parts so short that the whole takes some seconds. The
// lists of keys that the user gave are kept.
func (s Scenario) Quick(known []strategies.Strategy, given func(key string) bool) (Scenario, error) {
	s.alter(func(v *Scenario) {
		for _, p := range Parameters() {
			if p.Quick > 0 && !given(p.Name) {
				v.Values.Put(p.Name, thin(v.Values[p.Name], p.Quick))
			}
		}
	})
	stall, burst := s.Values.one("stall").StallEveryNs, s.Values.one("burst-period").BurstPeriodNs
	most := max(quickMost, time.Duration(stall*3/2), time.Duration(burst*3/2)) // a stall or two bursts are in it
	s.alter(func(v *Scenario) { v.Duration = min(v.Duration, Duration(most)) })
	s.alter(func(v *Scenario) { v.Reps = min(v.Reps, quickReps) })
	least := func(v *Scenario) time.Duration {
		if v.needsTime() {
			return quickOffer
		}
		return quickLeast
	}
	early := func(v *Scenario) time.Duration { // repetitions are dearer than more length than that
		if v.needsTime() {
			return most
		}
		return 2 * quickLeast
	}
	for {
		plan, err := NewPlan(s, known, 0)
		took := plan.Expected()
		if err != nil || took <= quickBudget {
			return s, err
		}
		switch {
		case s.shorten(early):
		case s.repeatLess():
		case s.shorten(least):
		case s.lighten():
		case s.narrow(given, 2):
		case s.thinSteps(2):
		case took > quickLimit && s.withoutProbes():
		case took > quickLimit && s.narrow(given, 1):
		case took > quickLimit && s.thinSteps(1):
		default:
			return s, nil
		}
	}
}

// needsTime reports whether a scenario's trials say nothing if they are as short as
// those of a closed loop that nothing disturbs.
func (s *Scenario) needsTime() bool {
	return s.opens() || slices.ContainsFunc(s.Values["busy"], func(c results.Cell) bool { return c.Busy > 0 })
}

// shorten halves durations that are longer than the least, and reports whether
// any was.
func (s *Scenario) shorten(least func(*Scenario) time.Duration) (shorter bool) {
	s.alter(func(v *Scenario) {
		if v.Duration > Duration(least(v)) {
			v.Duration, shorter = max(v.Duration/2, Duration(least(v))), true
		}
	})
	return shorter
}

// repeatLess takes away a repetition, and reports whether there were several.
func (s *Scenario) repeatLess() (less bool) {
	s.alter(func(v *Scenario) {
		if v.Reps > 1 {
			v.Reps, less = v.Reps-1, true
		}
	})
	return less
}

// narrow leaves so many values of the first list that has more and was not given, and
// reports whether there was one. Of a single value it is the first.
func (s *Scenario) narrow(given func(key string) bool, most int) (narrower bool) {
	s.alter(func(v *Scenario) {
		for _, key := range []string{"rate", "load", "send-batch", "producers"} {
			if !given(key) && len(v.Values[key]) > most {
				v.Values.Put(key, thin(v.Values[key], most))
				narrower = true
				return
			}
		}
	})
	return narrower
}

// thinSteps leaves so many of the variants, if they are the steps of a list in another
// form, each a number of producers and their rate, and reports whether there were more.
func (s *Scenario) thinSteps(most int) bool {
	steps := !slices.ContainsFunc(s.Variants, func(v Variant) bool {
		return slices.ContainsFunc(v.Keys, func(key string) bool { return key != "producers" && key != "rate" })
	})
	if !steps || len(s.Variants) <= most {
		return false
	}
	s.Variants = thin(s.Variants, most)
	return true
}

// withoutProbes leaves out the variants with a probe, each of which takes a second, and
// reports whether there was one besides others.
func (s *Scenario) withoutProbes() bool {
	others := slices.DeleteFunc(slices.Clone(s.Variants), func(v Variant) bool { return v.Values.Probe })
	if len(others) == 0 || len(others) == len(s.Variants) {
		return false
	}
	s.Variants = others
	return true
}

// lighten halves message counts down to quickMessages, and reports whether any was
// higher.
func (s *Scenario) lighten() (lighter bool) {
	s.alter(func(v *Scenario) {
		if v.Messages > quickMessages {
			v.Messages, lighter = max(v.Messages/2, quickMessages), true
		}
	})
	return lighter
}

// alter changes a scenario and the values of its variants.
func (s *Scenario) alter(change func(*Scenario)) {
	change(s)
	s.Variants = slices.Clone(s.Variants)
	for i := range s.Variants {
		change(&s.Variants[i].Values)
	}
}

// thin returns so many of a list's values, evenly spaced, the first and, of several,
// the last among them.
func thin[L ~[]V, V any](list L, most int) L {
	if len(list) <= most {
		return list
	}
	few := make(L, most)
	for i := range few {
		few[i] = list[i*(len(list)-1)/max(1, most-1)]
	}
	return few
}

// QuickDeadline is how long after its start a quick run begins no more trials.
const QuickDeadline = 50 * time.Second
