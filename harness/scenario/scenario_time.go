package scenario

import (
	"math"
	"slices"
	"time"

	"github.com/fanin-bench/fanin-bench/harness/trial"
	"github.com/fanin-bench/fanin-bench/strategies"
)

// Expected is roughly how long the plan takes.
func (p Plan) Expected() time.Duration {
	each := 0.0 // ns; a million trials may be more than a time.Duration holds
	for _, cell := range p.Cells {
		each += float64(trial.Expected(cell, int64(p.MemoryLimit)))
	}
	return time.Duration(min(each*float64(p.Reps), float64(math.MaxInt64/2)))
}

// What a quick run aims at: to be over, and drawn, within 20 s, also where something
// else takes half of the machine.
const (
	quickBudget   = 7 * time.Second
	quickLimit    = 13 * time.Second // beyond that a figure is given up that needs two rates
	quickReps     = 3
	quickList     = 4                      // values of a list
	quickScenes   = 3                      // the same where each has figures of its own, or as an open loop takes longer
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
		if !given("producers") {
			v.Producers = thin(v.Producers, quickList)
		}
		if !given("payload") {
			v.Payload = thin(v.Payload, quickScenes)
		}
		if !given("rate") {
			v.Rate = thin(v.Rate, quickScenes)
		}
		if !given("load") {
			v.Load = thin(v.Load, quickScenes)
		}
		if !given("busy") {
			v.Busy = thin(v.Busy, quickScenes)
		}
		if !given("busy-kind") {
			v.BusyKind = thin(v.BusyKind, 1)
		}
	})
	most := max(quickMost, s.Stall.Every*3/2, time.Duration(s.BurstPeriod)*3/2) // a stall or two bursts are in it
	s.alter(func(v *Scenario) { v.Duration = min(v.Duration, Duration(most)) })
	s.Reps = min(s.Reps, quickReps)
	least, early := quickLeast, 2*quickLeast // repetitions are dearer than more length than that
	if s.opens() || slices.Max(s.Busy) > 0 {
		least, early = quickOffer, most
	}
	for {
		plan, err := NewPlan(s, known, 0)
		took := plan.Expected()
		if err != nil || took <= quickBudget {
			return s, err
		}
		switch {
		case s.shorten(early):
		case s.Reps > 1:
			s.Reps--
		case s.shorten(least):
		case s.lighten():
		case s.narrow(given, 2):
		case s.thinSteps(2):
		case took > quickLimit && s.narrow(given, 1):
		case took > quickLimit && s.thinSteps(1):
		default:
			return s, nil
		}
	}
}

// shorten halves durations that are longer than the least, and reports whether
// any was.
func (s *Scenario) shorten(least time.Duration) (shorter bool) {
	s.alter(func(v *Scenario) {
		if v.Duration > Duration(least) {
			v.Duration, shorter = max(v.Duration/2, Duration(least)), true
		}
	})
	return shorter
}

// narrow leaves so many values of the first list that has more and was not given, and
// reports whether there was one. Of a single value it is the first.
func (s *Scenario) narrow(given func(key string) bool, most int) (narrower bool) {
	long := func(key string, length int) bool { return !given(key) && length > most }
	s.alter(func(v *Scenario) {
		switch {
		case long("rate", len(v.Rate)):
			v.Rate = thin(v.Rate, most)
		case long("load", len(v.Load)):
			v.Load = thin(v.Load, most)
		case long("send-batch", len(v.SendBatch)):
			v.SendBatch = thin(v.SendBatch, most)
		case long("producers", len(v.Producers)):
			v.Producers = thin(v.Producers, most)
		default:
			return
		}
		narrower = true
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
